import msgspec
import pytest

from nubem_jupyter.core.condition import Condition
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Evidence, Figure, ModelInfo, Price, Speed
from nubem_jupyter.core.plan import Candidate, Choice, Range
from nubem_jupyter.core.work import Example
from nubem_jupyter.engine.estimator import estimate, known_sizes, predict
from nubem_jupyter.engine.estimator.tokens import input_tokens, output_tokens
from nubem_jupyter.errors import RoutingError


def figure(value, low=None, high=None):
    return Figure(value=value, source="measured in a test", low=low, high=high)


MODEL = ModelInfo(
    id=ModelId("test/one"),
    provider="test",
    price=Price(input_usd=figure(1.0), output_usd=figure(2.0)),
    speed=Speed(first_token_s=figure(1.0, 0.5, 2.0), tokens_per_s=figure(10.0, 5.0, 20.0)),
    evidence=(Evidence(capability="answer", n=20, score_sum=15, source="suite", date="2026-01-01"),),
)


def one_step(**options):
    return Flow.build().input("text").model("ask", "{text}", **options).output()


def choice(cost=1.0, latency=2.0, quality=0.5):
    def span(value):
        return None if value is None else Range(low=value / 2, value=value, high=min(value * 2, 9e9))

    return Choice(
        chosen=Candidate(model=ModelId("test/one"), cost_usd=span(cost), latency_s=span(latency), quality=span(quality))
    )


class TestTokens:
    def test_every_character_that_is_sent_counts(self):
        flow = one_step(system="s" * 12, examples=(Example(given="g" * 6, answer="a" * 12),), max_tokens=1)
        found = input_tokens(flow.node("ask").work, filled_chars=6 * 12 - 6)
        characters = 12 + 6 + 12 + len("{text}") + 66
        assert found == Range(low=characters / 6, value=characters / 4, high=characters / 2)

    def test_output_is_from_one_token_to_the_ceiling(self):
        found = output_tokens(one_step(max_tokens=100).node("ask").work)
        assert (found.low, found.high) == (1, 100)
        assert 1 < found.value < 50

    def test_a_ceiling_of_one_leaves_no_range(self):
        assert output_tokens(one_step(max_tokens=1).node("ask").work) == Range(low=1, value=1, high=1)


