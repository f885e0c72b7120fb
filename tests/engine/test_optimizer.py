"""The optimizer makes flows smaller and never changes what they mean."""

import pytest
from hypothesis import given, settings

from nubem_jupyter.core.condition import Condition
from nubem_jupyter.core.digest import digest
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.value import is_textual
from nubem_jupyter.core.work import Input, Join, JoinMode, Output
from nubem_jupyter.engine.optimizer import optimize
from nubem_jupyter.engine.optimizer.rules.duplicate import is_deterministic
from nubem_jupyter.testing.strategies import flows


def meaning(flow, bound=None, place=""):
    """Evaluate a flow to a term: equal terms mean equal results for all inputs and all answers of models."""
    terms = {}
    for node in flow.nodes:
        read = {name: _part(terms, source) for name, source in node.inputs.items()}
        terms[node.id] = _term(flow, node, read, bound, place)
    return terms[flow.output.id]


def _part(terms, source):
    name, _, path = source.partition(".")
    return ("part", terms[name], path) if path else terms[name]


def _term(flow, node, read, bound, place):
    if isinstance(node.work, Input):
        given = ("input", node.id) if bound is None else bound.get(node.id)
        return ("filled", given, digest(node.work))
    if isinstance(node.work, Output):
        return ("output", tuple(read.items()))
    if isinstance(node.work, Join) and len(read) == 1 and not node.optional and _is_sure_text(flow, node):
        return next(iter(read.values()))
    bodies = tuple(
        meaning(body, {"item": "an item", "previous": "the last round"} | read, f"{place}{node.id}/{name}/")
        for name, body in node.bodies
    )
    own = digest((node.work, node.optional, node.timeout_s, node.capability)) if not bodies else _frame(node)
    return ("step", own, tuple(read.items()), bodies, "" if bodies or is_deterministic(node) else place + node.id)


def _frame(node):
    work = node.work
    parts = [str(getattr(work, name, "")) for name in ("over", "item", "on", "until", "max_rounds", "carry")]
    checks = [str(case.when) for case in getattr(work, "cases", ())]
    return (node.kind, node.capability, node.optional, node.timeout_s, *parts, *checks)


def _is_sure_text(flow, node):
    (source,) = node.inputs.values()
    name, _, path = source.partition(".")
    read = flow.node(name)
    if path or read.optional or getattr(read.work, "optional", False):
        return False
    textual = is_textual(read.work.gives)
    simple = textual or read.work.gives in {"number", "boolean"}
    return (node.work.mode is JoinMode.TEXT and textual) or (node.work.mode is JoinMode.VOTE and simple)


@given(flows(max_steps=6))
@settings(max_examples=60, deadline=None)
def test_any_flow_keeps_its_inputs_and_its_meaning(flow):
    smaller, rewrites = optimize(flow)
    assert meaning(smaller) == meaning(flow)
    assert [(node.id, node.work) for node in smaller.inputs] == [(node.id, node.work) for node in flow.inputs]
    assert len(list(smaller.walk())) <= len(list(flow.walk()))
    assert len(list(flow.walk())) - len(list(smaller.walk())) >= len(rewrites)


@given(flows(max_steps=6))
@settings(max_examples=40, deadline=None)
def test_any_flow_is_optimized_once_and_for_all(flow):
    smaller, _ = optimize(flow)
    assert optimize(smaller) == (smaller, ())
    assert Flow.from_json(smaller.to_json()) == smaller


def wasteful():
    """A flow with every kind of waste; ``more`` adds the rest."""
    return (
        Flow.build("waste")
        .input("text", type="text")
        .input("unread", type="text")
        .model("one", "Sum up {text}", capability="summarize")
        .model("two", "Sum up {text}", capability="summarize")
        .model("idle", "Shout {text}", capability="rewrite")
        .model("idler", "Whisper {idle}", capability="rewrite")
    )


def test_what_nobody_reads_is_not_done_but_inputs_stay():
    flow, rewrites = optimize(wasteful().output("one"))
    assert {node.id for node in flow.nodes} == {"text", "unread", "one", "output"}
    assert rewrites[0].rule == "dead"
    assert set(rewrites[0].removed) == {"two", "idle", "idler"}
    assert "idler" in rewrites[0].description


def test_what_may_act_is_done_even_when_nobody_reads_it():
    """A mail that is sent is the point, not its receipt; what it reads stays as well, inner flows too."""
    sends = (
        Flow.build("sends")
        .input("text")
        .component("post", "chat.post", inputs={"text": "text"}, capability="chat.post")
        .output("text")
    )
    flow = (
        wasteful()
        .model("letter", "Write to {text}", capability="generate")
        .component("send", "mail.send", inputs={"body": "letter"}, capability="mail.send")
        .code("store", "open('log', 'a').write(text)", inputs={"text": "text"})
        .loop("again", sends, Condition(operator="truthy"), inputs={"text": "text"})
        .output("one")
    )
    smaller, _ = optimize(flow)
    assert {"letter", "send", "store", "again"} <= {node.id for node in smaller.nodes}
    assert {"two", "idle", "idler"}.isdisjoint(node.id for node in smaller.nodes)


