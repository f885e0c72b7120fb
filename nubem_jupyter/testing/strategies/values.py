"""Strategies for plain values: JSON, names, numbers."""

from __future__ import annotations

import string
from typing import Any

from hypothesis import strategies as st

from nubem_jupyter.core.capability import CAPABILITIES
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.value import ValueType

words = st.text(max_size=12)
"""Short texts, empty ones too."""

dates = st.dates().map(str)
"""ISO dates."""

amounts = st.floats(min_value=0, max_value=1e6, allow_nan=False)
"""Finite numbers from 0, for seconds, dollars and counts."""

shares = st.floats(min_value=0, max_value=1, allow_nan=False)
"""Numbers from 0 to 1."""

_LETTERS = string.ascii_letters
_rest = st.text(alphabet=_LETTERS + string.digits + "_-", max_size=7)
node_ids = st.builds(str.__add__, st.sampled_from(_LETTERS), _rest).filter(lambda name: name != "output")
"""Ids that a flow accepts, less ``output``, which ``flows`` uses itself."""

capabilities = st.sampled_from(CAPABILITIES) | st.sampled_from(("acme.search", "acme.maps.route"))
"""The product's own capabilities and two of a component."""

model_ids = st.builds("{}/{}".format, st.sampled_from(("local", "echo", "openai")), node_ids).map(ModelId)
"""``provider/model``."""


def json_values(max_leaves: int = 8) -> st.SearchStrategy[Any]:
    """Any plain JSON value: what flows along edges."""
    numbers = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
    leaves = st.none() | st.booleans() | numbers | st.text(max_size=8)
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
        max_leaves=max_leaves,
    )


def values_of(value_type: ValueType) -> st.SearchStrategy[Any]:
    """Plain JSON values of one type."""
    rows = st.dictionaries(st.text(max_size=5), json_values(3), max_size=3)
    strategies: dict[ValueType, st.SearchStrategy[Any]] = {
        ValueType.NUMBER: st.integers() | st.floats(allow_nan=False, allow_infinity=False),
        ValueType.BOOLEAN: st.booleans(),
        ValueType.LIST: st.lists(json_values(3), max_size=3),
        ValueType.TABLE: st.lists(rows, max_size=3),
        ValueType.JSON: json_values(),
        ValueType.ANY: json_values(),
    }
    return strategies.get(value_type, st.text(max_size=12))
