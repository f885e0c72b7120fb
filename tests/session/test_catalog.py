"""A session knows what there is, keeps it from kernel to kernel, and tells once what has changed."""

from __future__ import annotations

import asyncio
import random
import threading
from contextlib import closing
from pathlib import Path

import pytest

from nubem_jupyter.catalog.difference import Change, Difference, Entry
from nubem_jupyter.errors import CallFailedError
from nubem_jupyter.session.adapters import make_providers
from nubem_jupyter.session.catalog import SessionCatalog
from nubem_jupyter.session.session import Session
from nubem_jupyter.session.settings import Settings
from nubem_jupyter.session.settings_tables import EndpointSettings
from nubem_jupyter.testing import ScriptedProvider, scripted_model
from nubem_jupyter.testing.openai_server import Fault, OpenAIServer, Page
from nubem_jupyter.testing.scripted_provider import Reply

WAIT_S = 20.0
"""Far beyond what it takes; a benchmark says what that is."""
TOOL = 'def run(text: str) -> str:\n    """{doc}"""\n    raise SystemExit\n'


class Listed(ScriptedProvider):
    """Lists what somebody else last told."""

    def __init__(self, *names):
        super().__init__(models=[])
        self.told = [scripted_model(name, local=False) for name in names]
        self.trouble = None
        self.asked = 0

    @property
    def name(self):
        return "listed"

    async def refresh(self):
        self.asked += 1
        if self.trouble:
            raise self.trouble
        self._models = tuple(self.told)
        return self._models


@pytest.fixture
def listed():
    return Listed("listed/one")


@pytest.fixture
def open_catalog(tmp_path, listed):
    opened = []

    def open_one():
        catalog = SessionCatalog(
            {"listed": listed}, home=tmp_path / "home", workspace=tmp_path / "work", rng=random.Random(7)
        )
        opened.append(catalog)
        return catalog

    yield open_one
    for catalog in opened:
        catalog.close()


def write(tmp_path, name="tool", doc="Do it.", place="work"):
    path = tmp_path / place / "components" / f"{name}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(TOOL.format(doc=doc))
    return path


def named(catalog):
    return {info.name: info for info in catalog.components().components}


class News:
    """Collects what is told."""

    def __init__(self, catalog):
        self.told = []
        self._state = threading.Condition()
        self.stop = catalog.listen(self._take)

    def _take(self, found):
        with self._state:
            self.told.append(found)
            self._state.notify_all()

    def next(self):
        with self._state:
            assert self._state.wait_for(lambda: self.told, WAIT_S), "nothing was told"
            return self.told.pop(0)


def test_components_of_workspace_and_user_are_there_without_being_run(open_catalog, tmp_path):
    write(tmp_path)
    write(tmp_path, "mine", place="home")
    write(tmp_path, doc="Shadowed.", place="home")
    found = named(open_catalog())
    assert set(found) == {"tool.run", "mine.run"}
    assert found["tool.run"].description == "Do it."


def test_a_first_look_is_no_news_and_a_later_one_tells_each_field(open_catalog, tmp_path):
    write(tmp_path)
    catalog = open_catalog()
    news = News(catalog)
    assert not catalog.look()
    write(tmp_path, doc="Do it well.")
    write(tmp_path, "other")
    found = catalog.look()
    assert found.added == (Entry(kind="component", id="other.run"),)
    assert (
        Change(kind="component", id="tool.run", field="description", old="Do it.", new="Do it well.") in found.changed
    )
    assert news.next() == found
    assert not catalog.look()
    assert news.told == []
    assert [changed.difference for changed in catalog.changes()] == [found]


def test_what_changed_while_no_kernel_was_there_is_told_at_the_next_look(open_catalog, tmp_path):
    path = write(tmp_path)
    open_catalog().look()
    path.unlink()
    later = open_catalog()
    assert later.look().removed == (Entry(kind="component", id="tool.run"),)
    assert len(open_catalog().changes()) == 1


def test_a_watched_catalog_tells_of_a_change_by_itself_and_once(open_catalog, tmp_path):
    write(tmp_path)
    catalog = open_catalog()
    catalog.look()
    news = News(catalog)
    catalog.watch()
    catalog.watch()
    listed = news.next()  # the server is asked at once
    assert listed.added == (Entry(kind="model", id="listed/one"),)
    write(tmp_path, "new")
    assert news.next().added == (Entry(kind="component", id="new.run"),)
    assert not catalog.look(), "what was told is known"
    assert set(named(catalog)) == {"tool.run", "new.run"}
    assert news.told == []


