"""When a failed try is made again."""

from __future__ import annotations

import msgspec


class RetryPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """Exponential backoff with full jitter; a provider's own ``Retry-After`` is waited for where it is longer."""

    max_tries: int = 5
    """Tries in all, the first included."""
    first_wait_s: float = 0.05
    """Longest wait before the second try; it doubles from try to try."""
    max_wait_s: float = 30.0
    """No wait is longer than this, whatever the provider asks."""

    def wait_s(self, tries: int, *, jitter: float, retry_after_s: float | None = None) -> float:
        """Return the seconds to wait after ``tries`` failed tries; ``jitter`` is a random number from 0 to 1."""
        backoff = self.first_wait_s * 2.0 ** (tries - 1) * jitter
        return min(max(backoff, retry_after_s or 0.0), self.max_wait_s)

    def allows(self, tries: int) -> bool:
        """Tell whether another try may follow ``tries`` failed ones."""
        return tries < self.max_tries
