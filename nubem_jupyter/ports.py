"""What the inside asks of the outside; each has adapters in a room and a conformance suite in ``testing``."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import msgspec

from nubem_jupyter.core.cache import CacheEntry, CacheStats
from nubem_jupyter.core.call import Answer, Chunk, ModelCall
from nubem_jupyter.core.constraint import SecurityLevel
from nubem_jupyter.core.evaluation import EvalCase, Score
from nubem_jupyter.core.ids import ModelId, RunId
from nubem_jupyter.core.model import ModelInfo
from nubem_jupyter.core.run import NodeRun, Run

if TYPE_CHECKING:
    import numpy
    import numpy.typing


class Provider(Protocol):
    """Somebody who answers model calls."""

    @property
    def name(self) -> str:
        """Its name, which each of its models gives as its ``caller``."""
        ...

    def models(self) -> Sequence[ModelInfo]:
        """List what it knows, callable or not, with what is missing; no network and no import of a slow library."""
        ...

    def stream(self, call: ModelCall) -> AsyncIterator[Chunk]:
        """Answer: deltas as they come, then one ``Answer``. Closing the iterator or cancelling the task that reads
        it stops the generation.

        Raises:
            ModelUnavailableError: runtime, weights or key are missing.
            CallRejectedError: this call can never work (too long, a schema that cannot be used).
            CallFailedError: worth another try.
        """
        ...

    async def aclose(self) -> None:
        """Let go of processes, connections and memory; may be called twice."""
        ...


@runtime_checkable
class ListingProvider(Provider, Protocol):
    """A provider whose models a server lists; ``models`` gives what it told when it was last asked."""

    async def refresh(self) -> Sequence[ModelInfo]:
        """Ask the server for its models, and return what ``models`` does; from any event loop.

        Raises:
            ProviderError: it could not be asked; its models are listed as not available until it can.
        """
        ...


class CatalogSource(Protocol):
    """Somewhere that lists models or knows figures about them."""

    def models(self) -> Sequence[ModelInfo]:
        """List what it knows; no network."""
        ...


class CodeRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A program to run."""

    source: str
    """Python."""
    variables: Mapping[str, Any] = {}
    """Variables that it finds, as plain JSON values."""
    timeout_s: float = 10.0
    """Wall-clock limit."""
    memory_bytes: int = 1 << 30
    """Limit of address space."""
    output_bytes: int = 1 << 20
    """Limit of printed text and of the result, each."""
    processes: int = 32
    """Limit of processes and threads."""
    level: SecurityLevel = SecurityLevel.LOW
    """Isolation that is needed at least."""
    may_exit: bool = True
    """Whether a program that ends itself with no code or 0 has come to its end; else that is a failure."""


class CodeResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a program did."""

    ok: bool
    """Whether it ran to its end."""
    result: Any = None
    """What it left in ``result``, as plain JSON."""
    stdout: str = ""
    """What it printed."""
    stderr: str = ""
    """What it printed to its error stream: warnings, mostly."""
    error: str = ""
    """Its traceback, or which limit it met."""
    limit: str = ""
    """``time``, ``memory``, ``output`` or ``processes`` where one was met."""
    wall_s: float = 0.0
    """Seconds that it took."""


class Sandbox(Protocol):
    """Somewhere to run code that nobody has read."""

    @property
    def levels(self) -> frozenset[SecurityLevel]:
        """The levels that it really gives on this machine."""
        ...

    async def run(self, request: CodeRequest) -> CodeResult:
        """Run the program; cancelling kills it and its children.

        Raises:
            SandboxUnavailableError: the level asked for is not there.
        """
        ...


class Scorer(Protocol):
    """Tells how right an answer is."""

    @property
    def name(self) -> str:
        """Its name, with its settings."""
        ...

    def score(self, answer: Any, case: EvalCase) -> Score:
        """Compare an answer with the case's target; pure."""
        ...


class Embedder(Protocol):
    """Gives texts places in a space where those that mean alike are near each other; it runs on this machine."""

    @property
    def name(self) -> str:
        """Which model it is, with its version: places of two names cannot be compared."""
        ...

    @property
    def missing(self) -> str:
        """What to install before it can be used; empty where nothing. Imports nothing and opens nothing."""
        ...

    def embed(self, texts: Sequence[str]) -> numpy.typing.NDArray[numpy.float32]:
        """Return a row for each text: a vector of length one, which is its own whatever text stands beside it.

        Two rows' product is their cosine: 1 for texts that mean the same, about 0 for those that have nothing to do
        with each other. How long a text may be before its end no longer counts is the adapter's to say. It takes
        milliseconds a text and seconds the first time: call it off the event loop, from any thread.

        Raises:
            ModelUnavailableError: something is missing or broken.
        """
        ...


