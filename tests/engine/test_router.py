import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Evidence, Figure, ModelInfo, Price, Speed
from nubem_jupyter.core.plan import Candidate, Range
from nubem_jupyter.engine.router import route
from nubem_jupyter.engine.router.refusal import Offer, refusals
from nubem_jupyter.engine.router.words import rounded_down, rounded_up, versus
from nubem_jupyter.errors import InfeasibleError, RoutingError, UnknownModelError

FLOW = Flow.build().input("text").model("ask", "{text}", max_tokens=100).output()


def figure(value):
    return Figure(value=value, source="listed in a test")


def model(name, right=None, n=20, *, price=0.0, rate=10.0, capability="answer", **fields):
    evidence = Evidence(capability=capability, n=n, score_sum=right or 0, source="suite", date="2026-01-01")
    return ModelInfo(
        id=ModelId(name),
        provider=name.partition("/")[0],
        price=None if price is None else Price(input_usd=figure(0.0), output_usd=figure(price)),
        speed=None if rate is None else Speed(first_token_s=figure(0.0), tokens_per_s=figure(rate)),
        evidence=() if right is None else (evidence,),
        **fields,
    )


def choose(*models, flow=FLOW, inputs=None, **constraints):
    return route(flow, models, Constraints(**constraints), inputs=inputs)


def ask(*models, **options):
    return choose(*models, **options)["ask"]


def reasons(choice):
    return {other.model: other.reason for other in choice.alternatives}


class TestBalanced:
    def test_takes_the_cheapest_that_evidence_cannot_tell_from_the_best(self):
        found = ask(model("a/best", 19, price=0.01), model("a/cheap", 18, price=0.001), model("a/bad", 3))
        assert found.model == "a/cheap"
        assert found.reason == (
            "the cheapest of the models that evidence cannot tell from the best (18 of 20 right against 19 of 20 right)"
        )
        assert reasons(found) == {
            "a/best": "as good as far as evidence can tell, but dearer ($0.21 against $0.021)",
            "a/bad": "3 of 20 right, against 19 of 20 right by a/best",
        }

    def test_takes_the_faster_of_equally_cheap_ones(self):
        found = ask(model("a/slow", 19, rate=1.0), model("a/fast", 18, rate=50.0))
        assert found.model == "a/fast"
        assert found.reason.startswith("the fastest of the models")
        assert "slower (21 s against 0.43 s)" in reasons(found)["a/slow"]

    def test_takes_the_best_where_evidence_tells(self):
        found = ask(model("a/good", 19, price=0.01), model("a/bad", 5))
        assert (found.model, found.reason) == ("a/good", "the best by evidence (19 of 20 right)")

    def test_says_so_when_the_best_is_also_the_cheapest(self):
        found = ask(model("a/one", 19), model("a/two", 18, price=0.1))
        assert found.reason.startswith("the best by evidence (19 of 20 right), and the cheapest")

    def test_three_right_of_three_are_not_better_than_23_of_24(self):
        found = ask(model("a/many", 23, 24), model("a/few", 3, 3, price=1.0))
        assert found.reason.startswith("the best by evidence (23 of 24 right)")

    def test_equal_models_are_taken_by_name_and_none_is_called_worse(self):
        found = ask(model("a/y", 18), model("a/x", 18))
        assert found.model == "a/x"
        assert reasons(found)["a/y"] == "as good as far as evidence can tell, but not better"

    def test_models_without_evidence_come_after_those_with(self):
        found = ask(model("a/unknown", rate=99.0, parameters=9e9), model("a/fair", 12))
        assert found.model == "a/fair"
        assert reasons(found) == {"a/unknown": "no evidence yet for answer"}

    def test_without_any_evidence_the_larger_model_is_taken_and_that_is_said(self):
        found = ask(model("a/small", parameters=1e8), model("a/large", parameters=5e8, rate=1.0), model("a/unsized"))
        assert found.model == "a/large"
        assert found.reason == "no evidence yet for answer; the larger model is taken (no evidence of its quality)"
        assert [other.model for other in found.alternatives] == ["a/small", "a/unsized"]
        assert "not the larger model" in reasons(found)["a/small"]

    def test_where_the_measured_are_mostly_wrong_the_larger_model_is_taken(self):
        found = ask(model("a/bad", 0, parameters=1e8), model("a/unknown", parameters=5e8))
        assert found.model == "a/unknown"
        assert found.reason.startswith("no evidence of a model that is right half of the time at answer;")

    def test_without_evidence_or_size_the_cheapest_is_taken(self):
        found = ask(model("a/x", price=0.2), model("a/y", price=0.1))
        assert found.model == "a/y"
        assert "no size is published" in found.reason

    def test_a_lone_model_is_said_to_be_the_only_one(self):
        assert "the only model that satisfies" in ask(model("a/x")).reason
        assert ask(model("a/x", 3)).reason.endswith("(3 of 20 right)")


