"""One row of LiteLLM's table: what is read of it, and what it says in our words."""

from __future__ import annotations

import re
from typing import NamedTuple

import msgspec

FEATURES = {
    "supports_audio_input": "audio",
    "supports_audio_output": "audio_output",
    "supports_computer_use": "computer_use",
    "supports_response_schema": "json_schema",
    "supports_parallel_function_calling": "parallel_tools",
    "supports_pdf_input": "pdf",
    "supports_prompt_caching": "prompt_caching",
    "supports_reasoning": "reasoning",
    "supports_function_calling": "tools",
    "supports_url_context": "url_context",
    "supports_video_input": "video",
    "supports_vision": "vision",
    "supports_web_search": "web_search",
}
"""Fields of the table, and under which name calls ask for what they say; in the order of these names."""

_FAMILIES = {"bedrock_converse": "bedrock"}
"""Names in the table for one provider's second way of calling."""

_REGION_FOLDER = re.compile(r"(?:bedrock\w*/([a-z]+(?:-gov)?-[a-z]+-\d)|azure\w*/(us|eu|global))/")
_REGION_PREFIX = re.compile(r"bedrock\w*/(us-gov|us|eu|apac|au|jp|ca|global)\.[a-z]")


class Costs(NamedTuple):
    """US dollars a token; None where unknown."""

    input: float | None
    """A prompt token."""
    output: float | None
    """A generated token."""
    cached: float | None = None
    """A prompt token that the provider has read before."""
    written: float | None = None
    """A prompt token that it puts aside for later calls."""
    reasoning: float | None = None
    """A generated token that no answer shows."""


class Band(msgspec.Struct, frozen=True, kw_only=True):
    """What tokens cost for prompts of some lengths, as some rows list it."""

    range: tuple[float, float]
    """The bounds of the prompt's length, in tokens."""
    input_cost_per_token: float | None = None
    output_cost_per_token: float | None = None
    cache_read_input_token_cost: float | None = None
    cache_creation_input_token_cost: float | None = None
    output_cost_per_reasoning_token: float | None = None

    @property
    def costs(self) -> Costs:
        """What a token costs."""
        return _costs(self)


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What is read of one row; the rest is left alone."""

    litellm_provider: str
    mode: str = ""
    max_input_tokens: int | None = None
    max_tokens: int | None = None
    max_output_tokens: int | None = None
    deprecation_date: str | None = None
    supported_regions: tuple[str, ...] = ()
    input_cost_per_token: float | None = None
    output_cost_per_token: float | None = None
    cache_read_input_token_cost: float | None = None
    cache_creation_input_token_cost: float | None = None
    output_cost_per_reasoning_token: float | None = None
    input_cost_per_request: float | None = None
    input_cost_per_second: float | None = None
    tiered_pricing: tuple[Band, ...] = ()
    supports_audio_input: bool | None = None
    supports_audio_output: bool | None = None
    supports_computer_use: bool | None = None
    supports_parallel_function_calling: bool | None = None
    supports_pdf_input: bool | None = None
    supports_prompt_caching: bool | None = None
    supports_reasoning: bool | None = None
    supports_response_schema: bool | None = None
    supports_function_calling: bool | None = None
    supports_url_context: bool | None = None
    supports_video_input: bool | None = None
    supports_vision: bool | None = None
    supports_web_search: bool | None = None
    long_prompts: tuple[tuple[int, Costs], ...] = ()
    """(prompt tokens above which they hold, costs), by rising bound."""

    @property
    def family(self) -> str:
        """The provider whose keys open the model."""
        name = self.litellm_provider.partition("-")[0] if self._is_vertex else self.litellm_provider
        return _FAMILIES.get(name, name)

    @property
    def costs(self) -> Costs | None:
        """What a token costs; None where that is unknown, or only a part of what a call costs."""
        if self.input_cost_per_request or self.input_cost_per_second:
            return None
        costs = _costs(self)
        if costs.input is None and self.tiered_pricing:
            costs = self.tiered_pricing[0].costs
        return None if costs.input is None or costs.output is None else costs

    @property
    def features(self) -> tuple[str, ...]:
        """What calls may ask for, in the order of their names."""
        return tuple([name for field, name in FEATURES.items() if getattr(self, field)])

    def regions(self, model: str) -> tuple[str, ...]:
        """Give the regions that the row names, or else the model's id."""
        found = _REGION_FOLDER.match(model) or _REGION_PREFIX.match(model)
        return self.supported_regions or ((next(filter(None, found.groups())),) if found else ())

    @property
    def _is_vertex(self) -> bool:
        return self.litellm_provider.startswith("vertex_ai-")


def _costs(listed: Entry | Band) -> Costs:
    of_input, written = listed.input_cost_per_token, listed.cache_creation_input_token_cost
    # Some rows list writing at 0, or below what reading costs anyway: there it costs nothing on top.
    dearer = of_input is not None and written is not None and written >= of_input
    return Costs(
        input=of_input,
        output=listed.output_cost_per_token,
        cached=listed.cache_read_input_token_cost,
        written=written if dearer else None,
        reasoning=listed.output_cost_per_reasoning_token,
    )
