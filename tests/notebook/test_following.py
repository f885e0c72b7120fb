"""A list that follows the catalog shows each change by itself, and stops where another takes its place."""

import threading

import msgspec
import pytest

from nubem_jupyter.errors import UsageError

WAIT_S = 60.0
"""Far beyond what it takes; a benchmark says what that is."""
TOOL = 'def {name}(text: str) -> str:\n    """Do it {how}."""\n    return text\n'


class Page:
    """What a notebook's front end has: outputs by their name, the newest state of each."""

    def __init__(self):
        self.outputs = {}
        self.updates = 0
        self._state = threading.Condition()

    def publish(self, data, *, transient=None, update=False):
        with self._state:
            name = (transient or {}).get("display_id", f"output {len(self.outputs)}")
            assert update == (name in self.outputs)
            self.outputs[name] = data
            self.updates += update
            self._state.notify_all()

    def texts(self):
        return [data["text/plain"] for data in self.outputs.values()]

    def wait_for(self, *words, place=-1):
        with self._state:
            has_all = lambda: all(word in self.texts()[place] for word in words)  # noqa: E731
            assert self._state.wait_for(has_all, WAIT_S), self.texts()[place]


@pytest.fixture
def page(shell, monkeypatch):
    """The front end of a kernel."""
    made = Page()
    shell.kernel = object()
    monkeypatch.setattr(shell.display_pub, "publish", made.publish)
    yield made
    del shell.kernel


@pytest.fixture
def save(tmp_path):
    folder = tmp_path / "work" / "components"
    folder.mkdir(parents=True)

    def write(name, how="so"):
        (folder / f"{name}.py").write_text(TOOL.format(name=name, how=how))

    return write


def catalog_of(shell):
    return shell._nubem_extension.workbench.session.catalog


def test_what_is_saved_appears_in_the_list_with_a_line_of_what_changed(cell, page, save, shell):
    save("first")
    cell("%nubem components --live")
    assert "first.first" in page.texts()[0]
    assert "nothing has since it was opened" in page.texts()[0]
    assert catalog_of(shell).wait_ready(WAIT_S)
    save("second")
    page.wait_for("Changed since this was opened", "second.second", "added")
    save("first", how="otherwise")
    page.wait_for("description changed", "Do it so. → Do it otherwise.")
    assert len(page.outputs) == 1, "it is drawn anew where it stands"
    assert "<table" in page.outputs[next(iter(page.outputs))]["text/html"]


def test_models_are_followed_too(cell, page, shell, monkeypatch):
    cell("%nubem models --live")
    session = shell._nubem_extension.workbench.session
    assert session.catalog.wait_ready(WAIT_S)
    (model,) = session.models()
    closed = {"available": False, "missing": "start the server"}
    monkeypatch.setattr(session.providers["echo"], "models", lambda: (msgspec.structs.replace(model, **closed),))
    session.catalog.look()
    page.wait_for("available changed", "yes → no")


def test_a_new_list_takes_the_place_of_the_one_before(cell, page, save, shell):
    save("first")
    cell("%nubem components --live")
    cell("%nubem components --live first")
    assert "this one has stopped" in page.texts()[0]
    old = page.texts()[0]
    assert catalog_of(shell).wait_ready(WAIT_S)
    save("first", how="otherwise")
    page.wait_for("Do it otherwise.", place=1)
    assert page.texts()[0] == old


def test_what_was_followed_and_is_gone_is_said(cell, page, save, shell, tmp_path):
    save("zebra")
    cell("%nubem components --live zebra")
    assert catalog_of(shell).wait_ready(WAIT_S)
    (tmp_path / "work" / "components" / "zebra.py").unlink()
    page.wait_for("no component has 'zebra'", "removed")
    save("zebra")
    page.wait_for("Do it so.")


def test_it_ends_with_the_session_and_leaves_no_thread(cell, page, save, shell):
    cell("%nubem components --live")
    cell("%nubem models --live")
    catalog = catalog_of(shell)
    assert len(catalog._listeners) == 2
    cell("%config Nubem.cache = False")
    assert all("The session was closed" in text for text in page.texts())
    assert catalog._listeners == []
    assert not any(thread.name == "nubem-watcher" for thread in threading.enumerate())


def test_a_list_that_cannot_be_drawn_follows_nothing(cell, page, shell):
    result = cell("%nubem components --live no-such-word")
    assert isinstance(result.error_in_exec, UsageError)
    assert catalog_of(shell)._listeners == []
    assert page.outputs == {}


def test_a_terminal_and_other_pages_cannot_be_followed(fails, shell):
    error, _ = fails("%nubem models --live")
    assert "a terminal cannot follow" in error.message
    error, _ = fails("%nubem models --live refresh")
    assert "--live follows a list, and refresh shows none" in error.message
    error, _ = fails("%nubem components --live --diff")
    assert "--diff shows none" in error.message
    error, _ = fails("%nubem runs --live")
    assert "--live says nothing to %nubem runs" in error.message