async def test_what_a_refresh_of_a_watched_catalog_finds_is_listed_at_once(open_catalog, listed):
    catalog = open_catalog()
    catalog.watch()
    assert catalog.wait_ready(WAIT_S)
    listed.told = [scripted_model("listed/new", local=False)]
    await catalog.refresh()
    assert [model.id for model in catalog.snapshot().models] == ["listed/new"]


def test_what_is_as_it_was_before_a_look_between_is_told_too(open_catalog, tmp_path):
    catalog = open_catalog()
    catalog.watch()
    assert catalog.wait_ready(WAIT_S)
    path = write(tmp_path)
    catalog.look()
    news = News(catalog)
    path.unlink()
    assert Entry(kind="component", id="tool.run") in news.next().removed
    assert named(catalog) == {}


def test_a_watched_catalog_has_the_last_kernels_before_it_has_looked(open_catalog, tmp_path, monkeypatch):
    monkeypatch.setattr("nubem_jupyter.session.catalog._FEW_BYTES", 0)  # as of a folder with very many
    path = write(tmp_path)
    open_catalog().look()
    path.unlink()
    held = threading.Event()
    later = open_catalog()
    scan = later._folders.scan
    monkeypatch.setattr(later._folders, "scan", lambda: (held.wait(WAIT_S), scan())[1])
    news = News(later)
    later.watch()
    assert set(named(later)) == {"tool.run"}
    held.set()
    while not news.next().removed:
        pass
    assert named(later) == {}


def test_a_new_kernel_shows_a_few_files_as_they_are_and_asks_no_list_of_models_for_that(open_catalog, tmp_path, listed):
    write(tmp_path, "old").unlink()
    open_catalog().look()
    write(tmp_path)
    later = open_catalog()
    later.watch()
    listed.models = None  # asking would fail
    assert set(named(later)) == {"tool.run"}
    assert not later.is_remembered


def test_what_a_watcher_has_found_is_told_without_another_look(open_catalog, tmp_path, monkeypatch):
    catalog = open_catalog()
    catalog.look()
    news = News(catalog)
    write(tmp_path)
    catalog._seen_by_watcher()
    with monkeypatch.context() as patch:
        patch.setattr(catalog, "_scan", None)
        catalog._watched(Difference())
    assert news.next().added == (Entry(kind="component", id="tool.run"),)


def test_what_was_told_since_the_watcher_looked_is_not_taken_back(open_catalog, tmp_path):
    catalog = open_catalog()
    catalog.look()
    news = News(catalog)
    catalog._seen_by_watcher()
    write(tmp_path)
    assert catalog.look() == news.next()
    catalog._watched(Difference())
    assert news.told == []


def test_a_listener_that_breaks_keeps_nobody_from_hearing(open_catalog, tmp_path, caplog):
    catalog = open_catalog()
    catalog.look()

    def broken(found):
        raise RuntimeError("odd")

    catalog.listen(broken)
    news = News(catalog)
    write(tmp_path)
    catalog.look()
    assert news.next().added
    assert "a listener to the catalog failed" in caplog.text
    news.stop()
    news.stop()
    write(tmp_path, "other")
    catalog.look()
    assert news.told == []


async def test_a_server_that_nobody_asked_is_asked_before_the_first_plan_and_then_left_alone(open_catalog, listed):
    catalog = open_catalog()
    await catalog.ready()
    await catalog.ready()
    assert listed.asked == 1
    assert [model.id for model in catalog.snapshot().models] == ["listed/one"]


async def test_a_server_that_does_not_answer_is_a_trouble_and_no_error(open_catalog, listed):
    catalog = open_catalog()
    listed.trouble = CallFailedError("it is away", hint="start it")
    await catalog.ready()
    await catalog.ready()
    assert listed.asked == 1
    [trouble] = catalog.troubles
    assert (trouble.where, trouble.message, trouble.hint) == ("listed", "it is away", "start it")
    refreshed = await catalog.refresh()
    assert trouble in refreshed.troubles
    listed.trouble = None
    refreshed = await catalog.refresh()
    assert refreshed.troubles == ()
    assert refreshed.difference.mended == (trouble,)
    assert refreshed.difference.added == (Entry(kind="model", id="listed/one"),)


