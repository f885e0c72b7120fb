"""A flow is a checked, frozen value: equal by content, and wrong ones are refused by name."""

import pickle
import random
import time

import msgspec
import networkx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nubem_jupyter.core.condition import Condition
from nubem_jupyter.core.flow import Branch, Case, Edge, Flow, Loop, Map, Node
from nubem_jupyter.core.frozen import FrozenDict
from nubem_jupyter.core.work import Code, Component, Input, Join, NodeKind, Output, Prompt
from nubem_jupyter.errors import (
    CycleError,
    DanglingInputError,
    DuplicateNodeError,
    FlowError,
    UnknownCapabilityError,
    ValueTypeError,
)
from nubem_jupyter.testing.strategies import flows

TEXT = Node(id="text", work=Input(type="text"))
OUT = Node(id="out", work=Output(), inputs={"result": "text"})


def ask(name: str = "ask", prompt: str = "{text}", **fields) -> Node:
    return Node(id=name, work=Prompt(prompt=prompt), **{"capability": "answer", "inputs": {"text": "text"}} | fields)


def body(*needed: str) -> Flow:
    """A small flow that needs the named inputs."""
    builder = Flow.build("body")
    for name in needed:
        builder.input(name)
    return builder.model("step", " ".join(f"{{{name}}}" for name in needed)).output("step")


@given(flows(), st.randoms(use_true_random=False))
def test_flows_of_the_same_nodes_in_any_order_are_equal(flow, rng: random.Random):
    nodes = list(flow.nodes)
    rng.shuffle(nodes)
    again = Flow(name=flow.name, nodes=nodes)
    assert again == flow
    assert (hash(again), again.digest, again.to_json()) == (hash(flow), flow.digest, flow.to_json())


@given(flows())
def test_a_flow_survives_json_pickling_and_a_changed_name(flow):
    again = Flow.from_json(flow.to_json())
    assert again == flow == pickle.loads(pickle.dumps(flow))
    assert (again.digest, hash(again), again.to_json()) == (flow.digest, hash(flow), flow.to_json())
    assert [list(node.inputs.items()) for node in again.nodes] == [list(node.inputs.items()) for node in flow.nodes]
    renamed = msgspec.structs.replace(flow, name=flow.name + "!")
    assert renamed != flow
    assert renamed.nodes == flow.nodes


@given(flows())
def test_nodes_stand_in_an_order_in_which_they_could_run(flow):
    order = [node.id for node in flow.nodes]
    assert all(order.index(edge.source) < order.index(edge.target) for edge in flow.edges)


@given(flows())
def test_the_networkx_graph_is_acyclic_and_has_the_same_edges(flow):
    graph = flow.to_networkx()
    assert networkx.is_directed_acyclic_graph(graph)
    assert {name: graph.nodes[name]["node"] for name in graph} == {node.id: node for node in flow.nodes}
    found = [(source, target, kept["name"], kept["path"]) for source, target, kept in graph.edges(data=True)]
    assert sorted(found) == sorted((edge.source, edge.target, edge.name, edge.path) for edge in flow.edges)


@given(flows())
def test_walking_names_every_node_once_those_inside_bodies_too(flow):
    placed = dict(flow.walk())
    assert len(placed) == len(list(flow.walk()))
    assert all(place.rpartition("/")[2] == node.id for place, node in placed.items())
    inner = sum(1 for node in flow.nodes for _, inside in node.bodies for _ in inside.walk())
    assert len(placed) == len(flow.nodes) + inner


@given(flows())
def test_a_flow_refuses_every_change(flow):
    for value in (flow, *flow.nodes, *(node.work for node in flow.nodes)):
        for name in value.__struct_fields__:
            with pytest.raises(AttributeError):
                setattr(value, name, None)
    with pytest.raises(TypeError, match="frozen value"):
        flow.output.inputs["more"] = "x"


def test_a_flow_of_a_thousand_nodes_is_made_at_once():
    nodes = [TEXT, OUT]
    for index in range(1000):
        before = {"before": f"n{index - 1}"} if index else {}
        nodes.append(
            ask(f"n{index}", inputs={"text": "text", "half": f"n{index // 2 - 1}" if index > 1 else "text", **before})
        )
    began = time.perf_counter()
    flow = Flow(nodes=nodes)
    again = Flow.from_json(flow.to_json())
    assert time.perf_counter() - began < 5  # about a fiftieth of a second; only a square law would take this long
    assert again == flow


def test_the_order_of_a_joins_inputs_counts_and_survives_json():
    def joined(*order: str) -> Flow:
        return Flow.build().input("a").input("b").join("both", order, mode="text").output("both")

    assert joined("b", "a") != joined("a", "b")
    assert joined("b", "a").digest != joined("a", "b").digest
    assert list(Flow.from_json(joined("b", "a").to_json()).node("both").inputs) == ["b", "a"]


