"""A difference says what came, what went, and which field of what stayed has another value."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nubem_jupyter.catalog.difference import Change, Entry, difference
from nubem_jupyter.catalog.snapshot import Snapshot
from nubem_jupyter.core.component import ComponentInfo, Origin, Parameter, Trouble
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Figure, ModelInfo, Price
from nubem_jupyter.core.value import ValueType


def component(name="weather.today", **fields):
    basis = {
        "version": "1",
        "description": "",
        "capability": name,
        "inputs": (Parameter(name="city", type=ValueType.TEXT), Parameter(name="days", type=ValueType.NUMBER)),
        "output": ValueType.TEXT,
        "permissions": (),
        "cost_usd": None,
        "ttl_s": None,
        "origin": Origin(kind="file", where="weather.py", digest="a"),
    }
    return ComponentInfo(name=name, **{**basis, **fields})


def model(name="acme/one", price_usd=None, **fields):
    figure = Figure(value=price_usd, source="listed") if price_usd is not None else None
    price = Price(input_usd=figure, output_usd=figure) if figure else None
    return ModelInfo(id=ModelId(name), provider="acme", price=price, **fields)


def of(*entries):
    return Snapshot(
        models=tuple(entry for entry in entries if isinstance(entry, ModelInfo)),
        components=tuple(entry for entry in entries if isinstance(entry, ComponentInfo)),
        troubles=tuple(entry for entry in entries if isinstance(entry, Trouble)),
    )


def changes(old, new):
    return [(change.field, change.old, change.new) for change in difference(of(old), of(new)).changed]


def test_nothing_has_changed_between_a_snapshot_and_itself():
    assert not difference(of(model(), component()), of(model(), component()))


def test_another_order_is_no_change():
    assert not difference(of(component("a.b"), component("c.d")), of(component("c.d"), component("a.b")))


def test_what_came_and_what_went_is_told_with_its_kind():
    found = difference(of(model("acme/one")), of(model("acme/two"), component("a.b")))
    assert found.added == (Entry(kind="model", id="acme/two"), Entry(kind="component", id="a.b"))
    assert found.removed == (Entry(kind="model", id="acme/one"),)
    assert found.changed == ()


def test_a_changed_field_is_told_with_its_old_and_new_value():
    found = difference(of(component(version="1")), of(component(version="2")))
    assert found.changed == (Change(kind="component", id="weather.today", field="version", old="1", new="2"),)
    assert found


def test_a_figure_inside_a_price_is_told_by_its_place():
    places = [field for field, _, _ in changes(model(price_usd=1.0), model(price_usd=2.0))]
    assert places == ["price.input_usd.value", "price.output_usd.value"]


def test_a_price_that_was_unknown_before_is_told_as_a_whole():
    new = model(price_usd=1.0)
    assert changes(model(), new) == [("price", None, new.price)]


@pytest.mark.parametrize(
    ("inputs", "field"),
    [
        (("city:text", "days:text"), "inputs.days.type"),
        (("city:text",), "inputs.days"),
        (("city:text", "unit:text", "days:number"), "inputs.unit"),
        (("days:number", "city:text"), "inputs"),
        (("city:text", "city:text", "days:number"), "inputs"),
    ],
    ids=["another type", "one less", "one more in between", "another order", "one name twice"],
)
def test_inputs_are_compared_by_name(inputs, field):
    parsed = (text.split(":") for text in inputs)
    parameters = tuple(Parameter(name=name, type=ValueType(kind)) for name, kind in parsed)
    assert [place for place, _, _ in changes(component(), component(inputs=parameters))] == [field]


def test_troubles_that_came_and_that_were_mended_are_told():
    one, other = Trouble(where="a.py", message="x"), Trouble(where="b.py", message="y")
    found = difference(of(one), of(other))
    assert (found.troubles, found.mended) == ((other,), (one,))
    assert found


def test_a_difference_has_a_json_form():
    found = difference(of(component()), of(component(version="2"), model()))
    assert msgspec.json.decode(msgspec.json.encode(found))["added"] == [{"kind": "model", "id": "acme/one"}]


names = st.sampled_from(["a.a", "a.b", "a.c", "a.d"])
snapshots = st.dictionaries(names, st.sampled_from(["1", "2", "3"])).map(
    lambda versions: of(*(component(name, version=version) for name, version in versions.items()))
)


@given(snapshots, snapshots)
def test_the_difference_holds_exactly_what_turns_the_old_snapshot_into_the_new_one(old, new):
    found = difference(old, new)
    versions = {info.name: info.version for info in old.components}
    for entry in found.removed:
        del versions[entry.id]
    for change in found.changed:
        assert versions[change.id] == change.old
        versions[change.id] = change.new
    now = {info.name: info.version for info in new.components}
    assert {entry.id for entry in found.added} == now.keys() - versions.keys()
    assert versions == {name: now[name] for name in versions}


@given(snapshots, snapshots)
def test_the_way_back_is_the_same_way(old, new):
    there, back = difference(old, new), difference(new, old)
    assert set(there.added) == set(back.removed)
    assert {(change.id, change.old, change.new) for change in there.changed} == {
        (change.id, change.new, change.old) for change in back.changed
    }
