"""How several values become one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, assert_never

from nubem_jupyter.core.digest import canonical_json
from nubem_jupyter.core.template import as_text
from nubem_jupyter.core.work import JoinMode


def join(mode: JoinMode, values: Mapping[str, Any]) -> Any:
    """Put a join's inputs together as its mode says; see ``JoinMode``."""
    match mode:
        case JoinMode.OBJECT:
            return dict(values)
        case JoinMode.LIST:
            return list(values.values())
        case JoinMode.TEXT:
            return "\n\n".join(filter(None, map(as_text, values.values())))
        case JoinMode.VOTE:
            return vote(_ballots(values))
        case _:  # pragma: no cover
            assert_never(mode)


def vote(ballots: list[Any]) -> Any:
    """Return the value given most often, the earliest on a tie; text counts without case and outer spaces."""
    counts: dict[bytes, int] = {}
    first: dict[bytes, Any] = {}
    for ballot in ballots:
        key = canonical_json(ballot.strip().casefold() if isinstance(ballot, str) else ballot)
        counts[key] = counts.get(key, 0) + 1
        first.setdefault(key, ballot)
    return first[max(counts, key=counts.__getitem__)] if counts else None


def _ballots(values: Mapping[str, Any]) -> list[Any]:
    given = list(values.values())
    return given[0] if len(given) == 1 and isinstance(given[0], list) else given
