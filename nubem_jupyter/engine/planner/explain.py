"""How a request was read, in its own language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nubem_jupyter.engine.planner.lexicon import Lexicon
from nubem_jupyter.engine.planner.stages import Stage


def explain(stages: Sequence[Stage], constraints: Mapping[str, Any], lexicon: Lexicon, *, goes_over: bool) -> str:
    """Say the steps in their order, whether any goes over each item, and the limits."""
    count = sum(len(stage) for stage in stages)
    together = [lexicon.say["join.and"].join(lexicon.names[step.capability] for step in stage) for stage in stages]
    steps = lexicon.say["join.then"].join(together)
    sentences = [lexicon.say["read.one" if count == 1 else "read.many"].format(count=count, steps=steps)]
    if goes_over:
        sentences.append(lexicon.say["read.each"])
    if constraints:
        limits = ", ".join(f"{name} = {value}" for name, value in constraints.items())
        sentences.append(lexicon.say["read.limits"].format(limits=limits))
    return " ".join(sentences)
