"""What is loaded is what the catalog has read; everything else is refused by name."""

import hashlib
import sys
import threading
from pathlib import Path

import pytest

from nubem_jupyter.core.component import ComponentInfo, Origin
from nubem_jupyter.core.value import ValueType
from nubem_jupyter.errors import NodeError
from nubem_jupyter.session.loading import Loader

GOOD = 'def say() -> str:\n    """Say."""\n    return "good"\n'


def info(where, source: str, kind="file") -> ComponentInfo:
    return ComponentInfo(
        name="acme.say",
        version="",
        description="Say.",
        capability="acme.say",
        inputs=(),
        output=ValueType.TEXT,
        permissions=(),
        cost_usd=None,
        ttl_s=None,
        origin=Origin(kind=kind, where=str(where), digest=hashlib.sha256(source.encode()).hexdigest()),
    )


@pytest.fixture
def site(tmp_path, monkeypatch) -> Path:
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if name.startswith("nubem_test_"):
            del sys.modules[name]


def test_a_file_that_is_gone_or_another_one_is_not_loaded(tmp_path):
    path, loader = tmp_path / "acme.py", Loader()
    known = info(path, GOOD)
    assert not loader.is_current(known)
    with pytest.raises(NodeError, match=r"'acme.say' cannot be loaded: .*acme.py cannot be read"):
        loader.function(known)
    path.write_text("raise SystemExit")
    assert not loader.is_current(known)
    with pytest.raises(NodeError, match=r"is not what the catalog has read"):
        loader.function(known)
    path.write_text(GOOD)
    assert loader.is_current(known)
    assert loader.function(known)() == "good"


def test_a_file_is_run_once_however_many_ask_at_once(tmp_path):
    mark = tmp_path / "mark"
    source = f"import time\ntime.sleep(0.05)\nopen({str(mark)!r}, 'a').write('x')\n{GOOD}"
    path, loader = tmp_path / "acme.py", Loader()
    path.write_text(source)
    threads = [threading.Thread(target=loader.function, args=(info(path, source),)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert mark.read_text() == "x"


def test_a_changed_file_leaves_no_old_module_behind(tmp_path):
    path, loader = tmp_path / "acme.py", Loader()
    path.write_text(GOOD)
    old = loader.function(info(path, GOOD)).__module__
    newer = GOOD.replace("good", "better")
    path.write_text(newer)
    assert loader.function(info(path, newer))() == "better"
    assert old not in sys.modules


def test_a_byte_order_mark_and_a_wrong_coding_line_change_nothing(tmp_path):
    source = "\ufeff# -*- coding: latin-1 -*-\n" + GOOD.replace("good", "caf\u00e9")
    path = tmp_path / "acme.py"
    path.write_bytes(source.encode())
    assert Loader().function(info(path, source))() == "caf\u00e9"


def test_an_installed_module_that_is_another_one_is_not_imported(site):
    (site / "nubem_test_other.py").write_text("raise SystemExit")
    with pytest.raises(NodeError, match=r"is not what the catalog has read"):
        Loader().function(info("nubem_test_other", GOOD, kind="entry point"))
    assert "nubem_test_other" not in sys.modules


def test_an_installed_module_that_fails_or_is_gone_is_named(site):
    source = f"import absent_module_of_nobody\n{GOOD}"
    (site / "nubem_test_fails.py").write_text(source)
    with pytest.raises(
        NodeError, match=r"'acme.say' cannot be loaded: .*nubem_test_fails.py, line 1: ModuleNotFoundError"
    ):
        Loader().function(info("nubem_test_fails", source, kind="entry point"))
    with pytest.raises(NodeError, match=r"nubem_test_gone cannot be read"):
        Loader().function(info("nubem_test_gone", GOOD, kind="entry point"))
