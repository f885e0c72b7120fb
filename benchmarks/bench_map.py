"""A map over many rows as its users get it (kept, cached, told) against a plain loop: speed, memory, going on.

Speed is rows a second beside plain asyncio with a semaphore of 64 over the same rows and the same provider, which
answers at once. Memory is the peak of a child process above what it took before there were rows, less the bytes of rows
and results; it is measured for a tenth of the rows and for all of them, so that what grows with the rows shows. At the
end a child is killed in the middle of a run, which another goes on with.

    python benchmarks/bench_map.py [--rows N]
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from nubem_jupyter.core.call import Answer, Chunk, Message, ModelCall, Usage
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Figure, ModelInfo, Price
from nubem_jupyter.core.run import Run
from nubem_jupyter.session.handle import RunHandle
from nubem_jupyter.session.session import Session
from nubem_jupyter.session.settings import Settings

SLOWER_AT_MOST = 16.0
BYTES_A_ROW_AT_MOST = 600
WINDOW = 64
SLOW_S = 0.01
"""What a slow reader takes for an event."""
_FREE = Figure(value=0.0, source="listed: simulated")
_MODEL = ModelInfo(id=ModelId("sim/model"), provider="sim", price=Price(input_usd=_FREE, output_usd=_FREE))


class AtOnce:
    """Answers at once, counts its calls, and kills this process at one of them where it is told to."""

    name = "sim"

    def __init__(self, dies_at: int | None = None) -> None:
        self.calls = 0
        self._dies_at = dies_at

    def models(self) -> Sequence[ModelInfo]:
        return (_MODEL,)

    async def stream(self, call: ModelCall) -> AsyncIterator[Chunk]:
        self.calls += 1
        if self.calls == self._dies_at:
            os.kill(os.getpid(), signal.SIGKILL)
        yield Answer(text=f"label of {call.messages[-1].content}", usage=Usage(input_tokens=30, output_tokens=3))

    async def aclose(self) -> None:
        return


def rows_of(count: int) -> list[str]:
    return [f"row {number}: the parcel came late and the box was open, but the lamp works" for number in range(count)]


def session_at(home: Path, provider: AtOnce) -> Session:
    return Session(Settings(home=home, workspace=home, providers=()), {}, providers={"sim": provider})


async def start(session: Session, rows: list[str]) -> RunHandle:
    body = Flow.build("one").input("item").model("label", "{item}").output("label")
    plan = await session.plan(Flow.build().input("rows").map("each", body, "rows", keep_errors=True).output("each"))
    return session.start(plan, {"rows": rows})


async def read_slowly(handle: RunHandle) -> None:
    async for _ in handle.events():
        await asyncio.sleep(SLOW_S)


async def plainly(rows: list[str]) -> list[str]:
    provider, semaphore = AtOnce(), asyncio.Semaphore(WINDOW)

    async def one(row: str) -> str:
        async with semaphore:
            call = ModelCall(model=_MODEL.id, messages=(Message(role="user", content=row),))
            return "".join([answer.text async for answer in provider.stream(call)])

    return await asyncio.gather(*map(one, rows))


async def mapped(rows: list[str], home: Path, *, is_read: bool) -> Run:
    session = session_at(home, AtOnce())
    handle = await start(session, rows)
    reader = asyncio.create_task(read_slowly(handle)) if is_read else None
    run = await handle.wait()
    if reader is not None:
        reader.cancel()
    await session.aclose()
    return run


def peak_bytes() -> int:
    (line,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024


def fresh_peak_bytes() -> int:
    """Let the peak count from here; return where it begins."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return peak_bytes()


def size_of(texts: list[str]) -> int:
    return sys.getsizeof(texts) + sum(map(sys.getsizeof, texts))


