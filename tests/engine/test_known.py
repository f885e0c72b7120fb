"""What stands when a run goes on agrees with what was built on it."""

from __future__ import annotations

from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.run import Failure, NodeRun, NodeState
from nubem_jupyter.engine.known import known_values

BROKEN = Failure(code="provider.failed", message="it broke")


def done(path, value="v", **more):
    return NodeRun(path=path, kind="model", state=NodeState.FINISHED, value=value, **more)


def failed(path):
    return NodeRun(path=path, kind="model", state=NodeState.FAILED, failure=BROKEN)


def three():
    return Flow.build().input("x").model("a", "{x}", optional=True).model("b", "{a}").model("c", "{x}").output("b", "c")


def test_what_finished_stands_and_what_was_stopped_or_needed_does_not():
    stopped = NodeRun(path="b", kind="model", state=NodeState.CANCELLED)
    assert known_values(three(), [done("a", 1), stopped, failed("c")]) == {"a": 1}


def test_a_gap_stands_where_something_was_built_on_it():
    assert known_values(three(), [failed("a"), done("b")]) == {"a": None, "b": "v"}
    assert known_values(three(), [failed("a"), done("c")]) == {"c": "v"}, "nothing was: it is tried again"


def mapped():
    body = Flow.build("one").input("item").model("t", "{item}").output("t")
    flow = Flow.build().input("rows").map("m", body, "rows", keep_errors=True)
    inner = Flow.build("two").input("item").input("m").model("u", "{item} {m}").output("u")
    return flow.map("n", inner, "rows", inputs={"m": "m"}).output("n")


def test_items_that_failed_are_tried_again_until_their_list_was_read():
    gap = done("m", ["v", None], item_failures={1: BROKEN})
    items = [done("m[0]/t"), failed("m[1]/t")]
    assert known_values(mapped(), [*items, gap]) == {"m[0]/t": "v"}
    read = known_values(mapped(), [*items, gap, done("n[0]/u")])
    assert read == {"m[0]/t": "v", "m": ["v", None], "n[0]/u": "v"}


def test_a_step_inside_an_item_is_known_by_its_own_item():
    body = Flow.build("one").input("item").model("a", "{item}", optional=True).model("b", "{a}").output("b")
    flow = Flow.build().input("rows").map("m", body, "rows").output("m")
    nodes = [failed("m[0]/a"), failed("m[1]/a"), done("m[1]/b")]
    assert known_values(flow, nodes) == {"m[1]/a": None, "m[1]/b": "v"}
