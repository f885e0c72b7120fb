"""What the disk cache does when it is full, shared, damaged or in the way."""

import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from nubem_jupyter.core.cache import CacheEntry, ToolValue
from nubem_jupyter.errors import StorageError
from nubem_jupyter.storage.database import Database
from nubem_jupyter.storage.disk_cache import DiskCache
from nubem_jupyter.storage.set_aside import set_aside_if_damaged

MEGABYTE = 1 << 20
USE = """
import sys, time
from pathlib import Path
from nubem_jupyter.core.cache import CacheEntry, ToolValue
from nubem_jupyter.storage.disk_cache import DiskCache

cache = DiskCache(Path(sys.argv[1]), 200_000)
hits = 0
for number in range(150):
    key = f"{sys.argv[2]}{number}"
    now_s = time.time()
    cache.put_all({key: CacheEntry(content=ToolValue.of(key * 300), stored_s=now_s)})
    for key in (f"a{number}", f"b{number}"):
        found = cache.get(key, now_s + 100.0)
        assert found is None or found.content.value == key * 300
        hits += found is not None
print("done" if hits else "nothing was found")
"""


def entry(value, stored_s=0.0, ttl_s=None):
    return CacheEntry(content=ToolValue.of(value), stored_s=stored_s, ttl_s=ttl_s)


def fill(cache, count=60, size=3_000):
    for number in range(count):
        cache.put_all({f"k{number}": entry("x" * size)})


def test_nothing_is_touched_before_the_first_use_and_nobody_else_may_read(tmp_path):
    path = tmp_path / "deep" / "cache.db"
    with closing(DiskCache(path, MEGABYTE)) as cache:
        assert not path.parent.exists()
        cache.put_all({"a": entry(1)})
        assert {found.stat().st_mode & 0o077 for found in path.parent.iterdir()} == {0}


def test_the_file_itself_keeps_to_the_limit(tmp_path):
    """The limit is what the disk gives, indexes and half-filled pages included."""
    path = tmp_path / "cache.db"
    with closing(DiskCache(path, 300_000)) as cache:
        for number in range(600):
            cache.put_all({f"k{number}": entry("x" * (number * 37 % 5_000), stored_s=float(number))})
        assert path.stat().st_size <= 300_000
    assert 150_000 < path.stat().st_size <= 300_000


def test_clearing_gives_the_disk_its_space_back(tmp_path):
    path = tmp_path / "cache.db"
    with closing(DiskCache(path, 4 * MEGABYTE)) as cache:
        fill(cache, 300)
        assert cache.clear() == 300
    assert path.stat().st_size < 100_000


def test_what_is_over_makes_room_first(tmp_path):
    """An entry that may still be given is not forgotten while there are others that may not."""
    with closing(DiskCache(tmp_path / "cache.db", 200_000)) as cache:
        cache.put_all({"old": entry(1)})
        for number in range(40):
            cache.put_all({f"over{number}": entry("x" * 4_000, stored_s=float(number + 1), ttl_s=1.0)})
        assert cache.stats().entries < 40
        assert cache.get("old", 50.0) == entry(1)


def test_a_limit_with_no_room_at_all_keeps_nothing_and_harms_nobody(tmp_path):
    with closing(DiskCache(tmp_path / "cache.db", 1_000)) as cache:
        cache.put_all({"a": entry(1)})
        assert (cache.get("a", 0.0), cache.stats().entries) == (None, 0)


def test_a_smaller_limit_holds_from_the_next_entry_on(tmp_path):
    path = tmp_path / "cache.db"
    with closing(DiskCache(path, 4 * MEGABYTE)) as cache:
        fill(cache, 300)
    with closing(DiskCache(path, 200_000)) as cache:
        cache.put_all({"a": entry(1, stored_s=1.0)})
        assert cache.stats().bytes <= 200_000
        assert cache.get("a", 1.0) == entry(1, stored_s=1.0)


def test_two_processes_share_it(tmp_path):
    """Both write, read and make room at once, and neither meets an error or another key's value."""
    command = [sys.executable, "-c", USE, tmp_path / "cache.db"]
    both = [subprocess.Popen([*command, name], stdout=subprocess.PIPE, stderr=subprocess.STDOUT) for name in "ab"]
    assert [process.communicate(timeout=120)[0] for process in both] == [b"done\n"] * 2
    with closing(DiskCache(tmp_path / "cache.db", 200_000)) as cache:
        assert 0 < cache.stats().entries < 300
        with cache.database.reading() as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.mark.parametrize("spoil", ["text", "half", "cut"])
