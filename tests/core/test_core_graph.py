"""Orders respect needs and do not depend on how the graph was given; cycles are named along their edges."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nubem_jupyter.core.graph import topological_order
from nubem_jupyter.errors import CycleError

_NODES = [f"n{index}" for index in range(8)]


@st.composite
def acyclic(draw):
    chosen = draw(st.lists(st.sampled_from(_NODES), unique=True))
    needs = {name: draw(st.sets(st.sampled_from(chosen[:at]))) if at else set() for at, name in enumerate(chosen)}
    return {name: needs[name] for name in draw(st.permutations(chosen))}


@given(acyclic())
def test_every_node_comes_once_and_after_what_it_needs(needs):
    order = topological_order(needs)
    assert sorted(order) == sorted(needs)
    assert all(order.index(source) < order.index(node) for node, sources in needs.items() for source in sources)


@given(acyclic())
def test_equal_graphs_have_equal_orders(needs):
    assert topological_order(needs) == topological_order(dict(sorted(needs.items())))


def test_a_node_that_is_needed_twice_by_another_counts_once():
    assert topological_order({"b": ["a", "a"], "a": []}) == ("a", "b")


@given(st.dictionaries(st.sampled_from(_NODES), st.sets(st.sampled_from(_NODES)), min_size=1))
def test_a_cycle_is_named_along_edges_that_are_there(needs):
    needs = {node: {source for source in sources if source in needs} for node, sources in needs.items()}
    path = cycle_in(needs)
    assert path[:1] == path[-1:]
    assert all(source in needs[reader] for source, reader in pairwise(path))


def cycle_in(needs) -> tuple[str, ...]:
    try:
        topological_order(needs)
    except CycleError as error:
        return error.path
    return ()


@pytest.mark.parametrize(
    ("needs", "said"),
    [
        ({"a": ["a"]}, "a -> a"),
        ({"draft": ["check"], "check": ["draft"], "end": ["check"]}, "check -> draft -> check"),
        ({"a": ["c"], "b": ["a"], "c": ["b"]}, "a -> b -> c -> a"),
    ],
)
def test_a_cycle_reads_from_source_to_reader(needs, said):
    with pytest.raises(CycleError) as caught:
        topological_order(needs)
    assert caught.value.message == f"nodes form a cycle: {said}"
