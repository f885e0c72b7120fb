"""A flow written by hand is the flow that the same nodes make."""

import pytest

from nubem_jupyter.core.builder import main_capability
from nubem_jupyter.core.condition import Condition
from nubem_jupyter.core.flow import Flow, Node
from nubem_jupyter.core.work import Component, Example, Input, Output, Prompt
from nubem_jupyter.errors import DanglingInputError, FlowError, FormatError


def test_a_built_flow_equals_the_one_made_of_nodes():
    built = (
        Flow.build("review")
        .input("code", type="code")
        .model("review", "Review {code}", capability="review_code", max_tokens=99, label="Review", timeout_s=5)
        .output("review")
    )
    review = Node(
        id="review",
        capability="review_code",
        inputs={"code": "code"},
        work=Prompt(prompt="Review {code}", max_tokens=99),
        label="Review",
        timeout_s=5,
    )
    nodes = (
        Node(id="code", work=Input(type="code")),
        review,
        Node(id="output", work=Output(), inputs={"review": "review"}),
    )
    assert built == Flow(name="review", nodes=nodes)


def test_inputs_that_are_not_mentioned_come_from_the_node_of_the_same_name():
    flow = (
        Flow.build()
        .input("text")
        .input("tone", default="dry")
        .model(
            "write",
            "{text.body} {style}",
            system="Be {tone}.",
            inputs={"style": "tone"},
            examples=[Example(given="a", answer="b")],
        )
        .output()
    )
    assert dict(flow.node("write").inputs) == {"style": "tone", "text": "text", "tone": "tone"}
    assert flow.node("tone").work == Input(optional=True, default="dry")
    assert flow.node("write").work.examples == (Example(given="a", answer="b"),)
    assert dict(flow.output.inputs) == {"write": "write"}


def test_similar_calls_are_asked_for_by_a_keyword_and_a_flow_without_it_is_stored_as_before():
    def built(**options):
        return Flow.build("f").input("text").model("sort", "{text}", capability="classify", **options).output()

    assert built(similar=0.9).node("sort").work.similar == 0.9
    assert "similar" not in built().to_json()
    assert Flow.from_json(built(similar=1).to_json()).node("sort").work.similar == 1.0
    with pytest.raises(FlowError, match=r"similar is 1\.5"):
        built(similar=1.5)


def test_every_kind_of_step_can_be_built():
    inner = Flow.build("inner").input("item").model("say", "{item}", capability="translate").output()
    fix = (
        Flow.build("fix").input("previous", optional=True).model("mend", "{previous}", capability="debug_code").output()
    )
    flow = (
        Flow.build("all")
        .input("rows", type="list")
        .component("find", "acme.search", capability="search", args={"limit": 3}, inputs={"query": "rows.0"})
        .model("program", "Write for {rows}", capability="write_code", output="code")
        .code("run", source_from="program", report=True)
        .code("count", "result = len(rows)", inputs={"rows": "rows"})
        .map("each", inner, "rows", optional=True)
        .loop("mended", fix, Condition(operator="truthy", path="ok"), max_rounds=2, inputs={"previous": "run"})
        .branch("way", "run.ok", [(Condition(), fix)], otherwise=inner, inputs={"item": "find", "previous": "run"})
        .join("both", {"first": "each", "second": "mended"}, mode="list")
        .output("both", "way", "count")
    )
    assert flow.node("find").work == Component(name="acme.search", args={"limit": 3})
    assert {node.id: node.capability for node in flow.nodes if node.bodies} == {
        "each": "translate",
        "mended": "debug_code",
        "way": "debug_code",
    }
    assert dict(flow.node("way").inputs) == {"item": "find", "previous": "run", "value": "run.ok"}
    assert dict(flow.node("each").inputs) == {"items": "rows"}
    assert flow.node("each").optional
    assert list(flow.node("both").inputs.items()) == [("first", "each"), ("second", "mended")]
    assert list(flow.output.inputs) == ["both", "way", "count"]


def test_parts_of_values_are_named_with_underscores_in_joins_and_outputs():
    flow = Flow.build().input("a").join("both", ["a.x.0", "a"]).output("both.a", "a")
    assert dict(flow.node("both").inputs) == {"a_x_0": "a.x.0", "a": "a"}
    assert dict(flow.output.inputs) == {"both_a": "both.a", "a": "a"}


@pytest.mark.parametrize("finish", ["join", "output"])
def test_two_sources_of_one_name_are_refused_and_none_is_lost_silently(finish):
    builder = Flow.build().input("a").input("a_b")
    with pytest.raises(FlowError, match=r"'a.b' and 'a_b' would both be named 'a_b'"):
        builder.join("both", ["a.b", "a_b"]) if finish == "join" else builder.output("a.b", "a_b")


def test_a_builder_can_give_several_flows():
    builder = Flow.build().input("a")
    assert builder.output("a") == builder.output()
    assert len(builder.input("b").output("b").nodes) == 3


def test_mistakes_are_named():
    with pytest.raises(DanglingInputError, match="node 'output' has no input"):
        Flow.build().output()
    with pytest.raises(FormatError, match="max_token"):
        Flow.build().model("m", "hi", max_token=3).output()
    with pytest.raises(FlowError, match="a branch needs at least one case"):
        Flow.build().input("a").branch("b", "a", []).output()


def test_the_main_capability_is_the_last_tagged_steps():
    assert main_capability(Flow.build().input("a").output()) == ""
    assert main_capability(Flow.build().model("a", "x").model("b", "{a}", capability="judge").output()) == "judge"


def test_a_component_is_for_what_its_name_says_where_nothing_else_is_said():
    built = Flow.build("rows").component("rows", "table.read", args={"path": "a.csv"}).output("rows")
    assert built.node("rows").capability == "table.read"
