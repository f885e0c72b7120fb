"""A budget shared by calls at once: what others have set aside is waited for, in turn, and never overspent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nubem_jupyter.core.call import Usage
from nubem_jupyter.core.model import Figure, Price
from nubem_jupyter.engine.budget import Ledger
from nubem_jupyter.errors import BudgetError

CENT = Figure(value=0.01, source="listed: test")
PRICE = Price(input_usd=CENT, output_usd=CENT)


class Queue:
    """A ledger of one dollar, and what those who asked for cents of it were told."""

    def __init__(self):
        self.ledger, self.told = Ledger(1.0), []

    def ask(self, name, cents):
        """Return the ticket; what can never fit is told of as if it had waited."""
        try:
            return self.ledger.reserve(name, PRICE, Usage(input_tokens=cents), lambda no: self.told.append((name, no)))
        except BudgetError as refusal:
            self.told.append((name, refusal))
            return 0

    @property
    def served(self):
        return [name for name, refusal in self.told if refusal is None]


def test_what_fits_at_once_waits_for_nobody():
    queue = Queue()
    assert not queue.ledger.waits(queue.ask("a", 60))
    assert queue.told == []


def test_what_fits_beside_what_is_spent_waits_until_enough_comes_back():
    queue = Queue()
    first, second = queue.ask("a", 50), queue.ask("b", 50)
    third = queue.ask("c", 70)
    assert queue.ledger.waits(third)
    queue.ledger.settle(first, 0.1)
    assert queue.ledger.waits(third)
    queue.ledger.settle(second, 0.1)
    assert queue.served == ["c"]
    assert queue.ledger.committed_usd == pytest.approx(0.9)


def test_who_came_first_is_served_first_however_much_it_is():
    queue = Queue()
    first = queue.ask("a", 90)
    for name, cents in (("b", 80), ("c", 20), ("d", 1)):
        assert queue.ledger.waits(queue.ask(name, cents))
    queue.ledger.settle(first, 0.05)
    assert queue.served == ["b"]


def test_who_cannot_wait_takes_nothing_from_those_who_do():
    queue = Queue()
    queue.ask("a", 90)
    queue.ask("b", 20)
    with pytest.raises(BudgetError):
        queue.ledger.reserve("c", PRICE, Usage(input_tokens=5))


def test_what_cannot_fit_even_when_all_comes_back_is_refused_at_once():
    queue = Queue()
    queue.ask("a", 50)
    with pytest.raises(BudgetError, match=r"up to \$1.100000, and \$1.000000"):
        queue.ledger.reserve("b", PRICE, Usage(input_tokens=110), print)


def test_who_waits_is_refused_as_soon_as_what_is_spent_leaves_too_little():
    queue = Queue()
    first = queue.ask("a", 80)
    queue.ask("b", 60)
    queue.ask("c", 30)
    queue.ledger.settle(first, 0.7)
    (name, refusal), _ = queue.told
    assert name == "b"
    assert r"$0.300000 of the budget are left" in refusal.message
    assert queue.served == ["c"]


def test_who_stops_waiting_lets_the_next_one_go():
    queue = Queue()
    queue.ask("a", 50)
    large, small = queue.ask("b", 80), queue.ask("c", 30)
    queue.ledger.settle(large, 0.0)
    assert queue.served == ["c"]
    assert not queue.ledger.waits(small)


def test_what_was_settled_can_be_given_back_without_harm():
    queue = Queue()
    ticket = queue.ask("a", 50)
    queue.ledger.settle(ticket, 0.2)
    queue.ledger.settle(ticket, 0.0)
    assert queue.ledger.committed_usd == pytest.approx(0.2)


def test_what_a_budget_affords_counts_what_is_spent_and_not_what_is_set_aside():
    queue = Queue()
    queue.ledger.settle(queue.ask("a", 20), 0.2)
    queue.ask("b", 80)
    assert queue.ledger.affords(PRICE, Usage(input_tokens=80))
    assert not queue.ledger.affords(PRICE, Usage(input_tokens=81))
    assert not queue.ledger.affords(None, Usage())
    assert Ledger().affords(None, Usage())


@given(
    st.lists(
        st.tuples(st.sampled_from(["ask", "ask", "settle", "stop"]), st.integers(0, 120), st.floats(0, 1)), max_size=60
    )
)
def test_nobody_is_forgotten_overtaken_or_paid_beyond_the_budget(steps):
    """Each step asks for cents, or settles or stops one of those who asked, by how far on it is among them."""
    queue, asked = Queue(), {}
    ledger = queue.ledger

    def still_open():
        refused = {name for name, refusal in queue.told if refusal is not None}
        return [ticket for ticket, (name, _) in asked.items() if name not in refused]

    def settle(ticket, share):
        ledger.settle(ticket, 0.0 if ledger.waits(ticket) else asked[ticket][1] / 100 * share)
        del asked[ticket]

    for number, (step, cents, share) in enumerate(steps):
        if step == "ask":
            asked[queue.ask(number, cents)] = (number, cents)
        elif tickets := still_open():
            settle(tickets[cents % len(tickets)], 0.0 if step == "stop" else share)
        assert ledger.committed_usd <= 1.0 + 1e-9
    while tickets := still_open():
        assert not ledger.waits(tickets[0]), "whoever waits has somebody before it to wait for"
        settle(tickets[0], 1.0)
    names = [name for name, _ in queue.told]
    assert len(names) == len(set(names)), "each is told once"
    assert queue.served == sorted(queue.served), "in turn"
    assert ledger.spent_usd <= 1.0 + 1e-9
    assert ledger.committed_usd == ledger.spent_usd


def test_an_amount_is_set_aside_as_a_call_is():
    ledger = Ledger(1.0)
    ticket = ledger.reserve_usd("tool", 0.6)
    with pytest.raises(BudgetError, match=r"'other' could cost up to"):
        ledger.reserve_usd("other", 0.6)
    ledger.settle(ticket, 0.6)
    assert ledger.spent_usd == 0.6
    assert Ledger().reserve_usd("tool", 9.0) == 0
