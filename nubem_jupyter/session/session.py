"""The composition root: what a session does with all that it holds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

import msgspec

from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.evaluation import Dataset, Evaluation
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.model import ModelInfo
from nubem_jupyter.core.plan import Plan, Rewrite
from nubem_jupyter.core.run import Run
from nubem_jupyter.engine.transform import with_sampling
from nubem_jupyter.errors import UsageError
from nubem_jupyter.ports import Provider
from nubem_jupyter.session.checked_call import checked_methods
from nubem_jupyter.session.holdings import Holdings
from nubem_jupyter.session.lasting import taken_up
from nubem_jupyter.session.limits import plan_in, with_limits, with_region
from nubem_jupyter.session.listing import Listing, list_models
from nubem_jupyter.session.live import LiveRuns
from nubem_jupyter.session.lookup import recorded, unfinished
from nubem_jupyter.session.run_options import RunOptions, check_options
from nubem_jupyter.session.settings import Settings
from nubem_jupyter.session.tool import ComponentFunction, Tool

if TYPE_CHECKING:
    from nubem_jupyter.providers.local.pull import PullProgress
    from nubem_jupyter.session.deployments import Neighbours
    from nubem_jupyter.session.doctor import Finding
    from nubem_jupyter.session.handle import RunHandle
    from nubem_jupyter.session.launch import Launcher
    from nubem_jupyter.session.weighed import WeighedPlan


@checked_methods
class Session(Holdings):
    """Plans, runs, evaluates; usable from any event loop and thread, one call at a time on each loop.

    Making one is cheap: the store is opened, and a model is loaded, when first needed.
    """

    def __init__(
        self,
        settings: Settings,
        environ: Mapping[str, str] | None = None,
        *,
        providers: Mapping[str, Provider] | None = None,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        """Wire a session.

        Args:
            settings: How it behaves and where it keeps things.
            environ: Where providers look their keys up; None takes this process's environment.
            providers: Who answers calls, by name, in place of those that the settings name.
            wall_clock: Tells the time, in seconds since 1970: what is known grows old by it.

        Raises:
            SettingsError: the settings name a provider that does not exist.
        """
        super().__init__(settings, environ, providers=providers, wall_clock=wall_clock)
        self.last_run: Run | None = None
        self._closed = False
        self._live = LiveRuns()

    @cached_property
    def _launcher(self) -> Launcher:
        from nubem_jupyter.session.launch import Launcher  # late: who lists models or components runs nothing

        return Launcher(self)

    def _neighbours(self) -> Neighbours:
        return self._launcher.deployments.here()

    def add_component(
        self,
        name: str,
        function: ComponentFunction,
        *,
        version: str = "",
        ttl_s: float | None = None,
        cost_usd: float | None = 0.0,
    ) -> None:
        """Offer a function to flows under ``vendor.name``; it gets its inputs as keyword arguments, in a thread.

        With a ``version`` and ``ttl_s`` its value is given again for so many seconds where it is asked for the same.
        What it says that it returns is held to, where that is a type of plain JSON; NaN and infinities become None.
        A use costs nothing unless ``cost_usd`` says otherwise; None, unknown, keeps it out of runs with a budget.

        Raises:
            UsageError: the name is not of that form, or the cost is below zero or no number.
        """
        from nubem_jupyter.session.own_function import output_type

        output = output_type(function)
        self.components.add(
            name, Tool(function=function, version=version, ttl_s=ttl_s, cost_usd=cost_usd, output=output)
        )

    def models(self) -> tuple[ModelInfo, ...]:
        """List every model that a provider knows, with prices, measured speed and evidence of quality."""
        return self._lister()().models

    def _lister(self) -> Callable[[], Listing]:
        """Ask the providers, and return what adds all that was measured; for a thread that may wait."""
        listed = [info for provider in self.providers.values() for info in provider.models()]
        return partial(list_models, listed, self.evidence.all, self.calls, self.wall_clock())

    async def pull(self, name: str, progress: Callable[[PullProgress], None] | None = None) -> Path:
        """Fetch a local model's weights, going on where an earlier try stopped; ``progress`` is told on the way.

        Raises:
            UnknownModelError: no local model has that name.
            ModelUnavailableError: the weights could not be had, or are not the right ones.
            StorageError: there is no room for them.
        """
        from nubem_jupyter.providers.local.pull import pull

        return await asyncio.to_thread(pull, name, self.settings.home, progress)

    # Planning.

    async def plan(
        self,
        request: str | Flow | Plan,
        *,
        inputs: Mapping[str, Any] | None = None,
        constraints: Constraints | None = None,
        optimize: bool = True,
        may_spend: bool = True,
        temperature: float | None = None,
        seed: int | None = None,
        cascades: bool | None = None,
    ) -> Plan:
        """Turn a request, or a flow, into a plan. A model drafts it only where one is set for that.

        A plan is planned anew, within its own constraints where no others are given.

        ``may_spend=False`` asks no model that costs money. ``temperature`` and ``seed`` go to every model call.
        ``cascades=False`` gives each step to one model; None does as the plan did, or as the settings say.
        By ``seed`` models are drawn, too, that are tried.

        Raises:
            PlanError: the request is blank.
            RoutingError: no model can be chosen for a step; an ``InfeasibleError`` has the flow all the same.
        """
        from nubem_jupyter.catalog.days import day_of
        from nubem_jupyter.catalog.retired import retiring, without_retired
        from nubem_jupyter.session.planning import (
            Drafter,
            chooser,
            draft_of_flow,
            finish_plan,
            input_types,
            with_words,
        )

        await self.catalog.ready()
        if self.settings.cache:
            await self.recall.refresh()
        # In a thread: the store is read, and new results are held against older ones.
        (models, trouble), words, spent_usd = await asyncio.to_thread(self._lister()), "", 0.0
        wanted = constraints or Constraints()
        if isinstance(request, Plan):
            wanted = constraints or request.constraints
            cascades, request = request.cascades if cascades is None else cascades, request.flow
        wanted = with_region(wanted, self.settings.region)
        if isinstance(request, Flow):
            draft = draft_of_flow(request)
        else:
            tools = self.components
            drafter = Drafter(
                self.settings.planner_model,
                self.providers,
                models,
                tools.searcher,
                self.calls,
                tools.retriever,
                self._neighbours,
            )
            draft, spent_usd = await drafter.draft(request, input_types(inputs or {}), wanted, may_spend=may_spend)
            words, wanted = request, with_words(wanted, draft.constraints)
        flow = with_sampling(draft.flow, temperature=temperature, seed=seed)
        draft = msgspec.structs.replace(draft, flow=flow)
        finish = partial(finish_plan, inputs=inputs, optimized=optimize, foresee=self.components.foresee)
        cascades = cascades is not False and self.settings.cascades
        tried = partial(self.explorer.for_plan, seed=seed) if self.settings.explore else None
        choose = chooser(self.learned.for_flow if cascades else None, tried, self.told.for_flow)
        today = day_of(self.wall_clock())
        models = without_retired(models, today, wanted.models)
        # In a thread, since folders of components may be looked at.
        plan = await asyncio.to_thread(finish, draft, words, wanted, models, choose=choose)
        chosen = {model for choice in plan.route.values() for model in choice.chosen.models}
        ending = retiring((info for info in models if info.id in chosen), today)
        told = (*plan.warnings, *ending, *filter(None, (trouble,)))
        return msgspec.structs.replace(plan, spent_usd=spent_usd, warnings=told, cascades=cascades)

    async def weigh(self, plan: Plan, *, inputs: Mapping[str, Any] | None = None) -> WeighedPlan:
        """Return the plan with its limits as knobs: ``what_if`` and ``front`` choose anew and call no model.

        ``inputs`` are values already known, as for ``plan``. It sees the models of this moment, and cascades where the
        plan might have them.
        """
        from nubem_jupyter.catalog.days import day_of
        from nubem_jupyter.catalog.retired import without_retired
        from nubem_jupyter.engine.router import route
        from nubem_jupyter.session.exploring import without_trying
        from nubem_jupyter.session.weighed import WeighedPlan

        await self.catalog.ready()
        plan = plan_in(plan, self.settings.region)
        listing = await asyncio.to_thread(self._lister())
        models = without_retired(listing.models, day_of(self.wall_clock()), plan.constraints.models)
        tools = await asyncio.to_thread(self.components.foresee, plan.flow, plan.constraints)
        learned = self.learned.for_flow if plan.cascades and self.settings.cascades else lambda *_: {}
        cascades = await asyncio.to_thread(learned, plan.flow, plan.constraints, models)
        told = await asyncio.to_thread(self.told.for_flow, plan.flow, inputs or {})
        routed = partial(route, plan.flow, models, inputs=inputs, uses_usd=tools.uses_usd, cascades=cascades, told=told)
        return WeighedPlan(without_trying(plan, inputs, tools.uses_usd), routed, inputs, tools, told)

    def optimize(self, flow: Flow) -> tuple[Flow, tuple[Rewrite, ...]]:
        """Rewrite a flow so that it gives the same with less work; tell what was changed."""
        from nubem_jupyter.engine.optimizer import optimize

        return optimize(flow)

    # Running.

    def start(
        self,
        plan: Plan,
        inputs: Mapping[str, Any] | None = None,
        **options: Unpack[RunOptions],
    ) -> RunHandle:
        """Start a run on the current event loop; ``RunOptions`` says what ``options`` mean.

        Raises:
            UsageError: an input is missing, unknown or not plain JSON, the run to replay or an option is unknown, or
                the session is closed.
            SandboxUnavailableError: the plan has code, and its level of isolation is not there.
        """
        check_options(options)
        self._check_open()
        return self._live.add(self._launcher.start(plan, inputs or {}, options))

    async def begin(
        self, plan: Plan, inputs: Mapping[str, Any] | None = None, **options: Unpack[RunOptions]
    ) -> RunHandle:
        """Start a run as ``start`` does, and meanwhile hold nobody else up by looking for its components."""
        check_options(options)
        self._check_open()
        tools = await self._launcher.checked(plan)
        self._check_open()
        return self._live.add(self._launcher.start(plan, inputs or {}, options, tools))

    async def resume(
        self, name: str, constraints: Constraints | None = None, **options: Unpack[RunOptions]
    ) -> RunHandle:
        """Go on with a run that was interrupted, or that ended without finishing, on the current event loop.

        What finished is not done again and not paid again; the run keeps its id. Its budget counts on, and its
        deadline begins anew; ``constraints`` may raise the two, and say more strictly where data may go and how code
        is isolated. ``last`` names the newest that can be gone on with.

        Raises:
            UsageError: there is no such run or option, the session is closed, or a limit would loosen what the run was
                to keep or need models to be chosen anew.
            StorageError: it has finished, or is under way elsewhere.
            SandboxUnavailableError: as ``start``.
        """
        check_options(options)
        self._check_open()
        wanted = self.unfinished() if name == "last" else self.recorded(name)
        async with taken_up(self.store, wanted.id) as run:
            limited = run if constraints is None else with_limits(run, constraints)
            tools = await self._launcher.checked(limited.plan)
            self._check_open()
            return self._live.add(self._launcher.go_on(limited, options, tools))

    def _check_open(self) -> None:
        if self._closed:
            raise UsageError("this session is closed", hint="open another")

    def unfinished(self) -> Run:
        """Return the newest run on record that can be gone on with; see ``lookup.unfinished``."""
        return unfinished(self.store)

    async def run(self, plan: Plan, inputs: Mapping[str, Any] | None = None, **options: Unpack[RunOptions]) -> Run:
        """Run a plan to its end; the run says how it ended. Raises as ``start`` does."""
        run = await (await self.begin(plan, inputs, **options)).wait()
        self.last_run = run
        return run

    async def orchestrate(
        self,
        request: str | Flow,
        *,
        inputs: Mapping[str, Any] | None = None,
        constraints: Constraints | None = None,
        optimize: bool = True,
    ) -> Run:
        """Plan and run. Raises as ``plan`` and ``start`` do."""
        plan = await self.plan(request, inputs=inputs, constraints=constraints, optimize=optimize)
        return await self.run(plan, inputs)

    def recorded(self, name: str) -> Run:
        """Return the run of this id, or of this unique beginning of one; see ``lookup.recorded``."""
        return recorded(self.store, name)

    # Evaluating.

    async def evaluate(
        self,
        dataset: Dataset,
        scorer: str,
        *,
        targets: Mapping[str, Flow | Plan],
        models: Sequence[str] = (),
        constraints: Constraints | None = None,
        repeat: int = 1,
        budget_usd: float | None = None,
        capability: str = "",
    ) -> Evaluation:
        """Run every case through every target, on each of ``models`` where some are named, and score the answers.

        It goes on record, and what it finds about a model becomes evidence for routing, where ``capability`` says of
        what.

        Raises:
            EvaluationError: a case does not fit a target or lacks what the scorer compares with, the scorer is
                unknown, or ``repeat`` is below 1.
            SandboxUnavailableError: as ``start``.
        """
        from nubem_jupyter.session.evaluating import Evaluating

        work = Evaluating(
            scorer=scorer,
            models=models,
            constraints=constraints,
            repeat=repeat,
            budget_usd=budget_usd,
            capability=capability,
        )
        return await work.run(self, dataset, targets)

    # The machine.

    def doctor(self) -> tuple[Finding, ...]:
        """Say what is there, and what to do about what is not."""
        from nubem_jupyter.session.doctor import findings

        return findings(self)

    async def health(self) -> tuple[Finding, ...]:
        """Ask the servers of models whether they are well, and for their lists; no model is called."""
        from nubem_jupyter.session.health import health, of_sites

        await self.catalog.ask()
        told = await health(self.providers, self.catalog.troubles)
        called = self._launcher.deployments.states() if "_launcher" in self.__dict__ else ()
        return (*told, *of_sites(called))

    async def aclose(self) -> None:
        """Stop the runs under way and put them on record, then let go of models, connections and the store.

        May be called twice.
        """
        self._closed = True
        await self._live.stop()
        await self._let_go()
