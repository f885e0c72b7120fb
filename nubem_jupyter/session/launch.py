"""Starting runs, and going on with those that were interrupted."""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from nubem_jupyter.core.ids import ModelId, RunId
from nubem_jupyter.core.model import ModelInfo
from nubem_jupyter.core.plan import Plan
from nubem_jupyter.core.run import Outcome, Run
from nubem_jupyter.engine.budget import Ledger
from nubem_jupyter.engine.group import MAP_WINDOW
from nubem_jupyter.engine.hedge import NEVER, Hedger
from nubem_jupyter.engine.known import known_values
from nubem_jupyter.engine.schedule import Schedule
from nubem_jupyter.engine.transform import SEEDS, pin_seeds
from nubem_jupyter.errors import NubemError, UsageError
from nubem_jupyter.ports import Provider, Sandbox
from nubem_jupyter.session.ask import Asker
from nubem_jupyter.session.deployments import Deployments
from nubem_jupyter.session.driver import Driver
from nubem_jupyter.session.exploring import as_tried_in, done_in
from nubem_jupyter.session.foresight import check_sandbox, plain_inputs
from nubem_jupyter.session.handle import RunHandle
from nubem_jupyter.session.limits import plan_in
from nubem_jupyter.session.listing import models_of
from nubem_jupyter.session.prepared import Prepared, PreparedPlans, is_current, prepare
from nubem_jupyter.session.run_options import RunOptions
from nubem_jupyter.session.tool import Tool
from nubem_jupyter.session.turns import Turns, turns_of
from nubem_jupyter.session.work import Workers
from nubem_jupyter.session.writer import NoWriter, RunWriter, SettlingWriter, Writer

if TYPE_CHECKING:
    from nubem_jupyter.session.call_notes import CallNotes
    from nubem_jupyter.session.cascading import Cascading
    from nubem_jupyter.session.checking import Checker
    from nubem_jupyter.session.exploring import Explorer
    from nubem_jupyter.session.recall import Recall
    from nubem_jupyter.session.settings import Settings
    from nubem_jupyter.session.similar import Similar
    from nubem_jupyter.session.toolbox import Toolbox
    from nubem_jupyter.storage.sqlite import SqliteRunStore


class Surroundings(Protocol):
    """What a session lends to its runs."""

    settings: Settings
    providers: dict[str, Provider]
    components: Toolbox
    rng: random.Random
    thread: ThreadPoolExecutor

    @property
    def store(self) -> SqliteRunStore:
        """The runs on record."""
        ...

    @property
    def sandbox(self) -> Sandbox:
        """Where code runs."""
        ...

    @property
    def calls(self) -> CallNotes:
        """What calls told of their deployments."""
        ...

    @property
    def explorer(self) -> Explorer:
        """What tries models of which little is known."""
        ...

    @property
    def recall(self) -> Recall:
        """Answers at hand."""
        ...

    @property
    def similar(self) -> Similar:
        """Calls that are alike."""
        ...

    def recorded(self, name: str) -> Run:
        """Return a run on record; raises UsageError."""
        ...