async def measured(count: int, home: Path, *, is_read: bool) -> dict[str, float]:
    """Run in a process of its own: warm up, then map; say seconds, and bytes beyond rows and results."""
    await mapped(rows_of(WINDOW), home / "warm", is_read=is_read)
    gc.collect()
    before_bytes = fresh_peak_bytes()
    rows = rows_of(count)
    began_s = time.perf_counter()
    run = await mapped(rows, home / "run", is_read=is_read)
    took_s = time.perf_counter() - began_s
    above_bytes = peak_bytes() - before_bytes
    assert run.result == [f"label of {row}" for row in rows]
    held_bytes = size_of(rows) + size_of(run.result)
    began_s = time.perf_counter()
    await plainly(rows)
    plain_s = time.perf_counter() - began_s
    return {"took_s": took_s, "plain_s": plain_s, "above_bytes": above_bytes, "held_bytes": held_bytes}


async def killed(count: int, home: Path) -> None:
    """Run in a process of its own, which dies in the middle."""
    handle = await start(session_at(home, AtOnce(dies_at=count // 2)), rows_of(count))
    await handle.wait()


async def gone_on(count: int, home: Path) -> dict[str, float]:
    provider = AtOnce()
    session = Session(Settings(home=home, workspace=home, providers=(), cache=False), {}, providers={"sim": provider})
    began_s = time.perf_counter()
    handle = await session.resume(session.unfinished().id)
    resume_s = time.perf_counter() - began_s
    run = await handle.wait()
    assert run.result == [f"label of {row}" for row in rows_of(count)]
    await session.aclose()
    return {"calls": provider.calls, "resume_s": resume_s}


def in_a_child(*arguments: str) -> dict[str, float]:
    done = subprocess.run([sys.executable, __file__, *arguments], stdout=subprocess.PIPE, text=True, check=False)
    return json.loads(done.stdout) if done.stdout else {}


def say_speed_and_memory(count: int, folder: Path) -> None:
    for reader in ("nobody", "slow"):
        sizes = (count // 10, count)
        small, large = (
            in_a_child("--rows", str(size), "--child", reader, "--home", str(folder / f"{reader}{size}"))
            for size in sizes
        )
        print(f"\nevents read by {reader}")
        for size, found in zip(sizes, (small, large), strict=True):
            rate, ratio = size / found["took_s"], found["took_s"] / found["plain_s"]
            share = found["above_bytes"] / found["held_bytes"]
            print(
                f"{size:,} rows: {rate:,.0f} rows/s, {ratio:.1f} times as long as plain (at most {SLOWER_AT_MOST:g}); "
                f"peak {found['above_bytes'] / 1e6:.1f} MB, {share:.1f} times rows and results"
            )
        beyond = [found["above_bytes"] - found["held_bytes"] for found in (small, large)]
        grows = (beyond[1] - beyond[0]) / (sizes[1] - sizes[0])
        print(f"beyond rows and results: {grows:,.0f} bytes more for each row (at most {BYTES_A_ROW_AT_MOST})")


def say_going_on(count: int, folder: Path) -> None:
    home = ("--rows", str(count), "--home", str(folder / "resume"))
    in_a_child(*home, "--child", "dies")
    found = in_a_child(*home, "--child", "resumes")
    # Those under way when the process died were asked and have no answer.
    again = found["calls"] - (count - count // 2)
    print(
        f"\nkilled at call {count // 2:,} of {count:,}, taken up in {found['resume_s']:.2f} s: "
        f"{found['calls']:,.0f} more calls, {again:.0f} again (at most {WINDOW}, those under way)"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--home", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    match options.child:
        case None:
            with tempfile.TemporaryDirectory() as folder:
                say_speed_and_memory(options.rows, Path(folder))
                say_going_on(options.rows // 5, Path(folder))
        case "dies":
            asyncio.run(killed(options.rows, options.home))
        case "resumes":
            print(json.dumps(asyncio.run(gone_on(options.rows, options.home))))
        case reader:
            print(json.dumps(asyncio.run(measured(options.rows, options.home, is_read=reader == "slow"))))


if __name__ == "__main__":
    main()
