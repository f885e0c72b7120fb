"""Documents are versioned: whole ones come back equal, broken or foreign ones are refused in a sentence."""

import contextlib
import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nubem_jupyter.core import wire
from nubem_jupyter.core.evaluation import Evaluation, Sample
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.formats import STORED, schema
from nubem_jupyter.core.plan import Plan
from nubem_jupyter.core.run import Run
from nubem_jupyter.errors import FlowError, FormatError
from nubem_jupyter.testing.strategies import evaluations, flows, json_values, plans, runs

GOLDEN = Path(__file__).parent / "golden"
STORED_VALUES = st.one_of(flows(max_steps=6), plans(), runs(), evaluations())
VALIDATOR = jsonschema.Draft202012Validator(schema())
FLOW = Flow.build("small").input("text").model("ask", "Say {text}").output()


@given(STORED_VALUES)
def test_a_stored_value_comes_back_equal_and_its_text_stays(value):
    text = wire.dump(value)
    again = wire.load(text, type(value))
    assert again == value
    assert wire.dump(again) == text
    assert wire.read(json.loads(text), type(value)) == value
    assert wire.document(value) == json.loads(text)


@given(STORED_VALUES)
def test_every_document_satisfies_the_published_schema(value):
    VALIDATOR.validate(wire.document(value))


@pytest.mark.parametrize("kind", STORED, ids=lambda kind: kind.__name__)
def test_documents_of_every_version_ever_released_are_read(kind):
    name, newest = wire._FORMATS[kind]
    for version in range(1, newest + 1):
        text = (GOLDEN / f"{name.removeprefix('nubem.')}.v{version}.json").read_text(encoding="utf-8")
        value = wire.load(text, kind)
        assert json.loads(wire.dump(value)) == json.loads(text) or version < newest


@pytest.mark.parametrize("kind", STORED, ids=lambda kind: kind.__name__)
def test_every_older_version_has_a_step_to_the_next(kind):
    name, newest = wire._FORMATS[kind]
    assert {version for known, version in wire._UPGRADES if known == name} == set(range(1, newest))


def test_a_document_tells_the_version_that_it_was_written_in():
    flow = Flow.build("f").input("x", type="text").output()
    assert wire.document(flow)["version"] == wire.newest_version(Flow)


def test_every_beginning_of_a_document_is_refused_as_cut_off():
    text = FLOW.to_json()
    for end in range(len(text)):
        with pytest.raises(FormatError, match="this flow is damaged or cut off"):
            Flow.from_json(text[:end])


@given(st.binary() | st.text())
def test_junk_is_refused_in_a_sentence(junk):
    with pytest.raises(FormatError):
        Flow.from_json(junk)


@given(json_values())
def test_json_of_something_else_is_refused_in_a_sentence(value):
    with pytest.raises(FormatError):
        wire.read(value, Flow)
    with pytest.raises(FormatError):
        wire.read({"format": "nubem.flow", "version": 1, "body": value}, Flow)


@given(st.data())
def test_a_document_with_one_value_replaced_is_read_or_refused_in_a_sentence(data):
    document = json.loads(FLOW.to_json())
    holder = data.draw(st.sampled_from(_containers(document)))
    holder[data.draw(st.sampled_from(list(holder)))] = data.draw(json_values(3))
    with contextlib.suppress(FlowError):  # any other error would be a traceback in the user's cell
        assert isinstance(wire.read(document, Flow), Flow)


def _containers(value):
    """Every object in a document that has a field to replace."""
    match value:
        case dict() if value:
            return [value, *(held for item in value.values() for held in _containers(item))]
        case list():
            return [held for item in value for held in _containers(item)]
        case _:
            return []


def test_json_nested_without_end_is_refused_in_a_sentence():
    with pytest.raises(FormatError, match="damaged"):
        Flow.from_json("[" * 100_000)
    deep: list = []
    for _ in range(100_000):
        deep = [deep]
    body = {"nodes": [{"id": "a", "work": {"kind": "input", "default": deep}}]}
    with pytest.raises(FormatError, match="does not fit"):
        wire.convert(body, Flow)


