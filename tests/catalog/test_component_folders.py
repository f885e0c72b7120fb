"""Folders of component files: what has changed is read, what is broken keeps its last good version, nothing is run."""

import os
import socket
import threading
import time
from pathlib import Path

import pytest

from nubem_jupyter.catalog.folders import ComponentFolders, cache_file, scanner
from nubem_jupyter.catalog.folders.tree import walk
from nubem_jupyter.catalog.source import LIMIT_BYTES

GOOD = 'def run(x: int = {n}) -> str:\n    """Do it."""\n'


def write(path: Path, text: str | bytes = GOOD.format(n=0), *, aged: bool = True) -> Path:
    """Write a file as if it had been written a while ago, so that its time says all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    if aged:
        moment_ns = time.time_ns() - 10**10 + write.count * 10**6
        write.count += 1
        os.utime(path, ns=(moment_ns, moment_ns))
    return path


write.count = 0


def names(snapshot):
    return [info.name for info in snapshot.components]


def messages(snapshot, path=None):
    return [trouble.message for trouble in snapshot.troubles if path is None or trouble.where == str(path)]


@pytest.fixture
def reads(monkeypatch):
    """Which files were opened."""
    opened = []
    real = scanner.read_content

    def read(path, listed):
        opened.append(Path(path).name)
        return real(path, listed)

    monkeypatch.setattr(scanner, "read_content", read)
    return opened


def test_files_of_all_folders_are_components_and_subfolders_stand_in_their_names(tmp_path):
    write(tmp_path / "one" / "weather.py")
    write(tmp_path / "one" / "acme" / "__init__.py")
    write(tmp_path / "one" / "acme" / "tools.py")
    write(tmp_path / "two" / "maps.py")
    for passed_over in (
        "_own.py",
        ".hidden.py",
        "_folder/a.py",
        ".git/a.py",
        "__pycache__/a.py",
        "node_modules/a.py",
        "readme.md",
    ):
        write(tmp_path / "one" / passed_over)
    found = ComponentFolders([tmp_path / "one", tmp_path / "two"]).scan()
    assert names(found) == ["weather.run", "acme.run", "acme.tools.run", "maps.run"]
    assert found.troubles == ()


def test_a_folder_that_is_not_there_is_empty(tmp_path):
    found = ComponentFolders([tmp_path / "none"]).scan()
    assert (found.components, found.troubles) == ((), ())


def test_a_folder_that_is_a_file_is_a_trouble(tmp_path):
    path = write(tmp_path / "components")
    assert len(messages(ComponentFolders([path]).scan(), path)) == 1


def test_as_long_as_nothing_changes_no_file_is_opened_and_the_same_value_returned(tmp_path, reads):
    write(tmp_path / "a.py")
    folders = ComponentFolders([tmp_path])
    first = folders.scan()
    assert folders.scan() is first
    assert reads == ["a.py"]


def test_only_what_has_changed_is_read(tmp_path, reads):
    write(tmp_path / "a.py")
    write(tmp_path / "b.py")
    folders = ComponentFolders([tmp_path])
    first = folders.scan()
    write(tmp_path / "b.py", GOOD.format(n=1))
    second = folders.scan()
    assert reads == ["a.py", "b.py", "b.py"]
    assert second.components[1].inputs[0].default == 1
    assert second.components[0] is first.components[0]


def test_a_file_that_was_touched_is_no_change(tmp_path):
    write(tmp_path / "a.py")
    folders = ComponentFolders([tmp_path])
    first = folders.scan()
    write(tmp_path / "a.py")
    assert folders.scan() is first


def test_a_file_written_a_moment_ago_is_read_once_more_since_its_time_may_hide_a_second_change(tmp_path, reads):
    path = write(tmp_path / "a.py", aged=False)
    folders = ComponentFolders([tmp_path])
    folders.scan()
    status = path.stat()
    path.write_text(GOOD.format(n=1))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert folders.scan().components[0].inputs[0].default == 1
    assert reads == ["a.py", "a.py"]


def test_a_deleted_file_is_gone(tmp_path):
    path = write(tmp_path / "a.py")
    folders = ComponentFolders([tmp_path])
    folders.scan()
    path.unlink()
    assert names(folders.scan()) == []


def test_a_new_kernel_has_the_last_catalog_before_it_looks_and_reads_nothing_anew(tmp_path, reads):
    write(tmp_path / "c" / "a.py")
    write(tmp_path / "c" / "b.py", "def run(:")
    cache = tmp_path / "home" / "kept"
    first = ComponentFolders([tmp_path / "c"], cache).scan()
    again = ComponentFolders([tmp_path / "c"], cache)
    assert again.remembered() == first
    assert again.scan() == first
    assert reads == ["a.py", "b.py"]


def test_the_first_kernel_remembers_nothing(tmp_path):
    write(tmp_path / "c" / "a.py")
    assert names(ComponentFolders([tmp_path / "c"], tmp_path / "kept").remembered()) == []
    assert names(ComponentFolders([tmp_path / "c"]).remembered()) == []


@pytest.mark.parametrize("damage", [b"", b"\0" * 4096, b"\x92\x02\x90", b"\xff", "cut"])
def test_a_cache_that_is_damaged_or_of_another_version_is_made_anew(tmp_path, damage):
    write(tmp_path / "c" / "a.py")
    cache = tmp_path / "kept"
    first = ComponentFolders([tmp_path / "c"], cache).scan()
    sound = cache.read_bytes()
    cache.write_bytes(sound[: len(sound) // 2] if damage == "cut" else damage)
    again = ComponentFolders([tmp_path / "c"], cache)
    assert names(again.remembered()) == []
    assert again.scan() == first
    assert cache.read_bytes() == sound


def test_a_cache_that_cannot_be_written_is_no_trouble(tmp_path):
    write(tmp_path / "c" / "a.py")
    write(tmp_path / "file")
    assert names(ComponentFolders([tmp_path / "c"], tmp_path / "file" / "kept").scan()) == ["a.run"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c", "file"]


def test_workspaces_have_caches_of_their_own(tmp_path):
    one, other = cache_file(tmp_path, [Path("a"), Path("b")]), cache_file(tmp_path, [Path("a")])
    assert one != other
    assert one == cache_file(tmp_path, [Path("a"), Path("b")])


@pytest.mark.parametrize("text", ["def run(:", b"caf\xe9", "#" * (LIMIT_BYTES + 1), "PERMISSIONS = ask()"])
def test_a_broken_file_has_a_trouble_and_its_last_good_version_stays(tmp_path, text):
    path = write(tmp_path / "c" / "a.py")
    folders = ComponentFolders([tmp_path / "c"], tmp_path / "kept")
    good = folders.scan()
    write(path, text)
    now = folders.scan()
    assert now.components == good.components
    assert "; its last good version stays" in messages(now, path)[0]
    assert ComponentFolders([tmp_path / "c"], tmp_path / "kept").scan() == now, "also for the next kernel"
    write(path, GOOD.format(n=2))
    assert messages(folders.scan()) == []
    assert folders.scan().components[0].inputs[0].default == 2


def test_a_file_that_was_broken_from_the_first_offers_nothing_and_the_others_work(tmp_path):
    path = write(tmp_path / "a.py", "def run(:")
    write(tmp_path / "b.py")
    found = ComponentFolders([tmp_path]).scan()
    assert names(found) == ["b.run"]
    assert messages(found, path) == ["line 1: invalid syntax"]


def test_of_a_name_taken_twice_the_earlier_folder_has_the_word(tmp_path):
    ours, theirs = write(tmp_path / "ours" / "a.py"), write(tmp_path / "theirs" / "a.py")
    found = ComponentFolders([tmp_path / "ours", tmp_path / "theirs"]).scan()
    assert [info.origin.where for info in found.components] == [str(ours)]
    assert messages(found, theirs) == [f"'a.run' is left out, since {ours} has that name"]


def test_links_in_a_loop_end_and_are_told(tmp_path):
    write(tmp_path / "c" / "a.py")
    (tmp_path / "c" / "again").symlink_to(tmp_path / "c")
    (tmp_path / "c" / "b").mkdir()
    (tmp_path / "c" / "b" / "up").symlink_to("..")
    (tmp_path / "c" / "self.py").symlink_to("self.py")
    found = ComponentFolders([tmp_path / "c"]).scan()
    assert names(found) == ["a.run"]
    assert {Path(trouble.where).name for trouble in found.troubles} == {"again", "up", "self.py"}


def test_a_link_to_a_folder_elsewhere_is_followed(tmp_path):
    write(tmp_path / "elsewhere" / "a.py")
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "shared").symlink_to(tmp_path / "elsewhere")
    assert names(ComponentFolders([tmp_path / "c"]).scan()) == ["shared.a.run"]


def test_links_to_links_do_not_multiply(tmp_path):
    """Each folder has two links to the next: two to the power of twenty ways, and twenty folders."""
    for depth in range(20):
        (tmp_path / f"d{depth}").mkdir()
        (tmp_path / f"d{depth}" / "x").symlink_to(tmp_path / f"d{depth + 1}")
        (tmp_path / f"d{depth}" / "y").symlink_to(tmp_path / f"d{depth + 1}")
    write(tmp_path / "d20" / "a.py")
    assert len(names(ComponentFolders([tmp_path / "d0"]).scan())) == 1


def test_pipes_and_sockets_are_told_and_never_waited_for(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "pipe.py")
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.py")
        (tmp_path / "device.py").symlink_to("/dev/zero")
        found = ComponentFolders([tmp_path]).scan()
    assert {Path(trouble.where).name for trouble in found.troubles} == {"pipe.py", "socket.py", "device.py"}


def test_a_file_that_became_a_pipe_since_it_was_listed_is_not_waited_for(tmp_path, monkeypatch):
    path = write(tmp_path / "a.py")
    folders = ComponentFolders([tmp_path])
    listed = list(walk(str(tmp_path)))
    path.unlink()
    os.mkfifo(path)
    monkeypatch.setattr(scanner, "walk", lambda folder: listed)
    found = folders.scan()
    assert names(found) == []
    assert "pipe" in messages(found, path)[0]


def test_a_file_that_went_since_it_was_listed_is_no_trouble(tmp_path, monkeypatch):
    path = write(tmp_path / "a.py")
    listed = list(walk(str(tmp_path)))
    path.unlink()
    monkeypatch.setattr(scanner, "walk", lambda folder: listed)
    found = ComponentFolders([tmp_path]).scan()
    assert (found.components, found.troubles) == ((), ())


def test_a_folder_that_vanishes_while_it_is_looked_at_is_told_and_the_rest_works(tmp_path, monkeypatch):
    write(tmp_path / "a" / "a.py")
    write(tmp_path / "b" / "b.py")
    real = os.scandir

    def scandir(path):
        if Path(path).name == "a":
            raise FileNotFoundError(2, "No such file or directory")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    found = ComponentFolders([tmp_path]).scan()
    assert names(found) == ["b.b.run"]
    assert "No such file" in messages(found, tmp_path / "a")[0]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_told(tmp_path):
    path = write(tmp_path / "a.py")
    path.chmod(0)
    assert "Permission denied" in messages(ComponentFolders([tmp_path]).scan(), path)[0]


def test_what_the_system_refuses_to_open_is_told_and_tried_again(tmp_path, monkeypatch):
    path = write(tmp_path / "a.py")
    folders = ComponentFolders([tmp_path])
    with monkeypatch.context() as patch:
        patch.setattr(scanner, "read_content", refuse)
        assert messages(folders.scan(), path) == ["it cannot be read: Permission denied"]
    assert names(folders.scan()) == ["a.run"]


def refuse(path, listed):
    raise PermissionError(13, "Permission denied", path)


def test_a_name_that_is_no_utf_8_is_told_in_letters_that_can_be_shown(tmp_path):
    try:
        (tmp_path / os.fsdecode(b"caf\xe9.py")).write_text(GOOD)
    except OSError:
        pytest.skip("this file system takes only names in UTF-8")
    (trouble,) = ComponentFolders([tmp_path], tmp_path / "kept").scan().troubles
    assert trouble.where.endswith(r"caf\xe9.py")


def test_a_dangling_link_is_told(tmp_path):
    (tmp_path / "a.py").symlink_to("nothing.py")
    assert len(messages(ComponentFolders([tmp_path]).scan())) == 1


def test_a_file_in_another_folder_name_is_read_by_its_new_name(tmp_path):
    write(tmp_path / "a" / "x.py")
    cache = tmp_path / "kept"
    assert names(ComponentFolders([tmp_path / "a"], cache).scan()) == ["x.run"]
    assert names(ComponentFolders([tmp_path], cache).scan()) == ["a.x.run"]


def test_two_threads_may_look_at_once(tmp_path):
    for number in range(50):
        write(tmp_path / f"c{number}.py")
    folders = ComponentFolders([tmp_path])
    seen = []
    threads = [threading.Thread(target=lambda: seen.append(folders.scan())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(snapshot is seen[0] for snapshot in seen)
    assert len(seen[0].components) == 50
