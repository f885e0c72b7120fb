"""What a whole flow is expected to take, from what its steps are.

How steps add up: costs are summed, times go along the slowest path, chances of being right are multiplied. A map whose
number of items is not known counts as one item, so its figures are then those of an item; a loop does one round, or at
the high end all of them; a branch goes its cheapest, average and dearest way. Code and tools count as nothing: what
they take is not predicted, but for what a tool's author says that a use costs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from nubem_jupyter.core.check import sources_of
from nubem_jupyter.core.flow import Branch, Flow, Loop, Map, Node
from nubem_jupyter.core.plan import Candidate, Choice, Estimate, Range
from nubem_jupyter.core.work import Component, Prompt
from nubem_jupyter.engine.estimator.sizes import known_sizes


class _Axis(NamedTuple):
    """How one quantity adds up over a flow."""

    nothing: Range
    """What a step that calls no model takes."""
    series: Callable[[Flow, Mapping[str, Range]], Range]
    """A flow, from what its nodes take."""
    map: Callable[[Range, int], Range]
    """So many items, from what one takes."""
    loop: Callable[[Range, int], Range]
    """At most so many rounds, from what one takes."""


def estimate(
    flow: Flow,
    route: Mapping[str, Choice],
    *,
    inputs: Mapping[str, Any] | None = None,
    uses_usd: Mapping[str, float | None] | None = None,
) -> Estimate:
    """Estimate the whole flow with the chosen models; ``inputs`` are values already known, for the number of items.

    ``uses_usd`` tells of places with a tool what a use costs, None where nobody knows; a place not in it costs nothing.
    A quantity that is unknown for one step is unknown for the whole. Where no model is called, quality is None.
    """
    items = known_sizes(flow, inputs or {}).items
    chosen = {place: choice.chosen for place, choice in route.items()}

    told = uses_usd or {}
    tools = {place: Range(low=usd, value=usd, high=usd) for place, usd in told.items() if usd is not None}

    def total(read: Callable[[Candidate], Range | None], axis: _Axis, more: Mapping[str, Range]) -> Range | None:
        amounts = {place: amount for place, one in chosen.items() if (amount := read(one)) is not None}
        return _fold(flow, "", {**more, **amounts}, items, axis) if len(amounts) == len(chosen) else None

    return Estimate(
        cost_usd=total(lambda one: one.cost_usd, _COST, tools) if len(tools) == len(told) else None,
        latency_s=total(lambda one: one.latency_s, _LATENCY, {}),
        quality=total(lambda one: one.quality, _QUALITY, {}) if chosen else None,
    )


def least_chance(flow: Flow, route: Mapping[str, Choice]) -> float | None:
    """Return the chance that every step is right whichever way a branch goes; None where one is not measured.

    A map and a loop count as in ``estimate``, whose best single value is as much or, with branches, more.
    """
    qualities = {place: choice.chosen.quality for place, choice in route.items()}
    chances = {place: quality.value for place, quality in qualities.items() if quality is not None}
    return _worst_way(flow, "", chances) if len(chances) == len(qualities) else None


def _worst_way(flow: Flow, prefix: str, chances: Mapping[str, float]) -> float:
    def part(node: Node) -> float:
        place = prefix + node.id
        ways = (_worst_way(body, f"{place}/{name}/", chances) for name, body in node.bodies)
        return chances[place] if isinstance(node.work, Prompt) else min(ways, default=1.0)

    return math.prod(part(node) for node in flow.nodes)


def most_cost(flow: Flow, amounts: Mapping[str, float], items: Mapping[str, int], prefix: str = "") -> float:
    """Return what a flow costs at most, from what each place costs; the same as the high end of ``estimate``'s cost."""

    def part(node: Node) -> float:
        place = prefix + node.id
        ways = [most_cost(body, amounts, items, f"{place}/{name}/") for name, body in node.bodies]
        match node.work:
            case Map():
                return ways[0] * items.get(place, 1)
            case Loop(max_rounds=rounds):
                return ways[0] * rounds
            case _:
                return max(ways, default=amounts.get(place, 0.0))

    return math.fsum(part(node) for node in flow.nodes)


def _fold(flow: Flow, prefix: str, amounts: Mapping[str, Range], items: Mapping[str, int], axis: _Axis) -> Range:
    def part(node: Node) -> Range:
        place = prefix + node.id
        bodies = [_fold(body, f"{place}/{name}/", amounts, items, axis) for name, body in node.bodies]
        match node.work:
            case Prompt():
                return amounts[place]
            case Map():
                return axis.map(bodies[0], items.get(place, 1))
            case Loop(max_rounds=rounds):
                return axis.loop(bodies[0], rounds)
            case Branch(otherwise=otherwise):
                return _one_of(bodies if otherwise else [*bodies, axis.nothing])
            case Component():
                return amounts.get(place, axis.nothing)
            case _:
                return axis.nothing

    return axis.series(flow, {node.id: part(node) for node in flow.nodes})


def _one_of(ways: list[Range]) -> Range:
    """Return the least, the mean and the most of several ways, one of which is taken."""
    return Range(
        low=min(way.low for way in ways),
        value=math.fsum(way.value for way in ways) / len(ways),
        high=max(way.high for way in ways),
    )


def _by_end(ranges: Iterable[Range], combine: Callable[[Iterable[float]], float]) -> Range:
    listed = list(ranges)
    return Range(
        low=combine(one.low for one in listed),
        value=combine(one.value for one in listed),
        high=combine(one.high for one in listed),
    )


def _slowest_path(flow: Flow, parts: Mapping[str, Range]) -> Range:
    ends: dict[str, Range] = {}
    for node in flow.nodes:
        before = _by_end((ends[source] for source in sources_of(node)), lambda times: max(times, default=0.0))
        ends[node.id] = _by_end((before, parts[node.id]), math.fsum)
    return ends[flow.output.id]


def _more_rounds(one: Range, rounds: int) -> Range:
    return Range(low=one.low, value=one.value, high=one.high * rounds)


def _one_after_another(one: Range, count: int) -> Range:
    """Return the time of so many items: all at once at the low end, else one by one, as one local model does them."""
    return Range(low=one.low if count else 0.0, value=one.value * count, high=one.high * count)


_ZERO = Range(low=0.0, value=0.0, high=0.0)
_ONE = Range(low=1.0, value=1.0, high=1.0)

_COST = _Axis(
    nothing=_ZERO,
    series=lambda _, parts: _by_end(parts.values(), math.fsum),
    map=lambda one, count: _by_end([one] * count, math.fsum),
    loop=_more_rounds,
)
_LATENCY = _Axis(nothing=_ZERO, series=_slowest_path, map=_one_after_another, loop=_more_rounds)
_QUALITY = _Axis(
    nothing=_ONE,
    series=lambda _, parts: _by_end(parts.values(), math.prod),
    # The chance for one item, and of a loop's first round: a long list would drown it, and a repair can only raise it.
    map=lambda one, _: one,
    loop=lambda one, _: one,
)