def test_a_damaged_file_is_set_aside_and_a_new_one_begun(tmp_path, spoil):
    """What it held can be made again, so the user need not be troubled; the old file is kept to look at."""
    path = tmp_path / "cache.db"
    with closing(DiskCache(path, MEGABYTE)) as cache:
        fill(cache)
    sound = path.read_bytes()
    spoilt = {
        "text": b"not a database, " * 1000,
        "half": sound[:4096] + b"\xff" * (len(sound) - 4096),
        "cut": sound[: len(sound) // 2],
    }[spoil]
    path.write_bytes(spoilt)
    with closing(DiskCache(path, MEGABYTE)) as cache:
        assert [cache.get(f"k{number}", 0.0) for number in range(60)] == [None] * 60
        fill(cache)
        assert cache.get("k59", 0.0) == entry("x" * 3_000)
    aside = (tmp_path / "cache.db.damaged").read_bytes()
    assert (len(aside), aside[-2_000:]) == (len(spoilt), spoilt[-2_000:])


def test_damage_under_an_open_cache_is_mended(tmp_path):
    """The file is overwritten while two caches have it open; both go on, and who opens it next finds a sound one."""
    path = tmp_path / "cache.db"
    with closing(DiskCache(path, MEGABYTE)) as one, closing(DiskCache(path, MEGABYTE)) as two:
        fill(one)
        assert two.get("k1", 0.0) is not None
        for end in ("", "-wal"):
            spoilt = tmp_path / f"cache.db{end}"
            spoilt.write_bytes(b"\xff" * spoilt.stat().st_size)
        assert one.get("k1", 0.0) is None
        for name, cache in (("a", one), ("b", two)):
            cache.put_all({name: entry(name)})
            assert cache.get(name, 0.0) == entry(name)
    with closing(DiskCache(path, MEGABYTE)) as cache:
        assert cache.get("a", 0.0) == entry("a")
        with cache.database.reading() as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_sound_file_is_never_set_aside(tmp_path):
    """Another process may have put a new file there since the damage was found."""
    with closing(DiskCache(tmp_path / "cache.db", MEGABYTE)) as cache:
        cache.put_all({"a": entry(1)})
        set_aside_if_damaged(cache.database)
        assert cache.get("a", 0.0) == entry(1)
    assert [path.name for path in tmp_path.iterdir()] == ["cache.db"]


def test_a_file_that_cannot_be_looked_through_is_told(tmp_path):
    with pytest.raises(StorageError, match="cannot be opened"):
        set_aside_if_damaged(Database(tmp_path))


def test_a_record_that_cannot_be_read_is_a_miss_and_is_replaced(tmp_path):
    with closing(DiskCache(tmp_path / "cache.db", MEGABYTE)) as cache:
        cache.put_all({"a": entry(1)})
        with cache.database.writing() as connection:
            connection.execute("UPDATE entry SET record = ?", (b'{"content":',))
        assert cache.get("a", 0.0) is None
        cache.put_all({"a": entry(2)})
        assert cache.get("a", 0.0) == entry(2)


def test_a_database_of_another_program_is_left_alone(tmp_path):
    path = tmp_path / "cache.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE theirs (a)")
    with closing(DiskCache(path, MEGABYTE)) as cache, pytest.raises(StorageError, match="another program"):
        cache.get("a", 0.0)
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT name FROM sqlite_schema").fetchall() == [("theirs",)]


def test_a_place_that_cannot_be_opened_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file" / "cache.db", tmp_path):
        with closing(DiskCache(path, MEGABYTE)) as cache:
            for use in (lambda: cache.get("a", 0.0), lambda: cache.put_all({"a": entry(1)}), cache.clear, cache.stats):
                with pytest.raises(StorageError) as caught:
                    use()
                assert "NUBEM_HOME" in caught.value.hint


def test_a_damaged_file_that_cannot_be_renamed_is_told(tmp_path):
    path = tmp_path / "cache.db"
    path.write_bytes(b"not a database, " * 1000)
    (tmp_path / "cache.db.damaged" / "full").mkdir(parents=True)
    with closing(DiskCache(path, MEGABYTE)) as cache, pytest.raises(StorageError, match=r"cache\.db cannot be used"):
        cache.get("a", 0.0)


