"""The document that a LiteLLM proxy is configured by, made from the catalog's models."""

from __future__ import annotations

import heapq
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
    local: bool
    """Whether data stays on this machine."""
    vendors: frozenset[str]
    """Whose services these are."""
    usd: float | None
    """What a usual token costs at most; None where one of the prices is unknown."""
    context_tokens: int | None
    """The shortest context that is known; None where none is."""


def proxy_config(ways: Iterable[Way], *, redis: bool, metrics: bool = False) -> dict[str, Any]:
    """Make the document; it holds names of variables in place of secrets.

    Args:
        ways: The models that it is to offer.
        redis: Whether several proxies share what they know of deployments in the Redis that ``REDIS_URL`` names.
        metrics: Whether it tells Prometheus of its calls at ``/metrics``, to who shows the key.
    """
    groups = grouped(ways)
    router: dict[str, Any] = {"routing_strategy": "simple-shuffle", "num_retries": _RETRIES}
    if redis:
        router["redis_url"] = "os.environ/REDIS_URL"
    library: dict[str, Any] = {"drop_params": True, **({"callbacks": ["prometheus"]} if metrics else {})}
    if fallbacks := [{group.name: names} for group in groups if (names := stand_ins(group, groups))]:
        library["fallbacks"] = fallbacks
    return {
        "model_list": [entry for group in groups for entry in _entries(group)],
        "router_settings": router,
        "litellm_settings": library,
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
    return tuple(_group(name, together) for name, together in found.items())


def stand_ins(group: Group, groups: Sequence[Group]) -> list[str]:
    """Name who is asked when the group cannot answer: of those of like price another service first, then the nearest.

    What stays on this machine is never replaced by what does not, and a prompt that fits must fit there, too.
    """

    def rank(other: Group) -> tuple[bool, bool, float, str]:
        apart = _distance(group.usd, other.usd)
        return apart > _ALIKE, not other.vendors.isdisjoint(group.vendors), apart, other.name

    others = (other for other in groups if other is not group and other.local == group.local and _fits(group, other))
    return [other.name for other in heapq.nsmallest(_FALLBACKS, others, key=rank)]


def _group(name: str, ways: Sequence[Way]) -> Group:
    costs = [_blended(way.info.price) for way in ways]
    known = [cost for cost in costs if cost is not None]
    return Group(
        name=name,
        ways=tuple(ways),
        local=ways[0].info.local,
        vendors=frozenset(way.info.id.partition("/")[0] for way in ways),
        usd=max(known) if len(known) == len(costs) else None,
        context_tokens=min((way.info.context_tokens for way in ways if way.info.context_tokens), default=None),
    )


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
    here, there = group.context_tokens, other.context_tokens
    return here is None or there is None or there >= here


def _distance(one: float | None, other: float | None) -> float:
    """Tell how far apart two prices are, as a ratio's logarithm."""
    if not one or not other:
        return 0.0 if one == other else math.inf
    return abs(math.log(one / other))
