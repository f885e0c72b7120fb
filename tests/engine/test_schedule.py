"""The schedule: no barriers, no lost node, failures end what they must and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nubem_jupyter.core.condition import Condition
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.run import Failure, Outcome
from nubem_jupyter.engine.command import Again, End, Failed, Settled, Start, Stop
from nubem_jupyter.engine.group import MAP_WINDOW
from nubem_jupyter.engine.retry import RetryPolicy
from nubem_jupyter.engine.schedule import Schedule, check_inputs
from nubem_jupyter.engine.wiring import Wiring
from nubem_jupyter.errors import UsageError

BROKEN = Failure(code="provider.failed", message="it broke")


def starts(commands):
    return {command.path: command for command in commands if isinstance(command, Start)}


def end_of(commands):
    return next((command for command in commands if isinstance(command, End)), None)


def run_all(flow, inputs, answer):
    """Work a flow off, last started first; ``answer`` makes a value from a Start."""
    schedule = Schedule(flow, inputs)
    todo = list(schedule.begin())
    seen = []
    while todo:
        command = todo.pop()
        seen.append(command)
        if isinstance(command, Start):
            todo += schedule.answered(command.path, answer(command))
    return seen


def two_in_a_row():
    return Flow.build().input("text").model("a", "A {text}").model("b", "B {a}").output("b")


def translation():
    return Flow.build("one").input("item").model("t", "Translate {item}", capability="translate").output("t")


def test_a_node_starts_as_soon_as_its_last_input_is_there():
    flow = (
        Flow.build()
        .input("x")
        .model("slow", "{x}")
        .model("quick", "{x}")
        .model("after", "{quick}")
        .model("both", "{slow} {after}")
        .output("both")
    )
    schedule = Schedule(flow, {"x": "1"})
    assert set(starts(schedule.begin())) == {"slow", "quick"}
    assert set(starts(schedule.answered("quick", "q"))) == {"after"}
    assert not schedule.answered("after", "a")
    last = starts(schedule.answered("slow", "s"))
    assert last["both"].values == {"slow": "s", "after": "a"}
    assert schedule.answered("both", "end") == [End(outcome=Outcome.FINISHED, value="end")]


def test_a_missing_or_unknown_input_is_named():
    with pytest.raises(UsageError, match="needs a value for 'text'") as missing:
        Schedule(two_in_a_row(), {})
    assert "-i text=…" in missing.value.hint
    assert "{" not in missing.value.hint, "a cell and a terminal take no Python"
    with pytest.raises(UsageError, match="no input 'txt'"):
        check_inputs(Wiring(two_in_a_row()), {"text": "", "txt": ""})
    with pytest.raises(UsageError, match="no input 'x'") as caught:
        check_inputs(Wiring(Flow.build().model("a", "hi").output("a")), {"x": 1})
    assert "none" in caught.value.hint


def test_an_optional_input_takes_its_default():
    flow = Flow.build().input("tone", default="kind").model("a", "{tone}").output("a")
    assert starts(Schedule(flow, {}).begin())["a"].values == {"tone": "kind"}
    assert starts(Schedule(flow, {"tone": "stern"}).begin())["a"].values == {"tone": "stern"}


def test_a_path_picks_a_part_and_several_outputs_make_an_object():
    flow = Flow.build().input("order").model("a", "{n}", inputs={"n": "order.items.0"}).output("a", "order.id")
    schedule = Schedule(flow, {"order": {"items": ["pen"], "id": 7}})
    assert starts(schedule.begin())["a"].values == {"n": "pen"}
    assert end_of(schedule.answered("a", "ok")).value == {"a": "ok", "order_id": 7}


def test_a_join_is_settled_here_and_recorded():
    flow = Flow.build().input("a").input("b").join("both", ("a", "b"), mode="list").output("both")
    commands = Schedule(flow, {"a": 1, "b": 2}).begin()
    assert [type(command) for command in commands] == [Settled, End]
    assert commands[-1].value == [1, 2]


def test_a_retryable_failure_is_tried_again_after_a_wait_and_then_ends_the_run():
    schedule = Schedule(two_in_a_row(), {"text": "x"}, RetryPolicy(max_tries=2, first_wait_s=4.0))
    schedule.begin()
    (again,) = schedule.failed(Failed(path="a", failure=BROKEN, retryable=True, jitter=0.5))
    assert isinstance(again, Again)
    assert again.start.tries == 2
    assert again.wait_s == 2.0
    (end,) = schedule.failed(Failed(path="a", failure=BROKEN, retryable=True))
    assert end == End(outcome=Outcome.FAILED, failure=BROKEN)
    assert schedule.answered("a", "late") == []


def test_when_a_model_is_used_up_the_next_in_turn_gets_tries_of_its_own():
    schedule = Schedule(two_in_a_row(), {"text": "x"}, RetryPolicy(max_tries=2), models={"a": 2})
    schedule.begin()
    seen = []
    for retryable in (True, True, True, True):
        commands = schedule.failed(Failed(path="a", failure=BROKEN, retryable=retryable, elsewhere=True))
        seen += [(c.start.choice, c.start.tries, c.start.tries_here) for c in commands if isinstance(c, Again)]
    assert seen == [(0, 2, 2), (1, 3, 1), (1, 4, 2)]
    assert end_of(commands).outcome is Outcome.FAILED


def test_a_failure_that_no_other_model_can_mend_goes_nowhere_else():
    schedule = Schedule(two_in_a_row(), {"text": "x"}, models={"a": 2})
    schedule.begin()
    assert end_of(schedule.failed(Failed(path="a", failure=BROKEN)))


def test_a_failure_that_is_not_retryable_ends_the_run_with_its_outcome():
    schedule = Schedule(two_in_a_row(), {"text": "x"})
    schedule.begin()
    (end,) = schedule.failed(Failed(path="a", failure=BROKEN, outcome=Outcome.OVER_BUDGET))
    assert end.outcome is Outcome.OVER_BUDGET


def test_a_failed_optional_node_gives_null_and_the_run_goes_on():
    flow = Flow.build().input("x").model("maybe", "{x}", optional=True).model("b", "{maybe}").output("b")
    schedule = Schedule(flow, {"x": ""})
    schedule.begin()
    assert starts(schedule.failed(Failed(path="maybe", failure=BROKEN)))["b"].values == {"maybe": None}


def test_being_out_of_money_is_not_excused_by_an_optional_node():
    flow = Flow.build().input("x").model("maybe", "{x}", optional=True).output("maybe")
    schedule = Schedule(flow, {"x": ""})
    schedule.begin()
    assert end_of(schedule.failed(Failed(path="maybe", failure=BROKEN, outcome=Outcome.OVER_BUDGET)))


def test_halting_ends_the_run_and_later_reports_say_nothing():
    schedule = Schedule(two_in_a_row(), {"text": ""})
    schedule.begin()
    stopped = Failure(code="run.cancelled", message="stopped")
    assert schedule.halt(Outcome.CANCELLED, stopped) == [End(outcome=Outcome.CANCELLED, failure=stopped)]
    assert schedule.answered("a", None) == []


def test_reports_on_nothing_known_say_nothing():
    schedule = Schedule(two_in_a_row(), {"text": ""})
    schedule.begin()
    assert schedule.answered("nobody", None) == []
    assert schedule.failed(Failed(path="nobody", failure=BROKEN)) == []


def test_a_map_runs_its_items_at_once_keeps_their_order_and_passes_other_inputs_on():
    body = Flow.build("b").input("item").input("to").model("t", "{item} to {to}", capability="translate").output("t")
    flow = Flow.build().input("texts").input("to").map("m", body, "texts", inputs={"to": "to"}).output("m")
    schedule = Schedule(flow, {"texts": ["a", "b"], "to": "es"})
    begun = starts(schedule.begin())
    assert set(begun) == {"m[0]/t", "m[1]/t"}
    assert begun["m[1]/t"].values == {"item": "b", "to": "es"}
    assert begun["m[1]/t"].place == "m/body/t"
    assert schedule.answered("m[1]/t", "B") == []
    settled, end = schedule.answered("m[0]/t", "A")
    assert (settled.path, settled.value) == ("m", ["A", "B"])
    assert end.value == ["A", "B"]


def test_a_map_over_nothing_gives_nothing():
    flow = Flow.build().input("texts").map("m", translation(), "texts").output("m")
    assert end_of(Schedule(flow, {"texts": []}).begin()).value == []


def test_a_long_map_opens_a_window_at_a_time():
    flow = Flow.build().input("texts").map("m", translation(), "texts").output("m")
    schedule = Schedule(flow, {"texts": list(range(MAP_WINDOW + 5))})
    assert len(starts(schedule.begin())) == MAP_WINDOW
    assert set(starts(schedule.answered("m[3]/t", None))) == {f"m[{MAP_WINDOW}]/t"}


def test_a_map_over_what_is_no_list_fails_by_name_and_may_be_optional():
    flow = Flow.build().input("box").map("m", translation(), "box.texts").output("m")
    settled, end = Schedule(flow, {"box": {"texts": "abc"}}).begin()
    assert "the items of 'box.texts', which is text and not a list" in settled.failure.message
    assert end.outcome is Outcome.FAILED
    softer = Flow.build().input("texts").map("m", translation(), "texts", optional=True).output("m")
    assert end_of(Schedule(softer, {"texts": 5}).begin()).outcome is Outcome.FINISHED


def test_a_failure_inside_an_optional_map_stops_its_other_items_only():
    flow = (
        Flow.build()
        .input("texts")
        .map("m", translation(), "texts", optional=True)
        .model("other", "hello {texts}")
        .output("m", "other")
    )
    schedule = Schedule(flow, {"texts": ["a", "b", "c"]})
    schedule.begin()
    stop, settled = schedule.failed(Failed(path="m[1]/t", failure=BROKEN))
    assert stop == Stop(paths=("m[0]/t", "m[2]/t"))
    assert settled.failure == BROKEN
    assert schedule.answered("m[0]/t", "late") == []
    assert end_of(schedule.answered("other", "o")).value == {"m": None, "other": "o"}


def test_a_failure_in_the_last_item_of_an_optional_map_has_nothing_to_stop():
    flow = Flow.build().input("texts").map("m", translation(), "texts", optional=True).output("m")
    schedule = Schedule(flow, {"texts": ["a"]})
    schedule.begin()
    settled, end = schedule.failed(Failed(path="m[0]/t", failure=BROKEN))
    assert settled.failure == BROKEN
    assert end.value is None


def test_a_failure_deep_inside_ends_the_run_when_nothing_around_it_is_optional():
    inner = Flow.build("i").input("item").map("n", translation(), "item").output("n")
    flow = Flow.build().input("rows").map("m", inner, "rows").output("m")
    schedule = Schedule(flow, {"rows": [["a"], ["b"]]})
    assert set(starts(schedule.begin())) == {"m[0]/n[0]/t", "m[1]/n[0]/t"}
    commands = schedule.failed(Failed(path="m[0]/n[0]/t", failure=BROKEN))
    assert [c.path for c in commands if isinstance(c, Settled)] == ["m[0]/n", "m"]
    assert end_of(commands).outcome is Outcome.FAILED


def test_frames_inside_an_abandoned_map_open_nothing_more():
    pick = Flow.build("p").input("item").join("j", ("item",)).model("t", "{j}").output("t")
    soft = Flow.build().input("rows").map("m", pick, "rows", optional=True).output("m")
    bad = Flow.build("b").input("item").map("n", pick, "item").output("n")
    flow = Flow.build().input("rows").map("m", bad, "rows", optional=True).output("m")
    # The first row is no list: its map fails at once, while the second row is still waiting to be entered.
    assert end_of(Schedule(flow, {"rows": [5, ["a"]]}).begin()).value is None
    assert set(starts(Schedule(soft, {"rows": ["a"]}).begin())) == {"m[0]/t"}


def branching(otherwise):
    spanish = Flow.build("s").input("text").model("t", "Translate {text}", capability="translate").output("t")
    same = Flow.build("e").input("text").output("text")
    return (
        Flow.build()
        .input("text")
        .model("lang", "Which language? {text}", capability="classify")
        .branch(
            "maybe",
            "lang",
            ((Condition(operator="equals", value="es"), spanish),),
            otherwise=same if otherwise else None,
            inputs={"text": "text"},
        )
        .output("maybe")
    )


@pytest.mark.parametrize(("language", "otherwise", "result"), [("en", True, "hola"), ("en", False, None)])
def test_a_branch_without_a_case_takes_the_rest_or_nothing(language, otherwise, result):
    schedule = Schedule(branching(otherwise), {"text": "hola"})
    schedule.begin()
    assert end_of(schedule.answered("lang", language)).value == result


def test_a_branch_takes_the_first_case_that_holds():
    schedule = Schedule(branching(otherwise=True), {"text": "hola"})
    schedule.begin()
    begun = starts(schedule.answered("lang", "ES"))
    assert begun["maybe/case1/t"].place == "maybe/case1/t"
    assert end_of(schedule.answered("maybe/case1/t", "hello")).value == "hello"


def repairing(rounds=3):
    body = (
        Flow.build("fix")
        .input("task")
        .input("previous", optional=True)
        .model("write", "{task} {previous}", capability="debug_code", output="code")
        .code("check", source_from="write", report=True)
        .output("check")
    )
    until = Condition(operator="truthy", path="ok")
    return Flow.build().input("task").loop("repair", body, until, max_rounds=rounds, inputs={"task": "task"}).output()


def test_a_loop_carries_each_result_into_the_next_round_until_its_check_passes():
    schedule = Schedule(repairing(), {"task": "primes"})
    assert starts(schedule.begin())["repair[1]/write"].values == {"task": "primes", "previous": None}
    schedule.answered("repair[1]/write", "x")
    bad = {"ok": False, "error": "boom"}
    second = starts(schedule.answered("repair[1]/check", bad))
    assert second["repair[2]/write"].values["previous"] == bad
    schedule.answered("repair[2]/write", "y")
    assert end_of(schedule.answered("repair[2]/check", {"ok": True})).value == {"ok": True}


def test_a_loop_stops_at_its_bound_with_the_last_result():
    schedule = Schedule(repairing(rounds=1), {"task": "primes"})
    schedule.begin()
    schedule.answered("repair[1]/write", "x")
    assert end_of(schedule.answered("repair[1]/check", {"ok": False})).value == {"ok": False}


def test_a_chain_of_ten_thousand_joins_does_not_overflow_the_stack():
    builder = Flow.build().input("n0")
    for index in range(1, 3000):
        builder.join(f"n{index}", (f"n{index - 1}",), mode="list")
    commands = Schedule(builder.output("n2999"), {"n0": 1}).begin()
    assert end_of(commands).outcome is Outcome.FINISHED


@st.composite
def dags(draw):
    """Random flows of model calls: node i reads some of the nodes before it."""
    size = draw(st.integers(1, 12))
    builder = Flow.build().input("x")
    for index in range(size):
        before = ["x", *(f"n{i}" for i in range(index))]
        read = draw(st.lists(st.sampled_from(before), min_size=1, max_size=3, unique=True))
        prompt = " ".join(f"{{{name}}}" for name in read)
        builder.model(f"n{index}", prompt, optional=draw(st.booleans()))
    return builder.output(*(f"n{index}" for index in range(size)))


@given(dags(), st.data())
@settings(max_examples=150, deadline=None)
def test_every_node_starts_once_after_what_it_reads_and_the_run_ends_once(flow, data):
    """Under any order of answers and any failures."""
    schedule = Schedule(flow, {"x": "0"}, RetryPolicy(max_tries=3))
    live, finished, ended = {}, {"x"}, []
    tries = {}

    def obey(commands):
        for command in commands:
            match command:
                case Start(path=path):
                    assert path not in tries
                    assert {source.partition(".")[0] for source in command.node.inputs.values()} <= finished
                    tries[path] = 1
                    live[path] = command
                case Again(start=start):
                    tries[start.path] += 1
                    assert tries[start.path] == start.tries <= 3
                    live[start.path] = start
                case End():
                    ended.append(command)
                    live.clear()

    obey(schedule.begin())
    while live:
        path = data.draw(st.sampled_from(sorted(live)))
        command = live.pop(path)
        kind = data.draw(st.sampled_from(["answer", "answer", "retry", "fail"]))
        if kind == "answer" or (kind == "fail" and command.node.optional):
            finished.add(path)
        if kind == "answer":
            obey(schedule.answered(path, path))
        else:
            if kind == "retry" and command.tries == 3 and command.node.optional:
                finished.add(path)
            obey(schedule.failed(Failed(path=path, failure=BROKEN, retryable=kind == "retry")))
    assert len(ended) == 1
    if ended[0].outcome is Outcome.FINISHED:
        assert len(tries) == len(flow.nodes) - 2


@given(dags())
@settings(max_examples=50, deadline=None)
def test_the_result_does_not_depend_on_the_order_of_answers(flow):
    def answer(start):
        return f"{start.path}({','.join(map(str, start.values.values()))})"

    last = end_of(run_all(flow, {"x": "0"}, answer))
    schedule = Schedule(flow, {"x": "0"})
    queue = list(schedule.begin())
    end = None
    while queue:
        command = queue.pop(0)
        if isinstance(command, Start):
            queue += schedule.answered(command.path, answer(command))
        end = command if isinstance(command, End) else end
    assert end == last


def test_a_step_over_the_items_of_what_is_no_list_is_refused_before_anything_runs():
    flow = Flow.build().input("texts").model("first", "x").map("m", translation(), "texts").output("m", "first")
    with pytest.raises(
        UsageError, match="step 'm' goes over the items of 'texts', which is text and not a list"
    ) as caught:
        Schedule(flow, {"texts": "one"})
    assert "'texts:=[…]'" in caught.value.hint
