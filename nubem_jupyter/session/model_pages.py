"""What a listing of models shows, in the notebook and on a terminal: the table, or one model's own page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from nubem_jupyter.catalog.retired import retiring
from nubem_jupyter.core.component import Trouble
from nubem_jupyter.core.explanation import calls_told, change_told
from nubem_jupyter.core.model import Evidence, Figure, ModelInfo, Rates, Site
from nubem_jupyter.engine.interval import wilson
from nubem_jupyter.render.amount import UNKNOWN, seconds, share
from nubem_jupyter.render.blocks import Page, Table, Words
from nubem_jupyter.render.models import million, models_table, pace, percent, two_prices
from nubem_jupyter.render.sources import ends, known_from
from nubem_jupyter.session.choosing import Selection

_CONFIDENCE = 0.9
_SITE_COLUMNS = ("deployment", "share of calls", "limits", "runs in", "price of 1M tokens", "ready")
_UNKNOWN_ROW = (UNKNOWN, "", "")

Row = tuple[str, str, str, str]
"""What a figure is of, the figure, its range, where it comes from."""


def models_page(selection: Selection, more: str, troubles: Iterable[Trouble] = (), *, today: str) -> Page:
    """Show the models, or the page of the one that is meant.

    ``more`` is the command that shows them all, ``troubles`` are those of the servers and files that list some, and
    ``today`` is an ISO day: what will soon be retired is told.
    """
    if selection.one is not None:
        return (*model_page(selection.one), *(Words(line, "warning") for line in retiring((selection.one,), today)))
    told = (
        f"{selection.cut:,} more fit; filter by words, or raise --limit" if selection.cut else "",
        f"{selection.closed:,} more cannot be called yet; see: {more}" if selection.closed else "",
    )
    words = (
        *(Words(line, "warning") for line in retiring(selection.shown, today)),
        *(Words(line, "quiet") for line in told if line),
        *(Words(trouble_line(one), "warning") for one in troubles if not _is_told(one, selection.shown)),
    )
    if not selection.shown:
        return (Words("No model that can be called fits.", "warning"), *words)
    return (*models_table(selection.shown), *words)


def _is_told(trouble: Trouble, shown: Iterable[ModelInfo]) -> bool:
    """Tell whether the models themselves say it already."""
    return any(model.missing.startswith(trouble.message) for model in shown)


def trouble_line(trouble: Trouble) -> str:
    """Say who could not tell what it has, why, and how to mend it."""
    return f"{trouble.where}: {trouble.message}" + (f" ({trouble.hint})" if trouble.hint else "")


def model_page(model: ModelInfo) -> Page:
    """Show all that is known of one model, each figure with its source, its date and its range."""
    page: Page = (
        Words(model.id, "title"),
        Table(("", ""), tuple(_facts(model))),
        Table(("figure", "value", "90 % range", "known from"), tuple(_figures(model))),
    )
    page += tuple(Words(change_told(model.id, one), "warning") for one in model.changes)
    page += tuple(Words(f"Its calls have changed: {calls_told(one)}.", "warning") for one in model.calls_changed)
    if model.deployments:
        page = (*page, Table(_SITE_COLUMNS, tuple(_sites(model.deployments)), "Where its calls go"))
    scores = tuple(_score(entry) for entry in model.evidence)
    if not scores:
        return (*page, Words("How often it answers right is unknown: nobody has measured it.", "quiet"))
    return (*page, Table(("capability", "score", "90 % range", "known from"), scores, "How often it answers right"))


def plain(model: ModelInfo) -> dict[str, Any]:
    """Return the model for a program: every field, also one that has its default; null is unknown."""
    fields = {name: msgspec.to_builtins(getattr(model, name)) for name in ModelInfo.__struct_fields__}
    return fields | {"via": model.caller}


def _facts(model: ModelInfo) -> Iterator[tuple[str, str]]:
    through = f", called through {model.caller}" if model.caller != model.provider else ""
    yield "provider", model.provider + through
    yield "ready", "yes" if model.available else f"no: {model.missing}"
    yield "runs", "on this machine; no data leaves it" if model.local else "elsewhere"
    yield "context", _tokens(model.context_tokens)
    yield "longest answer", _tokens(model.max_output_tokens)
    yield "features", ", ".join(model.features) or UNKNOWN
    yield "regions", ", ".join(model.regions) or UNKNOWN
    if model.parameters:
        yield "parameters", f"{model.parameters / 1e9:.3g} billion"
    if model.retires:
        yield "retires", model.retires


def _sites(sites: Iterable[Site]) -> Iterator[tuple[str, ...]]:
    sites = tuple(sites)
    whole = sum(site.weight for site in sites if not site.missing)
    for site in sites:
        limits = ((site.calls_per_min, "calls a minute"), (site.tokens_per_min, "tokens a minute"))
        yield (
            site.id,
            percent(site.weight / whole) if whole and not site.missing else "",
            ", ".join(f"{limit:,.0f} {what}" for limit, what in limits if limit is not None) or "none",
            "this machine" if site.local else ", ".join(site.regions) or UNKNOWN,
            two_prices(site.price) if site.price else UNKNOWN,
            site.missing or "yes",
        )


def _figures(model: ModelInfo) -> Iterator[Row]:
    yield from _prices(model)
    speed = model.speed
    yield "first text", *(_told(speed.first_token_s, seconds) if speed else _UNKNOWN_ROW)
    yield "tokens a second", *(_told(speed.tokens_per_s, pace) if speed else _UNKNOWN_ROW)
    for one in model.cached_shares:
        yield f"of prompts read before ({one.capability})", *_told(one.share, percent)
    yield "calls that fail", *(_told(model.error_rate, percent) if model.error_rate else _UNKNOWN_ROW)


def _prices(model: ModelInfo) -> Iterator[Row]:
    price = model.price
    if price is None:
        yield "1M tokens", *_UNKNOWN_ROW
        return
    yield from _rates(price)
    for tier in price.tiers:
        name = f"1M tokens where the prompt is above {tier.above_tokens:,}"
        yield name, two_prices(tier), "", known_from(tier.input_usd)


def _rates(rates: Rates) -> Iterator[Row]:
    parts = {
        "1M prompt tokens": rates.input_usd,
        "1M prompt tokens that it has read before": rates.cached_input_usd,
        "1M prompt tokens that it keeps for later": rates.cache_write_usd,
        "1M generated tokens": rates.output_usd,
        "1M tokens of reasoning": rates.reasoning_usd,
    }
    for name, figure in parts.items():
        yield name, million(figure), "", known_from(figure) if figure else ""


def _told(figure: Figure, write: Any) -> tuple[str, str, str]:
    return write(figure.value), ends(figure, write), known_from(figure)


def _score(entry: Evidence) -> Row:
    found = wilson(entry.score_sum, entry.n, _CONFIDENCE)
    source = f"{entry.source}, {entry.date}, {entry.n:,} cases"
    return entry.capability, share(found.value), f"{share(found.low)}–{share(found.high)}", source


def _tokens(count: int | None) -> str:
    return f"{count:,} tokens" if count else UNKNOWN
