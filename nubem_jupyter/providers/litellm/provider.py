"""The provider that calls through LiteLLM."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Hashable, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec

from nubem_jupyter.core.call import Chunk, ModelCall
from nubem_jupyter.core.model import ModelInfo
from nubem_jupyter.errors import ModelUnavailableError
from nubem_jupyter.providers.litellm.keys import KeyWays, load_key_ways
from nubem_jupyter.providers.litellm.places import all_said, regions_said
from nubem_jupyter.providers.litellm.prices import (
    INSTALL_HINT,
    KeptTable,
    package_folder,
    read_table,
)
from nubem_jupyter.providers.litellm.request import completion_arguments
from nubem_jupyter.providers.litellm.streaming import close_library, streamed


class LiteLLMProvider:
    """Calls every model that LiteLLM knows, with the keys that are in the environment.

    ``environ`` is this process's environment, where LiteLLM itself looks for keys and addresses; here only the names
    are looked up, and the values are used to keep them out of messages. ``kept`` is where the table that was read is
    kept.
    """

    def __init__(self, environ: Mapping[str, str], kept: KeptTable | None = None) -> None:
        self._environ = environ
        self._kept = kept
        self._library: ModuleType | None = None
        self._listed: tuple[Hashable, Sequence[ModelInfo]] | None = None

    @property
    def name(self) -> str:
        """``litellm``."""
        return "litellm"

    def models(self) -> Sequence[ModelInfo]:
        """List the chat models of the installed library's table; none where it is not installed."""
        package = package_folder()
        if package is None:
            return ()
        keys = self.keys()
        known = (package, keys.given(self._environ), all_said(self._environ))
        # Thousands of values, asked for at each run's start: made again only where a key came or went, or a region.
        if self._listed is None or self._listed[0] != known:
            self._listed = known, self._list(package, keys)
        return self._listed[1]

    def keys(self) -> KeyWays:
        """Tell which environment variables open which provider."""
        return load_key_ways(package_folder())

    async def stream(self, call: ModelCall) -> AsyncIterator[Chunk]:
        """Call the model.

        Raises:
            ModelUnavailableError: LiteLLM is not installed, or the provider refuses the key or the model's name.
            CallRejectedError: the provider refuses this call.
            CallFailedError: limits, time-outs and faults of the provider or of the line.
        """
        library: Any = await self._loaded()
        arguments = completion_arguments(call, takes_schema=self._takes_schema(call))
        async with aclosing(streamed(lambda: library.acompletion(**arguments), call, self._environ)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def aclose(self) -> None:
        """Close the connections that LiteLLM keeps, which are one set for the whole process."""
        library, self._library = self._library, None
        if library is not None:
            await close_library(library)

    async def _loaded(self) -> ModuleType:
        if self._library is None:
            self._library = await asyncio.to_thread(import_library)
        return self._library

    def _list(self, package: Path, keys: KeyWays) -> Sequence[ModelInfo]:
        table = read_table(package, self._kept)
        providers = {info.provider for info in table}
        missing = {name: keys.missing(name, self._environ) for name in providers}
        said = {name: regions_said(name, self._environ) for name in providers}

        def completed(info: ModelInfo) -> ModelInfo:
            lacks, regions = missing[info.provider], info.regions or said[info.provider]
            if not lacks and regions is info.regions:
                return info
            return msgspec.structs.replace(info, available=not lacks, missing=lacks, regions=regions)

        return tuple(completed(info) for info in table)

    def _takes_schema(self, call: ModelCall) -> bool:
        """Tell whether the table says so; a model that is not in it is taken at its word."""
        if call.schema is None:
            return False
        listed = next((info for info in self.models() if info.id == call.model), None)
        return listed is None or "json_schema" in listed.features


def import_library() -> ModuleType:
    """Import LiteLLM, which takes seconds, with its network access and its chatter off.

    Raises:
        ModelUnavailableError: it is not installed.
    """
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")  # else the import asks the network for prices
    try:
        import litellm
    except ImportError as error:
        raise ModelUnavailableError("LiteLLM is not installed", hint=INSTALL_HINT) from error
    litellm.telemetry = False
    litellm.suppress_debug_info = True
    return litellm