def test_the_order_of_other_inputs_does_not_count():
    a, b = Node(id="a", work=Input()), Node(id="b", work=Input())
    out = Node(id="out", work=Output(), inputs={"result": "m"})

    def reading(inputs) -> Flow:
        return Flow(nodes=(a, b, Node(id="m", capability="answer", work=Prompt(prompt="{a}{b}"), inputs=inputs), out))

    assert reading({"a": "a", "b": "b"}) == reading({"b": "b", "a": "a"})


def test_the_order_of_a_schemas_properties_survives_json_since_models_write_in_that_order():
    schema = {"type": "object", "properties": {"reasons": {}, "answer": {}}}
    flow = Flow.build().input("text").model("ask", "{text}", schema=schema).output()
    assert list(Flow.from_json(flow.to_json()).node("ask").work.schema["properties"]) == ["reasons", "answer"]


@pytest.mark.parametrize("pair", [(1, 1.0), (1, True), (0, False), ([1], [1.0])], ids=str)
def test_flows_that_would_be_stored_differently_are_not_equal(pair):
    one, other = (Flow(nodes=(Node(id="text", work=Input(optional=True, default=default)), OUT)) for default in pair)
    assert one != other
    assert one.digest != other.digest


def test_a_flow_is_not_equal_to_something_else():
    flow = Flow(nodes=(TEXT, OUT))
    assert flow != flow.to_json()
    assert flow != None  # noqa: E711 - the operator is what is tested


@pytest.mark.parametrize(
    ("nodes", "error", "message", "hint"),
    [
        ([], FlowError, "a flow needs exactly one output, and this one has 0", "add an output node"),
        ([TEXT], FlowError, "exactly one output, and this one has 0", "add an output node"),
        (
            [TEXT, OUT, Node(id="more", work=Output(), inputs={"a": "text"})],
            FlowError,
            "exactly one output, and this one has 2",
            "join several results first",
        ),
        ([TEXT, TEXT, OUT], DuplicateNodeError, "two nodes have the id 'text'", "rename one"),
        ([Node(id="9lives", work=Input())], FlowError, "'9lives' cannot name a node", "start with a letter"),
        ([Node(id="a\n", work=Input())], FlowError, "'a\n' cannot name a node", "start with a letter"),
        (
            [TEXT, ask(inputs={"text": "txt"}), OUT],
            DanglingInputError,
            "input 'text' of node 'ask' comes from 'txt', which is not in the flow",
            "did you mean 'text'?",
        ),
        (
            [TEXT, ask(inputs={"text": "zzz.items.0"}), OUT],
            DanglingInputError,
            "comes from 'zzz', which is not in the flow",
            "the flow's nodes are: text ask out",
        ),
        (
            [TEXT, OUT, ask(inputs={"text": "out"})],
            DanglingInputError,
            "node 'ask' reads the output 'out', which gives nothing on",
            "read the node that 'out' takes its value from",
        ),
        (
            [ask("a", inputs={"text": "b"}), ask("b", inputs={"text": "a.path"}), OUT, TEXT],
            CycleError,
            "nodes form a cycle: a -> b -> a",
            "remove one of these edges",
        ),
        (
            [TEXT, ask(capability="sumarize"), OUT],
            UnknownCapabilityError,
            "node 'ask' has the unknown capability 'sumarize'",
            "did you mean 'summarize'?",
        ),
        ([TEXT, ask(capability=""), OUT], UnknownCapabilityError, "node 'ask' has no capability", "use one of"),
        (
            [TEXT, Node(id="join", work=Join(), capability="jooin", inputs={"a": "text"}), OUT],
            UnknownCapabilityError,
            "unknown capability 'jooin'",
            "",
        ),
        (
            [TEXT, ask(prompt="{txet}"), OUT],
            DanglingInputError,
            "node 'ask' uses {txet}, which is not one of its inputs",
            "did you mean {text}? If not, add 'txet' to its inputs, or write {{txet}} for the plain text",
        ),
        (
            [TEXT, ask(prompt="{zzz}"), OUT],
            DanglingInputError,
            "node 'ask' uses {zzz}",
            "add 'zzz' to its inputs, or write {{zzz}}",
        ),
        (
            [TEXT, Node(id="run", capability="run_code", work=Code(source_from="program")), OUT],
            DanglingInputError,
            "node 'run' needs the input 'program', which it does not have",
            "add 'program' to its inputs",
        ),
        (
            [TEXT, Node(id="more", work=Input(), inputs={"a": "text"}), OUT],
            FlowError,
            "the input node 'more' cannot read another node",
            "its value comes from outside",
        ),
        ([Node(id="out", work=Output())], DanglingInputError, "node 'out' has no input", "say which node"),
        ([Node(id="join", work=Join()), TEXT, OUT], DanglingInputError, "node 'join' has no input", "say which node"),
        (
            [TEXT, Node(id="each", work=Map(body=body("item")), inputs={"items": "text"}), OUT],
            ValueTypeError,
            "map 'each' runs over 'text', which gives text and not a list",
            "let 'text' give a list",
        ),
        (
            [TEXT, Node(id="each", work=Map(body=body("item")), inputs={"list": "text"}), OUT],
            DanglingInputError,
            "node 'each' needs the input 'items'",
            "add 'items'",
        ),
        (
            [TEXT, Node(id="each", work=Map(body=body("item", "tone")), inputs={"items": "text.rows"}), OUT],
            DanglingInputError,
            "the flow inside 'each' needs 'tone', which the node does not pass on",
            "add 'tone' to the inputs of 'each'",
        ),
        (
            [TEXT, Node(id="again", work=Loop(body=body("previous", "goal"), until=Condition())), OUT],
            DanglingInputError,
            "the flow inside 'again' needs 'goal'",
            "add 'goal'",
        ),
        (
            [
                TEXT,
                Node(
                    id="way",
                    work=Branch(cases=[Case(when=Condition(), body=body())], otherwise=body("tone")),
                    inputs={"value": "text"},
                ),
                OUT,
            ],
            DanglingInputError,
            "the flow inside 'way' needs 'tone'",
            "add 'tone'",
        ),
    ],
)
def test_a_flow_that_cannot_mean_anything_is_refused_by_name(nodes, error, message, hint):
    with pytest.raises(error) as caught:
        Flow(nodes=nodes)
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_a_body_may_leave_out_its_optional_inputs():
    inner = Flow.build().input("item").input("tone", default="dry").model("m", "{item} {tone}").output()
    assert Flow.build().input("rows", type="list").map("each", inner, "rows").output().node("each").kind == "map"