async def test_a_server_that_sends_nonsense_is_a_trouble_and_no_error(open_catalog, listed):
    catalog = open_catalog()
    listed.trouble = OverflowError("integer too large")
    await catalog.ready()
    [trouble] = catalog.troubles
    assert (trouble.where, trouble.message) == ("listed", "its list of models cannot be used (OverflowError)")
    listed.trouble = None
    assert (await catalog.refresh()).troubles == ()


async def test_a_server_that_hangs_holds_no_plan_up_for_long(open_catalog, listed, monkeypatch):
    monkeypatch.setattr("nubem_jupyter.session.servers._FIRST_S", 0.05)

    async def never():
        await asyncio.sleep(600)

    listed.refresh = never
    await asyncio.wait_for(open_catalog().ready(), WAIT_S)


def settings_of(tmp_path, **more):
    return Settings(home=tmp_path / "home", workspace=tmp_path / "work", providers=("servers",), **more)


def list_of(*names):
    return Page(content={"data": [{"id": name} for name in names]})


def test_an_endpoints_list_outlives_the_kernel(tmp_path):
    with OpenAIServer(lambda body: Reply(text="ok"), pages={"/v1/models": list_of("m", "n")}).running_apart() as server:
        settings = settings_of(tmp_path, endpoints={"acme": EndpointSettings(url=server.url)})

        async def plan_and_close(session):
            try:
                await session.plan("Say something")
                return [model.id for model in session.models()]
            finally:
                await session.aclose()

        assert asyncio.run(plan_and_close(Session(settings, {}))) == ["acme/m", "acme/n"]
        asked = len(server.asked)
        assert asyncio.run(plan_and_close(Session(settings, {}))) == ["acme/m", "acme/n"]
        assert len(server.asked) == asked, "what is known is not asked for again"
        server.pages["/v1/models"] = list_of("n")
        session = Session(settings, {})
        refreshed = asyncio.run(session.catalog.refresh())
        assert asyncio.run(plan_and_close(session)) == ["acme/n"]
        assert not refreshed.difference, "no look was made before"
        server.pages["/v1/models"] = Fault(status=503)
        session = Session(settings, {})
        refreshed = asyncio.run(session.catalog.refresh())
        [change, reason] = refreshed.difference.changed
        assert (change.field, change.old, change.new, reason.field) == ("available", True, False, "missing")
        asyncio.run(session.aclose())


def test_a_server_that_an_earlier_kernel_found_dead_is_asked_again_once(tmp_path):
    with OpenAIServer(lambda body: Reply(text="ok"), pages={"/v1/models": list_of("m")}).running_apart() as server:
        settings = settings_of(tmp_path, endpoints={"acme": EndpointSettings(url=server.url)})

        async def look(ask):
            session = Session(settings, {})
            try:
                await ask(session)
                return [(model.id, model.available) for model in session.models()], session.doctor()
            finally:
                await session.aclose()

        asyncio.run(look(Session.health))
        server.pages["/v1/models"] = Fault(status=503)
        dead, found = asyncio.run(look(Session.health))
        assert dead == [("acme/m", False)]
        assert any(finding.text == "acme: 0 of 1 models can be called" for finding in found)
        asked = len(server.asked)
        assert asyncio.run(look(lambda session: session.catalog.ready()))[0] == [("acme/m", False)]
        assert len(server.asked) > asked
        server.pages["/v1/models"] = list_of("m")
        assert asyncio.run(look(lambda session: session.catalog.ready()))[0] == [("acme/m", True)]


@pytest.mark.parametrize(
    ("environ", "names"),
    [
        ({}, []),
        ({"LITELLM_PROXY_URL": "http://127.0.0.1:1"}, ["proxy"]),
        ({"OLLAMA_HOST": "box"}, ["ollama"]),
        ({"LITELLM_PROXY_URL": " ", "OLLAMA_HOST": " "}, []),
    ],
)
def test_servers_are_those_that_are_set_up(tmp_path, environ, names):
    endpoints = {"acme": EndpointSettings(url="http://127.0.0.1:1", key="ACME_KEY")}
    found = make_providers(settings_of(tmp_path, endpoints=endpoints), environ)
    assert list(found) == [*names, "acme"]
    assert [provider.name for provider in found.values()] == list(found)


def test_closing_ends_every_thread(open_catalog, tmp_path):
    catalog = open_catalog()
    before = set(threading.enumerate())
    catalog.watch()
    with closing(catalog):
        pass
    assert not [thread for thread in set(threading.enumerate()) - before if thread.name.startswith("nubem-")]
    assert Path(tmp_path / "work").exists() is False