class Launcher:
    """Starts the runs of one session."""

    def __init__(self, session: Surroundings) -> None:
        self._session = session
        self._prepared = PreparedPlans()
        self.deployments = Deployments(time.monotonic, None if session.settings.hedge else Hedger(NEVER), session.rng)
        """What was learned lately of who answers how."""
        # As many as a map has items under way: a component's deadline is for its work, not for waiting for a thread.
        self._threads = ThreadPoolExecutor(max_workers=MAP_WINDOW, thread_name_prefix="nubem-component")

    async def checked(self, plan: Plan) -> Mapping[str, Tool] | None:
        """Do beforehand what ``start`` and ``go_on`` do first, where that may take a while: look at folders.

        Raises as ``start`` does. Of a plan that uses no component there is nothing to do, and None is returned.
        """
        prepared = self._prepare(plan)
        return await asyncio.to_thread(self._check, prepared) if prepared.components else None

    def start(
        self, plan: Plan, inputs: Mapping[str, Any], options: RunOptions, tools: Mapping[str, Tool] | None = None
    ) -> RunHandle:
        """Start a run on the current event loop; raises as ``Session.start`` does. ``tools``: of ``checked``."""
        session = self._session
        now = datetime.now(UTC)
        name = RunId(f"{now:%Y%m%d-%H%M%S}-{session.rng.randrange(1 << 24):06x}")
        prepared = self._prepare(plan)
        plan = prepared.plan
        tools = self._check(prepared) if tools is None else tools
        given = plain_inputs(inputs)
        decided = self._decided(prepared, name, given, options.get("replay"))
        if decided is not plan:
            plan, prepared = decided, self._fresh(decided)
        drawn = prepared.drawn
        if drawn:
            seeded = msgspec.structs.replace(plan, flow=pin_seeds(plan.flow, session.rng.randrange(SEEDS)))
            prepared = self._fresh(seeded)._replace(drawn=drawn)
        run = Run(
            id=name,
            plan=_warned(prepared.plan, tools),
            inputs=given,
            outcome=Outcome.RUNNING,
            started_at=now.isoformat(timespec="milliseconds"),
        )
        writer = RunWriter(session.store, session.thread) if options.get("keep", True) else NoWriter()
        try:
            return self._drive(run, prepared, options, writer, tools)
        except NubemError:
            if prepared.has_tried:
                session.explorer.settle(run)  # what is not begun costs nothing
            raise

    def go_on(self, run: Run, options: RunOptions, tools: Mapping[str, Tool] | None = None) -> RunHandle:
        """Go on with a run that the store has given back: what finished is not done again, nor paid again."""
        session = self._session
        run = msgspec.structs.replace(run, plan=plan_in(run.plan, session.settings.region))
        prepared = self._fresh(run.plan)
        tools = self._check(prepared) if tools is None else tools
        if prepared.has_tried:
            models = self._models_of(run.plan)
            plan = session.explorer.admitted(run.plan, run.id, run.inputs, models, done_in(run))
            run = msgspec.structs.replace(run, plan=plan)
            prepared = self._fresh(run.plan)
        spent_s = max((node.ended_s for node in run.nodes), default=0.0)
        under_way = msgspec.structs.replace(
            run,
            plan=_warned(run.plan, tools),
            outcome=Outcome.RUNNING,
            failure=None,
            log=(),
            latency_s=max(spent_s, run.latency_s),
        )
        return self._drive(under_way, prepared, options, RunWriter(session.store, session.thread, resumed=True), tools)

    def _decided(self, prepared: Prepared, run: RunId, inputs: Mapping[str, Any], replay: str | None) -> Plan:
        """Return the plan with what is tried in this run: what the day's money is enough for, or a replay's run did."""
        plan = prepared.plan
        if replay is not None:
            return as_tried_in(plan, self._session.recorded(replay).plan)
        if not prepared.has_tried:
            return plan
        return self._session.explorer.admitted(plan, run, inputs, self._models_of(plan))

    def _check(self, prepared: Prepared) -> Mapping[str, Tool]:
        """Refuse what could not be done, before anything is; return the tools that it is done with."""
        session, plan = self._session, prepared.plan
        tools = session.components.tools(prepared.components, plan.constraints)
        if prepared.has_code:
            check_sandbox(plan.flow, plan.constraints, session.sandbox)
        return tools

    def _drive(
        self, run: Run, prepared: Prepared, options: RunOptions, writer: RunWriter | NoWriter, tools: Mapping[str, Tool]
    ) -> RunHandle:
        session = self._session
        plan = run.plan
        turns, deployments = prepared.turns, self.deployments
        cache, replay = options.get("cache"), options.get("replay")
        recall = session.recall if (session.settings.cache if cache is None else cache) else None
        if replay is not None:
            turns, deployments, recall = self._replayed(replay, run), Deployments(time.monotonic), None
        if recall is not None:
            recall.refresh_soon()
        settles = prepared.has_tried and replay is None
        # What an evaluation's answers are worth its scorer says.
        tasks = prepared.tasks if options.get("keep", True) else None
        notes = session.calls.of_run(run.latency_s, prepared.stand_ins, tasks) if replay is None else None
        now_s = time.monotonic()
        asker = Asker(
            turns=turns,
            neighbours=deployments.here(),
            ledger=options.get("ledger") or _ledger_of(run),
            recall=recall,
            flights=None if recall is None else recall.flights(),
            similar=session.similar if recall is not None and prepared.has_similar else None,
            flow=plan.flow.name,
            level=plan.constraints.security_level,
            drawn=prepared.drawn,
            records=options.get("keep", True),
            notes=notes,
            wall_s=time.time() - now_s,
            until_s=now_s + (plan.constraints.max_latency_s or math.inf),
            checker=_checker(plan, session.sandbox) if prepared.has_code else None,
            cascading=_cascading(run, options, writer, session.rng) if prepared.has_cascades else None,
        )
        workers = Workers(
            asker=asker,
            sandbox=session.sandbox,
            components=tools,
            constraints=plan.constraints,
            threads=self._threads,
        )
        schedule = Schedule(
            plan.flow,
            run.inputs,
            options.get("policy"),
            models=prepared.models,
            limit=options.get("parallel") or session.settings.parallel or None,
            seconds=prepared.seconds,
            known=known_values(plan.flow, run.nodes) if run.nodes else None,
            wirings=prepared.wirings,
        )
        driver = Driver(
            run,
            schedule,
            workers,
            writer=SettlingWriter(writer, session.explorer.settle, session.thread) if settles else writer,
            clock=time.monotonic,
            rng=session.rng,
            events=options.get("events", True),
            notes=notes,
        )
        return RunHandle(driver)

    def _replayed(self, name: str, run: Run) -> Turns:
        from nubem_jupyter.session.replaying import replay_of

        recorded = self._session.recorded(name)
        models, providers = replay_of(
            recorded, run, self._session.store.answers(recorded.id), self._models_of(run.plan)
        )
        return turns_of(run.plan.route, models, providers)

    def _prepare(self, plan: Plan) -> Prepared:
        if not isinstance(plan, Plan):
            name = type(plan).__name__
            raise UsageError(f"a run needs a plan, not a {name}", hint="plan first: await session.plan(…)")
        plan = plan_in(plan, self._session.settings.region)
        known = self._prepared.get(plan)
        if known is None:
            return self._prepared.keep(self._fresh(plan))
        if is_current(known, self._session.providers):
            return known
        return self._prepared.keep(self._fresh(plan)._replace(wirings=known.wirings))

    def _fresh(self, plan: Plan) -> Prepared:
        return prepare(plan, self._models_of(plan), self._session.providers)

    def _models_of(self, plan: Plan) -> dict[ModelId, ModelInfo]:
        wanted = {model for choice in plan.route.values() for candidate in choice.in_turn for model in candidate.models}
        return models_of(self._session.providers.values(), wanted)


def _warned(plan: Plan, tools: Mapping[str, Tool]) -> Plan:
    """Add to a plan's warnings what whoever uses these tools should know, so that its run tells it."""
    new = tuple(tool.warning for tool in tools.values() if tool.warning and tool.warning not in plan.warnings)
    return msgspec.structs.replace(plan, warnings=(*plan.warnings, *new)) if new else plan


def _checker(plan: Plan, sandbox: Sandbox) -> Checker:
    from nubem_jupyter.session.checking import Checker

    return Checker(sandbox=sandbox, level=plan.constraints.security_level)


def _cascading(run: Run, options: RunOptions, writer: Writer, rng: random.Random) -> Cascading:
    from nubem_jupyter.session.cascading import cascading_of  # most plans have none

    return cascading_of(run, options.get("policy"), writer, rng)


def _ledger_of(run: Run) -> Ledger:
    """Return the plan's budget, less what the plan cost, and what the run did cost so far."""
    limit_usd, spent_usd = run.plan.constraints.max_cost_usd, run.plan.spent_usd
    ledger = Ledger(None if limit_usd is None else max(limit_usd - spent_usd, 0.0))
    ledger.spent_usd = run.cost_usd - spent_usd
    return ledger
