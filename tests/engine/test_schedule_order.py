"""The schedule under a call limit, after an interruption, and over long lists."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nubem_jupyter.core.condition import Condition
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.run import Failure, Outcome
from nubem_jupyter.engine.command import End, Failed, Progress, Settled, Start, Stop
from nubem_jupyter.engine.group import MAP_WINDOW
from nubem_jupyter.engine.remaining import remaining_s
from nubem_jupyter.engine.retry import RetryPolicy
from nubem_jupyter.engine.schedule import Schedule
from nubem_jupyter.engine.wiring import Wirings
from nubem_jupyter.errors import UsageError

BROKEN = Failure(code="provider.failed", message="it broke")
SPENT = Failure(code="run.budget", message="nothing is left")


def starts(commands):
    return [command.path for command in commands if isinstance(command, Start)]


def end_of(commands):
    return next((command for command in commands if isinstance(command, End)), None)


def three_chains():
    """A long chain beside two short ones."""
    builder = Flow.build().input("x")
    builder.model("short1", "{x}").model("short2", "{x}").model("a", "{x}").model("b", "{a}").model("c", "{b}")
    return builder.output("short1", "short2", "c")


def body(*, optional=False):
    return Flow.build("one").input("item").model("t", "Do {item}", optional=optional).output("t")


def mapped(**given):
    return Flow.build().input("rows").map("m", body(), "rows", **given).output("m")


class TestLimit:
    def test_the_longest_remaining_path_goes_first(self):
        schedule = Schedule(three_chains(), {"x": "1"}, limit=1)
        assert starts(schedule.begin()) == ["a"]
        assert starts(schedule.answered("a", "")) == ["b"]
        assert starts(schedule.answered("b", "")) == ["short1"]

    def test_seconds_decide_where_they_are_known(self):
        schedule = Schedule(three_chains(), {"x": "1"}, limit=1, seconds={"short2": 9.0})
        assert starts(schedule.begin()) == ["short2"]

    def test_a_try_that_follows_keeps_its_place_and_a_lost_one_frees_it(self):
        schedule = Schedule(three_chains(), {"x": "1"}, RetryPolicy(max_tries=2), limit=2)
        assert starts(schedule.begin()) == ["a", "short1"]
        assert starts(schedule.failed(Failed(path="short1", failure=BROKEN, retryable=True))) == []
        assert starts(schedule.answered("a", "")) == ["b"]
        assert end_of(schedule.failed(Failed(path="short1", failure=BROKEN))).outcome is Outcome.FAILED

    def test_what_was_given_up_while_it_was_held_is_not_started(self):
        flow = (
            Flow.build().input("rows").model("other", "x").map("m", body(), "rows", optional=True).output("m", "other")
        )
        schedule = Schedule(flow, {"rows": ["a", "b", "c"]}, limit=1, seconds={"m/body/t": 5.0})
        assert starts(schedule.begin()) == ["m[0]/t"]
        assert starts(schedule.failed(Failed(path="m[0]/t", failure=BROKEN))) == ["other"]

    def test_a_limit_of_none_at_all_is_refused(self):
        with pytest.raises(UsageError, match="limit of 0 steps"):
            Schedule(three_chains(), {"x": "1"}, limit=0)

    @given(st.integers(1, 5), st.data())
    @settings(max_examples=60, deadline=None)
    def test_no_more_than_the_limit_are_ever_under_way_and_all_are_done(self, limit, data):
        builder = Flow.build().input("x")
        for index in range(12):
            reads = data.draw(
                st.lists(st.sampled_from(["x", *(f"n{i}" for i in range(index))]), min_size=1, unique=True)
            )
            builder.model(f"n{index}", " ".join(f"{{{name}}}" for name in reads))
        schedule = Schedule(builder.output(*(f"n{i}" for i in range(12))), {"x": "1"}, limit=limit)
        live, done, commands = set(), set(), schedule.begin()
        while True:
            live |= set(starts(commands))
            assert len(live) <= limit
            if not live:
                break
            path = data.draw(st.sampled_from(sorted(live)))
            live.remove(path)
            done.add(path)
            commands = schedule.answered(path, path)
        assert end_of(commands).outcome is Outcome.FINISHED
        assert len(done) == 12


class TestRemaining:
    def test_it_is_the_longest_path_to_the_end_with_bodies_counted_once(self):
        flow = (
            Flow.build()
            .input("rows")
            .map("m", body(), "rows")
            .model("last", "{m}")
            .loop("again", body_of_loop(), until=Condition(operator="truthy"), carry="draft", inputs={"draft": "last"})
            .output("again")
        )
        left = remaining_s(flow, {"m/body/t": 4.0, "last": 2.0})
        assert left["last"] == 3.0
        assert left["m"] == left["m/body/t"] == 7.0
        assert left["again"] == left["again/body/t"] == 1.0
        assert left["rows"] == 7.0


def body_of_loop():
    return Flow.build("round").input("draft").model("t", "Better: {draft}").output("t")


class TestKnown:
    def test_what_a_run_before_finished_is_not_started_again(self):
        flow = three_chains()
        schedule = Schedule(flow, {"x": "1"}, known={"a": "A", "short1": "s"}, wirings=Wirings())
        begun = schedule.begin()
        assert sorted(starts(begun)) == ["b", "short2"]
        assert next(c for c in begun if c.path == "b").values == {"a": "A"}

    def test_items_of_a_map_that_were_finished_keep_their_place(self):
        rows = [str(index) for index in range(300)]
        known = {f"m[{index}]/t": f"done {index}" for index in range(300) if index % 3}
        schedule = Schedule(mapped(), {"rows": rows}, known=known)
        commands, seen = schedule.begin(), []
        while (end := end_of(commands)) is None:
            seen += starts(commands)
            commands = schedule.answered(seen[len(seen) - len(starts(commands))], "new") if starts(commands) else []
            if not commands:
                break
        del end
        fresh = Schedule(mapped(), {"rows": rows}, known=known)
        todo, started, last = list(fresh.begin()), [], None
        while todo:
            command = todo.pop(0)
            if isinstance(command, Start):
                started.append(command.path)
                todo += fresh.answered(command.path, "new")
            last = command if isinstance(command, End) else last
        assert started == [f"m[{index}]/t" for index in range(0, 300, 3)]
        assert last.value == ["new" if index % 3 == 0 else f"done {index}" for index in range(300)]

    def test_a_map_that_stands_is_not_gone_through_again(self):
        schedule = Schedule(mapped(), {"rows": ["a", "b"]}, known={"m": ["A", None]})
        (end,) = schedule.begin()
        assert end.value == ["A", None]


class TestMaps:
    def test_a_map_that_keeps_errors_goes_on_and_says_which_items_failed(self):
        schedule = Schedule(mapped(keep_errors=True), {"rows": ["a", "b", "c"]})
        schedule.begin()
        schedule.answered("m[0]/t", "A")
        assert schedule.failed(Failed(path="m[1]/t", failure=BROKEN)) == []
        settled, end = schedule.answered("m[2]/t", "C")
        assert isinstance(settled, Settled)
        assert settled.item_failures == {1: BROKEN}
        assert end.value == ["A", None, "C"]

    def test_the_other_steps_of_a_failed_item_are_stopped(self):
        two = Flow.build("two").input("item").model("t", "{item}").model("u", "{item}").output("t", "u")
        flow = Flow.build().input("rows").map("m", two, "rows", keep_errors=True).output("m")
        schedule = Schedule(flow, {"rows": ["a", "b"]})
        schedule.begin()
        (stop,) = schedule.failed(Failed(path="m[0]/t", failure=BROKEN))
        assert stop == Stop(paths=("m[0]/u",))
        schedule.answered("m[1]/t", 1)
        _, end = schedule.answered("m[1]/u", 2)
        assert end.value == [None, {"t": 1, "u": 2}]

    def test_a_map_all_of_whose_items_failed_has_failed(self):
        schedule = Schedule(mapped(keep_errors=True), {"rows": ["a", "b"]})
        schedule.begin()
        assert schedule.failed(Failed(path="m[0]/t", failure=BROKEN)) == []
        settled, end = schedule.failed(Failed(path="m[1]/t", failure=BROKEN))
        assert settled.failure == BROKEN
        assert end.outcome is Outcome.FAILED

    def test_an_item_that_is_missing_stays_missing_and_nothing_is_asked_for_it(self):
        """It may have failed in the map before this one."""
        schedule = Schedule(mapped(keep_errors=True), {"rows": [None, "b", None]})
        assert [start.path for start in schedule.begin()] == ["m[1]/t"]
        assert end_of(schedule.answered("m[1]/t", "B")).value == [None, "B", None]
        assert end_of(Schedule(mapped(keep_errors=True), {"rows": [None]}).begin()).value == [None]
        assert [start.path for start in Schedule(mapped(), {"rows": [None]}).begin()] == ["m[0]/t"]

    def test_being_out_of_money_is_not_an_items_error(self):
        schedule = Schedule(mapped(keep_errors=True), {"rows": ["a", "b"]})
        schedule.begin()
        commands = schedule.failed(Failed(path="m[0]/t", failure=SPENT, outcome=Outcome.OVER_BUDGET))
        assert end_of(commands).outcome is Outcome.OVER_BUDGET

    def test_a_long_map_tells_how_far_it_is_about_a_hundred_times(self):
        count = 20 * MAP_WINDOW
        schedule = Schedule(mapped(keep_errors=True), {"rows": list(range(count))})
        todo, told = list(schedule.begin()), []
        while todo:
            command = todo.pop(0)
            if isinstance(command, Start):
                index = int(command.path.partition("[")[2].partition("]")[0])
                failed = Failed(path=command.path, failure=BROKEN)
                todo += schedule.failed(failed) if index % 10 == 0 else schedule.answered(command.path, index)
            elif isinstance(command, Progress):
                told.append(command)
        assert 50 <= len(told) <= 110
        assert [one.done for one in told] == sorted({one.done for one in told})
        assert told[-1].total == count
        assert told[-1].failed > 0


def test_a_try_that_could_not_begin_in_time_is_not_made():
    schedule = Schedule(three_chains(), {"x": "1"}, RetryPolicy(first_wait_s=1.0))
    schedule.begin()
    report = Failed(path="a", failure=BROKEN, retryable=True, jitter=1.0, left_s=0.01)
    assert end_of(schedule.failed(report)).failure == BROKEN


def test_reports_after_the_end_say_nothing():
    schedule = Schedule(three_chains(), {"x": "1"})
    schedule.begin()
    schedule.halt(Outcome.CANCELLED, BROKEN)
    assert schedule.halt(Outcome.CANCELLED, BROKEN) == []