def test_the_same_work_is_done_once_and_its_readers_follow():
    flow, rewrites = optimize(wasteful().model("both", "{a} {b}", inputs={"a": "one", "b": "two.0"}).output("both"))
    assert flow.node("both").inputs == {"a": "one", "b": "one.0"}
    assert [rewrite.rule for rewrite in rewrites] == ["dead", "duplicate"]


def test_equal_chains_collapse_from_their_start():
    built = wasteful().model("x", "{s}", inputs={"s": "one"}).model("y", "{s}", inputs={"s": "two"})
    flow, _ = optimize(built.output("x", "y"))
    assert flow.output.inputs == {"x": "x", "y": "x"}


@pytest.mark.parametrize(
    ("options", "left"), [({"temperature": 0.7}, 2), ({"temperature": 0.7, "seed": 3}, 1), ({"temperature": 0.0}, 1)]
)
def test_sampled_answers_are_different_draws_unless_their_seed_is_the_same(options, left):
    built = Flow.build().input("text")
    for name in ("one", "two"):
        built = built.model(name, "Solve {text}", capability="compute", **options)
    flow, _ = optimize(built.join("vote", ["one", "two"], mode="vote").output("vote"))
    assert sum(node.capability == "compute" for node in flow.nodes) == left


@pytest.mark.parametrize(("source", "left"), [("result = 1 + 1", 1), ("import random\nresult = random.random()", 2)])
def test_programs_that_ask_for_chance_stay_apart(source, left):
    flow, _ = optimize(Flow.build().code("one", source).code("two", source).output("one", "two"))
    assert sum(node.capability == "run_code" for node in flow.nodes) == left


def test_programs_that_are_not_known_yet_and_tools_stay_apart():
    built = Flow.build().input("code")
    for name in ("one", "two"):
        built = built.code(name, source_from="code").component(f"tool_{name}", "vendor.tool", capability="vendor.do")
    flow = built.output("one", "two", "tool_one", "tool_two")
    assert optimize(flow) == (flow, ())


def test_a_map_of_sampled_calls_is_not_merged_with_its_twin():
    body = Flow.build().input("item").model("draw", "Draw {item}", temperature=1.0).output("draw")
    built = Flow.build().input("things", type="list").map("one", body, "things").map("two", body, "things")
    flow = built.output("one", "two")
    assert optimize(flow) == (flow, ())


@pytest.mark.parametrize(
    ("kind", "mode", "gone"),
    [
        ("text", "text", True),
        ("text", "vote", True),
        ("number", "vote", True),
        ("number", "text", False),
        ("list", "vote", False),
        ("text", "object", False),
        ("text", "list", False),
    ],
)
def test_a_join_that_changes_nothing_goes(kind, mode, gone):
    built = Flow.build().input("value", type=kind).join("joined", ["value"], mode=mode)
    flow, rewrites = optimize(built.output("joined"))
    assert [rewrite.rule for rewrite in rewrites] == ["identity"] * gone
    assert flow.output.inputs == {"joined": "value" if gone else "joined"}


def test_a_join_that_may_shield_from_null_stays():
    flow = (
        Flow.build().input("value", type="text", optional=True).join("joined", ["value"], mode="text").output("joined")
    )
    assert optimize(flow) == (flow, ())


def test_a_join_of_a_part_stays():
    built = Flow.build().input("value", type="text").join("joined", {"part": "value.0"}, mode="text")
    flow = built.output("joined")
    assert optimize(flow) == (flow, ())


def test_bodies_are_optimized_and_their_places_named():
    body = wasteful().output("one")
    done = Flow.build().input("text").output("text")
    check = Condition(operator="truthy")
    given_ = {"text": "text", "unread": "text"}
    flow = (
        Flow.build()
        .input("text", type="text")
        .branch("choose", "text", [(check, done), (check, body)], otherwise=body, inputs=given_)
        .loop("again", body, check, inputs=given_)
        .output("choose", "again")
    )
    smaller, rewrites = optimize(flow)
    places = {name for rewrite in rewrites for name in rewrite.removed}
    assert {"choose/case2/two", "choose/otherwise/idle", "again/body/idler"} <= places
    assert all("idle" not in place for place, _ in smaller.walk())
    assert smaller.node("choose").work.cases[0].body == done