class TestPredict:
    def test_cost_latency_and_quality_come_from_the_models_figures(self):
        node = one_step(max_tokens=1).node("ask")
        found = predict(node, MODEL)
        assert found.cost_usd == Range(low=1 + 2, value=1.5 + 2, high=3 + 2)
        assert found.latency_s == Range(low=0.5 + 1 / 20, value=1 + 1 / 10, high=2 + 1 / 5)
        assert found.quality.value == 0.75
        assert found.quality.low < 0.75 < found.quality.high
        assert found.evidence == MODEL.evidence

    def test_known_inputs_make_the_prompt_dearer(self):
        node = one_step().node("ask")
        assert predict(node, MODEL, filled_chars=400).cost_usd.value == predict(node, MODEL).cost_usd.value + 100

    def test_what_is_unknown_stays_unknown(self):
        found = predict(one_step().node("ask"), ModelInfo(id=ModelId("test/two"), provider="test"))
        assert (found.cost_usd, found.latency_s, found.quality, found.evidence) == (None, None, None, ())

    def test_evidence_of_other_capabilities_says_nothing(self):
        assert predict(one_step(capability="translate").node("ask"), MODEL).quality is None

    @pytest.mark.parametrize(
        ("value", "n", "tries"),
        [(0.0, 1, 1.0), (0.0, 99, 1.0), (1.0, 1, 1 + 1 / 2 + 1 / 4 + 1 / 8 + 1 / 16), (0.5, 0, 1.9375), (1.0, 0, 5.0)],
    )
    def test_where_calls_fail_an_answer_takes_more_of_them(self, value, n, tries):
        """One answered call is added to those seen; there are five tries at most."""
        node = one_step(max_tokens=1).node("ask")
        failing = msgspec.structs.replace(MODEL, error_rate=Figure(value=value, source="measured here", n=n))
        found, sure = predict(node, failing), predict(node, MODEL)
        assert (sure.tries, found.tries) == (1.0, pytest.approx(tries))
        for one, other in ((found.cost_usd, sure.cost_usd), (found.latency_s, sure.latency_s)):
            assert one == Range(low=other.low, value=other.value * found.tries, high=other.high * found.tries)
        assert found.quality == sure.quality

    def test_failures_make_nothing_known_that_was_not(self):
        failing = ModelInfo(id=ModelId("a/b"), provider="a", error_rate=Figure(value=0.5, source="measured here", n=10))
        found = predict(one_step().node("ask"), failing)
        assert (found.cost_usd, found.latency_s) == (None, None)
        assert found.tries > 1.5

    def test_evidence_that_counts_for_less_leaves_the_mean_and_is_less_sure(self):
        old = tuple(msgspec.structs.replace(entry, weight=0.25) for entry in MODEL.evidence)
        node = one_step().node("ask")
        now, then = predict(node, MODEL).quality, predict(node, msgspec.structs.replace(MODEL, evidence=old)).quality
        assert then.value == now.value
        assert then.low < now.low < now.high < then.high

    def test_new_evidence_weighs_more_than_old(self):
        old = Evidence(capability="answer", n=20, score_sum=5, source="older", date="2020-01-01", weight=0.25)
        model = msgspec.structs.replace(MODEL, evidence=(*MODEL.evidence, old))
        assert predict(one_step().node("ask"), model).quality.value == pytest.approx((15 + 5 / 4) / 25)

    def test_a_step_without_a_model_is_refused(self):
        with pytest.raises(RoutingError, match="'text' calls no model"):
            predict(one_step().node("text"), MODEL)


BODY = Flow.build("body").input("item").input("tone", optional=True).model("each", "{tone} {item}").output()


class TestSizes:
    def test_given_values_and_defaults_fill_the_prompts_that_read_them(self):
        flow = Flow.build().input("a").input("b", default="xyz").input("c").model("ask", "{a.part} {b} {c}").output()
        found = known_sizes(flow, {"a": {"part": "x" * 50, "other": "y"}})
        assert found.chars == {"ask": 50 + 3 - len("{a.part}{b}{c}")}

    def test_a_map_over_a_given_list_has_its_items_and_the_longest_of_them(self):
        flow = Flow.build().input("list", type="list").map("many", BODY, "list").output()
        found = known_sizes(flow, {"list": ["a", "f" * 40, "bb"]})
        assert found.items == {"many": 3}
        assert found.chars == {"many/body/each": 40 - len("{tone}{item}")}

    def test_an_empty_list_has_no_items(self):
        flow = Flow.build().input("list", type="list").map("many", BODY, "list").output()
        assert known_sizes(flow, {"list": []}).items == {"many": 0}

    def test_nothing_is_known_of_what_is_still_to_be_made(self):
        flow = Flow.build().input("a").model("first", "{a}", output="list").map("many", BODY, "first").output()
        found = known_sizes(flow, {"a": "abcdef"})
        assert (found.items, found.chars) == ({}, {"first": 3, "many/body/each": 0})


