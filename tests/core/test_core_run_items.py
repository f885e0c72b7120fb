"""What a run says of failed items, and of steps whose records are not at hand."""

import msgspec

from nubem_jupyter.core.call import Usage
from nubem_jupyter.core.run import Failure, NodeRun, NodeState, Rest
from nubem_jupyter.testing.runs import sample_run

WHY = Failure(code="provider.rejected", message="too long", hint="cut it")
MAP = NodeRun(path="each", kind="map", state=NodeState.FINISHED, value=["a", None], item_failures={1: WHY})


def test_failed_items_are_listed_and_counted_also_of_steps_not_at_hand():
    run = msgspec.structs.replace(sample_run("r"), nodes=(MAP,), rest=Rest(nodes=5, failed_items=2))
    assert run.failed_count == 3
    assert run.failed_items.to_dict("records") == [
        {"node": "each", "item": 1, "code": "provider.rejected", "message": "too long", "hint": "cut it"}
    ]
    assert run.steps == 6
    assert repr(run) == "<Run r: finished, 3 items failed>"


def test_a_run_without_failures_says_nothing_of_them():
    run = sample_run("r")
    assert run.failed_count == 0
    assert run.failed_items.empty
    assert run.steps == len(run.nodes)
    assert repr(run) == "<Run r: finished>"


def test_the_brief_form_has_the_sum_of_the_steps():
    nodes = (MAP, msgspec.structs.replace(MAP, path="b", usage=Usage(input_tokens=2), cached=True, saved_usd=0.5))
    run = msgspec.structs.replace(sample_run("r"), nodes=nodes, rest=Rest(nodes=5, cached=1))
    brief = run.brief
    assert (brief.nodes, brief.inputs, brief.result, brief.log) == ((), {}, None, ())
    assert (brief.steps, brief.usage, brief.cost_usd, brief.failed_count) == (7, run.usage, run.cost_usd, 2)
    assert (brief.rest.cached, brief.rest.saved_usd) == (2, 0.5)
