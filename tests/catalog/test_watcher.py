"""The watcher tells each burst of changes once, with the right difference, and whatever happens it goes on."""

import contextlib
import os
import shutil
import threading
import time
from pathlib import Path

import pytest

from nubem_jupyter.catalog.difference import Entry
from nubem_jupyter.catalog.folders import ComponentFolders
from nubem_jupyter.catalog.snapshot import Snapshot
from nubem_jupyter.catalog.watching import Timing, Watcher, ears, mounts
from nubem_jupyter.catalog.watching.burst import Burst
from nubem_jupyter.testing import scripted_model

SOURCE = 'def run(x: int = {n}) -> str:\n    """Do it."""\n'
WAIT_S = 20.0
"""Far beyond what it takes; the benchmark says what that is."""
ONLY_EVENTS = Timing(quiet_s=0.4, longest_s=10.0, sweep_s=600.0)
"""A little calmer than what is usual: on a busy machine a test may stand still between two steps of one burst."""
ONLY_LOOKS = Timing(quiet_s=0.4, longest_s=10.0, sweep_s=0.1, poll_s=0.1, share=1.0, poll_share=1.0)


class Watched:
    """A folder with a watcher, and what it told."""

    def __init__(self, folder: Path, timing: Timing) -> None:
        self.folder = folder
        self.told = []
        self._news = threading.Condition()
        self.scanner = ComponentFolders([folder])
        self.watcher = Watcher([folder], self.scanner.scan, self._take, remembered=self.scanner.scan, timing=timing)
        self.watcher.start()
        assert self.watcher.wait_ready(WAIT_S)

    def _take(self, found):
        with self._news:
            self.told.append(found)
            self._news.notify_all()

    def write(self, name, n=0):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(SOURCE.format(n=n))
        return path

    def next(self):
        """Return what is told next, and forget it."""
        with self._news:
            assert self._news.wait_for(lambda: self.told, WAIT_S), "nothing was told"
            return self.told.pop(0)

    def components(self):
        return {info.name: info.inputs[0].default for info in self.watcher.snapshot.components}


@pytest.fixture
def watch(tmp_path):
    with contextlib.ExitStack() as stack:

        def begin(*files, timing=ONLY_EVENTS, folder=tmp_path / "components"):
            for name in files:
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(SOURCE.format(n=0))
            watched = Watched(folder, timing)
            stack.callback(watched.watcher.stop)
            return watched

        yield begin


def ids(entries):
    return [entry.id for entry in entries]


both_ways = pytest.mark.parametrize("timing", [ONLY_EVENTS, ONLY_LOOKS], ids=["by events", "by looking"])


@both_ways
def test_a_saved_file_is_told(watch, timing):
    watched = watch("a.py", timing=timing)
    watched.write("b.py")
    found = watched.next()
    assert found.added == (Entry(kind="component", id="b.run"),)
    assert (found.removed, found.changed, found.troubles) == ((), (), ())


@both_ways
def test_an_edited_file_is_told_by_the_fields_that_changed(watch, timing):
    watched = watch("a.py", timing=timing)
    watched.write("a.py", 1)
    fields = {change.field: (change.old, change.new) for change in watched.next().changed}
    assert fields.keys() == {"inputs.x.default", "origin.digest"}
    assert fields["inputs.x.default"] == (0, 1)


@both_ways
def test_a_renamed_file_is_told_as_one_that_went_and_one_that_came(watch, timing):
    watched = watch("a.py", timing=timing)
    (watched.folder / "a.py").rename(watched.folder / "b.py")
    found = watched.next()
    assert (ids(found.removed), ids(found.added)) == (["a.run"], ["b.run"])


@both_ways
def test_a_deleted_file_is_told(watch, timing):
    watched = watch("a.py", timing=timing)
    (watched.folder / "a.py").unlink()
    assert ids(watched.next().removed) == ["a.run"]