class TestEstimate:
    def test_costs_are_summed_times_follow_the_slowest_path_and_chances_multiply(self):
        flow = (
            Flow.build().input("t").model("a", "{t}").model("b", "{t}").model("c", "{a}{b}").output("c")
        )  # fmt: skip
        route = {"a": choice(1, 2, 0.5), "b": choice(2, 5, 0.4), "c": choice(3, 1, 0.5)}
        found = estimate(flow, route)
        assert found.cost_usd == Range(low=3, value=6, high=12)
        assert found.latency_s == Range(low=3, value=6, high=12)
        assert found.quality.value == pytest.approx(0.1)

    def test_a_map_counts_its_known_items(self):
        flow = Flow.build().input("list", type="list").map("many", BODY, "list").output()
        route = {"many/body/each": choice(1, 2, 0.5)}
        found = estimate(flow, route, inputs={"list": ["a", "b", "c"]})
        assert found.cost_usd == Range(low=1.5, value=3, high=6)
        assert found.latency_s == Range(low=1, value=6, high=12)
        assert found.quality.value == 0.5

    def test_a_map_of_unknown_length_counts_one_item(self):
        flow = Flow.build().input("list", type="list").map("many", BODY, "list").output()
        assert estimate(flow, {"many/body/each": choice(1)}).cost_usd.value == 1

    def test_a_map_over_nothing_takes_nothing(self):
        flow = Flow.build().input("list", type="list").map("many", BODY, "list").output()
        found = estimate(flow, {"many/body/each": choice()}, inputs={"list": []})
        assert found.cost_usd.high == found.latency_s.high == 0

    def test_a_loop_may_take_all_its_rounds(self):
        body = Flow.build("body").model("try", "go").output()
        flow = Flow.build().loop("again", body, Condition(), max_rounds=4).output()
        found = estimate(flow, {"again/body/try": choice(1, 2)})
        assert found.cost_usd == Range(low=0.5, value=1, high=8)
        assert found.latency_s == Range(low=1, value=2, high=16)

    @pytest.mark.parametrize(("otherwise", "low", "value"), [(False, 0, 1), (True, 0.5, 5 / 3)])
    def test_a_branch_goes_its_cheapest_average_and_dearest_way(self, otherwise, low, value):
        def body(name):
            return Flow.build(name).model("do", name).output()

        cases = [(Condition(operator="equals", value=word), body(word)) for word in ("x", "y")]
        flow = (
            Flow.build().input("v").branch("way", "v", cases, otherwise=body("z") if otherwise else None).output()
        )  # fmt: skip
        route = {"way/case1/do": choice(1), "way/case2/do": choice(2)}
        if otherwise:
            route["way/otherwise/do"] = choice(2)
        assert estimate(flow, route).cost_usd == Range(low=low, value=pytest.approx(value), high=4)

    def test_one_unknown_part_leaves_the_whole_unknown(self):
        flow = Flow.build().model("a", "x").model("b", "y").output("a", "b")
        found = estimate(flow, {"a": choice(None, 1, None), "b": choice(1, None, 0.5)})
        assert (found.cost_usd, found.latency_s, found.quality) == (None, None, None)

    def test_a_flow_without_models_costs_nothing_and_promises_nothing(self):
        flow = Flow.build().code("run", "result = 1").output()
        found = estimate(flow, {})
        assert found.cost_usd == Range(low=0, value=0, high=0)
        assert found.quality is None


def test_what_a_tools_author_says_that_a_use_costs_counts():
    body = Flow.build("b").input("item").component("look", "a.look", capability="search", inputs={"x": "item"})
    flow = (
        Flow.build()
        .input("texts", type="list")
        .map("each", body.output("look"), "texts")
        .component("other", "a.other", capability="search", inputs={"each": "each"})
        .model("ask", "{other}", inputs={"other": "other"})
        .output("ask")
    )
    told = {"each/body/look": 0.25}
    found = estimate(flow, {"ask": choice(cost=1.0)}, inputs={"texts": ["a", "b"]}, uses_usd=told)
    assert found.cost_usd == Range(low=1.0, value=1.5, high=2.5)
    assert found.latency_s == choice().chosen.latency_s
    assert estimate(flow, {"ask": choice(cost=None)}, uses_usd=told).cost_usd is None


def test_where_nobody_knows_what_a_tool_costs_nobody_knows_what_the_whole_does():
    flow = (
        Flow.build().component("look", "a.look", capability="search").component("find", "a.find", capability="search")
    )
    told = {"look": 0.25, "find": None}
    found = estimate(flow.output("find"), {}, uses_usd=told)
    assert found.cost_usd is None
    assert found.latency_s is not None
