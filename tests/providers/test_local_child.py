"""A model's process is started once, shared out, ended when idle and never outlives its parent.

The runtime is a stand-in here, so that this needs no weights; ``test_local_model.py`` holds the real one to the same.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from pathlib import Path

import pytest

from nubem_jupyter.core.call import Message, ModelCall
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.errors import CallFailedError, ModelUnavailableError
from nubem_jupyter.providers.local.provider import LocalProvider
from nubem_jupyter.providers.local.weights import find, model_path
from nubem_jupyter.testing import gather

MODEL = ModelId("local/smollm2-135m")

RUNTIME = """
import contextlib, http.server, json, os, threading, time
from types import SimpleNamespace

NOISE = 0
class CommonParams(SimpleNamespace):
    def __init__(self):
        super().__init__(model=SimpleNamespace(), cpuparams=SimpleNamespace(), cpuparams_batch=SimpleNamespace())

class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.headers["Authorization"] != f"Bearer {self.server.key}":
            return self.send_error(401)
        text = body["messages"][-1]["content"]
        if text == "crash":
            os._exit(3)
        self.send_response(200)
        self.end_headers()
        for _ in range(10_000 if text == "long" else 1):
            self.send({"choices": [{"delta": {"content": f"{os.getpid()} {os.environ['OMP_WAIT_POLICY']}\\n"}}]})
            time.sleep(0.01)
        self.send({"choices": [{"delta": {}, "finish_reason": "stop"}]})

    def send(self, event):
        self.wfile.write(f"data: {json.dumps(event)}\\n\\n".encode())

    def log_message(self, *_):
        return

class Server:
    def __init__(self, params):
        with contextlib.suppress(OSError):
            os.write(1, b"native code prints")
            for _ in range(NOISE):
                os.write(2, b"x" * 9_999)
        self.http = http.server.ThreadingHTTPServer((params.hostnames[0], params.port), Handler)
        self.http.key = params.api_keys[0]
        self.listening_address = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
