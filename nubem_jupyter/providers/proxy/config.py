"""The document that a LiteLLM proxy is configured by, made from the catalog's models."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from nubem_jupyter.core.model import ModelInfo, Price
from nubem_jupyter.providers.proxy.deployments import Way
from nubem_jupyter.providers.proxy.provider import KEY_VARIABLE

_FALLBACKS = 2
_TOP_WEIGHT = 10
"""Of the cheapest deployment of a name; a dearer one gets calls in inverse proportion to its price."""

_RETRIES = 1
"""A retry asks another deployment of the same name; what still fails is the caller's to decide about."""

_ALIKE = math.log(4.0)
"""Models whose prices differ by no more than this factor may stand in for one another before any other."""

_OUTPUT_SHARE = 0.25
"""Part of a usual call's tokens that are generated; only for comparing prices that have two parts."""


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """The deployments that share one name: calls are spread over them."""

    name: str
    """What clients ask for."""
    ways: tuple[Way, ...]
    """Who answers."""

    @property
    def local(self) -> bool:
        """Whether data stays on this machine."""
        return self.ways[0].info.local

    @property
    def vendors(self) -> frozenset[str]:
        """Whose services these are."""
        return frozenset(way.info.id.partition("/")[0] for way in self.ways)

    @property
    def usd(self) -> float | None:
        """What a usual token costs at most; None where one of the prices is unknown."""
        costs = [_blended(way.info.price) for way in self.ways]
        return None if None in costs else max(cost for cost in costs if cost is not None)


def proxy_config(ways: Iterable[Way], *, redis: bool) -> dict[str, Any]:
    """Make the document; it holds names of variables in place of secrets.

    Args:
        ways: The models that it is to offer.
        redis: Whether several proxies share what they know of deployments in the Redis that ``REDIS_URL`` names.
    """
    groups = grouped(ways)
    router: dict[str, Any] = {"routing_strategy": "simple-shuffle", "num_retries": _RETRIES}
    if redis:
        router["redis_url"] = "os.environ/REDIS_URL"
    fallbacks = [{group.name: names} for group in groups if (names := stand_ins(group, groups))]
    return {
        "model_list": [entry for group in groups for entry in _entries(group)],
        "router_settings": router,
        "litellm_settings": {"drop_params": True, **({"fallbacks": fallbacks} if fallbacks else {})},
        "general_settings": {"master_key": f"os.environ/{KEY_VARIABLE}"},
    }


def grouped(ways: Iterable[Way]) -> tuple[Group, ...]:
    """Put ways to one model together: those whose name is the same after every prefix of a service.

    A local model keeps its whole name, so that no call for it ever leaves the machine.
    """
    found: dict[str, list[Way]] = {}
    for way in ways:
        name = way.info.id if way.info.local else way.info.id.rpartition("/")[2]
        found.setdefault(name, []).append(way)
    return tuple(Group(name=name, ways=tuple(together)) for name, together in found.items())


def stand_ins(group: Group, groups: Sequence[Group]) -> list[str]:
    """Name who is asked when the group cannot answer: of those of like price another service first, then the nearest.

    What stays on this machine is never replaced by what does not, and a prompt that fits must fit there, too.
    """
    others = [other for other in groups if other is not group and other.local == group.local and _fits(group, other)]
    apart = {other.name: _distance(group.usd, other.usd) for other in others}
    others.sort(
        key=lambda other: (
            apart[other.name] > _ALIKE,
            bool(other.vendors & group.vendors),
            apart[other.name],
            other.name,
        )
    )
    return [other.name for other in others[:_FALLBACKS]]


def _entries(group: Group) -> list[dict[str, Any]]:
    weights = _weights([way.info for way in group.ways])
    return [
        {"model_name": group.name, "litellm_params": {**parameters, **weight}}
        for way, weight in zip(group.ways, weights, strict=True)
        for parameters in way.deployments
    ]


def _weights(infos: Sequence[ModelInfo]) -> list[Mapping[str, int]]:
    """Weigh the ways to one model; one of unknown price gets the least."""
    if len(infos) == 1:
        return [{}]
    costs = [_blended(info.price) for info in infos]
    known = [cost for cost in costs if cost]
    cheapest = min(known, default=0.0)
    return [{"weight": max(1, round(_TOP_WEIGHT * cheapest / cost)) if cost else 1} for cost in costs]


def _blended(price: Price | None) -> float | None:
    if price is None:
        return None
    return (1 - _OUTPUT_SHARE) * price.input_usd.value + _OUTPUT_SHARE * price.output_usd.value


def _fits(group: Group, other: Group) -> bool:
    here, there = (_context(one) for one in (group, other))
    return here is None or there is None or there >= here


def _context(group: Group) -> int | None:
    return min((way.info.context_tokens for way in group.ways if way.info.context_tokens), default=None)


def _distance(one: float | None, other: float | None) -> float:
    """Tell how far apart two prices are, as a ratio's logarithm."""
    if not one or not other:
        return 0.0 if one == other else math.inf
    return abs(math.log(one / other))
