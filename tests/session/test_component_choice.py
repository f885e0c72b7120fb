"""A listing of components looks before it says no, and tells what is wrong where somebody asks for it."""

import re

import pytest

from nubem_jupyter.catalog.snapshot import Snapshot
from nubem_jupyter.core.component import Trouble
from nubem_jupyter.errors import UsageError
from nubem_jupyter.render.text import text
from nubem_jupyter.session.component_choice import choose, troubles_about
from nubem_jupyter.session.component_pages import listing_page
from nubem_jupyter.session.doctor import of_components
from nubem_jupyter.session.session import Session
from nubem_jupyter.session.settings import Settings
from nubem_jupyter.session.settings_tables import EndpointSettings, McpSettings

TOOL = 'def run(city: str) -> str:\n    """Tell the weather."""\n    return city\n'
FRAMES = (
    "import pandas as pd\n\n\n"
    'def head(rows: pd.DataFrame) -> str:\n    """Cut."""\n\n\ndef tail(rows: list) -> list:\n    """Cut."""\n'
)
TICKETS = McpSettings(command=("no-such-program",))


@pytest.fixture
async def open_session(tmp_path):
    (tmp_path / "work" / "components").mkdir(parents=True)
    opened = []

    def open_one(**settings):
        providers = ("echo", *settings.get("endpoints", ()))
        made = Settings(home=tmp_path / "home", workspace=tmp_path / "work", providers=providers, **settings)
        opened.append(Session(made, {}))
        return opened[-1]

    yield open_one
    for session in opened:
        await session.aclose()


@pytest.fixture
def put(tmp_path):
    return lambda name, source: (tmp_path / "work" / "components" / name).write_text(source)


def chosen(session, *words, everything=False, limit=None):
    return choose(session.components, {"words": list(words), "all": everything, "limit": limit})


def shown(session, *words) -> str:
    return text(listing_page(chosen(session, *words), "nubem components --all"))


def refused(session, *words) -> UsageError:
    with pytest.raises(UsageError) as caught:
        chosen(session, *words)
    return caught.value


def test_a_new_kernel_lists_a_file_that_was_added_since_the_last(open_session, put):
    open_session().catalog.look()
    put("weather.py", TOOL)
    new = open_session()
    new.catalog.watch()
    assert "weather.run" in shown(new)
    assert "Tell the weather." in shown(new, "weather.run")


def test_what_a_kernel_remembers_of_very_many_files_is_shown_at_once_and_called_so(open_session, put, monkeypatch):
    monkeypatch.setattr("nubem_jupyter.session.catalog._FEW_BYTES", 0)
    put("rain.py", TOOL)
    open_session().catalog.look()
    put("weather.py", TOOL)
    new = open_session()
    new.catalog.watch()
    first = chosen(new)
    if first.remembered:  # else the watcher was quicker than this test
        assert "what the last kernel knew" in text(listing_page(first, ""))
    assert "Tell the weather." in shown(new, "weather.run"), "what is asked for is looked for before that is denied"
    assert new.catalog.wait_ready(60)
    assert not chosen(new).remembered


async def test_what_is_wrong_with_models_of_an_endpoint_is_no_trouble_of_components(open_session, put):
    put("bad.py", "def f(:\n")
    gone = EndpointSettings(url="http://127.0.0.1:9/v1")
    old = open_session(endpoints={"gone": gone})
    await old.catalog.refresh()
    assert old.catalog.troubles
    new = open_session()
    new.catalog.watch()
    assert [trouble.where for trouble in new.components.snapshot().troubles if "bad.py" not in trouble.where] == []
    assert "gone" not in shown(new)
    assert "bad.py" in shown(new)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("frames.head", r"frames\.py: 'head' .*DataFrame"),
        ("bad", r"bad\.py: line 1: "),
        ("bad.f", r"bad\.py: line 1: "),
        ("tickets", r"the MCP server 'tickets': nobody has asked it for its tools yet"),
        ("tickets.add", r"the MCP server 'tickets': nobody has asked it"),
    ],
)
def test_who_asks_for_what_was_left_out_is_told_why(open_session, put, words, told):
    put("frames.py", FRAMES)
    put("bad.py", "def f(:\n")
    error = refused(open_session(mcp={"tickets": TICKETS}), words)
    assert re.search(told, error.message)
    assert error.hint


