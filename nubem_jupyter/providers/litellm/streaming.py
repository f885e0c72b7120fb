"""One streamed reply of LiteLLM, as our chunks and our errors."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from time import perf_counter
from typing import Any

from nubem_jupyter.core.call import Answer, Chunk, ModelCall, TextDelta
from nubem_jupyter.providers.litellm.failures import as_provider_error
from nubem_jupyter.providers.litellm.reply import ReplyReader


async def streamed(
    begin: Callable[[], Awaitable[Any]], call: ModelCall, environ: Mapping[str, str]
) -> AsyncGenerator[Chunk, None]:
    """Begin a reply and read it to its end; no value of ``environ`` that is named like a secret stands in an error.

    Raises:
        ModelUnavailableError: the provider refuses the key or the model's name.
        CallRejectedError: the provider refuses this call.
        CallFailedError: limits, time-outs and faults of the provider or of the line.
    """
    started_s = perf_counter()
    reader = ReplyReader()
    first_token_s = None
    try:
        # Closed by us and at once: a reply left to the garbage collector would go on generating.
        async with aclosing(await begin()) as reply:
            async for part in reply:
                if text := reader.take(part):
                    first_token_s = first_token_s or perf_counter() - started_s
                    yield TextDelta(text=text)
    # LiteLLM raises whatever its hundred providers' libraries raise; this is where all of it gets a name.
    except Exception as error:  # noqa: BLE001
        # Not "from error": the library's message, which a traceback would show, may hold the key.
        raise as_provider_error(error, call.model, environ) from None
    yield Answer(
        text=reader.text,
        finish_reason=reader.finish_reason,
        usage=reader.usage,
        first_token_s=first_token_s,
        total_s=perf_counter() - started_s,
    )


async def close_library(library: Any) -> None:
    """Close the connections that LiteLLM keeps, which are one set for the whole process."""
    await library.close_litellm_async_clients()
    library.in_memory_llm_clients_cache.flush_cache()  # else the next call would find them there, closed
