"""Reading the tokens that a call used, as OpenAI, LiteLLM and those that follow them tell it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nubem_jupyter.core.call import Usage


def read_usage(told: Any) -> Usage:
    """Read what a provider tells, as an object or as JSON; a part that it does not tell, or tells oddly, counts 0."""
    prompt, answer = _field(told, "prompt_tokens_details"), _field(told, "completion_tokens_details")
    input_tokens = _count(told, "prompt_tokens")
    output_tokens = _count(told, "completion_tokens")
    if not prompt and not answer and not _field(told, "prompt_cache_hit_tokens"):
        return Usage(input_tokens=input_tokens, output_tokens=output_tokens)
    # A part is no more than the whole, whatever is told: else a bill could fall below nothing.
    cached = min(_count(prompt, "cached_tokens") or _count(told, "prompt_cache_hit_tokens"), input_tokens)
    written = _count(prompt, "cache_write_tokens") or _count(prompt, "cache_creation_tokens")
    return Usage(
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        cached_tokens=cached,
        cache_write_tokens=min(written or _count(told, "cache_creation_input_tokens"), input_tokens - cached),
        reasoning_tokens=min(_count(answer, "reasoning_tokens"), output_tokens),
    )


def _count(told: Any, name: str) -> int:
    value = _field(told, name)
    return value if isinstance(value, int) and value > 0 else 0


def _field(told: Any, name: str) -> Any:
    return told.get(name) if isinstance(told, Mapping) else getattr(told, name, None)
