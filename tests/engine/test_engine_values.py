"""Budget, retry, answers, joins and rewrites of prompts."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nubem_jupyter.core.call import Message, ModelCall, Usage
from nubem_jupyter.core.condition import Condition
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.model import Figure, Price, Tier
from nubem_jupyter.core.value import ValueType
from nubem_jupyter.core.work import JoinMode, Prompt
from nubem_jupyter.engine.answer import parse_answer, unfence
from nubem_jupyter.engine.budget import Ledger, cost_usd, most_usage, most_usd
from nubem_jupyter.engine.join import join, vote
from nubem_jupyter.engine.retry import RetryPolicy
from nubem_jupyter.engine.transform import map_prompts, pin_seeds, with_other_seeds, with_sampling
from nubem_jupyter.errors import BudgetError, ConstraintError, NodeError


def price(unit=0.001):
    figure = Figure(value=unit, source="listed: test")
    return Price(input_usd=figure, output_usd=figure)


def call(text, **fields):
    return ModelCall(model="a/b", messages=(Message(role="user", content=text),), **fields)


class TestBudget:
    def test_what_is_reserved_and_spent_never_passes_the_limit(self):
        ledger = Ledger(1.0)
        ledger.reserve("a", price(), Usage(input_tokens=400, output_tokens=200))
        with pytest.raises(BudgetError, match=r"'b' could cost up to \$0.600000, and \$0.400000"):
            ledger.reserve("b", price(), Usage(input_tokens=600))

    def test_what_was_not_needed_comes_back(self):
        ledger = Ledger(1.0)
        ticket = ledger.reserve("a", price(), Usage(input_tokens=900))
        ledger.settle(ticket, 0.1)
        ledger.reserve("b", price(), Usage(input_tokens=900))
        assert ledger.spent_usd == pytest.approx(0.1)

    def test_an_unknown_price_is_refused_under_a_limit_and_only_there(self):
        with pytest.raises(BudgetError, match="unknown"):
            Ledger(1.0).reserve("a", None, Usage())
        ledger = Ledger()
        ledger.settle(ledger.reserve("a", None, Usage()), 0.5)
        assert ledger.spent_usd == 0.5

    def test_its_user_is_warned_once_at_four_fifths(self):
        ledger = Ledger(1.0)
        assert not ledger.warns()
        ledger.settle(ledger.reserve("a", price(), Usage(input_tokens=800)), 0.8)
        assert ledger.warns()
        assert not ledger.warns()
        assert not Ledger().warns()

    @given(st.lists(st.tuples(st.integers(0, 500), st.floats(0, 1)), max_size=30))
    def test_no_order_of_calls_overspends(self, calls):
        ledger = Ledger(1.0)
        for tokens, share in calls:
            try:
                ticket = ledger.reserve("a", price(), Usage(input_tokens=tokens))
            except BudgetError:
                continue
            assert ledger.committed_usd <= 1.0 + 1e-9
            ledger.settle(ticket, tokens * 0.001 * share)
        assert ledger.spent_usd <= 1.0 + 1e-9

    @given(st.text(max_size=50))
    def test_the_most_tokens_are_at_least_the_texts_bytes(self, text):
        most = most_usage(call(text, max_tokens=7))
        assert most.input_tokens >= len(text.encode())
        assert most.output_tokens == 7

    def test_a_schema_counts_as_sent(self):
        schema = {"type": "string", "enum": ["x" * 1000]}
        assert most_usage(call("", schema=schema)).input_tokens > 2000

    @pytest.mark.parametrize("amount", [-1.0, float("nan")])
    def test_what_is_no_amount_is_refused(self, amount):
        with pytest.raises(ConstraintError, match="not an amount"):
            Ledger(amount)

    def test_a_call_dearer_than_listed_is_seen(self):
        ledger = Ledger(1.0)
        ledger.settle(ledger.reserve("a", price(), Usage(input_tokens=10)), 2.0)
        assert ledger.overspent
        assert not Ledger().overspent

    def test_a_long_prompt_is_set_aside_and_billed_at_its_own_price(self):
        dear = Figure(value=0.01, source="listed: test")
        tiered = Price(
            input_usd=price().input_usd,
            output_usd=price().output_usd,
            tiers=(Tier(above_tokens=100, input_usd=dear, output_usd=dear),),
        )
        assert cost_usd(tiered, Usage(input_tokens=200, output_tokens=1)) == pytest.approx(2.01)
        with pytest.raises(BudgetError):
            Ledger(1.0).reserve("a", tiered, Usage(input_tokens=200))

    @given(
        st.tuples(*[st.integers(0, 1000)] * 5),
        st.lists(st.none() | st.floats(0, 1), min_size=3, max_size=3),
    )
    def test_no_parts_of_a_call_make_it_dearer_than_what_was_set_aside(self, tokens, parts):
        """Who reads its prompt from a cache, or thinks at length, is billed for that within what was set aside."""
        cached, written, plain, reasoned, shown = tokens
        named = zip(("cached_input_usd", "cache_write_usd", "reasoning_usd"), parts, strict=True)
        own = {name: Figure(value=value, source="listed: test") for name, value in named if value is not None}
        listed = msgspec.structs.replace(price(0.5), **own)
        whole = Usage(input_tokens=cached + written + plain, output_tokens=reasoned + shown)
        used = msgspec.structs.replace(
            whole, cached_tokens=cached, cache_write_tokens=written, reasoning_tokens=reasoned
        )
        assert -1e-9 <= cost_usd(listed, used) <= most_usd(listed, whole) * (1 + 1e-9)
        ledger = Ledger(most_usd(listed, whole))
        ledger.settle(ledger.reserve("a", listed, whole), cost_usd(listed, used))
        assert not ledger.overspent

    def test_parts_are_billed_at_their_own_price_and_those_of_unknown_price_as_the_rest(self):
        tenth = Figure(value=0.1, source="listed: test")
        used = Usage(input_tokens=10, output_tokens=10, cached_tokens=4, cache_write_tokens=2, reasoning_tokens=5)
        assert cost_usd(price(1.0), used) == 20
        listed = msgspec.structs.replace(price(1.0), cached_input_usd=tenth)
        assert cost_usd(listed, used) == pytest.approx(20 - 4 * 0.9)
        assert cost_usd(listed, Usage(input_tokens=10, output_tokens=10)) == 20

    def test_cost_is_tokens_times_their_prices(self):
        assert cost_usd(price(0.5), Usage(input_tokens=2, output_tokens=1)) == 1.5


class TestRetry:
    def test_the_wait_doubles_and_respects_what_the_provider_asks(self):
        policy = RetryPolicy(first_wait_s=1.0, max_wait_s=10.0)
        assert [policy.wait_s(tries, jitter=1.0) for tries in (1, 2, 3)] == [1.0, 2.0, 4.0]
        assert policy.wait_s(1, jitter=0.1, retry_after_s=7.0) == 7.0
        assert policy.wait_s(9, jitter=1.0) == 10.0

    def test_tries_are_bounded(self):
        assert RetryPolicy(max_tries=2).allows(1)
        assert not RetryPolicy(max_tries=2).allows(2)


def asked(output="text", schema=None):
    return Prompt(prompt="x", output=ValueType(output), schema=schema)


NESTED = {"properties": {"a": {"properties": {"b": {"type": "number"}}}}}


class TestAnswers:
    @pytest.mark.parametrize(
        ("text", "work", "value"),
        [
            (" Paris.\n", asked(), "Paris."),
            ("```python\nx = 1\n```", asked("code"), "x = 1"),
            ("Here:\n```\nx = 1\ny = 2\n``` done", asked("code"), "x = 1\ny = 2"),
            ("x = 1", asked("code"), "x = 1"),
            ("about 1,234.5 km", asked("number"), 1234.5),
            ("-3", asked("number"), -3),
            ("4.0", asked("number"), 4.0),
            ("Yes, it is", asked("boolean"), True),
            ("No.", asked("boolean"), False),
            ('["a"]', asked("list"), ["a"]),
            ('```json\n{"a": 1}\n```', asked("json"), {"a": 1}),
            ('{"a": 1}', asked("json", {"type": "object", "required": ["a"]}), {"a": 1}),
            ('"billing"', asked("label", {"type": "string", "enum": ["billing", "other"]}), "billing"),
        ],
    )
    def test_text_becomes_the_declared_type(self, text, work, value):
        got = parse_answer(text, work)
        assert got == value
        assert type(got) is type(value)

    @pytest.mark.parametrize(
        ("text", "work", "said"),
        [
            ('{"a": ', asked("json"), "is not JSON"),
            ("none at all", asked("number"), "has no number"),
            ("perhaps", asked("boolean"), "neither yes nor no"),
            ("...", asked("boolean"), "neither yes nor no"),
            ('{"a": {"b": "x"}}', asked("json", NESTED), "['a']['b']"),
        ],
    )  # fmt: skip
    def test_what_does_not_fit_is_said(self, text, work, said):
        with pytest.raises(NodeError) as caught:
            parse_answer(text, work)
        assert said in caught.value.message

    def test_an_unclosed_fence_ends_with_the_text(self):
        assert unfence("```py\nx = 1") == "x = 1"


class TestJoin:
    def test_each_mode(self):
        values = {"a": "one", "b": None, "c": {"n": 2}}
        assert join(JoinMode.OBJECT, values) == values
        assert join(JoinMode.LIST, values) == ["one", None, {"n": 2}]
        assert join(JoinMode.TEXT, {"a": "one", "b": "two", "c": ""}) == "one\n\ntwo"
        assert join(JoinMode.VOTE, {"a": "Yes", "b": "no", "c": " yes "}) == "Yes"

    def test_a_vote_counts_a_lone_lists_items_and_takes_the_first_on_a_tie(self):
        assert join(JoinMode.VOTE, {"all": [3, 5, 5]}) == 5
        assert join(JoinMode.VOTE, {"one": 4}) == 4
        assert vote(["b", "a"]) == "b"
        assert vote([]) is None


class TestTransform:
    def nested(self):
        one = Flow.build("one").input("item").model("t", "{item}", temperature=0.5).output("t")
        check = Condition(operator="truthy")
        rest = Flow.build("rest").input("x").model("r", "{x}", temperature=0.5, seed=9).output("r")
        return (
            Flow.build()
            .input("x")
            .map("m", one, "x")
            .branch("b", "m", ((check, rest),), otherwise=rest, inputs={"x": "x"})
            .branch("c", "m", ((check, rest),), inputs={"x": "x"})
            .loop("l", rest, check, inputs={"x": "b"})
            .model("plain", "{l} {c}")
            .output("plain")
        )

    def prompts(self, flow):
        return {place: node.work for place, node in flow.walk() if isinstance(node.work, Prompt)}

    def test_every_prompt_in_every_body_is_changed(self):
        got = self.prompts(with_sampling(self.nested(), temperature=1.0, seed=3))
        assert len(got) == 6
        assert {work.temperature for work in got.values()} == {1.0}
        assert {work.seed for work in got.values()} == {3, 4, 5, 6, 7, 8}
        assert self.prompts(with_sampling(self.nested(), temperature=1.0))["b/case1/r"].seed == 9

    def test_nothing_asked_changes_nothing(self):
        flow = self.nested()
        assert with_sampling(flow) is flow
        assert map_prompts(flow, lambda prompt: prompt) == flow
        plain = Flow.build().input("x").map("m", Flow.build("b").input("item").model("t", "{item}").output(), "x")
        flow = plain.output("m")
        assert pin_seeds(flow, 1) is flow

    def test_equal_calls_that_vote_are_drawn_with_seeds_of_their_own(self):
        builder = Flow.build().input("q")
        for name in "abc":
            builder.model(name, "{q}", temperature=0.7)
        flow = builder.join("vote", "abc", mode="vote").output()
        assert len({work.seed for work in self.prompts(pin_seeds(flow, 1)).values()}) == 3

    def test_only_open_seeds_of_sampling_calls_are_pinned(self):
        got = self.prompts(pin_seeds(self.nested(), 5))
        assert got["m/body/t"].seed == 5
        assert got["b/case1/r"].seed == 9
        assert got["plain"].seed is None

    def test_a_repeat_moves_given_seeds_of_calls_that_draw_and_nothing_else(self):
        flow = Flow.build().input("q").model("a", "{q}", temperature=0.7, seed=2**31 - 1)
        flow = flow.model("b", "{q}", seed=4).model("c", "{q}", temperature=0.7).output("a")
        assert [work.seed for work in self.prompts(with_other_seeds(flow, 2)).values()] == [1, 4, None]
        assert with_other_seeds(flow, 0) is flow


def test_dots_that_part_thousands_are_no_decimal_points():
    whole = Prompt(prompt="x", output=ValueType.NUMBER)
    assert parse_answer("about 1.234.567 people", whole) == 1_234_567
    assert parse_answer("1,234,567.5", whole) == 1_234_567.5


def test_without_a_limit_what_is_spent_is_counted_and_nothing_set_aside():
    ledger = Ledger()
    assert ledger.reserve("a", None, Usage(input_tokens=9)) == 0
    ledger.spend(0.5)
    ledger.settle(0, 0.25)
    assert (ledger.spent_usd, ledger.committed_usd, ledger.overspent) == (0.75, 0.75, False)
