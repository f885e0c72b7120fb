"""Pictures are valid Graphviz for any flow and any label, and say what they are told to."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nubem_jupyter.core.condition import Condition
from nubem_jupyter.core.dot import Badge, to_dot
from nubem_jupyter.core.flow import Flow, Node
from nubem_jupyter.core.work import Input, Output
from nubem_jupyter.testing.strategies import flows

GRAPHVIZ = shutil.which("graphviz-pure", path=str(Path(sys.executable).parent)) or shutil.which("dot")
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = st.text(max_size=20) | st.text(alphabet='"\\\n&;<>lNGn{}|\x00\x01\ufffe ', max_size=20)


def drawn(dot: str) -> ElementTree.Element:
    """Render and parse the picture; Graphviz must accept it, and its SVG must be well formed."""
    assert GRAPHVIZ, "graphviz-pure is a dependency; install the package"
    done = subprocess.run([GRAPHVIZ, "-Tsvg"], input=dot.encode(), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert b"rror" not in done.stderr
    return ElementTree.fromstring(done.stdout)


def of_class(picture: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return [group for group in picture.iter(f"{SVG}g") if group.get("class") == name]


@settings(max_examples=20)
@given(flows())
def test_any_flow_is_drawn_with_all_its_nodes_edges_and_bodies(flow):
    picture = drawn(flow.to_dot())
    titles = sorted(group.find(f"{SVG}title").text for group in of_class(picture, "node"))
    assert titles == sorted(place for place, _ in flow.walk())
    bodies = [body for _, node in flow.walk() for _, body in node.bodies]
    assert len(of_class(picture, "cluster")) == len(bodies)
    assert len(of_class(picture, "edge")) == sum(len(each.edges) for each in [flow, *bodies]) + len(bodies)


@settings(max_examples=30)
@given(HOSTILE, HOSTILE)
def test_any_label_and_badge_is_shown_as_it_is(label, line):
    flow = Flow(nodes=(Node(id="a", work=Input(), label=label), Node(id="b", work=Output(), inputs={"a": "a"})))
    picture = drawn(to_dot(flow, {"a": Badge(lines=(line,))}))
    node = next(group for group in of_class(picture, "node") if group.find(f"{SVG}title").text == "a")
    shown = "".join(text.text or "" for text in node.iter(f"{SVG}text"))
    assert squeezed(shown) == squeezed((label or "a") + line)


def squeezed(text: str) -> str:
    """Leave out white space, which line breaks and SVG treat as they like, and what XML cannot hold."""
    return re.sub(r"[\s\x00-\x1f\x7f-\x9f\ufeff\ufffe\uffff\u2028\u2029\xa0]", "", text)


def test_badges_colour_and_annotate_the_node_at_their_place_only():
    inner = Flow.build().input("item").model("say", "{item}").output()
    flow = Flow.build().input("rows", type="list").map("each", inner, "rows").output()
    dot = to_dot(flow, {"each/body/say": Badge(lines=("local/a", "2 s"), state="done")})
    (line,) = [line for line in dot.splitlines() if "local/a" in line]
    assert line.strip().startswith('"each/body/say" [label="say\\nlocal/a\\n2 s"')
    assert '"#d5ecd8"' in line
    assert dot.count('"#d5ecd8"') == 1


@pytest.mark.parametrize("state", ["plain", "edge", "done", "failed", "idle", "changed"])
def test_every_state_has_a_colour(state):
    flow = Flow.build().input("a").output()
    drawn(to_dot(flow, {"a": Badge(state=state)}))


def test_an_edges_path_stands_on_it():
    flow = (
        Flow.build().input("a").branch("b", "a.kind", [(Condition(), Flow.build().model("m", "x").output())]).output()
    )
    assert '"a" -> "b" [label="kind"];' in flow.to_dot()


def test_equal_flows_have_equal_pictures():
    flow = Flow.build().input("a").input("b").join("c", ["b", "a"]).output()
    assert Flow(name=flow.name, nodes=flow.nodes[::-1]).to_dot() == flow.to_dot()