def test_a_server_that_nobody_asked_says_how_with_the_leave_that_it_needs(open_session):
    assert refused(open_session(mcp={"tickets": TICKETS}), "tickets").hint.startswith(
        "nubem components refresh --allow code"
    )


def test_a_word_that_is_nowhere_is_answered_with_the_nearest(open_session, put):
    put("bad.py", "def f(:\n")
    error = refused(open_session(), "math.compte")
    assert "bad.py" not in error.message
    assert error.hint == "did you mean 'math.compute'?"


def test_a_broken_file_is_told_on_the_page_of_what_it_still_offers(open_session, put):
    put("weather.py", TOOL)
    session = open_session()
    session.catalog.look()
    put("weather.py", TOOL + "def g(:\n")
    session.catalog.look()
    page = shown(session, "weather.run")
    assert "Tell the weather." in page
    assert "its last good version stays" in page


def test_troubles_are_found_by_place_and_name():
    def found(where, message, *words):
        return bool(troubles_about([Trouble(where=where, message=message)], words))

    assert found("/a/components/acme/weather.py", "'run' has no type", "acme.weather.run")
    assert found("/a/components/acme/__init__.py", "line 1: no", "acme")
    assert found("acme.bad of acme-tools 3.1", "it cannot be found", "acme.bad")
    assert not found("/a/components/acme/weather.py", "'run' has no type", "acme.weather.other")
    assert not found("/a/components/acme/weather.py", "'run' has no type", "read")


def test_words_fit_the_origin_and_the_capability(open_session, put):
    put("weather.py", TOOL)
    session = open_session()
    assert [info.name for info in chosen(session, "calculator").shown] == ["math.compute"]
    assert "math.compute" in {info.name for info in chosen(session, "compute").shown}
    assert [info.name for info in chosen(session, "weather.py").shown] == ["weather.run"]


def test_a_function_of_the_program_is_listed_as_such_and_shown_in_full(open_session):
    session = open_session()

    def double(number, times: int = 2, *, note: object = session, **rest):
        """Multiply. Twice where nothing else is said."""

    session.add_component("my.two", double, version="3", ttl_s=60)
    session.add_component("my.c", max)
    row = next(line for line in shown(session).splitlines() if line.startswith("my.two"))
    assert all(word in row for word in ("Multiply.", "number [times] [note]", "nothing", "3", "this program"))
    page = shown(session, "my.two")
    assert "this program" in page
    assert "1 min" in page
    assert "digest" not in page
    assert "my.c" in session.components.infos()


def test_the_limit_and_all_say_what_they_leave_out(open_session):
    session = open_session()
    first = chosen(session, limit=1)
    assert (len(first.shown), first.cut > 0, first.closed > 0) == (1, True, True)
    everything = chosen(session, everything=True)
    assert everything.closed == 0
    assert any(not info.available for info in everything.shown)
    with pytest.raises(UsageError, match="lists nothing"):
        chosen(session, limit=0)


def test_the_doctor_says_in_one_line_that_something_is_wrong():
    assert of_components(Snapshot()).ok
    troubles = tuple(Trouble(where=f"{n}.py", message="line 1: no") for n in range(5))
    finding = of_components(Snapshot(troubles=troubles))
    assert not finding.ok
    assert "0.py, 1.py, 2.py and 2 more" in finding.text
    assert "nubem components" in finding.mend


async def test_a_server_that_did_not_answer_is_told_so_by_the_next_kernel(open_session):
    first = open_session(mcp={"tickets": TICKETS})
    refreshed = await first.components.refresh(("code",))
    assert refreshed.silent
    (told,) = refreshed.troubles
    assert "cannot be started" in told.message
    next_one = open_session(mcp={"tickets": TICKETS})
    assert next_one.components.snapshot().troubles == (told,)
    for words in ("tickets", "tickets.add"):
        assert "the MCP server 'tickets': it cannot be started" in refused(next_one, words).message