@pytest.mark.parametrize(
    ("document", "message", "hint"),
    [
        ({"format": "nubem.flow", "version": 2, "body": {}}, "has version 2; this program reads 1 to 1", "update"),
        ({"format": "nubem.flow", "version": 0, "body": {}}, "has version 0; this program reads 1 to 1", "restore"),
        (
            {"format": "nubem.run", "version": 1, "body": {}},
            "this is a 'nubem.run' document, not a 'nubem.flow'",
            "flow",
        ),
        ({"format": "nubem.flow", "version": "1", "body": {}}, "`$.version`", "export it again"),
        ({"format": "nubem.flow", "version": True, "body": {}}, "`$.version`", "export it again"),
        ({"format": "nubem.flow", "version": 1}, "required field `body`", "export it again"),
        ([], "this is not a stored flow", "export it again"),
    ],
)
def test_an_envelope_that_cannot_be_read_says_why(document, message, hint):
    with pytest.raises(FormatError) as caught:
        wire.read(document, Flow)
    assert message in caught.value.message
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda nodes: nodes[0].update(id=5), "`$.nodes[0].id`"),
        (lambda nodes: nodes[1]["work"].update(max_tokens="many"), "`$.nodes[1].work.max_tokens`"),
        (lambda nodes: nodes[1]["work"].update(kind="modle"), "`$.nodes[1].work.kind`"),
        (lambda nodes: nodes[1].update(inputs={"text": None}), "`$.nodes[1].inputs[...]`"),
        (lambda nodes: nodes[0].update(colour="red"), "`$.nodes[0]`"),
        (lambda nodes: nodes[0].pop("work"), "`$.nodes[0]`"),
    ],
)
def test_a_wrong_value_is_named_by_its_place(change, place):
    document = wire.document(FLOW)
    change(document["body"]["nodes"])
    with pytest.raises(FormatError, match="this flow does not fit its format") as caught:
        wire.read(document, Flow)
    assert place in caught.value.message


@pytest.fixture
def second_version(monkeypatch):
    """Pretend that flows, and the plans and runs that hold them, are at version 2: version 1 called nodes ``steps``."""
    monkeypatch.setattr(wire, "_FORMATS", {kind: (name, 2) for kind, (name, _) in wire._FORMATS.items()})
    monkeypatch.setattr(wire, "_UPGRADES", {})

    @wire.upgrade("nubem.flow", 1)
    def _flow(body):
        body["nodes"] = body.pop("steps")
        return body

    @wire.upgrade("nubem.plan", 1)
    def _plan(body):
        others = [_plan(other) for other in body.get("alternatives", [])]
        return {**body, "flow": wire.step("nubem.flow", 1, body["flow"]), "alternatives": others}

    @wire.upgrade("nubem.run", 1)
    def _run(body):
        return {**body, "plan": wire.step("nubem.plan", 1, body["plan"])}


def _as_version_1(value):
    """Write a value of version 2 as version 1 would have."""
    return json.loads(wire.dump(value).replace('"version":2', '"version":1').replace('"nodes":[{', '"steps":[{'))


@pytest.mark.usefixtures("second_version")
def test_an_older_flow_is_upgraded_and_its_document_left_as_it_was():
    old = _as_version_1(FLOW)
    before = json.dumps(old)
    assert wire.read(old, Flow) == FLOW
    assert json.dumps(old) == before


@pytest.mark.usefixtures("second_version")
def test_formats_that_hold_a_flow_upgrade_it_where_it_stands():
    plan = Plan(flow=FLOW, alternatives=(Plan(flow=FLOW),))
    assert wire.read(_as_version_1(plan), Plan) == plan
    run = Run(id="r", plan=plan, outcome="finished")
    assert wire.read(_as_version_1(run), Run) == run
    assert wire.load(wire.dump(run), Run) == run


@pytest.mark.usefixtures("second_version")
@pytest.mark.parametrize("body", [None, 3, "text", {}, [], {"nodes": []}])
def test_an_older_document_that_is_damaged_is_refused_in_a_sentence(body):
    with pytest.raises(FormatError, match="this flow does not fit version 1 of its format"):
        wire.read({"format": "nubem.flow", "version": 1, "body": body}, Flow)


def test_steps_are_taken_one_after_another(monkeypatch):
    monkeypatch.setattr(wire, "_FORMATS", {**wire._FORMATS, Evaluation: ("nubem.evaluation", 3)})
    monkeypatch.setattr(wire, "_UPGRADES", {})
    wire.upgrade("nubem.evaluation", 1)(lambda body: {**body, "scorer": body["scorer"] + "a"})
    wire.upgrade("nubem.evaluation", 2)(lambda body: {**body, "scorer": body["scorer"] + "b"})
    body = {"dataset": "d", "scorer": "", "samples": [], "means": []}
    scorers = [
        wire.read({"format": "nubem.evaluation", "version": version, "body": body}, Evaluation).scorer
        for version in (1, 2, 3)
    ]
    assert scorers == ["ab", "b", ""]


def test_a_value_that_is_not_stored_on_its_own_is_named_by_its_type():
    with pytest.raises(FormatError, match="this sample does not fit its format"):
        wire.convert({}, Sample)
