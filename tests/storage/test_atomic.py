import os

import pytest

from nubem_jupyter.errors import StorageError
from nubem_jupyter.storage import atomic
from nubem_jupyter.storage.atomic import write_whole


def test_content_is_replaced_and_the_mode_kept(tmp_path):
    path = tmp_path / "deep" / "file"
    write_whole(path, b"one")
    path.chmod(0o640)
    write_whole(path, b"two")
    assert path.read_bytes() == b"two"
    assert path.stat().st_mode & 0o777 == 0o640
    assert os.listdir(path.parent) == ["file"]


@pytest.mark.parametrize("moment", ["fsync", "replace"])
def test_a_write_that_fails_leaves_the_old_content(tmp_path, monkeypatch, moment):
    """Whatever fails, the file is the old one, whole, and no part is left beside it."""
    path = tmp_path / "file"
    write_whole(path, b"old")

    def fail(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic.os, "fsync", fail) if moment == "fsync" else monkeypatch.setattr(
        atomic.Path, "replace", fail
    )
    with pytest.raises(StorageError, match="No space left") as caught:
        write_whole(path, b"new")
    assert caught.value.hint
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file"]


def test_a_link_keeps_pointing_where_it_points(tmp_path):
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("real")
    write_whole(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"
