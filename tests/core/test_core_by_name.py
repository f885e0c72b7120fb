"""A value that is made otherwise than it can be says in a sentence what it takes."""

import copy
import pickle

import msgspec
import pytest

import nubem_jupyter as nj
from nubem_jupyter.core.by_name import ByName
from nubem_jupyter.errors import UsageError


class Parcel(msgspec.Struct, frozen=True, kw_only=True, metaclass=ByName):
    weight_kg: float
    label: str = ""

    def __post_init__(self):
        if self.label == "broken":
            raise TypeError("from within")


@pytest.mark.parametrize(
    ("make", "message", "hint"),
    [
        (lambda: nj.Constraints(max_cst=1), "Constraints has no field 'max_cst'", "did you mean 'max_cost_usd'?"),
        (lambda: nj.Constraints(max_cost=1), "Constraints has no field 'max_cost'", "did you mean 'max_cost_usd'?"),
        (lambda: Parcel(weight_kg=1, q=2), "Parcel has no field 'q'", "there are: weight_kg label"),
        (lambda: nj.Dataset(name="x"), "Dataset needs 'cases'", "write Dataset(name=…, cases=…)"),
        (lambda: nj.EvalCase({"x": 1}), "EvalCase takes its fields by name", "write EvalCase(inputs=…)"),
        (lambda: nj.Condition(3), "Condition takes its fields by name", None),
        (lambda: nj.Constraints("cost"), "Constraints takes its fields by name", None),
        (lambda: nj.Settings(hom="x"), "Settings has no field 'hom'", "did you mean 'home'?"),
        (lambda: nj.Flow(nam="x"), "Flow has no field 'nam'", "did you mean 'name'?"),
        (lambda: nj.Node(id="x", wrk=1), "Node has no field 'wrk'", "did you mean 'work'?"),
    ],
)
def test_it_names_the_field_and_the_nearest_right_one(make, message, hint):
    with pytest.raises(UsageError) as caught:
        make()
    assert caught.value.message == message
    assert hint is None or caught.value.hint == hint


def test_an_error_from_within_stays_what_it_is():
    with pytest.raises(TypeError, match="from within"):
        Parcel(weight_kg=1.0, label="broken")


def test_such_a_value_is_copied_kept_and_read_as_any_other():
    one = Parcel(weight_kg=1.0, label="a")
    assert copy.deepcopy(one) == pickle.loads(pickle.dumps(one)) == one
    assert msgspec.json.decode(msgspec.json.encode(one), type=Parcel) == one
    assert msgspec.structs.replace(one, label="b") == Parcel(weight_kg=1.0, label="b")
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b"{}", type=Parcel)
