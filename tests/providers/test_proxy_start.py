"""``nubem proxy start`` runs the real proxy with the real local model behind it, and ends both."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import socket
import subprocess
import sys
from contextlib import aclosing

import pytest

from nubem_jupyter.core.call import Message, ModelCall
from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.event import Tokens
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.run import Outcome
from nubem_jupyter.providers.proxy import ProxyProvider
from nubem_jupyter.providers.proxy.provider import KEY_VARIABLE, URL_VARIABLE
from nubem_jupyter.session.session import Session
from nubem_jupyter.session.settings import Settings
from nubem_jupyter.testing import gather
from nubem_jupyter.testing.redis_server import free_port

pytestmark = [pytest.mark.proxy, pytest.mark.model, pytest.mark.timeout(1500)]

SMALLEST = "local/smollm2-135m"
ENDED_S = 60.0


@pytest.fixture
def environ(model_home) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "REDIS_URL"}
    return {**kept, KEY_VARIABLE: f"sk-{secrets.token_hex(24)}", "NUBEM_HOME": str(model_home)}


@pytest.fixture
def nubem(environ, tmp_path):
    """Start the program in a folder of its own; it is ended after the test."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*argv: str) -> subprocess.Popen[bytes]:
        line = [sys.executable, "-m", "nubem_jupyter.cli", *argv]
        with (tmp_path / "log").open("ab") as log:
            started.append(subprocess.Popen(line, env=environ, cwd=tmp_path, stdout=log, stderr=log))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


async def runs_over_it(session: Session) -> None:
    """A run as a user has it: planned, streamed, free, and learned from."""
    try:
        flow = Flow.build().model("ask", "Name three colours.", max_tokens=24).output("ask")
        plan = await session.plan(flow, constraints=Constraints(models=(f"proxy/{SMALLEST}",)))
        run = await session.run(plan)
        assert run.outcome is Outcome.FINISHED, run.failure
        told = "".join(event.text for event in run.log if isinstance(event, Tokens))
        assert told == run.result
        assert told.strip()
        assert run.cost_usd == 0
        (info,) = (info for info in session.models() if info.id == f"proxy/{SMALLEST}")
        assert info.speed.tokens_per_s.source == "measured here"
    finally:
        await session.aclose()


async def test_the_local_model_answers_through_the_proxy_until_it_is_stopped(
    nubem, environ, proxy_python, until_alive, tmp_path
):
    assert nubem("proxy", "config", "--models", SMALLEST).wait(ENDED_S) == 0
    port = free_port()
    program = nubem("proxy", "start", "--port", str(port), "--python", str(proxy_python))
    url = f"http://127.0.0.1:{port}"
    await asyncio.to_thread(until_alive, url, program, tmp_path / "log")
    async with aclosing(ProxyProvider(url, environ=environ)) as provider:
        [info] = await provider.refresh()
        assert info.id == f"proxy/{SMALLEST}"
        assert info.price is not None
        assert info.price.output_usd.value == 0
        message = Message(role="user", content="Name three colours.")
        asked = ModelCall(model=ModelId(info.id), messages=(message,), max_tokens=24)
        together = [await gather(provider, asked), *await asyncio.gather(*(gather(provider, asked) for _ in range(2)))]
        assert all(heard.answer.text.strip() and heard.answer.usage.output_tokens for heard in together)
    await runs_over_it(Session(Settings(home=tmp_path / "home", workspace=tmp_path), {**environ, URL_VARIABLE: url}))
    program.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(program.wait, ENDED_S) == 0
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port), timeout=5.0):
        pass
    assert environ[KEY_VARIABLE] not in (tmp_path / "log").read_text("utf-8", "replace")
