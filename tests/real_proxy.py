"""The real LiteLLM proxy for tests: an interpreter that has it, and the program run on loopback."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
import venv
from collections.abc import Callable, Iterator, Mapping
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

import platformdirs
import pytest

from nubem_jupyter.providers.proxy.serving import command
from nubem_jupyter.testing.redis_server import free_port

CONSTRAINTS = Path(__file__).parents[1] / "constraints.txt"
INSTALL_S = 900.0
READY_S = 180.0


@pytest.fixture(scope="session")
def proxy_python() -> Path:
    """An interpreter with the extra ``proxy``: this one, the one that NUBEM_PROXY_PYTHON names, or one made for it.

    The proxy wants an older version of a library than the tools that test this project, so both are seldom in one.
    """
    if named := os.environ.get("NUBEM_PROXY_PYTHON"):
        return Path(named)
    if all(find_spec(name) for name in ("fastapi", "uvicorn", "apscheduler", "orjson")):
        return Path(sys.executable)
    wanted = [
        line.partition(";")[0].strip()
        for line in metadata.requires("nubem-jupyter") or ()
        if re.search(r"extra == .proxy\b", line)
    ]
    version = "-".join(re.findall(r"==([\w.]+)", " ".join(wanted)))
    if not version:
        pytest.skip("the package was installed before it had the extra 'proxy': install it again")
    folder = (
        platformdirs.user_cache_path("nubem") / f"proxy-{version}-py{sys.version_info.major}{sys.version_info.minor}"
    )
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several test sessions may want it at once
        try:
            return _environment(folder, wanted)
        except (subprocess.SubprocessError, OSError) as error:
            pytest.skip(f"the LiteLLM proxy cannot be installed into an environment of its own: {error}")


def _environment(folder: Path, wanted: list[str]) -> Path:
    python, whole = folder / "bin" / "python", folder / "whole"
    if not whole.exists():
        venv.create(folder, with_pip=True, clear=True)
        limits = folder / "constraints.txt"
        known = CONSTRAINTS.read_text("utf-8").splitlines() if CONSTRAINTS.exists() else []
        limits.write_text("\n".join(line for line in known if not line.startswith("rich==")), "utf-8")
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-c", limits, *wanted]
        subprocess.run(install, check=True, timeout=INSTALL_S, capture_output=True)
        whole.touch()
    return python


class RealProxy:
    """The program itself; it may be stopped and started again on the same port."""

    def __init__(self, python: Path, config: Path, environ: Mapping[str, str]) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = config.with_suffix(".log")
        self.redis_url = ""
        self._line = command(config, host="127.0.0.1", port=self.port, python=python)
        self._environ = {**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True", **environ}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it is ready."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(self._line, env=self._environ, stdout=log, stderr=log, cwd=self.log.parent)
        wait_until_alive(self.url, self._process, self.log)

    def kill(self) -> None:
        """End it at once, with whatever it is doing."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


def wait_until_alive(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end_s = time.monotonic() + READY_S
    while process.poll() is None and time.monotonic() < end_s:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/health/liveliness", timeout=5.0):
            return
        time.sleep(0.1)
    raise AssertionError(f"the proxy did not get ready:\n{log.read_text('utf-8', 'replace')[-3000:]}")


@pytest.fixture
def until_alive() -> Callable[[str, subprocess.Popen[bytes], Path], None]:
    """Wait until a proxy answers, or fail with its log."""
    return wait_until_alive


@pytest.fixture(scope="module")
def start_proxy(proxy_python: Path) -> Iterator[Callable[[Path, Mapping[str, str]], RealProxy]]:
    """Start proxies; they are ended after the module."""
    started: list[RealProxy] = []

    def start(config: Path, environ: Mapping[str, str]) -> RealProxy:
        proxy = RealProxy(proxy_python, config, environ)
        started.append(proxy)
        proxy.start()
        return proxy

    yield start
    for proxy in started:
        proxy.kill()
