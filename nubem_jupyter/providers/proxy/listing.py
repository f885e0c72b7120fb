"""Reading ``/model/info``: what a proxy knows of the deployments behind each name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Figure, ModelInfo, Price
from nubem_jupyter.providers.endpoint.listing import cost_of, count_of, price_of, rows_of

_FEATURES = {
    "supports_response_schema": "json_schema",
    "supports_reasoning": "reasoning",
    "supports_function_calling": "tools",
    "supports_vision": "vision",
}


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
        return frozenset(name for field, name in _FEATURES.items() if self._known.get(field) is True)

    def price(self, source: str, date: str) -> Price | None:
        """Give what it costs; None where that is not known."""
        return price_of(self._cost("input"), self._cost("output"), source=source, date=date)

    def _cost(self, which: str) -> float | None:
        field = f"{which}_cost_per_token"
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
    return Price(
        input_usd=_most(price.input_usd for price in known), output_usd=_most(price.output_usd for price in known)
    )


def _most(figures: Iterable[Figure]) -> Figure:
    return max(figures, key=lambda figure: figure.value)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
