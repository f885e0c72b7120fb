"""A run of forty steps in processes of their own that are killed at any moment, and what has to hold after each kill.

``python tests/session/killed_run.py 50`` kills as often and says what came of it.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from contextlib import closing
from pathlib import Path

from nubem_jupyter.core.call import Answer, TextDelta, Usage
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.plan import Candidate, Choice, Plan
from nubem_jupyter.core.run import NodeState, Outcome, Run
from nubem_jupyter.core.work import Prompt
from nubem_jupyter.session.session import Session
from nubem_jupyter.session.settings import Settings
from nubem_jupyter.storage.sqlite import SqliteRunStore
from nubem_jupyter.testing import scripted_model

MODEL = scripted_model("logged/one", usd_per_token=0.001)
ITEMS = [f"row{number}" for number in range(8)]
STEPS = 40


def flow_of(seed: int) -> Flow:
    """A random graph: model calls and components that read up to three earlier steps, joins, one map over rows."""
    draw, builder = random.Random(seed), Flow.build("forty").input("x").input("rows")
    names, read = ["x"], {"x"}
    body = Flow.build("row").input("item").model("t", "row {item}", max_tokens=8).output("t")
    for index in range(STEPS - len(ITEMS)):
        name, some = f"n{index}", draw.sample(names[-8:], min(len(names), draw.randint(1, 3)))
        if index == 10:
            builder.map(name, body, "rows")
        elif index % 7 == 3:
            builder.join(name, some)
        elif index % 9 == 5:
            inputs = {source: source for source in some}
            builder.component(name, "test.effect", capability="compute", inputs=inputs, args={"step": name})
        else:
            builder.model(name, f"{name} of " + " and ".join(f"{{{source}}}" for source in some), max_tokens=8)
        names.append(name)
        read.update(some if index != 10 else ())
    return builder.output(*(name for name in names if name not in read))


def plan_of(flow: Flow) -> Plan:
    choice = Choice(chosen=Candidate(model=MODEL.id))
    return Plan(flow=flow, route={place: choice for place, node in flow.walk() if isinstance(node.work, Prompt)})


def answer_to(prompt: str) -> str:
    return hashlib.sha256(prompt.encode()).hexdigest()[:12]


class Log:
    """What was done, one line each, on record before it is done."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, line: str) -> None:
        os.write(self._file, line.replace("\n", " ").encode() + b"\n")


class LoggedProvider:
    """Answers by the prompt alone, after a moment; each call is logged before it is answered."""

    name = "logged"

    def __init__(self, log: Log) -> None:
        self._log = log

    def models(self):
        return (MODEL,)

    async def stream(self, call):
        prompt = call.messages[-1].content
        self._log.write(prompt)
        await asyncio.sleep(random.uniform(0.0, 0.004))
        text = answer_to(prompt)
        yield TextDelta(text=text)
        yield Answer(text=text, usage=Usage(input_tokens=len(prompt), output_tokens=1))

    async def aclose(self):
        pass


async def go(home: Path, flow: Flow) -> Run:
    """Start the run, or go on with it where it is on record."""
    log = Log(home / "calls")
    settings = Settings(home=home, workspace=home, providers=(), hedge=False, cache=False)
    session = Session(settings, {}, providers={"logged": LoggedProvider(log)})

    async def effect(step, **values):
        log.write(f"effect {step}")
        await asyncio.sleep(random.uniform(0.0, 0.002))
        return {name: str(value)[:20] for name, value in values.items()}

    session.add_component("test.effect", effect)
    try:
        if found := session.store.list(1):
            return await (await session.resume(found[0].id)).wait()
        return await session.start(plan_of(flow), {"x": "a", "rows": ITEMS}).wait()
    finally:
        await session.aclose()


