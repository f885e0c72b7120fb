"""Days as times."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime


def begin_of(day: str) -> float | None:
    """Return when an ISO day began, in seconds since 1970, UTC; None where the text begins with no day."""
    with contextlib.suppress(ValueError):
        return datetime.strptime(day[:10], "%Y-%m-%d").replace(tzinfo=UTC).timestamp()
    return None


def day_of(at_s: float) -> str:
    """Return the ISO day of a time."""
    return datetime.fromtimestamp(at_s, UTC).date().isoformat()