class TestFailingDeployments:
    """How often calls fail here counts in what is predicted, and between models that are otherwise equal."""

    def failing(self, name, share, **fields):
        return model(name, 18, error_rate=Figure(value=share, source="measured here", n=40), **fields)

    def test_one_that_is_down_half_of_the_time_is_slower_and_dearer_than_its_calls(self):
        sure, down = ask(model("a/x", 18, price=0.01)).chosen, ask(self.failing("a/x", 0.5, price=0.01)).chosen
        assert down.latency_s.value / sure.latency_s.value == pytest.approx(1.92, abs=0.03)
        assert down.cost_usd.value / sure.cost_usd.value == pytest.approx(1.92, abs=0.03)

    def test_a_slower_one_that_answers_comes_before_a_faster_one_that_seldom_does(self):
        fast, slow = self.failing("a/fast", 0.9, rate=30.0), self.failing("a/slow", 0.0, rate=10.0)
        assert ask(fast, slow).model == "a/slow"
        assert ask(fast, slow, prefer="latency").model == "a/slow"

    def test_of_equals_the_one_that_answers_is_taken(self):
        found = ask(self.failing("a/down", 0.5, rate=None), model("a/up", 18, rate=None))
        assert found.model == "a/up"
        assert "the most reliable of those" in found.reason
        assert reasons(found)["a/down"].endswith("more of its calls fail (1.9 calls an answer against 1)")

    def test_without_evidence_too(self):
        down = model("a/down", rate=None, error_rate=Figure(value=0.5, source="measured here", n=40))
        assert ask(down, model("a/up", rate=None)).model == "a/up"
        assert ask(down, model("a/up", rate=None), prefer="quality").model == "a/up"


class TestPreferences:
    MODELS = (
        model("a/good", 19, price=0.01, rate=20.0),
        model("a/cheap", 10, price=0.001, rate=10.0),
        model("a/fast", 15, price=0.1, rate=90.0),
        model("a/unknown", price=None, rate=None),
    )

    @pytest.mark.parametrize(
        ("prefer", "order"),
        [
            ("cost", ["a/cheap", "a/good", "a/fast", "a/unknown"]),
            ("latency", ["a/fast", "a/good", "a/cheap", "a/unknown"]),
            ("quality", ["a/good", "a/fast", "a/cheap", "a/unknown"]),
        ],
    )
    def test_orders_by_what_is_preferred(self, prefer, order):
        found = ask(*self.MODELS, prefer=prefer)
        assert [found.model, *(other.model for other in found.alternatives)] == order

    def test_says_what_was_preferred(self):
        assert ask(*self.MODELS, prefer="cost").reason == "the cheapest (10 of 20 right)"
        found = ask(*self.MODELS, prefer="latency")
        assert found.reason == "the fastest (15 of 20 right)"
        assert reasons(found)["a/unknown"] == "dearer (unknown against $2.1); no evidence of its quality"

    def test_ties_go_to_the_surest(self):
        found = ask(model("a/bad", 2), model("a/good", 19), prefer="cost")
        assert found.model == "a/good"
        assert found.reason == "as cheap as any, and the surest to be right of those (19 of 20 right)"


class TestNames:
    MODELS = (
        model("a/one", 10),
        model("b/two", 20),
        model("c/two", 20),
        model("a/off", available=False, missing="Set K."),
    )

    def test_only_named_models_are_used(self):
        found = ask(*self.MODELS, models=["one"])
        assert found.model == "a/one"
        assert "constraints name" in reasons(found)["b/two"]
        assert ask(*self.MODELS, models=["c/two"]).model == "c/two"

    def test_an_unknown_name_gets_the_nearest(self):
        with pytest.raises(UnknownModelError, match="did you mean 'a/one'"):
            ask(*self.MODELS, models=["a/onne"])

    def test_a_name_like_none_gets_what_there_is(self):
        with pytest.raises(UnknownModelError, match="can be called: a/one b/two c/two"):
            ask(*self.MODELS, models=["zzzzzz"])
        with pytest.raises(UnknownModelError, match="no model can be called now"):
            ask(models=["zzzzzz"])

    def test_a_name_that_several_have_must_be_whole(self):
        with pytest.raises(UnknownModelError, match="b/two c/two"):
            ask(*self.MODELS, models=["two"])

    def test_a_named_model_that_cannot_be_called_says_what_is_missing(self):
        with pytest.raises(RoutingError, match="Set K"):
            ask(*self.MODELS, models=["a/off"])


