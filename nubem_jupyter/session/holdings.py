"""Everything of a session that has a lifetime: each is opened when it is first used, and closed with the session."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING

from nubem_jupyter.ports import Embedder, Provider, Sandbox
from nubem_jupyter.session.adapters import config_file, make_providers
from nubem_jupyter.session.toolbox import Toolbox

if TYPE_CHECKING:
    from nubem_jupyter.session.call_notes import CallNotes
    from nubem_jupyter.session.catalog import SessionCatalog
    from nubem_jupyter.session.exploring import Explorer
    from nubem_jupyter.session.learned import LearnedCascades
    from nubem_jupyter.session.prompt_places import PromptPlaces
    from nubem_jupyter.session.recall import Recall
    from nubem_jupyter.session.settings import Settings
    from nubem_jupyter.session.similar import Similar
    from nubem_jupyter.session.told import ToldByCases
    from nubem_jupyter.storage.evaluations import EvaluationStore
    from nubem_jupyter.storage.evidence import EvidenceStore
    from nubem_jupyter.storage.flow_files import FlowFiles
    from nubem_jupyter.storage.outcomes import OutcomeStore
    from nubem_jupyter.storage.prompts import PromptStore
    from nubem_jupyter.storage.sqlite import SqliteRunStore


class Holdings:
    """What a session's work is done with. Making it is cheap."""

    def __init__(
        self,
        settings: Settings,
        environ: Mapping[str, str] | None = None,
        *,
        providers: Mapping[str, Provider] | None = None,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        """Wire everything together; opens nothing. ``Session`` says what is given."""
        self.settings = settings
        self.environ = os.environ if environ is None else environ
        self.wall_clock = wall_clock
        self.rng = random.Random()  # noqa: S311  # jitter and seeds, nothing secret
        self.providers = dict(make_providers(settings, self.environ) if providers is None else providers)
        self.components = Toolbox(
            settings,
            self.environ,
            sandbox=lambda: self.sandbox,
            catalog=lambda: self.catalog,
            embedder=lambda: self.embedder,
        )
        self.thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="nubem-store")
        self._cache_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="nubem-cache")

    @cached_property
    def store(self) -> SqliteRunStore:
        """The runs on record."""
        from nubem_jupyter.storage.sqlite import SqliteRunStore

        return SqliteRunStore(self.settings.home / "nubem.db")

    @cached_property
    def catalog(self) -> SessionCatalog:
        """What there is of models and components, and what has changed."""
        from nubem_jupyter.session.catalog import SessionCatalog

        settings = self.settings
        return SessionCatalog(
            self.providers,
            home=settings.home,
            workspace=settings.workspace,
            own=self.components.own,
            rng=self.rng,
            files=(config_file(settings),) if "config" in self.providers else (),
        )

    @cached_property
    def recall(self) -> Recall:
        """Answers at hand from calls made before."""
        from nubem_jupyter.session.adapters import make_cache
        from nubem_jupyter.session.recall import Recall

        return Recall(lambda: make_cache(self.settings, self.environ), self._cache_thread, wall_clock=self.wall_clock)

    @cached_property
    def evidence(self) -> EvidenceStore:
        """What evaluations here found about models."""
        from nubem_jupyter.storage.evidence import EvidenceStore

        return EvidenceStore(self.store.database)

    @cached_property
    def calls(self) -> CallNotes:
        """What real calls told of their deployments."""
        from nubem_jupyter.session.call_notes import CallNotes
        from nubem_jupyter.storage.call_stats import CallStats
        from nubem_jupyter.storage.checks import CheckStore

        stats = CallStats(self.store.database, self.wall_clock)
        checks = CheckStore(self.store.database, self.wall_clock)
        return CallNotes(stats, self.store.speeds, self.thread, self.wall_clock, checks)

    @cached_property
    def evaluations(self) -> EvaluationStore:
        """The evaluations on record, with every sample."""
        from nubem_jupyter.storage.evaluations import EvaluationStore

        return EvaluationStore(self.store.database)

    @cached_property
    def outcomes(self) -> OutcomeStore:
        """What models did on scored cases."""
        from nubem_jupyter.storage.outcomes import OutcomeStore

        return OutcomeStore(self.store.database)

    @cached_property
    def learned(self) -> LearnedCascades:
        """The cascades that were learned from them."""
        from nubem_jupyter.session.learned import LearnedCascades

        return LearnedCascades(self.outcomes, self.wall_clock)

    @cached_property
    def explorer(self) -> Explorer:
        """What tries models of which little is known."""
        from nubem_jupyter.session.exploring import Explorer
        from nubem_jupyter.storage.explorations import ExplorationStore

        return Explorer(ExplorationStore(self.store.database), self.settings, self.wall_clock, self.rng)

    @cached_property
    def prompts(self) -> PromptStore:
        """Where the prompts of scored cases lie among others."""
        from nubem_jupyter.storage.prompts import PromptStore

        return PromptStore(self.store.database)

    @cached_property
    def prompt_places(self) -> PromptPlaces:
        """What tells where a prompt lies."""
        from nubem_jupyter.session.prompt_places import PromptPlaces

        return PromptPlaces(lambda: self.embedder)

    @cached_property
    def told(self) -> ToldByCases:
        """What scored cases tell of steps."""
        from nubem_jupyter.session.told import ToldByCases

        return ToldByCases(self.prompts, self.outcomes, self.prompt_places)

    @cached_property
    def flows(self) -> FlowFiles:
        """The workspace's saved flows."""
        from nubem_jupyter.storage.flow_files import FlowFiles

        return FlowFiles(self.settings.workspace / "flows")

    @cached_property
    def sandbox(self) -> Sandbox:
        """Where code runs."""
        from nubem_jupyter.sandbox.process import ProcessSandbox

        return ProcessSandbox()

    @cached_property
    def embedder(self) -> Embedder:
        """What tells the meaning of texts; its weights are loaded when it is first asked."""
        from nubem_jupyter.providers.sentence_encoder import SentenceEncoder

        return SentenceEncoder()

    @cached_property
    def similar(self) -> Similar:
        """Calls that are alike, for nodes that take their answers too."""
        from nubem_jupyter.session.similar import MOST_CALLS, Similar
        from nubem_jupyter.storage.similar_calls import SimilarCalls

        path = self.settings.home / "similar.db"
        return Similar(lambda: SimilarCalls(path, MOST_CALLS), self._cache_thread, rng=self.rng)

    async def _let_go(self) -> None:
        """Close what was opened."""
        await self.components.aclose()
        if "catalog" in self.__dict__:
            self.catalog.close()
        for provider in self.providers.values():
            await provider.aclose()
        await _end(self.thread)
        await _end(self._cache_thread)
        # Not in a thread: none can be started while the interpreter ends, and what is left to write is little.
        for name in ("recall", "similar", "calls"):
            if name in self.__dict__:
                getattr(self, name).close()
        if "store" in self.__dict__:
            self.store.close()


async def _end(thread: ThreadPoolExecutor) -> None:
    """Wait until all that was submitted is done. Starts no thread: none can be while the interpreter ends."""
    try:
        await asyncio.wrap_future(thread.submit(_nothing))
    except RuntimeError:
        # Closed before, or the interpreter is ending and has itself waited for the thread.
        return
    thread.shutdown(wait=False)


def _nothing() -> None:
    """Do nothing, after all that was submitted before."""
