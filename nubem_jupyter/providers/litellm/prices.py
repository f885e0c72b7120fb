"""LiteLLM's bundled table of models and prices, read as JSON without importing the library."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

import msgspec

from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Figure, ModelInfo, Price, Tier

INSTALL_HINT = "pip install 'nubem-jupyter[litellm]'"
"""What brings LiteLLM."""

_TABLE = "model_prices_and_context_window_backup.json"
_PRICE_RULE = re.compile(r"\*|^ft:|^together-ai-")
"""Entries that price a whole group (any fine-tune, any model of a size) and name no model that can be called."""

_TIER = re.compile(r"(input|output)_cost_per_token_above_(\d+)k_tokens")
"""Fields with the price of a call whose prompt is longer than so many thousand tokens."""

_FAMILIES = {"bedrock_converse": "bedrock"}
"""Names in the table for one provider's second way of calling."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What is read of one row; the rest is left alone."""

    litellm_provider: str
    mode: str = ""
    max_input_tokens: int | None = None
    max_tokens: int | None = None
    input_cost_per_token: float | None = None
    output_cost_per_token: float | None = None
    tiers: tuple[tuple[int, float, float], ...] = ()
    """(prompt tokens above which it holds, US dollars a prompt token, a generated token), by rising bound."""
    input_cost_per_request: float | None = None
    input_cost_per_second: float | None = None
    supports_vision: bool | None = None
    supports_function_calling: bool | None = None
    supports_response_schema: bool | None = None
    supports_reasoning: bool | None = None

    @property
    def family(self) -> str:
        """The provider whose keys open the model."""
        name = self.litellm_provider.partition("-")[0] if self._is_vertex else self.litellm_provider
        return _FAMILIES.get(name, name)

    @property
    def _is_vertex(self) -> bool:
        return self.litellm_provider.startswith("vertex_ai-")


def package_folder() -> Path | None:
    """Return the folder of the installed library, or None."""
    spec = find_spec("litellm")
    return Path(spec.origin).parent if spec and spec.origin else None


def installed_version() -> str | None:
    """Return the installed library's version, or None where it is not installed."""
    try:
        return metadata.version("litellm")
    except metadata.PackageNotFoundError:
        return None


@lru_cache(maxsize=4)
def load_entries(package: Path) -> Mapping[ModelId, Entry]:
    """Read the chat models of the table in an installed library's folder; empty where it has none."""
    try:
        rows = msgspec.json.decode((package / _TABLE).read_bytes(), type=dict[str, msgspec.Raw])
    except (OSError, msgspec.DecodeError):  # another version may keep it elsewhere: nothing is listed, calls still work
        return {}
    return dict(_chat_models(rows))


def listed_model(model: ModelId, entry: Entry, *, missing: str, version: str) -> ModelInfo:
    """Make the catalog's entry; ``missing`` says what to do before the model can be called."""
    return ModelInfo(
        id=model,
        provider=entry.family,
        via="litellm",
        available=not missing,
        missing=missing,
        context_tokens=entry.max_input_tokens or entry.max_tokens or None,
        features=_features(entry),
        price=_price(entry, f"listed: litellm {version}"),
    )


def _chat_models(rows: Mapping[str, msgspec.Raw]) -> Iterator[tuple[ModelId, Entry]]:
    decoder = msgspec.json.Decoder(Entry)
    for name, row in rows.items():
        try:
            entry = decoder.decode(row)
        except msgspec.ValidationError:  # a row of another form costs that row, not the whole list
            continue
        if entry.mode == "chat" and not _PRICE_RULE.search(name):
            yield _model_id(name, entry), _with_tiers(entry, row)


def _with_tiers(entry: Entry, row: msgspec.Raw) -> Entry:
    """Read the prices of long prompts, whose bounds stand in the names of their fields."""
    fields = msgspec.json.decode(row) if b"_cost_per_token_above_" in bytes(row) else {}
    found = {
        (which, int(thousands) * 1000): fields[name]
        for name, which, thousands in _tier_names(fields)
        if isinstance(fields[name], float | int)
    }
    bounds = sorted({bound for _, bound in found})
    of_input, of_output = entry.input_cost_per_token, entry.output_cost_per_token
    tiers = []
    for bound in bounds:
        of_input, of_output = found.get(("input", bound), of_input), found.get(("output", bound), of_output)
        if of_input is not None and of_output is not None:
            tiers.append((bound, of_input, of_output))
    return msgspec.structs.replace(entry, tiers=tuple(tiers)) if tiers else entry


def _tier_names(fields: Mapping[str, object]) -> Iterator[tuple[str, str, str]]:
    for name in fields:
        if found := _TIER.fullmatch(name):
            yield name, found[1], found[2]


def _model_id(name: str, entry: Entry) -> ModelId:
    """Put the provider in front, where the table leaves it out."""
    return ModelId(name if "/" in name else f"{entry.family}/{name}")


def _features(entry: Entry) -> tuple[str, ...]:
    supported = {
        "json_schema": entry.supports_response_schema,
        "reasoning": entry.supports_reasoning,
        "tools": entry.supports_function_calling,
        "vision": entry.supports_vision,
    }
    return tuple(name for name, yes in supported.items() if yes)


def _price(entry: Entry, source: str) -> Price | None:
    """Give the price by token, unless it is unknown or only a part of what a call costs."""
    costs = (entry.input_cost_per_token, entry.output_cost_per_token)
    if None in costs or entry.input_cost_per_request or entry.input_cost_per_second:
        return None
    first, second = (Figure(value=cost, source=source) for cost in costs if cost is not None)
    tiers = tuple(
        Tier(
            above_tokens=bound,
            input_usd=Figure(value=of_input, source=source),
            output_usd=Figure(value=of_output, source=source),
        )
        for bound, of_input, of_output in entry.tiers
    )
    return Price(input_usd=first, output_usd=second, tiers=tiers)
