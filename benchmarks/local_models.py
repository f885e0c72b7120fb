"""What the local models can do and how fast: every suite of `nubem_jupyter.catalog.suites`, on each installed model.

Each case goes the way of a user's request: the planner makes the prompt, the model answers at temperature 0 with a
fixed seed, and the run's result is scored; a request whose plan is more than one step of the suite's capability is
refused. Translations and summaries are checked mechanically, by the facts that they must contain and by their length:
right means "nothing lost", not "beautiful". Programs are right when they give what is expected in the sandbox. An
answer that cannot be read counts as wrong. Answers are timed one at a time, after one call that loads the model.

Writes the record that ships with the package, which routing goes by where nothing else is known:

    python benchmarks/local_models.py [--home DIR] [--models NAME,…] [--suites NAME,…] [--to FILE] [--answers FILE]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from nubem_jupyter.catalog.measured import FILE, Machine, ModelRecord, Quantiles, Record, shipped_record
from nubem_jupyter.catalog.suites import RUN, Suite, SuiteCase, Task, load_suite, suite_names
from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.evaluation import EvalCase
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Evidence
from nubem_jupyter.core.plan import Plan
from nubem_jupyter.core.run import NodeRun
from nubem_jupyter.engine.evaluator import scorer
from nubem_jupyter.ports import CodeRequest
from nubem_jupyter.sandbox.process import ProcessSandbox
from nubem_jupyter.session.session import Session
from nubem_jupyter.session.settings import load_settings

SEED = 20261122
RECORD = Path(__file__).parents[1] / "nubem_jupyter" / "catalog" / "measured" / FILE


async def main(options: argparse.Namespace) -> int:
    overrides = {"home": options.home} if options.home else {}
    session = Session(load_settings(os.environ, Path.cwd(), overrides))
    wanted = options.models.split(",") if options.models else []
    models = [
        info.id
        for info in session.providers["local"].models()
        if info.available and (not wanted or info.id.partition("/")[2] in wanted)
    ]
    suites = [load_suite(name) for name in (options.suites.split(",") if options.suites else suite_names())]
    log: list[dict[str, Any]] = []
    try:
        records = [await measure(session, model, suites, log) for model in models]
    finally:
        await session.aclose()
    record = Record(date=today(), machine=this_machine(), models=merged(records))
    options.to.write_text(msgspec.json.format(msgspec.json.encode(record), indent=1).decode() + "\n", encoding="utf-8")
    if options.answers:
        options.answers.write_text("".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in log), "utf-8")
    return 0 if models else 1


async def measure(session: Session, model: ModelId, suites: Sequence[Suite], log: list[dict[str, Any]]) -> ModelRecord:
    """Put one model through the suites."""
    await warm(session, model)
    nodes: list[NodeRun] = []
    evidence = []
    for suite in suites:
        began, total = time.monotonic(), 0.0
        for task in suite.tasks:
            for case in task.cases:
                node, score, why = await answer(session, model, suite, task, case)
                nodes.append(node)
                total += score
                log.append(entry_of(model, suite, case, node, score, why))
        evidence.append(
            Evidence(
                capability=suite.capability,
                n=suite.n,
                score_sum=round(total, 4),
                source=f"suite {suite.capability}",
                date=today(),
            )
        )
        print(f"{model} {suite.capability}: {total:.4g} of {suite.n}, {time.monotonic() - began:.0f} s", flush=True)
    timed = [node for node in nodes if node.first_token_s is not None and node.usage.output_tokens > 1]
    return ModelRecord(
        model=model,
        first_token_s=spread(node.first_token_s or 0.0 for node in timed),
        tokens_per_s=spread((n.usage.output_tokens - 1) / (n.latency_s - (n.first_token_s or 0.0)) for n in timed),
        evidence=tuple(evidence),
    )


async def warm(session: Session, model: ModelId) -> None:
    plan = await session.plan("Answer the question", inputs={"text": "Hello?"}, constraints=only(model), seed=SEED)
    await session.start(plan, {"text": "Hello?"}, keep=False).wait()


async def answer(
    session: Session, model: ModelId, suite: Suite, task: Task, case: SuiteCase
) -> tuple[NodeRun, float, str]:
    """Run one case and score the first answer of the step that the suite is about."""
    plan = await session.plan(task.request, inputs={"text": case.input}, constraints=only(model), seed=SEED)
    check(plan, suite, task)
    run = await session.start(plan, {"text": case.input}, keep=False).wait()
    node = next((one for one in run.trace if one.kind == "model"), None)
    if node is None or (node.failure and node.failure.code != "run.node"):
        sys.exit(f"{model} could not be asked: {node.failure if node else run.failure}")
    if node.failure:
        return node, 0.0, node.failure.message
    score, why = await grade(task, case, run.result)
    return node, score, why


def check(plan: Plan, suite: Suite, task: Task) -> None:
    steps = [node.capability for _, node in plan.flow.walk() if node.kind == "model"]
    if steps != [suite.capability]:
        sys.exit(f"the planner makes {steps} of '{task.request}', and not one step to {suite.capability}")


async def grade(task: Task, case: SuiteCase, value: Any) -> tuple[float, str]:
    if task.scorer != RUN:
        found = scorer(task.scorer).score(value, EvalCase(inputs={"text": case.input}, target=case.target))
        return found.value, found.explanation
    expressions = ", ".join(expression for expression, _ in case.target)
    source = f"{value}\nresult = [{expressions}]\n"
    done = await ProcessSandbox().run(CodeRequest(source=source, timeout_s=10.0))
    if not done.ok:
        return 0.0, done.error.strip().splitlines()[-1] if done.error else done.limit
    expected = EvalCase(inputs={"text": case.input}, target=[gives for _, gives in case.target])
    found = scorer("json:case,tolerance=0.000001").score(done.result, expected)
    return found.value, found.explanation


def only(model: ModelId) -> Constraints:
    return Constraints(models=(model,))


def entry_of(model: ModelId, suite: Suite, case: SuiteCase, node: NodeRun, score: float, why: str) -> dict[str, Any]:
    return {
        "model": model, "capability": suite.capability, "input": case.input, "prompt": node.prompt,
        "answer": node.value, "score": score, "why": why,
    }  # fmt: skip


def merged(records: Sequence[ModelRecord]) -> tuple[ModelRecord, ...]:
    """Keep what earlier records say of what was not measured now, and their speeds where more answers were timed."""
    before = {entry.model: entry for entry in shipped_record().models}
    for new in records:
        measured = {entry.capability for entry in new.evidence}
        old = before[new.model].evidence if new.model in before else ()
        kept = [entry for entry in old if entry.capability not in measured]
        evidence = tuple(sorted((*kept, *new.evidence), key=lambda entry: entry.capability))
        before[new.model] = msgspec.structs.replace(timed_most(new, before.get(new.model)), evidence=evidence)
    return tuple(before.values())


def timed_most(new: ModelRecord, old: ModelRecord | None) -> ModelRecord:
    return old if old and old.tokens_per_s.n > new.tokens_per_s.n else new


def spread(values: Iterable[float]) -> Quantiles:
    listed = list(values)
    twentieths = statistics.quantiles(listed * 2 if len(listed) == 1 else listed, n=20, method="inclusive")
    low, median, high = (float(f"{twentieths[at]:.3g}") for at in (0, 9, 18))
    return Quantiles(low=low, median=median, high=high, n=len(listed))


def this_machine() -> Machine:
    return Machine(
        architecture=platform.machine(),
        cores=len(os.sched_getaffinity(0)),
        system=platform.system(),
        note=f"load average at the end: {os.getloadavg()[1]:.1f}",
    )


def today() -> str:
    return datetime.now(UTC).date().isoformat()


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, help="folder of the installed models (default: the user's)")
    parser.add_argument("--models", default="", help="names, comma-separated (default: all that are installed)")
    parser.add_argument("--suites", default="", help="capabilities, comma-separated (default: all)")
    parser.add_argument("--to", type=Path, default=RECORD, help="where the record goes")
    parser.add_argument("--answers", type=Path, help="where every answer with its score goes, as JSON lines")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(asyncio.run(main(parsed())))