def in_child(home: Path, flow: Flow, kill_after_s: float | None) -> bool:
    """Go on in a process of its own; tell whether it came to its end before it was killed."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            random.seed()
            code = 0 if asyncio.run(go(home, flow)).outcome is Outcome.FINISHED else 2
        except BaseException:  # noqa: BLE001  # a forked child never goes back to its parent's work
            traceback.print_exc()
        finally:
            os._exit(code)
    if kill_after_s is not None:
        time.sleep(kill_after_s)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert status == 0 or os.WIFSIGNALED(status), f"the run failed: {status}"
    return status == 0


def logged(home: Path) -> Counter[str]:
    path = home / "calls"
    return Counter(path.read_text().splitlines()) if path.exists() else Counter()


def on_record(home: Path) -> Run | None:
    with closing(SqliteRunStore(home / "nubem.db")) as store:
        found = store.list(1)
        return store.load(found[0].id) if found else None


def lines_of(run: Run | None) -> set[str]:
    """What the log says of the steps that are on record as finished."""
    nodes = [node for node in (run.nodes if run else ()) if node.state is NodeState.FINISHED]
    return {
        node.prompt.replace("\n", " ") or f"effect {node.path}" for node in nodes if node.kind in {"model", "component"}
    }


def whole_time_s(flow: Flow) -> tuple[float, Run]:
    """Run it through once, undisturbed; return the seconds, and the run to compare with."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        assert in_child(Path(folder), flow, None)
        return time.monotonic() - began, on_record(Path(folder))


class Kills:
    """Kills runs at random moments, and checks what holds after each."""

    def __init__(self, seed: int) -> None:
        self._draw = random.Random(seed)
        self._flow = flow_of(seed)
        self._whole_s, self._whole = whole_time_s(self._flow)
        self.kills = self.runs = self.calls = self.again = self.right = 0

    def one_run(self) -> None:
        """Kill a run, and what goes on with it, up to three times; then let it finish."""
        with tempfile.TemporaryDirectory() as folder:
            home, ended = Path(folder), False
            for _ in range(self._draw.randint(1, 4)):
                ended = self._killed(home)
                if ended:
                    break
            if not ended:
                done = lines_of(on_record(home))
                before = logged(home)
                assert in_child(home, self._flow, None), "it was not killed this time"
                self._check_again(done, before, home)
            self._check_end(home)

    def _killed(self, home: Path) -> bool:
        done, before = lines_of(on_record(home)), logged(home)
        ended = in_child(home, self._flow, self._draw.uniform(0.0, self._whole_s))
        self.kills += not ended
        self._check_again(done, before, home)
        found = on_record(home)
        # It may have been killed after its end was on record, with nothing more to do.
        return found is not None and found.outcome is Outcome.FINISHED

    def _check_again(self, done: set[str], before: Counter[str], home: Path) -> None:
        """What was finished on record is not done again; what was under way is, once a process."""
        made = logged(home) - before
        self.again += sum(made[line] for line in done)
        assert not done & made.keys(), f"done again: {done & made.keys()}"
        assert max(made.values(), default=1) == 1

    def _check_end(self, home: Path) -> None:
        run, made = on_record(home), logged(home)
        assert run.outcome is Outcome.FINISHED
        assert run.result == self._whole.result
        assert {node.path: node.value for node in run.nodes} == {node.path: node.value for node in self._whole.nodes}
        assert set(made) == lines_of(self._whole), "everything was done, and nothing else"
        for node in run.nodes:
            self._check_cost(node)
        self.right += 1
        self.runs += 1
        self.calls += made.total()

    def _check_cost(self, node) -> None:
        """A killed process tells nothing of the call that was under way: a step costs what the call that ended did."""
        paid = sum(one.cost_usd for one in self._whole.nodes if one.path == node.path)
        assert abs(node.cost_usd - paid) < 1e-9, (node, paid)


def main(kills: int, seed: int = 0) -> str:
    """Kill so often; say what came of it."""
    work = Kills(seed)
    while work.kills < kills:
        work.one_run()
    return (
        f"{work.kills} kills of {work.runs} runs: {work.right} right results, {work.calls} calls made, "
        f"{work.again} finished calls made again"
    )


if __name__ == "__main__":
    print(main(int(sys.argv[1]) if len(sys.argv) > 1 else 50))
