"""What a watcher or a poller has found decides the next plan: of the planner's components and the router's models."""

from __future__ import annotations

import threading

import pytest

from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.session.session import Session
from nubem_jupyter.session.settings import Settings
from nubem_jupyter.testing import ScriptedProvider, scripted_model

WAIT_S = 60.0
"""Far beyond what it takes; a benchmark says what that is."""
SEARCH = '''"""The archive."""

PERMISSIONS = ()
CAPABILITY = "search"


def find(query: str) -> list[dict]:
    """Search the archive."""
    return [{"title": query, "url": "archive:1", "snippet": "found"}]
'''


class Server(ScriptedProvider):
    """A server that tells of its models when it is asked."""

    def __init__(self):
        super().__init__(models=[])
        self.name_of_model = "far/better"

    @property
    def name(self):
        return "far"

    async def refresh(self):
        self._models = (scripted_model(self.name_of_model, local=False, right=[("answer", 0.96, 50)]),)
        return self._models


class Told:
    """Waits for a change that was told."""

    def __init__(self, catalog):
        self._state = threading.Condition()
        self._ids = set()
        catalog.listen(self._take)

    def _take(self, found):
        with self._state:
            self._ids |= {entry.id for entry in found.added}
            self._ids |= {change.id for change in found.changed}
            self._state.notify_all()

    def wait_for(self, name):
        with self._state:
            assert self._state.wait_for(lambda: name in self._ids, WAIT_S), f"nobody told of {name}"


@pytest.fixture
async def watched(tmp_path):
    opened = []

    def open_one(**providers):
        near = ScriptedProvider(models=[scripted_model("near/one", right=[("answer", 0.2, 50)])])
        settings = Settings(home=tmp_path / "home", workspace=tmp_path / "work", providers=())
        session = Session(settings, {}, providers={"near": near, **providers})
        opened.append(session)
        session.catalog.look()
        told = Told(session.catalog)
        session.catalog.watch()
        return session, told

    yield open_one
    for session in opened:
        await session.aclose()


async def test_the_router_takes_a_model_that_a_poll_has_found(watched):
    session, told = watched(far=Server())
    told.wait_for("far/better")
    plan = await session.plan("Answer this: what is a sonnet?", constraints=Constraints(prefer="quality"))
    assert {choice.model for choice in plan.route.values()} == {"far/better"}


async def test_the_planner_uses_a_component_that_was_saved_while_it_watched(watched, tmp_path):
    session, told = watched()
    assert session.catalog.wait_ready(WAIT_S)
    wanted = "Search the web for news about tides"
    leave = Constraints(allow=("code",))
    before = await session.plan(wanted, constraints=leave)
    assert not any(node.component for node in before.flow.nodes)
    folder = tmp_path / "work" / "components"
    folder.mkdir(parents=True)
    (folder / "archive.py").write_text(SEARCH, "utf-8")
    told.wait_for("archive.find")
    after = await session.plan(wanted, constraints=leave)
    assert [node.component for node in after.flow.nodes if node.component] == ["archive.find"]