class TestRefusals:
    @pytest.mark.parametrize(
        ("refused", "constraints", "reason"),
        [
            (model("a/x", 20, local=True, available=False, missing="pull it"), {}, "cannot be called now: pull it"),
            (model("a/x", 20, features=("testing",)), {}, "only stands in"),
            (model("a/x", 20), {"local_only": True}, "off this machine"),
            (model("a/x", 20), {"security_level": "high"}, "off this machine"),
            (model("a/x", 20), {"region": "eu"}, "so region eu cannot be kept"),
            (model("a/x", 20, regions=("eu", "global")), {"region": "eu"}, "may run in global, outside of region eu"),
            (model("a/x", 20), {"require": ("vision",)}, "lacks vision"),
            (model("a/x", 20, context_tokens=50), {}, "take about 102 tokens, and it holds 50"),
            (model("a/x", 10), {"min_quality": 0.8}, "right in 50% of the measured cases, below min_quality 0.8"),
            (model("a/x"), {"min_quality": 0.1}, "cannot be promised"),
            (model("a/x", 20, price=1.0), {"max_cost_usd": 5}, "may cost $100, above max_cost $5"),
            (model("a/x", 20, price=None), {"max_cost_usd": 5}, "price is not known"),
            (model("a/x", 20, rate=0.1), {"max_latency_s": 5}, "about 2.1e+02 s, above max_latency 5 s"),
        ],
    )
    def test_says_in_a_sentence_why_a_model_is_out(self, refused, constraints, reason):
        fine = model("z/fine", 20, local=True, features=("vision",), context_tokens=10_000)
        found = ask(refused, fine, **constraints)
        assert found.model == "z/fine"
        (other,) = found.alternatives
        assert not other.feasible
        assert reason in other.reason

    def test_models_elsewhere_that_nobody_has_set_up_do_not_crowd_the_plan(self):
        away = [model(f"a/x{index}", 20, available=False, missing="set KEY") for index in range(30)]
        assert ask(model("z/fine", 20), *away).alternatives == ()

    def test_a_schema_needs_a_model_that_holds_to_it(self):
        flow = Flow.build().model("ask", "x", schema={"type": "object"}).output()
        found = ask(model("a/free", 20), model("a/held", 2, features=("json_schema",)), flow=flow)
        assert found.model == "a/held"

    def test_a_stand_in_that_is_named_is_taken(self):
        assert ask(model("echo/x", features=("testing",)), models=["echo/x"]).model == "echo/x"

    def test_known_inputs_count_towards_the_context(self):
        with pytest.raises(InfeasibleError, match="it holds 150"):
            ask(model("a/x", context_tokens=150), inputs={"text": "word " * 100})

    def test_an_unknown_speed_is_let_through(self):
        assert ask(model("a/x", 20, rate=None), max_latency_s=1.0).model == "a/x"

    def test_limits_that_are_kept_refuse_nobody(self):
        found = ask(model("a/x", 20, price=0.001), max_cost_usd=1, max_latency_s=30, min_quality=0.9)
        assert found.model == "a/x"

    def test_only_the_nearest_refused_models_are_kept(self):
        crowd = [model(f"a/{index}", local=True, available=False, missing="pull it") for index in range(30)]
        found = ask(*crowd, model("b/dear", price=9.0), model("b/fine", 20), max_cost_usd=1)
        assert len(found.alternatives) == 8
        assert found.alternatives[0].model == "b/dear"

    def test_an_offer_for_a_step_without_a_model_is_a_mistake_of_the_program(self):
        candidate = ask(model("a/x")).chosen
        offer = Offer(
            node=FLOW.node("text"), model=model("a/x"), candidate=candidate, constraints=Constraints(), named=False
        )
        with pytest.raises(TypeError, match="calls no model"):
            refusals(offer)


