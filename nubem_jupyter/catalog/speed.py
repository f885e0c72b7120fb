"""How fast a model is here, from what was timed elsewhere."""

from __future__ import annotations

import msgspec

from nubem_jupyter.core.model import Figure, Speed

_OTHER_MACHINE = 4.0
"""How many times faster or slower than the measuring machine this one is taken to be at most."""


def loosened(speed: Speed | None) -> Speed | None:
    """Return another machine's speed as what is known about this one: the same value with a much wider range."""
    if speed is None:
        return None
    return Speed(first_token_s=_wider(speed.first_token_s), tokens_per_s=_wider(speed.tokens_per_s))


def _wider(figure: Figure) -> Figure:
    low = figure.value if figure.low is None else figure.low
    high = figure.value if figure.high is None else figure.high
    return msgspec.structs.replace(figure, low=low / _OTHER_MACHINE, high=high * _OTHER_MACHINE)