@pytest.mark.parametrize("timeout_s", [0, -1, float("nan"), float("inf")])
def test_a_deadline_that_is_not_a_time_is_refused(timeout_s):
    with pytest.raises(FlowError, match=r"timeout_s of node 'text' is .* not a time"):
        Node(id="text", work=Input(), timeout_s=timeout_s)


def test_a_branch_without_cases_and_a_loop_without_rounds_are_refused():
    with pytest.raises(FlowError, match="a branch needs at least one case"):
        Branch(cases=())
    with pytest.raises(FlowError, match="a loop of 0 rounds does nothing"):
        Loop(body=body(), until=Condition(), max_rounds=0)


def test_a_node_shows_what_it_holds():
    assert (ask().prompt, ask().code, ask().component, ask().kind) == ("{text}", None, None, NodeKind.MODEL)
    run = Node(id="run", capability="run_code", work=Code(source="result = 1"))
    assert (run.prompt, run.code, run.component) == (None, "result = 1", None)
    tool = Node(id="find", capability="search", work=Component(name="acme.search"))
    assert (tool.prompt, tool.code, tool.component) == (None, None, "acme.search")
    assert type(tool.inputs) is FrozenDict


def test_a_branch_names_its_bodies():
    case = Case(when=Condition(), body=body())
    two = Branch(cases=(case, case))
    three = Branch(cases=(case, case), otherwise=body())
    assert [name for name, _ in Node(id="b", work=two).bodies] == ["case1", "case2"]
    assert [name for name, _ in Node(id="b", work=three).bodies] == ["case1", "case2", "otherwise"]


def test_edges_say_which_part_of_which_value_goes_where():
    flow = Flow(nodes=(TEXT, Node(id="out", work=Output(), inputs={"result": "text.rows.0"})))
    assert flow.edges == (Edge(source="text", target="out", name="result", path="rows.0"),)


def test_a_flow_finds_its_output_inputs_and_nodes():
    flow = Flow(name="f", nodes=(OUT, TEXT))
    assert (flow.output, flow.inputs, flow.node("text")) == (OUT, (TEXT,), TEXT)
    with pytest.raises(FlowError, match="flow 'f' has no node 'nope'") as caught:
        flow.node("nope")
    assert caught.value.hint == "it has: text out"


def test_what_map_branch_and_loop_give_and_use():
    case = Case(when=Condition(), body=body())
    assert (Map(body=body()).gives, Map(body=body(), over="rows").uses) == ("list", ("rows",))
    assert (Branch(cases=(case,)).gives, Branch(cases=(case,)).uses) == ("any", ("value",))
    assert (Loop(body=body(), until=Condition()).gives, Loop(body=body(), until=Condition()).uses) == ("any", ())
