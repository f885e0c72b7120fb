"""A session that answers from memory, and the program run against it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from nubem_jupyter.catalog.difference import Difference
from nubem_jupyter.catalog.history import Changed
from nubem_jupyter.cli.main import main
from nubem_jupyter.core.component import Trouble
from nubem_jupyter.core.evaluation import Evaluation, Mean, Sample
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Evidence, Figure, ModelInfo, Price, Speed
from nubem_jupyter.core.run import Run
from nubem_jupyter.core.similar import SimilarStep
from nubem_jupyter.errors import UsageError
from nubem_jupyter.providers.local.pull import PullProgress
from nubem_jupyter.session.catalog import Refreshed
from nubem_jupyter.session.doctor import Finding
from nubem_jupyter.session.recall import Recall
from nubem_jupyter.testing import MemoryCache
from nubem_jupyter.testing.memory_store import MemoryRunStore
from nubem_jupyter.testing.runs import sample_flow, sample_plan, sample_run


def figure(value: float) -> Figure:
    return Figure(value=value, source="listed (a test)")


MODELS = (
    ModelInfo(
        id=ModelId("echo/echo"),
        provider="echo",
        local=True,
        context_tokens=4096,
        price=Price(input_usd=figure(0), output_usd=figure(0)),
        speed=Speed(first_token_s=figure(0.1), tokens_per_s=figure(40)),
        evidence=(Evidence(capability="answer", n=10, score_sum=8, source="t", date="2030-01-01"),),
    ),
    ModelInfo(id=ModelId("local/absent"), provider="local", local=True, available=False, missing="pull it first"),
    ModelInfo(
        id=ModelId("far/away"),
        provider="far",
        via="litellm",
        available=False,
        missing="set FAR_API_KEY",
        features=("vision",),
        price=Price(input_usd=figure(1e-6), output_usd=figure(2e-6)),
    ),
)


def pulled(stage: str, done: int) -> PullProgress:
    return PullProgress(name="small", stage=stage, done_bytes=done * 1_000_000, total_bytes=100_000_000)


class StubHandle:
    """A run that is over as soon as it is watched, or that hangs until it is cancelled."""

    def __init__(self, run: Run, hangs: bool) -> None:
        self.run = run
        self.plan = run.plan
        self.hangs = hangs
        self.reached = asyncio.Event()
        self.cancelled = asyncio.Event()

    async def events(self):
        for event in self.run.log:
            yield event
        self.reached.set()
        if self.hangs:
            await asyncio.Event().wait()

    def cancel(self) -> None:
        self.cancelled.set()

    async def wait(self) -> Run:
        return self.run


class StubCatalog:
    """Tells what it was given to tell."""

    def __init__(self) -> None:
        self.changed: tuple[Changed, ...] = ()
        self.refreshed = Refreshed(difference=Difference())
        self.troubles: tuple[Trouble, ...] = ()

    def changes(self) -> tuple[Changed, ...]:
        return self.changed

    async def ready(self) -> None:
        """Ask nobody."""

    async def refresh(self) -> Refreshed:
        return self.refreshed


class StubSession:
    """Remembers what it was asked."""

    def __init__(self) -> None:
        self.store = MemoryRunStore()
        self.asked: dict[str, Any] = {}
        self.saved: dict[str, Any] = {"kept": sample_flow()}
        self.flows = SimpleNamespace(
            load=self._load_flow,
            save=lambda flow, name: self.saved.update({name: flow}),
            names=lambda: tuple(self.saved),
        )
        self.run = sample_run("20300101-1")
        self.is_closed = False
        self.recall = Recall(MemoryCache, ThreadPoolExecutor(1), wall_clock=lambda: 2e9)
        self.kept: tuple[SimilarStep, ...] = ()
        self.catalog = StubCatalog()
        self.wall_clock = lambda: 2e9
        self.similar = SimpleNamespace(scopes=lambda: self.kept, clear=self._forget_similar)

    def _forget_similar(self) -> int:
        count, self.kept = len(self.kept), ()
        return count

    def _load_flow(self, name: str) -> Any:
        if name not in self.saved:
            raise UsageError(f"no flow is saved as '{name}'", hint="see: nubem flows")
        return self.saved[name]

    def models(self):
        return MODELS

    async def plan(self, target, **options):
        self.asked |= {"target": target, **options}
        return msgspec.structs.replace(sample_plan(), warnings=("be careful",))

    async def begin(self, plan, inputs, *, replay=None, cache=None):
        self.asked |= {"inputs": inputs, "replay": replay, "cache": cache}
        return StubHandle(self.run, hangs=False)

    async def resume(self, name, constraints, *, cache=None):
        self.asked |= {"resume": name, "cache": cache}
        handle = StubHandle(self.run, hangs=False)
        handle.plan = msgspec.structs.replace(handle.plan, warnings=("a component has broken since",))
        return handle

    def recorded(self, name: str) -> Run:
        found = self.store.load(name)
        if found is None:
            raise UsageError(f"there is no run '{name}' on record", hint="nubem runs lists them")
        return found

    async def evaluate(self, dataset, scorer, **options):
        self.asked |= {"dataset": dataset, "scorer": scorer, **options}
        mean = Mean(
            target="sample",
            n=1,
            errors=0,
            mean=1.0,
            standard_error=None,
            low=0.0,
            high=1.0,
            cost_usd=0.0,
            latency_s=0.1,
        )
        return Evaluation(
            dataset=dataset.name, scorer=scorer, samples=(Sample(target="sample", case="1", score=1.0),), means=(mean,)
        )

    def doctor(self):
        return (
            Finding(area="models", ok=True, text="echo/echo is ready"),
            Finding(area="pictures", ok=False, text="no pictures", mend="pip install graphviz-pure"),
            Finding(area="settings", ok=None, text="the defaults hold"),
        )

    async def health(self):
        return (Finding(area="servers", ok=True, text="proxy: it is alive"),)

    async def pull(self, name, progress):
        self.asked["pull"] = name
        progress(pulled("waiting", 0))
        for done in range(0, 101, 4):
            progress(pulled("packages", done))
        progress(pulled("verifying", 100))
        progress(pulled("ready", 100))
        return f"/models/{name}.gguf"

    async def aclose(self) -> None:
        self.is_closed = True


@pytest.fixture
def session() -> StubSession:
    return StubSession()


@pytest.fixture
def hanging(session: StubSession) -> StubHandle:
    """A run that never ends by itself."""
    return StubHandle(session.run, hangs=True)


class Said(msgspec.Struct):
    """What the program answered."""

    status: int
    out: str
    err: str


@pytest.fixture
def nubem(session: StubSession, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """The program, called as from a shell."""

    def call(*argv: str) -> Said:
        try:
            status = main(argv, open_session=lambda: session)
        except SystemExit as end:  # help and version end the program
            status = int(end.code or 0)
        streams = capsys.readouterr()
        return Said(status=status, out=streams.out, err=streams.err)

    return call
