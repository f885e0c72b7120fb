"""How much later than over a bare HTTP client the first token comes when a session asks, over real HTTP on loopback.

A server in a process of its own speaks the OpenAI shape and streams, with a wait before the first token and between
tokens. In turn, round after round, the same call is made (a) by `http.client` and by `httpx`, each on a connection that
it keeps, until the first piece of text; (b) by a session as a user has one: LiteLLM's provider, the run on record, its
events read, from `start` to the first `Tokens` event, and from `NodeStarted` to it. Medians; goal: at most 5 ms more
than the bare client that takes part in an event loop too, `httpx`.

    python benchmarks/bench_first_token.py [--rounds 100] [--url http://127.0.0.1:8000/v1]
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import multiprocessing
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.event import NodeStarted, Tokens
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.plan import Plan
from nubem_jupyter.session.session import Session
from nubem_jupyter.session.settings import Settings
from nubem_jupyter.testing.openai_server import OpenAIServer, Served
from nubem_jupyter.testing.scripted_provider import Reply

GOAL_S = 0.005
WARM_UP = 5
MODEL = "openai/gpt-4o-mini"
BODY = json.dumps(
    {
        "model": "gpt-4o-mini",
        "messages": [{"role": "user", "content": "Tell of a lighthouse, 0."}],
        "max_tokens": 64,
        "temperature": 0.0,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
)
HEADERS = {"Content-Type": "application/json", "Authorization": "Bearer none"}


def answer(_body: dict[str, Any]) -> Served:
    return Reply(text="a light over the sea", delay_s=0.01, word_s=0.01)


def serve(pipe: Connection) -> None:
    async def main() -> None:
        async with OpenAIServer(answer, keeps_open=True).running() as server:
            pipe.send(server.url)
            await asyncio.to_thread(pipe.recv)

    asyncio.run(main())


@contextmanager
def served() -> Iterator[str]:
    """Run the server in a process of its own, so that neither side waits for its work."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        ours.send("stop")
        process.join(timeout=10)


class Bare:
    """The two bare clients, each with a connection that it keeps."""

    def __init__(self, url: str) -> None:
        self._path = f"{urlsplit(url).path}/chat/completions"
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc)
        self._client = httpx.AsyncClient(base_url=url, trust_env=False)

    def first_token_s(self) -> float:
        """Ask through ``http.client``."""
        began_s = time.perf_counter()
        self._connection.request("POST", self._path, BODY, HEADERS)
        response = self._connection.getresponse()
        while not has_text(response.readline()):
            pass
        took_s = time.perf_counter() - began_s
        response.read()
        return took_s

    async def first_token_async_s(self) -> float:
        """Ask through ``httpx``."""
        began_s = time.perf_counter()
        took_s = None
        async with self._client.stream("POST", "/chat/completions", content=BODY, headers=HEADERS) as response:
            async for line in response.aiter_lines():
                if took_s is None and has_text(line.encode()):
                    took_s = time.perf_counter() - began_s
        assert took_s is not None
        return took_s

    async def aclose(self) -> None:
        self._connection.close()
        await self._client.aclose()


def has_text(line: bytes) -> bool:
    """Tell whether a line of the stream brings text."""
    if not line.startswith(b"data: {"):
        return False
    choices = json.loads(line[6:])["choices"]
    return bool(choices and choices[0]["delta"].get("content"))


async def first_token_in_run_s(session: Session, plan: Plan, number: int) -> tuple[float, float]:
    """Return the seconds to the first text: as the reader has it since the start, and by the stamps of the events."""
    began_s = time.perf_counter()
    text_s = step_s = 0.0
    node: NodeStarted | None = None
    handle = session.start(plan, {"number": number})
    async for event in handle.events():
        if isinstance(event, NodeStarted):
            node = event
        elif isinstance(event, Tokens) and node is not None and not text_s:
            text_s, step_s = time.perf_counter() - began_s, event.at_s - node.at_s
    run = await handle.wait()
    run.raise_for_outcome()
    return text_s, step_s


async def measure(url: str, home: Path, rounds: int) -> dict[str, list[float]]:
    environ = {**os.environ, "OPENAI_API_KEY": "none", "OPENAI_BASE_URL": url}
    os.environ.update(environ)  # LiteLLM itself looks there.
    session = Session(Settings(home=home, workspace=home, providers=("litellm",)), environ)
    flow = Flow.build("tale").input("number").model("tell", "Tell of a lighthouse, {number}.", max_tokens=64)
    plan = await session.plan(flow.output("tell"), constraints=Constraints(models=(ModelId(MODEL),)))
    bare, took = Bare(url), {"http.client": [], "httpx": [], "run": [], "step": []}
    try:
        for number in range(WARM_UP + rounds):
            took["http.client"].append(bare.first_token_s())
            took["httpx"].append(await bare.first_token_async_s())
            run_s, step_s = await first_token_in_run_s(session, plan, number)
            took["run"].append(run_s)
            took["step"].append(step_s)
    finally:
        await bare.aclose()
        await session.aclose()
    return {name: values[WARM_UP:] for name, values in took.items()}


def report(took: dict[str, list[float]]) -> None:
    medians = {name: statistics.median(values) for name, values in took.items()}
    base_s = medians["httpx"]
    for name, median_s in medians.items():
        spread = statistics.quantiles(took[name], n=10)
        line = f"{name:<12} {median_s * 1e3:7.2f} ms ({spread[0] * 1e3:.2f} to {spread[-1] * 1e3:.2f})"
        print(f"{line}   {(median_s - base_s) * 1e3:+6.2f} ms against httpx")
    added_s = medians["run"] - base_s
    print(f"ratio {added_s / GOAL_S:.2f} of {GOAL_S * 1e3:g} ms added (goal: at most 1)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--url", help="of another streaming server of the OpenAI shape (default: one of our own)")
    options = parser.parse_args()
    with (
        nullcontext(options.url) if options.url else served() as url,
        tempfile.TemporaryDirectory() as home,
    ):
        report(asyncio.run(measure(url, Path(home), options.rounds)))


if __name__ == "__main__":
    main()