@both_ways
def test_a_file_saved_through_a_temporary_one_is_one_change(watch, timing):
    watched = watch("a.py", timing=timing)
    for name in ("a.py~", ".a.py.swp", "4913"):
        (watched.folder / name).write_text("x")
    watched.write("a.py.tmp", 1).replace(watched.folder / "a.py")
    for name in ("a.py~", ".a.py.swp", "4913"):
        (watched.folder / name).unlink()
    found = watched.next()
    assert {change.id for change in found.changed} == {"a.run"}
    assert (found.added, found.removed, watched.told) == ((), (), [])


@both_ways
def test_an_editor_that_puts_the_old_file_aside_first_makes_one_change(watch, timing):
    watched = watch("a.py", timing=timing)
    (watched.folder / "a.py").rename(watched.folder / "a.py.bak")
    watched.write("a.py", 1)
    found = watched.next()
    assert {change.id for change in found.changed} == {"a.run"}
    assert (found.added, found.removed) == ((), ())


def test_a_thousand_files_at_once_are_one_event_with_all_that_changed(watch):
    watched = watch(
        *(f"p{n % 7}/t{n}.py" for n in range(1000)), timing=Timing(quiet_s=1.0, longest_s=20.0, sweep_s=600.0)
    )
    for n in range(500):
        watched.write(f"p{n % 7}/t{n}.py", 1)
    for n in range(500, 750):
        (watched.folder / f"p{n % 7}" / f"t{n}.py").unlink()
    for n in range(1000, 1250):
        watched.write(f"new/t{n}.py")
    wanted = {f"p{n % 7}.t{n}.run": int(n < 500) for n in range(1000) if not 500 <= n < 750}
    wanted |= {f"new.t{n}.run": 0 for n in range(1000, 1250)}
    found = watched.next()
    assert (len(found.added), len(found.removed), len(found.changed)) == (250, 250, 1000)
    assert watched.components() == wanted
    assert watched.told == []


def test_a_folder_that_is_moved_in_and_out_is_told(watch, tmp_path):
    watched = watch("a.py")
    (tmp_path / "aside" / "deep").mkdir(parents=True)
    (tmp_path / "aside" / "deep" / "b.py").write_text(SOURCE.format(n=0))
    (tmp_path / "aside").rename(watched.folder / "in")
    assert ids(watched.next().added) == ["in.deep.b.run"]
    (watched.folder / "in").rename(tmp_path / "out")
    assert ids(watched.next().removed) == ["in.deep.b.run"]


def test_files_in_folders_that_were_made_meanwhile_are_told(watch):
    watched = watch("a.py")
    watched.write("new/deep/b.py")
    assert ids(watched.next().added) == ["new.deep.b.run"]
    watched.write("new/deep/b.py", 1)
    assert {change.id for change in watched.next().changed} == {"new.deep.b.run"}


def test_a_folder_that_is_made_later_is_heard(watch):
    watched = watch()
    watched.write("a.py")
    assert ids(watched.next().added) == ["a.run"]
    watched.write("b.py")
    assert ids(watched.next().added) == ["b.run"]


def test_a_folder_that_is_deleted_and_made_again_is_heard(watch):
    watched = watch("a.py")
    shutil.rmtree(watched.folder)
    assert ids(watched.next().removed) == ["a.run"]
    watched.write("b.py")
    assert ids(watched.next().added) == ["b.run"]
    watched.write("b.py", 1)
    assert {change.id for change in watched.next().changed} == {"b.run"}


def test_a_folder_behind_a_link_is_heard(watch, tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "components").symlink_to("real")
    watched = watch("a.py")
    watched.write("b.py")
    assert ids(watched.next().added) == ["b.run"]


def test_a_broken_file_is_told_its_last_good_version_stays_and_that_it_was_mended_too(watch):
    watched = watch("a.py")
    path = watched.folder / "a.py"
    path.write_text("def run(:")
    found = watched.next()
    assert [trouble.where for trouble in found.troubles] == [str(path)]
    assert (found.removed, found.changed) == ((), ())
    assert watched.components() == {"a.run": 0}
    watched.write("a.py", 1)
    found = watched.next()
    assert [trouble.where for trouble in found.mended] == [str(path)]
    assert {change.id for change in found.changed} == {"a.run"}


