"""A run shows whom its cascades asked, what each said, and who agreed."""

import msgspec
import pytest

from nubem_jupyter.core.run import Failure, MemberRun
from nubem_jupyter.render.members import has_members, members_table
from nubem_jupyter.render.pages import page
from nubem_jupyter.render.text import text

MEMBERS = (
    MemberRun(place=0, model="local/a", call="1", value="yes", latency_s=0.4, agreed=True),
    MemberRun(place=1, model="x/b", call="2", failure=Failure(code="provider", message="no answer"), cost_usd=0.02),
    MemberRun(place=2, model="x/c", call="3", value="Yes", cached=True, agreed=True),
)


@pytest.fixture
def asked(run):
    """The first model call of a run, done by a cascade."""
    number = next(place for place, node in enumerate(run.nodes) if node.model)
    nodes = list(run.nodes)
    nodes[number] = msgspec.structs.replace(nodes[number], members=MEMBERS)
    return msgspec.structs.replace(run, nodes=tuple(nodes)), nodes[number].path


def test_every_call_has_its_row_in_the_order_of_asking(asked):
    run, path = asked
    assert members_table(run).rows == (
        (path, "local/a", "yes", "free (local)", "0.4 s", "yes"),
        (path, "x/b", "no answer", "$0.020", "< 1 ms", ""),
        (path, "x/c", "Yes", "cached", "< 1 ms", "yes"),
    )


def test_the_table_is_on_the_runs_page_where_there_is_a_cascade_and_only_there(asked, run):
    assert "Calls of cascades" in text(page(asked[0]))
    assert not has_members(run)
    assert "Calls of cascades" not in text(page(run))


def test_of_very_many_calls_the_first_are_shown(asked):
    run, _ = asked
    many = msgspec.structs.replace(run, nodes=run.nodes * 100)
    table = members_table(many)
    assert len(table.rows) == 200
    assert table.title == "The first 200 of 300 calls of cascades"
