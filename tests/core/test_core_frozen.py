"""Frozen containers refuse every change, copy to plain ones, and give equal values one form."""

import copy
import pickle
from enum import StrEnum

import msgspec
import pytest
from hypothesis import given

from nubem_jupyter.core.frozen import FrozenDict, FrozenList, freeze, freeze_fields, settle, thaw
from nubem_jupyter.errors import FlowError
from nubem_jupyter.testing.strategies import json_values

DICT_CHANGES = {
    "set": lambda d: d.__setitem__("a", 2),
    "delete": lambda d: d.__delitem__("a"),
    "clear": lambda d: d.clear(),
    "pop": lambda d: d.pop("a"),
    "popitem": lambda d: d.popitem(),
    "setdefault": lambda d: d.setdefault("b", 2),
    "update": lambda d: d.update(b=2),
    "ior": lambda d: d.__ior__({"b": 2}),
}
LIST_CHANGES = {
    "set": lambda x: x.__setitem__(0, 2),
    "delete": lambda x: x.__delitem__(0),
    "append": lambda x: x.append(2),
    "extend": lambda x: x.extend([2]),
    "insert": lambda x: x.insert(0, 2),
    "remove": lambda x: x.remove(1),
    "pop": lambda x: x.pop(),
    "clear": lambda x: x.clear(),
    "sort": lambda x: x.sort(),
    "reverse": lambda x: x.reverse(),
    "iadd": lambda x: x.__iadd__([2]),
    "imul": lambda x: x.__imul__(2),
}


@pytest.mark.parametrize("change", DICT_CHANGES.values(), ids=DICT_CHANGES)
def test_a_frozen_dict_refuses_every_change(change):
    frozen = FrozenDict({"a": 1})
    with pytest.raises(TypeError, match="change a copy"):
        change(frozen)
    assert frozen == {"a": 1}


@pytest.mark.parametrize("change", LIST_CHANGES.values(), ids=LIST_CHANGES)
def test_a_frozen_list_refuses_every_change(change):
    frozen = FrozenList([1])
    with pytest.raises(TypeError, match="change a copy"):
        change(frozen)
    assert frozen == [1]


@given(json_values())
def test_freezing_keeps_the_value_and_its_hash_and_thawing_gives_plain_containers(value):
    frozen = freeze(value, "x")
    assert frozen == value
    assert hash(frozen) == hash(freeze(copy.deepcopy(value), "y"))
    assert pickle.loads(pickle.dumps(frozen)) == value
    assert only_plain(thaw(frozen))
    assert msgspec.json.encode(frozen) == msgspec.json.encode(value)


def only_plain(value) -> bool:
    if type(value) is dict:
        return all(only_plain(item) for item in value.values())
    if type(value) is list:
        return all(only_plain(item) for item in value)
    return not isinstance(value, dict | list)


def test_freezing_copies_so_that_the_giver_can_go_on_changing_his_own():
    mine = {"rows": [{"a": 1}]}
    frozen = freeze(mine, "x")
    mine["rows"][0]["a"] = 2
    assert frozen == {"rows": [{"a": 1}]}
    with pytest.raises(TypeError):
        frozen["rows"][0]["a"] = 3


def test_a_deep_copy_may_be_changed():
    copied = copy.deepcopy(FrozenDict(rows=FrozenList([FrozenDict(a=1)])))
    copied["rows"][0]["a"] = 2
    copied["rows"].append({})
    assert copied == {"rows": [{"a": 2}, {}]}


def test_pickling_keeps_the_containers_frozen():
    again = pickle.loads(pickle.dumps(FrozenDict(rows=FrozenList([1]))))
    assert type(again) is FrozenDict
    assert type(again["rows"]) is FrozenList


@pytest.mark.parametrize(
    "value", [{1: 2}, {"a": {2, 3}}, [float("nan")], float("inf"), (object(),), b"bytes"], ids=repr
)
def test_what_json_cannot_carry_is_refused_by_name(value):
    with pytest.raises(FlowError, match=r"the default holds .* which JSON cannot carry"):
        freeze(value, "the default")


def test_a_tuple_freezes_to_a_list_since_json_has_no_tuples():
    assert freeze((1, (2,)), "x") == [1, [2]]


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Thing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    count: int = 5120
    share: float = 0.5
    colour: Colour = Colour.RED
    names: tuple[str, ...] = ()
    notes: dict[str, str] = {}
    needed: int

    def __post_init__(self) -> None:
        settle(self)
        freeze_fields(self, "notes")


def test_a_field_equal_to_its_default_is_left_out_of_the_encoding_however_it_was_made():
    made = Thing(count=int("5120"), share=float("0.5"), colour="red", names=[], needed=1)
    assert msgspec.json.encode(made) == msgspec.json.encode(Thing(needed=1))


def test_settling_gives_each_field_the_form_it_has_after_a_round_trip():
    made = Thing(share=1, colour="blue", names=["a"], needed=1, notes={"a": "b"})
    assert (type(made.share), made.colour, made.names) == (float, Colour.BLUE, ("a",))
    assert msgspec.json.decode(msgspec.json.encode(made), type=Thing) == made


@pytest.mark.parametrize(("word", "hint"), [("rid", "did you mean 'red'?"), ("zzz", "use one of: red blue")])
def test_a_wrong_word_is_named_with_the_nearest_right_one(word, hint):
    with pytest.raises(FlowError, match=f"colour is '{word}'") as caught:
        Thing(colour=word, needed=1)
    assert caught.value.hint == hint


def test_a_mapping_field_is_frozen_once():
    notes = FrozenDict(a="b")
    assert Thing(notes=notes, needed=1).notes is notes
