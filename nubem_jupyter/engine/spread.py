"""Which of several deployments of one model gets the next call: each in proportion to its weight."""

from __future__ import annotations

from collections.abc import Mapping


class Spread:
    """Weighted round robin that is smooth: no deployment gets its calls in a row (as in nginx's balancer).

    Each turn adds every open deployment's weight to its credit; the largest credit is taken, and pays for all weights.
    Credits sum to nothing and stay above minus the sum of the weights, so after n calls over k deployments one of share
    s has had fewer than n s + 1 and more than n s - (k - 1). One that is not open gains no credit: when it is back it
    gets its share, and not what it missed. Weight 0 is for those that are only taken where no other is open.
    """

    def __init__(self, seed: int = 0) -> None:
        """Begin; of equal credits ``seed`` says which is taken, so that not every process begins with the same one."""
        self._seed = seed
        self._credit: dict[str, float] = {}

    def take(self, weights: Mapping[str, float]) -> str:
        """Return who is next of those that are open, each with its weight; there is at least one."""
        names = tuple(weights)
        first = self._seed % len(names)
        credit = self._credit
        taken, most = names[first], None
        for name in (*names[first:], *names[:first]):
            held = credit[name] = credit.get(name, 0.0) + weights[name]
            if most is None or held > most:
                taken, most = name, held
        credit[taken] -= sum(weights.values())
        return taken
