"""LiteLLM's bundled table of models and prices, read as JSON without importing the library."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import msgspec

from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Figure, ModelInfo, Price, Tier
from nubem_jupyter.providers.litellm.entry import Costs, Entry

INSTALL_HINT = "pip install 'nubem-jupyter[litellm]'"
"""What brings LiteLLM."""

_TABLE = "model_prices_and_context_window_backup.json"
_PRICE_RULE = re.compile(r"\*|^ft:|^together-ai-")
"""Entries that price a whole group (any fine-tune, any model of a size) and name no model that can be called."""

_LONG_PROMPTS = re.compile(
    r"(input_cost_per_token|output_cost_per_token|cache_read_input_token_cost|cache_creation_input_token_cost)"
    r"_above_(\d+)k_tokens"
)
"""Fields with the price of a call whose prompt is longer than so many thousand tokens."""

_RATES = ("input_usd", "output_usd", "cached_input_usd", "cache_write_usd", "reasoning_usd")
"""Fields of a price, in the order of ``Costs``."""

_VERSION = re.compile(r"^Version: *(\S+)", re.MULTILINE)
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def package_folder() -> Path | None:
    """Return the folder of the installed library, or None."""
    spec = find_spec("litellm")
    return _folder_of(spec.origin) if spec and spec.origin else None


@lru_cache(maxsize=4)
def _folder_of(module: str) -> Path:
    return Path(module).parent


def installed_version() -> str | None:
    """Return the installed library's version, or None where it is not installed."""
    try:
        told = metadata.distribution("litellm").read_text("METADATA") or ""
    except metadata.PackageNotFoundError:
        return None
    # Its name and version stand in the first lines; to parse the whole, a long page, takes longer than all else here.
    found = _VERSION.search(told)
    return found[1] if found else metadata.version("litellm")


@lru_cache(maxsize=4)
def load_entries(package: Path) -> Mapping[ModelId, Entry]:
    """Read the chat models of the table in an installed library's folder; empty where it has none."""
    try:
        rows = msgspec.json.decode((package / _TABLE).read_bytes(), type=dict[str, msgspec.Raw])
    except (OSError, msgspec.DecodeError):  # another version may keep it elsewhere: nothing is listed, calls still work
        return {}
    return dict(_chat_models(rows))


class KeptTable(Protocol):
    """Where a table that was read outlives the process, with what tells it from another; reading it anew is slow."""

    def load(self) -> tuple[str, tuple[ModelInfo, ...]] | None:
        """Return what was kept; None where there is nothing."""
        ...

    def save(self, value: tuple[str, tuple[ModelInfo, ...]]) -> None:
        """Keep it."""
        ...


def read_table(package: Path, kept: KeptTable | None = None) -> tuple[ModelInfo, ...]:
    """List the chat models of an installed library's table, each as if it could be called."""
    try:
        status = (package / _TABLE).stat()
    except OSError:
        return ()
    version = installed_version() or "of unknown version"
    mark = f"{package} {version} {status.st_mtime_ns} {status.st_size}"
    known = kept.load() if kept else None
    if known is not None and known[0] == mark:
        return known[1]
    # The table names no date, so it is the day that its file came to this machine.
    date = datetime.fromtimestamp(status.st_mtime, UTC).date().isoformat()
    found = tuple(listed_model(model, entry, version, date) for model, entry in load_entries(package).items())
    if kept:
        kept.save((mark, found))
    return found


def listed_model(model: ModelId, entry: Entry, version: str, date: str) -> ModelInfo:
    """Make the catalog's entry; ``version`` is the library's, and ``date`` that of its figures."""
    return ModelInfo(
        id=model,
        provider=entry.family,
        via="litellm",
        context_tokens=entry.max_input_tokens or entry.max_tokens or None,
        max_output_tokens=entry.max_output_tokens or None,
        features=entry.features,
        regions=entry.regions(model),
        retires=found[0] if (found := _DAY.match(entry.deprecation_date or "")) else "",
        price=_price(entry, f"listed: litellm {version}", date),
    )


def _chat_models(rows: Mapping[str, msgspec.Raw]) -> Iterator[tuple[ModelId, Entry]]:
    decoder = msgspec.json.Decoder(Entry)
    for name, row in rows.items():
        try:
            entry = decoder.decode(row)
        except msgspec.ValidationError:  # a row of another form costs that row, not the whole list
            continue
        if entry.mode == "chat" and not _PRICE_RULE.search(name):
            yield _model_id(name, entry), _with_long_prompts(entry, row)


def _with_long_prompts(entry: Entry, row: msgspec.Raw) -> Entry:
    """Read the prices of long prompts, from bands or from fields whose names hold the bounds."""
    found = tuple((int(band.range[0]), band.costs) for band in entry.tiered_pricing[1:])
    if b"_cost_above_" in (text := bytes(row)) or b"_token_above_" in text:
        found = tuple(_named_bounds(entry, msgspec.json.decode(row)))
    if not found:
        return entry
    known = tuple((bound, costs) for bound, costs in sorted(found) if None not in costs[:2])
    return msgspec.structs.replace(entry, long_prompts=known)


def _named_bounds(entry: Entry, fields: Mapping[str, object]) -> Iterator[tuple[int, Costs]]:
    """Take, for each bound, what the row names for it; a lower bound's prices hold on where a higher names none."""
    named: dict[int, dict[str, object]] = {}
    for name, value in fields.items():
        if isinstance(value, float | int) and (place := _LONG_PROMPTS.fullmatch(name)):
            named.setdefault(int(place[2]) * 1000, {})[place[1]] = value
    for bound in sorted(named):
        entry = msgspec.structs.replace(entry, **named[bound])
        if entry.costs is not None:
            yield bound, entry.costs


def _model_id(name: str, entry: Entry) -> ModelId:
    """Put the provider in front, where the table leaves it out."""
    return ModelId(name if "/" in name else f"{entry.family}/{name}")


def _price(entry: Entry, source: str, date: str) -> Price | None:
    """Give the price by token, unless it is unknown or only a part of what a call costs."""
    costs = entry.costs
    if costs is None:
        return None
    tiers = tuple(Tier(above_tokens=bound, **_rates(of_long, source, date)) for bound, of_long in entry.long_prompts)
    return Price(**_rates(costs, source, date), tiers=tiers)


def _rates(costs: Costs, source: str, date: str) -> dict[str, Figure]:
    named = zip(_RATES, costs, strict=True)
    return {name: Figure(value=cost, source=source, date=date) for name, cost in named if cost is not None}
