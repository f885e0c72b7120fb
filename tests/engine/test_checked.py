"""Checked steps are known again from run to run, and told from all others."""

import pytest

from nubem_jupyter.core.condition import Condition
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.engine.checked import case_of, checked_steps, task_of
from nubem_jupyter.engine.transform import pin_seeds


def step(**fields):
    options = {"prompt": "Say {x}", "check": "answer", "temperature": 0.5, **fields}
    flow = Flow.build().input("x").model("say", options.pop("prompt"), **options).output()
    return next(node for node in flow.nodes if node.id == "say")


def test_a_seed_is_not_part_of_a_step():
    flow = Flow.build().input("x").model("say", "Say {x}", check="answer", temperature=0.5).output()
    one, other = checked_steps(pin_seeds(flow, 1)), checked_steps(pin_seeds(flow, 2))
    assert one == other == checked_steps(flow) == {"say": task_of(step())}


@pytest.mark.parametrize(
    "changed", [{"prompt": "Tell {x}"}, {"check": "len(answer)"}, {"capability": "classify"}, {"max_tokens": 3}]
)
def test_all_else_is(changed):
    assert task_of(step(**changed)) not in ("", task_of(step()))


def test_a_step_without_a_check_and_one_that_calls_no_model_have_none():
    assert task_of(step(check="")) == ""
    assert task_of(Flow.build().input("x").model("say", "{x}").output().nodes[0]) == ""


def test_steps_are_named_by_their_paths_without_numbers():
    body = Flow.build().input("item").model("say", "{item}", check="answer").model("free", "{say}").output()
    way = Flow.build().input("t").map("all", body, over="t").output()
    rounds = Flow.build().input("item").loop("again", body, Condition(operator="truthy"), inputs={"item": "item"})
    flow = (
        Flow.build()
        .input("t", type="list")
        .branch("fork", "t", [(Condition(operator="truthy"), way)], inputs={"t": "t"})
        .map("each", rounds.output(), over="t")
        .output()
    )
    found = checked_steps(flow)
    assert len(set(found.values())) == 1
    assert set(found) == {"fork/case1/all/say", "each/again/say"}


def test_a_case_is_known_by_its_step_and_its_prompt():
    assert case_of("x", "a") == case_of("x", "a")
    assert len({case_of("x", "a"), case_of("y", "a"), case_of("x", "b")}) == 3
