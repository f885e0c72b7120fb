"""The provider for Ollama: its own list, with sizes and context; calls through its OpenAI-shaped endpoint."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any

from nubem_jupyter.core.call import Chunk, ModelCall
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Figure, ModelInfo, Price
from nubem_jupyter.errors import CallFailedError, ProviderError
from nubem_jupyter.providers.endpoint.listing import count_of, named_in, rows_of
from nubem_jupyter.providers.endpoint.shelf import UNKEPT, Keeping, Shelf
from nubem_jupyter.providers.endpoint.wire import Health, Wire

_PORT = "11434"
ADDRESS = f"http://127.0.0.1:{_PORT}"
"""Where Ollama listens unless it is told otherwise."""

_LOCAL = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "[::]": "[::1]"}  # noqa: S104  # read, not listened on

_FREE = Figure(value=0.0, source="listed: runs on this machine")
_SIZES = {"K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMBT])", re.IGNORECASE)
_AT_ONCE = 8
"""How many models are asked about at a time."""
_WINDOW = re.compile(r"^num_ctx\s+(\d+)", re.MULTILINE)
_FEATURES = {"tools": "tools", "vision": "vision", "thinking": "reasoning"}
"""What ``/api/show`` calls the features of a model."""


def address_of(host: str) -> str:
    """Read ``OLLAMA_HOST`` as Ollama does: a host, a port, both, or a whole address; empty is the usual one.

    An Ollama that listens for everybody (``0.0.0.0``) is called on this machine.
    """
    scheme, _, rest = host.strip().rstrip("/").rpartition("://")
    where, slash, path = rest.partition("/")
    name, colon, port = where.rpartition(":")
    if where.isdigit():
        name, port = "", where
    elif not colon or port.endswith("]"):  # a colon inside of brackets belongs to an IPv6 address
        name, port = where, ""
    usual = {"http": "80", "https": "443"}.get(scheme, _PORT)
    return f"{scheme or 'http'}://{_LOCAL.get(name, name)}:{port or usual}{slash}{path}"


class OllamaProvider:
    """Calls the models of one Ollama; no key, and nothing leaves the machine where it is this one."""

    def __init__(self, url: str = ADDRESS, *, listed: Iterable[ModelInfo] = (), keep: Keeping = UNKEPT) -> None:
        """Name the server.

        Args:
            url: Its address.
            listed: The models that it had when it was last asked, as a catalog kept them.
            keep: How that list was kept, and how each new one will be.
        """
        self._shelf = Shelf(listed, keep)
        self._shown: dict[str, tuple[str, Mapping[str, Any]]] = {}
        self.wire = Wire("Ollama", url, environ={})

    @property
    def name(self) -> str:
        """``ollama``."""
        return "ollama"

    def models(self) -> Sequence[ModelInfo]:
        """List the models of the last ``refresh``, or those that a catalog kept."""
        return self._shelf.models("")

    async def refresh(self) -> Sequence[ModelInfo]:
        """Ask for the models that are pulled, and return what ``models`` does.

        Raises:
            ProviderError: it could not be asked; its models are listed as not available until it can.
        """
        try:
            self._shelf.put(await self._listed())
        except ProviderError as error:
            self._shelf.fail(f"{error.message}: start it (ollama serve)", datetime.now(UTC))
            raise
        return self.models()

    async def health(self) -> Health:
        """Tell whether it answers; no model is loaded."""
        return await self.wire.look("/api/version", "Ollama answers")

    async def stream(self, call: ModelCall) -> AsyncGenerator[Chunk, None]:
        """Call the model, which is loaded first where it is not.

        Raises:
            CallRejectedError: it refuses this very call, or the model was not pulled.
            CallFailedError: worth another try.
        """
        async with aclosing(self.wire.stream(call.model.removeprefix("ollama/"), call, {})) as chunks:
            async for chunk in chunks:
                yield chunk

    async def aclose(self) -> None:
        """Close the connections; loaded models are Ollama's to unload."""
        await self.wire.aclose()

    async def _listed(self) -> list[ModelInfo]:
        content = (await self.wire.fetch("/api/tags")).content
        rows = content.get("models") if isinstance(content, Mapping) else None
        if not isinstance(rows, list):
            raise CallFailedError("Ollama sent no list of models", hint="check its URL")
        named = {row["name"]: row for row in rows_of(rows) if isinstance(row.get("name"), str)}
        windows = await self._windows()
        few = asyncio.Semaphore(_AT_ONCE)
        shown = await asyncio.gather(*(self._about(name, _digest(row), few) for name, row in named.items()))
        told = dict(zip(named, shown, strict=True))
        # Weights of one digest never change, so each is asked about once; one that nothing was told of, again.
        self._shown = {name: (digest, told[name]) for name in named if (digest := _digest(named[name])) and told[name]}
        return [
            self._model(name, row, told[name], windows.get(name)) for name, row in named.items() if _chats(told[name])
        ]

    async def _about(self, name: str, digest: str, few: asyncio.Semaphore) -> Mapping[str, Any]:
        known, about = self._shown.get(name, ("", {}))
        if known and known == digest:
            return about
        async with few:
            return await self._show(name)

    async def _show(self, name: str) -> Mapping[str, Any]:
        """Ask what is known of one model; nothing, where it went meanwhile or this Ollama is too old to tell."""
        try:
            content = (await self.wire.fetch("/api/show", body={"model": name})).content
        except ProviderError:
            return {}
        return content if isinstance(content, Mapping) else {}

    async def _windows(self) -> Mapping[str, int | None]:
        """Ask which context the loaded models were loaded with."""
        try:
            content = (await self.wire.fetch("/api/ps")).content
        except ProviderError:
            return {}
        rows = content.get("models") if isinstance(content, Mapping) else None
        return {str(row.get("name")): count_of(row.get("context_length")) for row in rows_of(rows or ())}

    def _model(self, name: str, row: Mapping[str, Any], about: Mapping[str, Any], window: int | None) -> ModelInfo:
        # A model of Ollama's cloud is listed among the others, and its prompts leave the machine.
        local = self.wire.on_this_machine and not row.get("remote_host")
        return ModelInfo(
            id=ModelId(f"ollama/{name}"),
            provider="ollama",
            local=local,
            context_tokens=window or _window(about),
            parameters=_parameters(row),
            features=_features(about),
            price=Price(input_usd=_FREE, output_usd=_FREE) if local else None,
        )


def _digest(row: Mapping[str, Any]) -> str:
    digest = row.get("digest")
    return digest if isinstance(digest, str) else ""


def _chats(about: Mapping[str, Any]) -> bool:
    told = about.get("capabilities")
    return "completion" in told if isinstance(told, list) else True


def _window(about: Mapping[str, Any]) -> int | None:
    """Read the context that the model's file asks for; the one that it was trained with is not the one it gets."""
    found = _WINDOW.search(str(about.get("parameters") or ""))
    return count_of(int(found[1])) if found else None


def _parameters(row: Mapping[str, Any]) -> float | None:
    details = row.get("details")
    found = _SIZE.fullmatch(str(details.get("parameter_size"))) if isinstance(details, Mapping) else None
    return float(found[1]) * _SIZES[found[2].upper()] if found else None


def _features(about: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(sorted({"json_schema", "seed", *named_in(about.get("capabilities"), _FEATURES)}))
