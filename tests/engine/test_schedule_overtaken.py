"""Work that is overtaken: what failed or ended in the same breath, and what leads to nothing."""

from __future__ import annotations

import pytest

from nubem_jupyter.core.condition import Condition
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.run import Failure, Outcome
from nubem_jupyter.engine.command import End, Failed, Start, Stop
from nubem_jupyter.engine.retry import RetryPolicy
from nubem_jupyter.engine.schedule import Schedule

BAD = Failure(code="x", message="broke")
INNER = Flow.build("inner").input("item").model("t", "{item}").output("t")
TWO = Flow.build("two").input("item").model("a", "{item}").map("n", INNER, "item").output("a", "n")
LOOSE = Flow.build("loose").input("item").model("a", "{item}").model("b", "beside {item}").output("a")


def over(body, **options):
    return Flow.build().input("xs").map("m", body, "xs", **options).model("z", "{m}").output("z")


def paths(commands, kind):
    return [command.path for command in commands if isinstance(command, kind)]


def test_what_is_given_up_before_anybody_was_told_of_it_is_never_started():
    commands = Schedule(over(TWO, keep_errors=True), {"xs": ["no list", ["1"]]}).begin()
    assert paths(commands, Start) == ["m[1]/a", "m[1]/n[0]/t"]
    assert not [command for command in commands if isinstance(command, Stop)]


def test_nothing_starts_with_the_end():
    commands = Schedule(over(TWO), {"xs": ["no list"]}).begin()
    assert not paths(commands, Start)
    assert isinstance(commands[-1], End)
    assert commands[-1].outcome is Outcome.FAILED


def test_what_was_begun_before_is_stopped_and_the_new_is_not_begun():
    chosen = Flow.build("b").input("item").model("a", "{item}", output="json").model("c", "{a}")
    chosen = chosen.map("n", INNER, "a").output("c", "n")
    schedule = Schedule(over(chosen, keep_errors=True), {"xs": ["1", ["2"]]})
    assert paths(schedule.begin(), Start) == ["m[0]/a", "m[1]/a"]
    first = schedule.answered("m[0]/a", "no list")
    assert paths(first, Start) == []
    second = schedule.answered("m[1]/a", ["2", "3"])
    assert paths(second, Start) == ["m[1]/c", "m[1]/n[0]/t", "m[1]/n[1]/t"]
    (stop,) = [one for one in schedule.failed(Failed(path="m[1]/c", failure=BAD)) if isinstance(one, Stop)]
    assert stop.paths == ("m[1]/n[0]/t", "m[1]/n[1]/t")


@pytest.mark.parametrize("keep_errors", [True, False])
def test_work_that_leads_to_nothing_is_stopped_when_its_body_has_its_result(keep_errors):
    schedule = Schedule(over(LOOSE, keep_errors=keep_errors), {"xs": ["1"]})
    assert paths(schedule.begin(), Start) == ["m[0]/a", "m[0]/b"]
    commands = schedule.answered("m[0]/a", "ok")
    assert [one.paths for one in commands if isinstance(one, Stop)] == [("m[0]/b",)]
    assert paths(commands, Start) == ["z"]
    assert schedule.failed(Failed(path="m[0]/b", failure=BAD)) == []
    (end,) = schedule.answered("z", "done")
    assert (end.outcome, end.value) == (Outcome.FINISHED, "done")


def test_it_is_told_whether_a_report_is_still_wanted():
    schedule = Schedule(over(LOOSE), {"xs": ["1"]})
    schedule.begin()
    assert schedule.awaits("m[0]/b")
    schedule.answered("m[0]/a", "ok")
    assert not schedule.awaits("m[0]/b")
    assert schedule.awaits("z")
    schedule.halt(Outcome.CANCELLED, BAD)
    assert not schedule.awaits("z")


@pytest.mark.parametrize("kind", ["branch", "loop"])
def test_what_fails_inside_a_branch_or_a_loop_fails_it(kind):
    """Only a map goes on without a part of itself."""
    builder = Flow.build().input("x")
    body = Flow.build("b").input("value", optional=True).model("t", "{value}").output("t")
    if kind == "branch":
        flow = builder.branch("g", "x", [(Condition(), body)]).output("g")
    else:
        flow = builder.loop("g", body, Condition(), inputs={"value": "x"}).output("g")
    schedule = Schedule(flow, {"x": "1"}, RetryPolicy(max_tries=1))
    (path,) = paths(schedule.begin(), Start)
    settled, end = schedule.failed(Failed(path=path, failure=BAD))
    assert (settled.path, settled.failure) == ("g", BAD)
    assert (end.outcome, end.failure) == (Outcome.FAILED, BAD)
