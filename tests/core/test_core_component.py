"""Components are frozen values that survive their JSON form, and their defaults are plain JSON."""

import msgspec
import pytest

from nubem_jupyter.core.component import ComponentInfo, Origin, Parameter, Trouble
from nubem_jupyter.core.value import ValueType
from nubem_jupyter.errors import FlowError

INFO = ComponentInfo(
    name="weather.today",
    version="1.2",
    description="Tell the weather.",
    capability="search",
    inputs=(
        Parameter(name="city", type=ValueType.TEXT),
        Parameter(name="units", type=ValueType.LIST, required=False, default=["C", {"per": 1}]),
    ),
    output=ValueType.JSON,
    permissions=("network",),
    cost_usd=None,
    ttl_s=60.0,
    origin=Origin(kind="file", where="components/weather.py", digest="0" * 64),
)


def test_a_component_is_the_same_after_its_json_form():
    assert msgspec.json.decode(msgspec.json.encode(INFO), type=ComponentInfo) == INFO


def test_a_component_has_a_hash_though_a_default_is_a_list():
    assert len({INFO, msgspec.json.decode(msgspec.json.encode(INFO), type=ComponentInfo)}) == 1


def test_a_default_cannot_be_changed_afterwards():
    with pytest.raises(TypeError, match="change a copy"):
        INFO.inputs[1].default.append("F")


def test_a_default_that_json_cannot_carry_is_refused_by_name():
    with pytest.raises(FlowError, match="the default of 'units'"):
        Parameter(name="units", type=ValueType.LIST, default=[{1, 2}])


def test_unknown_cost_is_not_zero_in_the_json_form():
    assert b'"cost_usd":null' in msgspec.json.encode(INFO)


def test_troubles_are_equal_by_content():
    assert Trouble(where="a.py", message="cannot be read") == Trouble(where="a.py", message="cannot be read", hint="")


@pytest.mark.parametrize(
    ("kind", "told", "needs"),
    [
        ("builtin", (), ()),
        ("builtin", ("files",), ("files",)),
        ("mcp", ("code", "network"), ("network", "code")),
        ("file", (), ("code",)),
        ("entry point", ("network",), ("network", "code")),
    ],
)
def test_somebody_elses_code_always_needs_leave_for_code(kind, told, needs):
    origin = msgspec.structs.replace(INFO.origin, kind=kind)
    assert msgspec.structs.replace(INFO, origin=origin, permissions=told).needs == needs