def test_another_process_that_writes_does_not_delay_a_hit(tmp_path, monkeypatch):
    """Reading goes on beside a writer; a use that cannot be noted is still a hit, and what cannot be kept is told."""
    monkeypatch.setattr("nubem_jupyter.storage.disk_cache._BUSY_S", 0.05)
    path = tmp_path / "cache.db"
    with closing(DiskCache(path, MEGABYTE)) as cache, closing(DiskCache(path, MEGABYTE)) as other:
        cache.put_all({"a": entry(1)})
        with other.database.writing():
            assert cache.get("a", 1e6) == entry(1)
            with pytest.raises(StorageError, match="in use by another process"):
                cache.put_all({"b": entry(2)})
        cache.put_all({"b": entry(2)})


def test_what_is_known_follows_the_file(tmp_path):
    """What is forgotten, swept out or cleared is no longer looked for; a miss is looked for once."""
    path = tmp_path / "cache.db"
    with closing(DiskCache(path, 200_000)) as cache, closing(DiskCache(path, 200_000)) as other:
        cache.refresh()
        assert not cache.may_have("k0")
        fill(cache, 200)
        assert not cache.may_have("k0"), "it made room"
        assert cache.may_have("k199")
        other.clear()
        assert cache.may_have("k199"), "nobody has looked since"
        assert cache.get("k199", 0.0) is None
        assert not cache.may_have("k199")
        cache.clear()
        assert not any(cache.may_have(f"k{number}") for number in range(200))


def test_a_refresh_reads_only_what_is_new(tmp_path):
    """Where no other connection wrote nothing is read, and else the rows that came since."""
    path = tmp_path / "cache.db"
    with closing(DiskCache(path, MEGABYTE)) as cache, closing(DiskCache(path, MEGABYTE)) as other:
        fill(other, 20, size=3)
        asked = []
        cache.refresh()
        with cache.database.reading() as connection:
            connection.set_trace_callback(asked.append)
        cache.put_all({"own": entry(1)})
        asked.clear()
        cache.refresh()
        assert not [sql for sql in asked if sql.startswith("SELECT")]
        other.put_all({"theirs": entry(2)})
        cache.refresh()
        assert [sql for sql in asked if sql.startswith("SELECT")] == [
            "SELECT id, key FROM entry WHERE id > 20 ORDER BY id"
        ]
        assert cache.may_have("theirs")


def test_after_trouble_nothing_is_taken_for_known_until_the_next_look(tmp_path, monkeypatch):
    """What was swept out in a transaction that was undone is there still."""
    monkeypatch.setattr("nubem_jupyter.storage.disk_cache._BUSY_S", 0.05)
    path = tmp_path / "cache.db"
    with closing(DiskCache(path, MEGABYTE)) as cache, closing(DiskCache(path, MEGABYTE)) as other:
        fill(cache, 3)
        cache.refresh()
        assert not cache.may_have("unknown")
        with other.database.writing(), pytest.raises(StorageError):
            cache.put_all({"a": entry(1)})
        assert cache.may_have("unknown")
        cache.refresh()
        assert (cache.may_have("k0"), cache.may_have("unknown")) == (True, False)


def test_a_new_file_is_looked_through_from_its_beginning(tmp_path):
    """After damage was mended by another process, its new entries are seen though their numbers begin anew."""
    path = tmp_path / "cache.db"
    with closing(DiskCache(path, MEGABYTE)) as cache:
        fill(cache, 60)
        cache.refresh()
        cache.close()
        for found in tmp_path.iterdir():
            found.unlink()
        with closing(DiskCache(path, MEGABYTE)) as other:
            other.put_all({"new": entry(1)})
            cache.refresh()
        assert cache.may_have("new")


def test_a_batch_larger_than_the_limit_keeps_its_newest(tmp_path):
    path = tmp_path / "cache.db"
    with closing(DiskCache(path, 200_000)) as cache:
        cache.put_all({f"k{number}": entry("x" * 3_000, stored_s=float(number)) for number in range(300)})
        assert cache.stats().bytes <= 200_000
        assert cache.get("k299", 300.0) is not None
        assert cache.get("k0", 300.0) is None
