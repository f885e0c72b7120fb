"""What a run under way looks like: a frozen picture of it, moved on by each event."""

from __future__ import annotations

from typing import Any

import msgspec

from nubem_jupyter.core.event import (
    BudgetWarning,
    CascadeDecided,
    Event,
    MapProgress,
    MemberAnswered,
    NodeCached,
    NodeFailed,
    NodeFinished,
    NodeHedged,
    NodeRetried,
    NodeStarted,
    RunEnded,
    RunStarted,
    Tokens,
)
from nubem_jupyter.render.amount import nearly_spent, seconds, spent
from nubem_jupyter.render.blocks import Block, Page, Shown, Table, Words
from nubem_jupyter.render.cached import at_hand

_TAIL = 600
_MOST_STEPS = 12
_MOST_KEPT = 100


_StepEvent = (
    NodeStarted
    | Tokens
    | NodeRetried
    | NodeCached
    | MemberAnswered
    | CascadeDecided
    | MapProgress
    | NodeFinished
    | NodeFailed
)


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step as far as it has come."""

    model: str = ""
    """The model asked, if one is."""
    state: str = "running"
    """running, cached, finished, failed or what the last try said."""
    text: str = ""
    """The end of the text so far."""
    began_s: float = 0.0
    """Seconds from the run's start."""
    ended_s: float | None = None
    """Seconds from the run's start; None while it runs."""


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """A run as far as it has come."""

    total: int = 0
    """How many steps the flow has."""
    cost_usd: float = 0.0
    """US dollars so far."""
    unpriced: int = 0
    """How many calls had a model whose price is unknown."""
    done: int = 0
    """How many steps have ended."""
    steps: dict[str, Step] = {}
    """The steps under way and the newest of those that ended, by path, in the order in which they began."""
    warning: str = ""
    """What the user should see now."""
    ended: bool = False
    """Whether the run is over."""


def advance(progress: Progress, event: Event) -> Progress:
    """Return what the run looks like after one more event."""
    change = msgspec.structs.replace
    match event:
        case RunStarted(nodes=nodes, resumed=resumed):
            return change(progress, total=nodes, done=resumed)
        case BudgetWarning():
            return change(progress, warning=nearly_spent(event))
        case RunEnded():
            return change(progress, ended=True)
        case NodeHedged():
            return progress
        case _:
            moved = _moved(progress.steps.get(event.node, Step(began_s=event.at_s)), event)
            cost_usd, unpriced = (event.cost_usd, event.unpriced) if isinstance(event, NodeFinished) else (0.0, 0)
            steps = _without_oldest({**progress.steps, event.node: moved})
            done = progress.done + (moved.ended_s is not None)
            return change(
                progress,
                steps=steps,
                done=done,
                cost_usd=progress.cost_usd + cost_usd,
                unpriced=progress.unpriced + unpriced,
            )


def _without_oldest(steps: dict[str, Step]) -> dict[str, Step]:
    """Let go of what ended and would not be shown: a long map has more steps than should be kept."""
    if len(steps) > _MOST_KEPT:
        ended = [path for path, step in steps.items() if step.ended_s is not None]
        # A reader that was far behind never hears of some ends; what began longest ago goes then.
        for path in ended[:-_MOST_STEPS] or list(steps)[:_MOST_STEPS]:
            del steps[path]
    return steps


def _moved(step: Step, event: _StepEvent) -> Step:
    changes: dict[str, Any]
    match event:
        case NodeStarted(model=model, at_s=at_s):
            changes = {"model": model or "", "began_s": at_s}
        case Tokens(text=text):
            changes = {"text": (step.text + text)[-_TAIL:]}
        case NodeRetried(error=error, model=model):
            changes = {"text": "", "state": f"tried again: {error.rstrip('.')}", "model": model or step.model}
        case NodeCached(model=model, saved_usd=saved_usd, similarity=similarity):
            changes = {"state": at_hand(similarity, saved_usd), "text": "", "model": model or step.model}
        case MemberAnswered(model=model, text=text, error=error):
            changes = {"state": f"{model}: {text or error.rstrip('.')}"}
        case CascadeDecided(model=model, verdict=verdict):
            changes = {"state": verdict, "model": model}
        case MapProgress(done=done, total=total, failed=failed):
            changes = {"state": f"{done:,} of {total:,}" + (f", {failed:,} failed" if failed else "")}
        case NodeFinished(at_s=at_s):
            # How it came by its value matters more than that it has one, which its time tells.
            state = step.state if step.state.startswith("cached") else "finished"
            changes = {"state": state, "text": "", "ended_s": at_s}
        case NodeFailed(at_s=at_s):
            changes = {"state": "failed", "ended_s": at_s}
    return msgspec.structs.replace(step, **changes)


def progress_page(progress: Progress, elapsed_s: float) -> Page:
    """Say how far the run is: the line, the steps under way and what they have written so far."""
    line = f"Running: {_far(progress)} · {seconds(elapsed_s)} · {spent(progress.cost_usd, progress.unpriced)} so far"
    blocks: list[Block] = [Words(line, "quiet")]
    if progress.warning:
        blocks.append(Words(progress.warning, "warning"))
    # Those under way matter most; of a long map only the newest are shown.
    newest = sorted(progress.steps.items(), key=_matters)[-_MOST_STEPS:]
    if newest:
        blocks.append(_steps_table(newest, elapsed_s))
    for path, step in newest:
        if step.ended_s is None and step.text:
            blocks += [Words(path, "quiet"), Shown(step.text)]
    return tuple(blocks)


def _far(progress: Progress) -> str:
    """Say how many steps are done, and of how many: in maps and loops nobody knows that before."""
    done, total = progress.done, progress.total
    steps = "1 step" if done == 1 else f"{done:,} steps"
    is_known = done <= total and not any("[" in path for path in progress.steps)
    return f"{steps} done of {total:,}" if is_known else f"{steps} done"


def _matters(item: tuple[str, Step]) -> tuple[bool, bool]:
    """Sort what has ended before what is under way, and that before the maps, which say how far they are."""
    path, step = item
    return step.ended_s is None, step.ended_s is None and "[" not in path


def _steps_table(newest: list[tuple[str, Step]], elapsed_s: float) -> Table:
    rows = tuple(
        (path, step.model, step.state, seconds((step.ended_s or max(elapsed_s, step.began_s)) - step.began_s))
        for path, step in newest
    )
    return Table(("step", "model", "state", "time"), rows)
