"""What a proxy's virtual key may still spend."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from nubem_jupyter.providers.endpoint.listing import cost_of


class KeyBudget(msgspec.Struct, frozen=True, kw_only=True):
    """A virtual key as the proxy keeps it."""

    alias: str = ""
    """What its maker called it."""
    spent_usd: float | None = None
    """What was spent with it since its budget began."""
    max_usd: float | None = None
    """What may be spent; None where there is no limit."""
    resets: str = ""
    """When its spending counts from 0 again, as an ISO time; empty where never."""
    expires: str = ""
    """When it ends, as an ISO time; empty where never."""
    models: tuple[str, ...] = ()
    """What it may call; empty where everything."""
    blocked: bool = False
    """Whether somebody has blocked it."""

    @property
    def left_usd(self) -> float | None:
        """What is left; None where it is not known or there is no limit."""
        if self.max_usd is None or self.spent_usd is None:
            return None
        return max(0.0, self.max_usd - self.spent_usd)


def parse_budget(content: Any) -> KeyBudget | None:
    """Read ``/key/info``; None where it tells nothing of a key."""
    told = content.get("info") if isinstance(content, Mapping) else None
    if not isinstance(told, Mapping):
        return None
    models = told.get("models")
    # A budget that several keys have is told apart; what a key has of its own goes before it, as in the proxy.
    shared = told.get("litellm_budget_table")
    shared = shared if isinstance(shared, Mapping) else {}
    own_usd = cost_of(told.get("max_budget"))
    return KeyBudget(
        alias=_text(told.get("key_alias")),
        spent_usd=cost_of(told.get("spend")),
        max_usd=cost_of(shared.get("max_budget")) if own_usd is None else own_usd,
        resets=_text(told.get("budget_reset_at")) or _text(shared.get("budget_reset_at")),
        expires=_text(told.get("expires")),
        models=tuple(name for name in models if isinstance(name, str)) if isinstance(models, list) else (),
        blocked=told.get("blocked") is True,
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
