"""What is predicted of prompts whose beginning was read before: cheaper where calls have shown it, never beforehand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import CachedShare, Figure, ModelInfo, Price, Tier
from nubem_jupyter.engine.estimator import predict

NODE = Flow.build().input("text").model("ask", "x" * 4000 + "{text}", max_tokens=1).output().node("ask")


def figure(value, **more):
    return Figure(value=value, source="listed in a test", **more)


def share(value, high=None, n=0, capability="answer"):
    return CachedShare(capability=capability, share=figure(value, low=0.0, high=high, n=n))


def cost(*shares, cached=0.1, given=1.0, **price):
    own = None if cached is None else figure(cached)
    listed = Price(input_usd=figure(given), output_usd=figure(0.0), cached_input_usd=own, **price)
    model = ModelInfo(id=ModelId("a/x"), provider="a", price=listed, cached_shares=shares)
    return predict(NODE, model).cost_usd


PLAIN = cost()


@pytest.mark.parametrize(
    "shares",
    [
        [],
        [share(0.8, 0.9, 10, capability="classify")],
    ],
)
def test_no_saving_is_assumed_that_nobody_has_seen(shares):
    assert cost(*shares) == PLAIN


def test_what_calls_have_shown_counts_and_the_high_end_stays():
    """One call of which nothing had been read is added to the four that told."""
    found = cost(share(0.8, 0.9, 4))
    assert found.value == pytest.approx(PLAIN.value * (1 - 0.64 * 0.9))
    assert found.low == pytest.approx(PLAIN.low * (1 - 0.9 * 0.9))
    assert found.high == PLAIN.high


@pytest.mark.parametrize("cached", [None, 1.0, 2.0])
def test_where_such_tokens_are_not_cheaper_nothing_changes(cached):
    assert cost(share(0.8, 0.9, 40), cached=cached) == cost(cached=cached)


def test_the_price_of_long_prompts_is_that_of_their_tier():
    tier = Tier(above_tokens=10, input_usd=figure(2.0), output_usd=figure(0.0), cached_input_usd=figure(1.0))
    assert cost(share(1.0, 1.0, 99), tiers=(tier,)).value == pytest.approx(PLAIN.value * 2 * (1 - 0.99 * 0.5))


@given(st.floats(0, 1), st.floats(0, 1), st.integers(0, 500), st.floats(0, 2), st.floats(0, 2))
def test_the_ends_stay_in_order_and_nothing_is_dearer_than_read_anew(value, high, n, cached, given_):
    found = cost(share(value, max(value, high), n), cached=cached, given=given_)
    plain = cost(cached=cached, given=given_)
    assert 0 <= found.low <= found.value + 1e-9
    assert found.value <= plain.value + 1e-9
    assert found.high == plain.high
    assert found.value <= found.high
