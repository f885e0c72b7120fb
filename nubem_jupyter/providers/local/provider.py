"""The provider of models that run on this machine."""

from __future__ import annotations

import threading
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec

from nubem_jupyter.core.call import Chunk, ModelCall
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Figure, ModelInfo, Price
from nubem_jupyter.errors import ModelUnavailableError, UnknownModelError
from nubem_jupyter.providers.local.child import ChildPlan, Lane
from nubem_jupyter.providers.local.lanes import Lanes
from nubem_jupyter.providers.local.weights import Weights, find, installed_path, known_weights, model_path
from nubem_jupyter.providers.openai_chat import ChatEndpoint, stream_chat

_RUNTIME = "xllamacpp"
_LONGEST_CONTEXT_TOKENS = 4096
# The runtime takes 32 bits, of which the highest value means "any seed".
_SEEDS = (1 << 32) - 1
_FREE = Figure(value=0.0, source="listed: runs on this machine")
# One seed gives one text only while no earlier call's prompt is reused.
_EXTRA: Mapping[str, Any] = {"cache_prompt": False}


class LocalProvider:
    """Answers calls with llama.cpp, a child process a model; each is started by its first call."""

    def __init__(self, home: Path, idle_unload_s: float = 300.0) -> None:
        self._home = home
        self._idle_unload_s = idle_unload_s
        self._lock = threading.Lock()
        self._lanes: dict[str, Lanes] = {}

    @property
    def name(self) -> str:
        """``local``."""
        return "local"

    def models(self) -> Sequence[ModelInfo]:
        """List the models whose weights are known, with what to install before each can be called."""
        return tuple(self._listed(weights) for weights in known_weights())

    async def stream(self, call: ModelCall) -> AsyncGenerator[Chunk, None]:
        """Answer; a third call at once waits its turn. The times in the answer leave out loading and waiting.

        Raises:
            ModelUnavailableError: the runtime or the weights are missing, or the model could not start.
            CallRejectedError: the prompt is too long, or the schema cannot be used.
            CallFailedError: the model's process broke.
        """
        weights = self._usable(call.model)
        async with (
            self._lanes_of(weights).borrow() as lane,
            aclosing(stream_chat(_endpoint(weights, lane), _with_seed(call))) as chunks,
        ):
            async for chunk in chunks:
                yield chunk

    @asynccontextmanager
    async def lend(self, model: ModelId, engines: int) -> AsyncIterator[tuple[Lane, ...]]:
        """Load the model, keep it loaded, and have so many of its engines alone: for somebody who asks over HTTP.

        Raises:
            ModelUnavailableError: the runtime or the weights are missing, or the model could not start.
        """
        lanes = self._lanes_of(self._usable(model))
        async with AsyncExitStack() as stack:
            yield tuple([await stack.enter_async_context(lanes.borrow()) for _ in range(engines)])

    async def aclose(self) -> None:
        """End every model's process."""
        with self._lock:
            lanes = tuple(self._lanes.values())
        for each in lanes:
            await each.aclose()

    def _listed(self, weights: Weights) -> ModelInfo:
        missing = self._missing(weights)
        return ModelInfo(
            id=ModelId(f"local/{weights.name}"),
            provider=self.name,
            local=True,
            available=not missing,
            missing=missing,
            context_tokens=_context_tokens(weights),
            parameters=weights.parameters,
            features=("json_schema", "seed"),
            price=Price(input_usd=_FREE, output_usd=_FREE),
        )

    def _missing(self, weights: Weights) -> str:
        if find_spec(_RUNTIME) is None:
            return "run: pip install 'nubem-jupyter[local]'"
        if installed_path(self._home, weights) is None:
            return f"run: nubem models pull {weights.name}"
        return ""

    def _usable(self, model: ModelId) -> Weights:
        try:
            weights = find(model)
        except UnknownModelError as error:
            raise ModelUnavailableError(error.message, hint=error.hint) from error
        if missing := self._missing(weights):
            raise ModelUnavailableError(f"the local model '{weights.name}' is not installed", hint=missing)
        return weights

    def _lanes_of(self, weights: Weights) -> Lanes:
        with self._lock:
            if weights.name not in self._lanes:
                plan = ChildPlan(
                    title=_title(weights),
                    weights=model_path(self._home, weights),
                    context_tokens=_context_tokens(weights),
                    log=self._home / "logs" / f"local-{weights.name}.log",
                )
                self._lanes[weights.name] = Lanes(plan, self._idle_unload_s)
            return self._lanes[weights.name]


def _title(weights: Weights) -> str:
    return f"the local model '{weights.name}'"


def _context_tokens(weights: Weights) -> int:
    # A longer one takes memory from the moment that the model is loaded.
    return min(weights.context_tokens, _LONGEST_CONTEXT_TOKENS)


def _endpoint(weights: Weights, lane: Lane) -> ChatEndpoint:
    return ChatEndpoint(
        url=lane.url, title=_title(weights), model=weights.name, key=lane.key, extra=_EXTRA, direct=True
    )


def _with_seed(call: ModelCall) -> ModelCall:
    return call if call.seed is None else msgspec.structs.replace(call, seed=call.seed % _SEEDS)