"""


class Bench:
    """A home with a stand-in for weights and runtime, and the providers made in it."""

    def __init__(self, home: Path, runtime: Path) -> None:
        self.home = home
        self._runtime = runtime
        self.made: list[LocalProvider] = []

    def runtime(self, source: str) -> None:
        self._runtime.write_text(source)

    def provider(self, idle_unload_s: float = 300.0) -> LocalProvider:
        self.made.append(LocalProvider(self.home, idle_unload_s))
        return self.made[-1]


@pytest.fixture
async def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    weights = find(MODEL)
    path = model_path(tmp_path, weights)
    path.parent.mkdir()
    path.touch()
    os.truncate(path, weights.size_bytes)
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setenv("PYTHONPATH", str(site))
    made = Bench(tmp_path, site / "xllamacpp.py")
    made.runtime(RUNTIME)
    yield made
    for provider in made.made:
        await provider.aclose()


def call(text: str = "hello") -> ModelCall:
    return ModelCall(model=MODEL, messages=(Message(role="user", content=text),))


async def pid_of_another(provider):
    """As ``pid_of``, after a crash: until the provider has noticed it, a call fails in a way that says try again."""
    while True:
        try:
            return await pid_of(provider)
        except CallFailedError:
            await asyncio.sleep(0.05)


async def pid_of(provider: LocalProvider) -> int:
    return int((await gather(provider, call())).answer.text.split()[0])


def alive(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def told_to(pid: int) -> bytes:
    return b"".join(Path(f"/proc/{pid}/{place}").read_bytes() for place in ("cmdline", "environ"))


async def becomes(condition: Callable[[], bool]) -> bool:
    for _ in range(1500):
        if condition():
            return True
        await asyncio.sleep(0.02)
    return False


async def test_calls_at_once_share_one_child(bench: Bench) -> None:
    provider = bench.provider()
    pids = await asyncio.gather(*(pid_of(provider) for _ in range(5)))
    assert len(set(pids)) == 1
    assert pids[0] != os.getpid()


async def test_nothing_starts_before_the_first_call(bench: Bench) -> None:
    provider = bench.provider()
    assert provider.models()[0].available
    await provider.aclose()
    assert not (bench.home / "logs").exists()


async def test_threads_wait_without_spinning(bench: Bench) -> None:
    assert "PASSIVE" in (await gather(bench.provider(), call())).answer.text


async def test_two_calls_run_at_once_and_the_third_waits_its_turn(bench: Bench) -> None:
    provider = bench.provider()
    async with aclosing(provider.stream(call("long"))) as first, aclosing(provider.stream(call("long"))) as second:
        await anext(first)
        await anext(second)
        third = asyncio.create_task(pid_of(provider))
        await asyncio.sleep(0.3)
        assert not third.done()
        await first.aclose()
        assert await asyncio.wait_for(third, 30)


async def test_every_event_loop_of_every_thread_reaches_the_same_child(bench: Bench) -> None:
    provider = bench.provider()
    here = await pid_of(provider)
    others: list[int] = []
    threads = [threading.Thread(target=lambda: others.append(asyncio.run(pid_of(provider)))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        await asyncio.to_thread(thread.join)
    assert others == [here] * 3


async def test_an_idle_child_ends_and_the_next_call_starts_another(bench: Bench) -> None:
    provider = bench.provider(idle_unload_s=0.05)
    first = await pid_of(provider)
    assert await becomes(lambda: not alive(first))
    assert await pid_of_another(provider) != first


async def test_a_call_under_way_keeps_its_child(bench: Bench) -> None:
    provider = bench.provider(idle_unload_s=0.05)
    async with aclosing(provider.stream(call("long"))) as chunks:
        pids = [chunk.text.split()[0] async for chunk, _ in _zip(chunks, range(50)) if chunk.text.endswith("\n")]
        assert alive(int(pids[0]))
    assert await becomes(lambda: not alive(int(pids[0])))


async def _zip(chunks: AsyncIterator, numbers: range) -> AsyncIterator:
    for number in numbers:
        yield await anext(chunks), number


async def test_a_crash_fails_its_call_and_the_next_one_works(bench: Bench) -> None:
    provider = bench.provider()
    first = await pid_of(provider)
    with pytest.raises(CallFailedError, match="smollm2-135m"):
        await gather(provider, call("crash"))
    assert await becomes(lambda: not alive(first))
    assert await pid_of_another(provider) != first


async def test_closing_ends_the_child(bench: Bench) -> None:
    provider = bench.provider()
    pid = await pid_of(provider)
    await provider.aclose()
    await provider.aclose()
    assert not alive(pid)


async def test_a_call_cancelled_while_the_child_starts_leaves_no_trace(bench: Bench) -> None:
    provider = bench.provider(idle_unload_s=0.05)
    for wait_s in (0.0, 0.05, 0.5):
        reader = asyncio.create_task(pid_of(provider))
        await asyncio.sleep(wait_s)
        reader.cancel()
        await asyncio.wait([reader], timeout=30)
    pid = await pid_of(provider)
    assert await becomes(lambda: not alive(pid))


async def test_an_interrupt_meant_for_the_kernel_does_not_reach_the_child(bench: Bench) -> None:
    pid = await pid_of(bench.provider())
    assert os.getpgid(pid) != os.getpgid(0)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
async def test_the_key_is_neither_in_the_command_line_nor_in_the_environment(bench: Bench) -> None:
    provider = bench.provider()
    pid = await pid_of(provider)
    lanes = provider._lanes["smollm2-135m"]
    (key,) = {lane.key for lane in lanes._lanes}
    assert len(key) >= 32
    assert key.encode() not in told_to(pid)
    assert key not in repr(lanes._lanes)


async def test_the_log_is_bounded(bench: Bench) -> None:
    bench.runtime(RUNTIME.replace("NOISE = 0", "NOISE = 300"))
    await pid_of(bench.provider())
    (log,) = (bench.home / "logs").iterdir()
    assert 0 < log.stat().st_size <= 1 << 20


async def test_proxies_are_passed_by(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert await pid_of(bench.provider())


@pytest.mark.parametrize(
    ("runtime", "message", "hint"),
    [
        ("raise ImportError('libgomp.so.1: cannot open shared object file')", "libgomp", "apt-get install libgomp1"),
        ("raise ModuleNotFoundError('no', name='xllamacpp')", "runtime is missing", "nubem-jupyter\\[local\\]"),
        ("raise ImportError('symbol')", "cannot be imported", "again"),
        (
            RUNTIME.replace("with contextlib", "raise RuntimeError('bad file')\n        with contextlib"),
            "could not be loaded",
            "pull them",
        ),
        ("import os; os._exit(9)", "exit status 9", "smollm2-135m.log"),
        ("import os; os.write(3, b'not a report'); os._exit(0)", "could not start", "log"),
    ],
)
async def test_a_child_that_cannot_start_says_why(bench: Bench, runtime: str, message: str, hint: str) -> None:
    bench.runtime(runtime)
    provider = bench.provider()
    with pytest.raises(ModelUnavailableError, match=f"(?s){message}.*{hint}"):
        await gather(provider, call())
    bench.runtime(RUNTIME)
    assert await pid_of(provider)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_killed_parent_takes_the_child_with_it(bench: Bench) -> None:
    script = f"""
import asyncio, sys, time
sys.path.insert(0, {str(Path(__file__).parent)!r})
from pathlib import Path
from test_local_child import LocalProvider, pid_of
provider = LocalProvider(Path({str(bench.home)!r}))
print(asyncio.run(pid_of(provider)), flush=True)
time.sleep(600)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert alive(pid)
        parent.send_signal(signal.SIGKILL)
    assert asyncio.run(becomes(lambda: not alive(pid)))
