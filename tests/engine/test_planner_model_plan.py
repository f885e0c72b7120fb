"""A model's plan becomes a flow, or an error that the model can mend it by."""

import json

import jsonschema
import pytest

from nubem_jupyter.core.value import ValueType
from nubem_jupyter.core.work import NodeKind
from nubem_jupyter.engine.planner.model_plan import PLAN_SCHEMA, plan_messages, read_plan, repair_messages
from nubem_jupyter.errors import PlanError

TEXT, LIST = ValueType.TEXT, ValueType.LIST


def step(name, kind="model", capability="answer", task="Do it.", reads=(), **more):
    return {"id": name, "kind": kind, "capability": capability, "task": task, "reads": list(reads), **more}


def plan(*steps, output=None):
    document = {"steps": list(steps), "output": [steps[-1]["id"]] if output is None else output}
    jsonschema.validate(document, PLAN_SCHEMA)
    return json.dumps(document)


def read(*steps, output=None, **inputs):
    return read_plan(plan(*steps, output=output), "Do what I ask", inputs)


def test_the_chat_names_the_request_its_inputs_and_the_capabilities():
    system, user = plan_messages("Sum it up", {"review": TEXT})
    assert "summarize" in system.content
    assert user.content == "Request: Sum it up\nInputs: review (text)"
    assert plan_messages("Sum it up", {})[1].content.endswith("Inputs: none")


def test_the_example_in_the_chat_is_itself_a_plan():
    system = plan_messages("x", {})[0].content
    example = next(line for line in system.splitlines() if line.startswith("{"))
    flow = read_plan(example, "x", {"review": TEXT})
    assert flow.node("spanish").inputs == {"summary": "summary"}


def test_a_repair_carries_the_plan_and_what_is_wrong_with_it():
    chat = repair_messages(plan_messages("x", {}), "{}", PlanError("step 'a' lacks 'task'"))
    assert [message.role for message in chat[2:]] == ["assistant", "user"]
    assert "step 'a' lacks 'task'" in chat[3].content


def test_a_plan_may_stand_in_a_fence_among_words():
    text = f"Here you are:\n```json\n{plan(step('a'))}\n```"
    assert read_plan(text, "x", {}).node("a").capability == "answer"


def test_every_kind_becomes_its_node():
    flow = read(
        step("draft", capability="write_code", task="Write a program."),
        step("ran", "code", "run_code", task="", reads=["draft", "text", "program"]),
        step("fixed", "code", "compute", task="result = 1", reads=["text"]),
        step("labels", "map", "classify", "Classify as good or bad.", reads=["items", "text"], over="items"),
        step("lang", capability="classify", task="Detect the language", reads=["text"]),
        step("english", "branch", "translate", "Translate into English", reads=["text"], on="lang", equals="Spanish"),
        step("polite", "loop", "rewrite", "Make it polite", reads=["english"], until="it is polite"),
        step("sum", capability="compute", task="Add", reads=["text"]),
        step("all", "join", "", "", reads=["labels", "polite", "sum"], mode="object"),
        step("vote", "join", "", "", reads=["labels"], mode="vote"),
        output=["all", "vote"],
        text=TEXT,
        items=LIST,
        program=TEXT,
    )
    found = {name: flow.node(name) for name in ("ran", "labels", "english", "polite", "all", "vote")}
    assert found["ran"].inputs == {"program": "draft", "text": "text"}
    assert found["labels"].inputs == {"items_": "items", "text": "text"} or "items" in found["labels"].inputs.values()
    assert found["english"].kind is NodeKind.BRANCH
    assert found["polite"].kind is NodeKind.LOOP
    assert found["all"].inputs["polite"] == "polite.text"
    assert found["all"].inputs["sum"] == "sum.answer"
    assert found["vote"].capability == "vote"


def test_a_branch_that_reads_nothing_else_reads_what_decides():
    flow = read(step("a"), step("b", "branch", task="Go on", reads=["a"], on="a", equals="x"))
    assert set(flow.node("b").inputs.values()) == {"a"}


def test_a_part_of_a_result_can_be_read():
    flow = read(step("a"), step("b", reads=["a.0"]))
    assert flow.node("b").inputs == {"a_0": "a.0"}


def test_no_output_takes_the_last_step():
    assert read(step("a"), step("b"), output=[]).output.inputs == {"b": "b"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("I cannot.", "wrote no plan"),
        ("{", "wrote no plan"),
        ('{"steps": 3}', "does not keep its form"),
        ('{"steps": []}', "0 steps"),
    ],
)
def test_what_is_no_plan_is_told(text, said):
    with pytest.raises(PlanError, match=said):
        read_plan(text, "x", {})


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([step("a", capability="")], "unknown capability ''"),
        ([step("a", task=" ")], "lacks 'task'"),
        ([step("a", "map")], "lacks 'over'"),
        ([step("a", "map", task="", over="text")], "lacks 'task'"),
        ([step("a", "branch")], "lacks 'on'"),
        ([step("a", "branch", on="text")], "lacks 'equals'"),
        ([step("a", "loop", reads=["text"])], "lacks 'until'"),
        ([step("a", "loop", until="done")], "lacks 'reads'"),
        ([step("a", "join")], "lacks 'reads'"),
        ([step("a", "code", task="")], "lacks 'task'"),
        ([step("a", reads=["b"])], "'b', which is no earlier step"),
        ([step("text")], "stands for two things"),
        ([step("1 a")], "the plan is no flow: '1 a' cannot name a node"),
        ([step("a", "map", over="text")], "gives text and not a list"),
    ],
)
def test_what_is_wrong_with_a_plan_is_told(steps, said):
    with pytest.raises(PlanError, match=said):
        read(*steps, text=TEXT)


def test_a_near_miss_of_a_capability_is_named():
    text = plan(step("a")).replace('"answer"', '"sumarize"')
    with pytest.raises(PlanError, match="did you mean 'summarize'"):
        read_plan(text, "x", {})


def test_an_output_that_is_no_step_is_told():
    with pytest.raises(PlanError, match="the output names 'text'"):
        read(step("a"), output=["text"], text=TEXT)
