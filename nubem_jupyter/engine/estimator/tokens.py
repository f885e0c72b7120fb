"""How many tokens a call will take, before anybody has counted them."""

from __future__ import annotations

import math

from nubem_jupyter.core.plan import Range
from nubem_jupyter.core.work import Prompt

_CHARACTERS = {"few": 2, "usual": 4, "many": 6}
"""Characters a token: about 4 in English prose, fewer in code and other scripts, more in long plain words. An estimate
of tokenisation only; what a call really used is counted by its provider."""


def input_tokens(prompt: Prompt, filled_chars: int = 0) -> Range:
    """Return the tokens of templates and examples, and of ``filled_chars`` characters of known inputs.

    Inputs that are not known yet count as nothing.
    """
    shown = sum(len(example.given) + len(example.answer) for example in prompt.examples)
    characters = len(prompt.system) + len(prompt.prompt) + shown + filled_chars
    return Range(
        low=characters / _CHARACTERS["many"],
        value=characters / _CHARACTERS["usual"],
        high=characters / _CHARACTERS["few"],
    )


def output_tokens(prompt: Prompt, told: Range | None = None) -> Range:
    """Return the generated tokens: what cases told, or from 1 to ``max_tokens``, all orders of magnitude taken as
    equally likely.

    The middle is then the mean of that log-uniform distribution, ``(b - a) / ln(b / a)``.
    """
    most = float(prompt.max_tokens)
    if told is not None:
        return Range(low=min(told.low, most), value=min(told.value, most), high=min(told.high, most))
    return Range(low=1.0, value=(most - 1) / math.log(most) if most > 1 else 1.0, high=most)