def test_a_change_that_no_event_tells_of_is_found_by_the_next_look(watch, monkeypatch):
    monkeypatch.setattr(Watcher, "poke", lambda self: None)
    watched = watch("a.py", timing=Timing(sweep_s=0.1, share=1.0))
    watched.write("b.py")
    assert ids(watched.next().added) == ["b.run"]


def test_what_changed_while_nobody_watched_is_told_at_the_start(tmp_path):
    folder = tmp_path / "components"
    folder.mkdir()
    (folder / "a.py").write_text(SOURCE.format(n=0))
    told = []
    watcher = Watcher([folder], ComponentFolders([folder]).scan, told.append)
    watcher.start()
    assert watcher.wait_ready(WAIT_S)
    watcher.stop()
    assert [ids(found.added) for found in told] == [["a.run"]]


def test_looking_makes_no_events_and_a_file_that_is_no_component_makes_no_look(watch):
    looks = []
    watched = watch("a.py")
    watched.scanner.scan, real = lambda: looks.append(1) or real(), watched.scanner.scan
    watched.watcher._scan = watched.scanner.scan
    for path in watched.folder.iterdir():
        path.read_text()
    (watched.folder / "notes.md").write_text("x")
    time.sleep(1.0)
    assert looks == []


def test_a_listener_that_fails_and_a_scan_that_fails_end_nothing(tmp_path, caplog):
    folder = tmp_path / "components"
    folder.mkdir()
    real = ComponentFolders([folder]).scan
    faults, told, news = ["scan", "listener"], [], threading.Event()

    def scan():
        if faults and faults[0] == "scan" and list(folder.iterdir()):
            raise ValueError(faults.pop(0))
        return real()

    def listen(found):
        told.append(found)
        news.set()
        if faults:
            raise ValueError(faults.pop(0))

    watcher = Watcher([folder], scan, listen, timing=Timing(sweep_s=0.2, share=1.0))
    watcher.start()
    assert watcher.wait_ready(WAIT_S)
    (folder / "a.py").write_text(SOURCE.format(n=0))
    assert news.wait(WAIT_S)
    news.clear()
    (folder / "b.py").write_text(SOURCE.format(n=0))
    assert news.wait(WAIT_S)
    watcher.stop()
    assert [ids(found.added) for found in told] == [["a.run"], ["b.run"]]
    assert [record.message.partition(" ")[0] for record in caplog.records] == ["the", "a"]


def test_stopping_leaves_no_thread(watch):
    before = set(threading.enumerate())
    watched = watch("a.py")
    assert len(threading.enumerate()) > len(before)
    watched.watcher.stop()
    watched.watcher.stop()
    assert set(threading.enumerate()) == before
    watched.write("b.py")
    watched.watcher.start()
    assert set(threading.enumerate()) == before, "it ended for good"
    assert watched.told == []


def test_a_watcher_that_was_never_started_can_be_stopped(tmp_path):
    Watcher([tmp_path], Snapshot, print).stop()


def test_a_listener_may_stop_the_watcher(tmp_path):
    (tmp_path / "a.py").write_text(SOURCE.format(n=0))
    watcher = Watcher([tmp_path], ComponentFolders([tmp_path]).scan, lambda found: watcher.stop())
    watcher.start()
    thread = watcher._thread
    thread.join(WAIT_S)
    assert not thread.is_alive()


def test_where_the_system_gives_no_watches_changes_are_found_by_looking(watch, monkeypatch):
    def refuse(self):
        raise OSError(28, "inotify watch limit reached")

    monkeypatch.setattr(ears.Ears, "_open", refuse)
    watched = watch("a.py", timing=Timing(sweep_s=600.0, poll_s=0.1, poll_share=1.0))
    assert watched.watcher.polls
    watched.write("b.py")
    assert ids(watched.next().added) == ["b.run"]


