"""The pages of ``%nubem``: runs, flows, the cache and what the doctor finds."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from nubem_jupyter.core.ids import RunId
from nubem_jupyter.core.run import Run
from nubem_jupyter.core.text import shorten
from nubem_jupyter.errors import SettingsError
from nubem_jupyter.render.amount import seconds, spent
from nubem_jupyter.render.blocks import Page, Table, Words
from nubem_jupyter.render.cached import SIMILAR_COLUMNS, WHEN_GIVEN_AGAIN, cache_rows, forgotten, similar_rows
from nubem_jupyter.render.notices import ending
from nubem_jupyter.render.pages import summary

if TYPE_CHECKING:
    from nubem_jupyter.notebook.workbench import Workbench
    from nubem_jupyter.session.doctor import Finding
    from nubem_jupyter.session.session import Session
    from nubem_jupyter.storage.flow_files import FlowFiles

_MARKS = {True: "✓", False: "✗", None: "·"}
_SHORT = 60


def status_page(session: Session, last: Run | None) -> Page:
    """Say in a few lines what could be used now."""
    models = session.models()
    ready = [model.id for model in models if model.available]
    shown = ", ".join(ready[:5]) + (f" and {len(ready) - 5} more" if len(ready) > 5 else "")
    settings = session.settings
    rows = (
        ("models that can be called", shown or "none; %nubem doctor says how to get one"),
        ("planner", settings.planner_model or "rules"),
        ("runs and models are kept in", str(settings.home)),
        ("newest run", summary(last) if last else "none in this kernel"),
        ("catalog", _news(session)),
    )
    return (Table(("", ""), rows, "Nubem"),)


def _news(session: Session) -> str:
    """Say what has changed of models and components lately."""
    newest = next(iter(session.catalog.changes()), None)
    if newest is None:
        return "no change was seen yet"
    when = newest.at[:19].replace("T", " ")
    return f"{when} UTC: {newest.difference.summary}; %nubem models --diff and %nubem components --diff say which"


def examined_page(workbench: Workbench) -> Page:
    """Look at everything, and list what was found; settings that cannot be used are among it."""
    try:
        return doctor_page(_findings(workbench, workbench.session))
    except SettingsError:
        from nubem_jupyter.session.lenient import open_leniently  # late: seldom needed

        session, wrong = open_leniently(workbench.overrides)
    try:
        return doctor_page((*wrong, *_findings(workbench, session)))
    finally:
        workbench.call(session.aclose())


def _findings(workbench: Workbench, session: Session) -> Sequence[Finding]:
    servers = workbench.call(session.health())  # first: it tells which of their models can be called
    return (*session.doctor(), *servers)


def doctor_page(findings: Sequence[Finding]) -> Page:
    """List what was found, and how to mend what does not work."""
    rows = tuple((_MARKS[finding.ok], finding.area, finding.text, finding.mend) for finding in findings)
    return (Table(("", "area", "found", "what to do"), rows),)


def runs_page(runs: Sequence[Run], under_way: Collection[RunId] = ()) -> Page:
    """List runs, newest first; ``under_way`` are those that somebody has at this moment."""
    if not runs:
        return (Words("No run is on record yet."),)
    rows = tuple(
        (
            run.id,
            shorten(run.plan.request or run.plan.flow.name, _SHORT),
            ending(run, under_way),
            spent(run.cost_usd, run.unpriced),
            seconds(run.latency_s),
            f"{run.steps:,}",
        )
        for run in runs
    )
    return (Table(("run", "request", "outcome", "cost", "time", "steps"), rows),)


def flows_page(flows: FlowFiles) -> Page:
    """List the saved flows."""
    names = flows.names()
    if not names:
        return (Words("No flow is saved in this workspace; %orchestrate --save NAME … saves one."),)
    return (Table(("flow",), tuple((name,) for name in names)),)


def cache_page(session: Session, *, clear: bool) -> Page:
    """Say what the cache keeps and how often similar calls' answers were wrong, or forget it all.

    Raises:
        StorageError: the cache cannot be read or cleared.
    """
    recall, similar = session.recall, session.similar
    if clear:
        similar.clear()
        return (Words(forgotten(recall.clear())),)
    told = Table(("", ""), cache_rows(recall.stats(), recall.trouble), "Cache")
    rows = similar_rows(similar.scopes())
    steps = (Table(SIMILAR_COLUMNS, rows, "Steps that take answers of similar calls"),) if rows else ()
    return (told, *steps, Words(WHEN_GIVEN_AGAIN, "quiet"))


def commands_page(commands: Mapping[str, str]) -> Page:
    """List the commands of ``%nubem`` and the other magics."""
    others = (
        ("%orchestrate, %%orchestrate", "do what a text asks"),
        ("%optimize", "take out what a flow does not need"),
        ("%evaluate, %%evaluate", "score flows and models on cases"),
    )
    rows = tuple((f"%nubem {name}", about) for name, about in commands.items())
    return (Table(("", ""), (*rows, *others)),)
