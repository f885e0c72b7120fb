"""Reading ``/model/info``: what a proxy knows of the deployments behind each name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Figure, ModelInfo, Price, Rates, Tier
from nubem_jupyter.providers.endpoint.listing import cost_of, count_of, price_of, rows_of
from nubem_jupyter.providers.litellm.entry import FEATURES

_PARTS = {
    "cached_input_usd": ("cache_read_input_token_cost", "input_usd"),
    "cache_write_usd": ("cache_creation_input_token_cost", "input_usd"),
    "reasoning_usd": ("output_cost_per_reasoning_token", "output_usd"),
}
"""Prices of a part of the tokens: where they are told, and whose price holds where they are not."""


class Deployment:
    """One deployment, as the proxy tells it."""

    def __init__(self, row: Mapping[str, Any]) -> None:
        self.name = row.get("model_name")
        self._asked = _mapping(row.get("litellm_params"))
        self._known = _mapping(row.get("model_info"))

    @property
    def chats(self) -> bool:
        """Whether it answers chats; so is assumed where the proxy does not know the model."""
        return self._known.get("mode") in (None, "chat")

    @property
    def context_tokens(self) -> int | None:
        """Its context, where it is known."""
        return count_of(self._known.get("max_input_tokens")) or count_of(self._known.get("max_tokens"))

    @property
    def features(self) -> frozenset[str]:
        """What calls may ask it for."""
        return frozenset(name for field, name in FEATURES.items() if self._known.get(field) is True)

    def price(self, source: str, date: str) -> Price | None:
        """Give what it costs; None where that is not known."""
        given, generated = self._cost("input_cost_per_token"), self._cost("output_cost_per_token")
        price = price_of(given, generated, source=source, date=date)
        if price is None:
            return None
        costs = {name: self._cost(field) for name, (field, _) in _PARTS.items()}
        parts = {name: Figure(value=cost, source=source, date=date) for name, cost in costs.items() if cost is not None}
        return msgspec.structs.replace(price, **parts)

    def _cost(self, field: str) -> float | None:
        set_by_hand = cost_of(self._asked.get(field))
        # The proxy's own table says 0 where it knows nothing; only a 0 that somebody wrote is a price.
        return set_by_hand if set_by_hand is not None else (cost_of(self._known.get(field)) or None)


def parse_deployments(names: Iterable[str], content: Any, *, date: str) -> tuple[ModelInfo, ...]:
    """List the models of these names, each with what holds for all of its deployments."""
    rows = content.get("data") if isinstance(content, Mapping) else None
    behind: dict[str, list[Deployment]] = {name: [] for name in names}
    for row in rows_of(rows if isinstance(rows, list) else ()):
        deployment = Deployment(row)
        if deployment.name in behind:
            behind[deployment.name].append(deployment)
    return tuple(_model(name, group, date) for name, group in behind.items() if all(one.chats for one in group))


def _model(name: str, group: list[Deployment], date: str) -> ModelInfo:
    contexts = [one.context_tokens for one in group]
    known = [count for count in contexts if count is not None]
    shared = frozenset.intersection(*(one.features for one in group)) if group else frozenset[str]()
    return ModelInfo(
        id=ModelId(f"proxy/{name}"),
        provider="proxy",
        context_tokens=min(known) if known and len(known) == len(contexts) else None,
        features=tuple(sorted(shared)),
        price=dearest([one.price("listed: litellm proxy", date) for one in group]),
    )


def dearest(prices: list[Price | None]) -> Price | None:
    """Give the price that no deployment exceeds; who will answer is the router's to decide."""
    known = [price for price in prices if price is not None]
    if not known or len(known) < len(prices):
        return None
    bounds = sorted({tier.above_tokens for price in known for tier in price.tiers})
    tiers = (Tier(above_tokens=bound, **_most_of([price.rates(bound + 1) for price in known])) for bound in bounds)
    return Price(**_most_of(known), tiers=tuple(tiers))


def _most_of(rates: Sequence[Rates]) -> dict[str, Figure]:
    found = {name: _most(getattr(one, name) for one in rates) for name in ("input_usd", "output_usd")}
    for name, (_, plain) in _PARTS.items():
        if any(getattr(one, name) for one in rates):
            found[name] = _most(getattr(one, name) or getattr(one, plain) for one in rates)
    return found


def _most(figures: Iterable[Figure]) -> Figure:
    return max(figures, key=lambda figure: figure.value)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