class SpeedSample(msgspec.Struct, frozen=True, kw_only=True):
    """One finished model call's timing."""

    model: ModelId
    """Which model."""
    first_token_s: float
    """Seconds to its first text."""
    output_tokens: int
    """Tokens generated."""
    total_s: float
    """Seconds to its end."""
    date: str
    """ISO date."""


_NO_ANSWERS: Mapping[str, Answer] = MappingProxyType({})


class RunStore(Protocol):
    """Where runs are kept; what a call has returned from survives a crash of the process.

    Calls are made off the event loop, but for ``save_node``. Whoever began a run or took it up has it until it ends it
    or closes the store; one that its process leaves in any other way stays on record as ``running``.
    """

    def begin(self, run: Run) -> None:
        """Record a run that starts (outcome running, no nodes).

        Raises:
            StorageError: there is a run of this id already, or it cannot be written; so for every method.
        """
        ...

    def save_node(self, run: RunId, node: NodeRun, answers: Mapping[str, Answer] = _NO_ANSWERS) -> None:
        """Record one node that ended, with the answers that it cost by their calls' digests.

        It is called on the event loop, before what follows the node starts, so it takes microseconds. Of two records
        of one path the later counts, and stands where it was made.

        Raises:
            StorageError: the run was not begun or taken up here or has ended, or a value is not plain JSON.
        """
        ...

    def sync(self, run: RunId) -> None:
        """Wait until the disk has every node of a run under way here: a power failure then takes none of them."""
        ...

    def end(self, run: Run) -> None:
        """Record how the run ended, with its result and log; its nodes are those that were saved.

        Raises:
            StorageError: it was not begun or taken up here, or it cannot be written: it may then be when there is
                room again.
        """
        ...

    def resume(self, run: RunId) -> Run:
        """Take up a run of this very id that nobody has and that has not finished; return what ``load`` does.

        From then on it is under way here, with the nodes and answers that it had.

        Raises:
            StorageError: it is not there, has finished, or somebody has it.
        """
        ...

    def load(self, run: RunId) -> Run | None:
        """Return the run with its nodes, or None; a unique prefix of the id is enough."""
        ...

    def list(self, limit: int = 50) -> Sequence[Run]:
        """Return the newest runs first, each as ``Run.brief``: a list costs no more where a run had 100,000 steps."""
        ...

    def under_way(self) -> frozenset[RunId]:
        """Return the runs that somebody has at this moment; others on record as ``running`` were interrupted."""
        ...

    def speeds(self, limit: int = 200) -> Sequence[SpeedSample]:
        """Return timings of the newest finished model calls, newest first, at most ``limit`` a model."""
        ...

    def answers(self, run: RunId) -> Mapping[str, Answer]:
        """Return the run's answers by their calls' digests; none for a run that is not there."""
        ...

    def close(self) -> None:
        """Let go of the store and of the runs under way in it; may be called twice."""
        ...


class Cache(Protocol):
    """Where answers are kept so that an equal call need not be made again. Calls are made off the event loop.

    A lost entry loses nothing but the price of its call, and a backend in trouble never breaks a run: whoever calls
    takes a ``StorageError`` for a miss, or for an entry that is not kept, and goes on.
    """

    def get(self, key: str, now_s: float) -> CacheEntry | None:
        """Return what is kept under the key and is fresh at ``now_s`` (seconds since 1970, UTC), or None.

        Raises:
            StorageError: it cannot be read; so for every method.
        """
        ...

    def put_all(self, entries: Mapping[str, CacheEntry]) -> None:
        """Keep the entries in place of earlier ones, together; those not used for longest make room at a limit.

        One that cannot be kept, because it alone would take a large part of the limit or no file can carry its text,
        is left out, and the earlier one with it.
        """
        ...

    def may_have(self, key: str) -> bool:
        """Tell whether ``get`` could find something: False where nothing is there as far as this process knows.

        The one method for the event loop: it never waits and never raises. What others put counts after ``refresh``.
        """
        ...

    def refresh(self) -> None:
        """Take in what others have put; costs next to nothing where they have not."""
        ...

    def clear(self) -> int:
        """Forget everything; return how many entries there were."""
        ...

    def stats(self) -> CacheStats:
        """Count what is kept."""
        ...

    def close(self) -> None:
        """Let go of the backend; may be called twice."""
        ...
