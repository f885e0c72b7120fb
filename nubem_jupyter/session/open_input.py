"""The text that is given to a flow beside its named inputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.work import Input
from nubem_jupyter.errors import UsageError


def with_text(flow: Flow, inputs: Mapping[str, Any], text: str) -> dict[str, Any]:
    """Return the inputs, where there is a text with it as the one needed input that has no value yet.

    Raises:
        UsageError: there is a text, and not exactly one such input.
    """
    if not text:
        return dict(inputs)
    needed = [n.id for n in flow.inputs if isinstance(n.work, Input) and not n.work.optional and n.id not in inputs]
    if len(needed) == 1:
        return {**inputs, needed[0]: text}
    raise UsageError(
        f"the flow '{flow.name}' has {len(needed)} open inputs, so the text cannot be given to one",
        hint=f"give them with -i: {' '.join(needed)}" if needed else "leave the text out",
    )