class TestNobody:
    def test_names_the_step_the_reasons_and_what_would_be_enough(self):
        with pytest.raises(InfeasibleError) as caught:
            ask(model("a/x", 14), model("a/y", available=False, missing="KEY"), min_quality=0.9)
        assert "no model may do step 'ask': a/x: right in 70%" in caught.value.message
        assert caught.value.hint == "--min-quality 0.7 would allow a/x"

    def test_counts_the_models_that_it_does_not_list(self):
        with pytest.raises(InfeasibleError, match=r"\(and 2 more\)"):
            ask(*(model(f"a/{index}") for index in range(5)), local_only=True)

    def test_without_any_model_says_how_to_get_one(self):
        with pytest.raises(InfeasibleError, match="nubem models pull"):
            ask()

    def test_names_no_hosted_model_whose_key_is_not_there(self):
        """A catalog lists thousands of them; what is told is what to do, the nearest first."""
        hosted = [model(f"far/{index}", available=False, missing="set KEY") for index in range(50)]
        near = model("local/a", local=True, available=False, missing="run: nubem models pull a")
        with pytest.raises(InfeasibleError) as caught:
            ask(*hosted, near)
        assert caught.value.message == "no model can be called yet for step 'ask'"
        assert caught.value.hint.startswith("run: nubem models pull a, or set the key of a hosted provider")
        with pytest.raises(InfeasibleError) as caught:
            ask(*hosted, near, local_only=True)
        assert caught.value.hint == "run: nubem models pull a"

    def test_a_flow_without_model_calls_needs_no_model(self):
        assert choose(flow=Flow.build().code("run", "result = 1").output()) == {}


class TestFigures:
    @given(st.floats(1e-9, 1e9))
    def test_a_suggested_ceiling_is_enough(self, amount):
        assert float(rounded_up(amount)) >= amount

    @given(st.floats(0, 1))
    def test_a_suggested_floor_is_reached(self, share):
        assert float(rounded_down(share)) <= share

    def test_what_binary_holds_a_hair_off_is_still_enough(self):
        assert rounded_up(0.1 + 0.2) == "0.31"
        assert rounded_down(0.7 * 0.7) == "0.48"
        assert (rounded_up(0.3), rounded_down(0.49), rounded_up(0.29), rounded_down(0.29)) == (
            "0.3",
            "0.49",
            "0.29",
            "0.29",
        )

    def test_figures_are_short(self):
        assert [rounded_up(0.0042), rounded_up(0.00421), rounded_up(123), rounded_up(0)] == [
            "0.0042",
            "0.0043",
            "130",
            "0",
        ]


class TestTheNearestLimit:
    def test_the_hint_names_the_limit_that_is_nearest_to_reach(self):
        good, better = model("a/good", 12), model("b/better", 13)
        unmeasured = model("a/new")
        with pytest.raises(InfeasibleError) as caught:
            ask(unmeasured, good, better, min_quality=0.95)
        assert caught.value.hint == "--min-quality 0.65 would allow b/better"
        with pytest.raises(InfeasibleError) as caught:
            ask(model("a/slow", rate=10.0), model("b/fast", rate=50.0), max_latency_s=0.1)
        assert caught.value.hint.endswith("would allow b/fast")

    def test_where_models_are_named_the_reasons_and_the_hint_are_about_those(self):
        unpriced = msgspec.structs.replace(model("a/named", 12), price=None)
        with pytest.raises(InfeasibleError) as caught:
            ask(model("b/other", 12), unpriced, models=("a/named",), max_cost_usd=0.01)
        assert "a/named: its price is not known" in caught.value.message
        assert "b/other" not in str(caught.value)
        assert caught.value.hint.startswith("leave out --max-cost: the price of a/named is not known")

    def test_where_nothing_helps_the_named_model_another_is_to_be_named(self):
        small = msgspec.structs.replace(model("a/named", 12), context_tokens=10)
        with pytest.raises(InfeasibleError) as caught:
            ask(small, model("b/other", 12), models=("a/named",))
        assert "b/other" not in caught.value.message
        assert caught.value.hint == "add b/other to --models"

    def test_a_model_that_was_never_right_is_the_farthest_from_any_quality(self):
        with pytest.raises(InfeasibleError) as caught:
            ask(model("a/never", 0), model("b/seldom", 1), min_quality=0.95)
        assert caught.value.hint.endswith("would allow b/seldom")


@given(
    st.permutations([model("a/a", 18), model("a/b", 18), model("a/c"), model("a/d", 3), model("a/e", 19, price=1.0)])
)
def test_the_order_in_which_models_are_listed_changes_nothing(models):
    assert ask(*models) == ask(*sorted(models, key=lambda one: one.id))


def test_partly_right_answers_are_told_as_a_mean_score():
    assert "scored 0.64 in 12 cases" in ask(model("a/x", 7.667, n=12)).reason


def test_what_is_said_of_two_candidates_is_what_is_known_of_both():
    cheap = Candidate(model="a/cheap", cost_usd=Range(low=1.0, value=1.0, high=1.0))
    dear = Candidate(model="a/dear", cost_usd=Range(low=2.0, value=2.0, high=2.0))
    assert versus(dear, cheap) == "dearer ($2 against $1)"
    assert versus(cheap, dear) == "cheaper ($1 against $2)"
    assert versus(cheap, cheap) == versus(cheap, Candidate(model="a/unknown")) == "no difference is known"
