"""A hint that says what would be enough is true: whoever follows it gets a plan."""

import re

import msgspec
import pytest
from hypothesis import example, given, reject
from hypothesis import strategies as st

from nubem_jupyter.core.condition import Condition
from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Evidence, Figure, ModelInfo, Price, Speed
from nubem_jupyter.engine.router import route
from nubem_jupyter.engine.router.limits import Known
from nubem_jupyter.engine.router.weighing import Weighing
from nubem_jupyter.errors import InfeasibleError

CAPABILITIES = ("answer", "classify")
FIELDS = {"--max-cost": "max_cost_usd", "--max-latency": "max_latency_s", "--min-quality": "min_quality"}


def asking(name, prompt, capability="answer"):
    return Flow.build().input("t").model(name, prompt, capability=capability, max_tokens=1).output()


FLOWS = (
    asking("one", "{t}"),
    Flow.build().input("t").model("a", "{t}", max_tokens=1).model("b", "{a}", max_tokens=1).output(),
    Flow.build()
    .input("t")
    .model("a", "{t}", max_tokens=1)
    .model("b", "{t}", capability="classify", max_tokens=1)
    .output("a", "b"),
    Flow.build()
    .input("t")
    .model("kind", "{t}", capability="classify", max_tokens=1)
    .branch(
        "either",
        "kind",
        [(Condition(operator="truthy"), asking("c", "{t}"))],
        otherwise=asking("d", "{t}", "classify"),
        inputs={"t": "t"},
    )
    .output(),
    Flow.build().input("items").map("each", asking("one", "{t}"), "items", inputs={}, item="t").output(),
)


def figure(value):
    return Figure(value=value, source="listed in a test")


def model(number, price, seconds, rights):
    return ModelInfo(
        id=ModelId(f"a/{number}"),
        provider="a",
        price=None if price is None else Price(input_usd=figure(0.0), output_usd=figure(price)),
        speed=None if seconds is None else Speed(first_token_s=figure(seconds), tokens_per_s=figure(1e9)),
        evidence=tuple(
            Evidence(capability=capability, n=20, score_sum=right, source="suite", date="2026-01-01")
            for capability, right in zip(CAPABILITIES, rights, strict=True)
            if right is not None
        ),
    )


amounts = st.floats(0.01, 10.0)
rights = st.integers(0, 20) | st.integers(10, 20)


def models_of(amounts, rights):
    one = st.tuples(amounts, amounts, st.tuples(rights, rights))
    return st.lists(one, min_size=1, max_size=5).map(
        lambda listed: [model(number, *figures) for number, figures in enumerate(listed)]
    )


models = models_of(st.none() | amounts | amounts, st.none() | rights)
measured_models = models_of(amounts, rights)
limits = st.builds(
    Constraints,
    max_cost_usd=st.none() | st.floats(0.001, 2.0),
    max_latency_s=st.none() | st.floats(0.001, 2.0),
    min_quality=st.none() | st.floats(0.5, 1.0) | st.just(0.0),
    prefer=st.sampled_from(["balanced", "cost", "latency", "quality"]),
)


def hint_of(attempt):
    """Return the hint of an attempt that fails; others are of no interest here."""
    try:
        attempt()
    except InfeasibleError as error:
        return error.hint
    return reject()


def followed(hint, constraints):
    """Constraints as each part of the hint would have them."""
    for part in hint.split("; "):
        if " would be enough" in part or " would allow" in part:
            told = part.partition(" would ")[0]
            changed = {FIELDS[name]: float(amount) for name, amount in re.findall(r"(--[a-z-]+) ([\d.e+-]+)", told)}
            gone = re.findall(r"(?:leaving out|without|and) (--[a-z-]+)", told)
            assert changed or gone
            yield msgspec.structs.replace(constraints, **changed, **{FIELDS[name]: None for name in gone})


@given(st.sampled_from(FLOWS), models, limits)
def test_whoever_follows_a_hint_gets_a_plan(flow, listed, constraints):
    for wider in followed(hint_of(lambda: route(flow, listed, constraints)), constraints):
        assert route(flow, listed, wider)


# Its equations cancel out to nothing.
TWINS = [model(1, None, None, (7, None)), model(2, None, 1.0, (7, None))]


@given(st.sampled_from(FLOWS), models, limits)
@example(FLOWS[0], TWINS, Constraints(prefer="cost"))
def test_so_does_who_weighs_a_plan(flow, listed, constraints):
    weighing = Weighing(flow, lambda limits: route(flow, listed, limits), Known())
    for wider in followed(hint_of(lambda: weighing.choose(constraints)), constraints):
        assert weighing.choose(wider)
        assert route(flow, listed, wider)


@given(st.sampled_from(FLOWS), measured_models, limits)
def test_where_all_is_known_there_is_a_hint(flow, listed, constraints):
    assert list(followed(hint_of(lambda: route(flow, listed, constraints)), constraints))


def test_a_step_that_is_too_weak_alone_is_told_what_the_whole_run_needs():
    """Each step is right in 0.7 of the cases, both in 0.49: a floor of 0.7 would not be enough."""
    with pytest.raises(InfeasibleError) as caught:
        route(FLOWS[1], [model(1, 1.0, 1.0, (14, 14))], Constraints(min_quality=0.9))
    assert caught.value.message.startswith("no model may do step 'a': a/1: right in 70% of the measured cases")
    assert caught.value.hint == "--min-quality 0.48 would be enough, at $2"


def test_limits_that_no_model_of_another_step_could_keep_are_not_what_is_wrong():
    weak = model(1, 1.0, 1.0, (2, 2))
    flow = Flow.build().input("t").model("a", "{t}", max_tokens=1).model("b", "{a}", schema={"type": "object"}).output()
    with pytest.raises(InfeasibleError, match="no model may do step 'b': a/1: cannot hold its answer") as caught:
        route(flow, [weak], Constraints(min_quality=0.9))
    assert caught.value.hint == ""


def test_what_another_limit_would_let_in_is_looked_at_too():
    """Only the dear one reaches the floor, and it breaks the budget; a lower floor lets the cheap one in."""
    dear, cheap = model(1, 5.0, 1.0, (19, 19)), model(2, 0.1, 1.0, (16, 16))
    with pytest.raises(InfeasibleError) as caught:
        route(FLOWS[1], [dear, cheap], Constraints(max_cost_usd=6.0, min_quality=0.85))
    assert caught.value.hint.startswith("--max-cost 10 would be enough, at quality 0.9; --min-quality 0.7")