def test_a_watch_that_was_refused_is_not_asked_for_at_every_look(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(ears.Ears, "_open", lambda self: asked.append(1))
    listener = ears.Ears([str(tmp_path / "a")], print)
    listener.listen()
    listener.listen()
    assert len(asked) == 1
    (tmp_path / "a").mkdir()
    listener.listen()
    assert len(asked) == 2


def test_a_folder_without_a_parent_is_listened_for_by_looking(tmp_path):
    listener = ears.Ears([str(tmp_path / "none" / "components")], print)
    listener.listen()
    assert listener._observer.emitters == set()
    listener.close()


def test_where_watchdog_itself_can_only_look_that_is_done_here(watch, monkeypatch):
    import watchdog.observers
    from watchdog.observers.polling import PollingObserver

    monkeypatch.setattr(watchdog.observers, "Observer", PollingObserver)
    assert watch("a.py", timing=ONLY_LOOKS).watcher.polls


MOUNTS = """22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
30 22 0:40 / /mnt/my\\040share rw - nfs4 server:/x rw
31 22 0:41 / /mnt/keys rw - fuse.sshfs keys rw
32 31 0:42 / /mnt/keys/fast rw - tmpfs tmpfs rw
33 22 0:43 / /over rw - nfs server:/y rw
34 22 0:44 / /over rw - ext4 /dev/vdb rw
"""


@pytest.mark.parametrize(
    ("path", "silent"),
    [
        ("/home/me/components", False),
        ("/mnt/my share/components", True),
        ("/mnt/my share2", False),
        ("/mnt/keys/components", True),
        ("/mnt/keys/fast/components", False),
        ("/over/components", False),
    ],
)
def test_file_systems_that_others_write_to_give_no_events(tmp_path, path, silent):
    listed = tmp_path / "mountinfo"
    listed.write_text(MOUNTS)
    assert mounts.is_silent(path, listed) is silent


def test_where_nothing_is_known_of_mounts_events_are_waited_for(tmp_path):
    assert not mounts.is_silent(str(tmp_path), tmp_path / "none")


def test_a_burst_is_over_when_it_is_quiet_or_has_gone_on_for_long():
    burst = Burst(Timing(quiet_s=1.0, longest_s=3.0))
    assert not burst
    burst.note(10.0)
    assert (bool(burst), burst.over_s()) == (True, 11.0)
    burst.note(10.5)
    assert burst.over_s() == 11.5
    burst.note(12.8)
    assert (burst.began_s, burst.over_s()) == (10.0, 13.0)
    burst.clear()
    assert not burst


def test_looks_become_rarer_where_they_are_long():
    timing = Timing(sweep_s=4.0, poll_s=1.0, share=0.01, poll_share=0.05)
    assert timing.rest_s(0.001, blind=False) == 4.0
    assert timing.rest_s(0.1, blind=False) == pytest.approx(10.0)
    assert timing.rest_s(0.001, blind=True) == 1.0
    assert timing.rest_s(0.1, blind=True) == pytest.approx(2.0)


def test_paths_that_are_no_text_are_heard(watch):
    watched = watch("a.py")
    try:
        (watched.folder / os.fsdecode(b"caf\xe9.py")).write_text(SOURCE)
    except OSError:
        pytest.skip("this file system takes only names in UTF-8")
    assert len(watched.next().troubles) == 1


@pytest.mark.parametrize("way", ["written", "put in its place"])
def test_another_file_that_says_what_there_is_is_heard_too(tmp_path, way):
    listed = tmp_path / "conf" / "models.yaml"
    listed.parent.mkdir()
    listed.write_text("one")
    news = threading.Event()

    def scan():
        return Snapshot(models=(scripted_model(f"far/{listed.read_text()}"),))

    def take(found):
        if "far/two" in ids(found.added):  # it may be seen empty before, between two steps of writing it
            news.set()

    watcher = Watcher([tmp_path / "components"], scan, take, remembered=scan, timing=ONLY_EVENTS, files=[listed])
    watcher.start()
    try:
        assert watcher.wait_ready(WAIT_S)
        if way == "written":
            listed.write_text("two")
        else:
            (tmp_path / "conf" / ".models.yaml.part").write_text("two")
            (tmp_path / "conf" / ".models.yaml.part").replace(listed)
        assert news.wait(WAIT_S), "nothing was told"
    finally:
        watcher.stop()
