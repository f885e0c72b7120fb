"""Models as a table, each figure with a mark that says where it comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nubem_jupyter.core.model import Figure, ModelInfo, Rates
from nubem_jupyter.render.amount import UNKNOWN, dollars, share
from nubem_jupyter.render.blocks import Page, Table, Words
from nubem_jupyter.render.sources import Sources, ends

MILLION = 1_000_000
"""Tokens whose price is shown."""

_SAID = ("model", "provider", "ready")
"""Columns of every table."""
_KNOWN = ("price of 1M tokens", "context", "speed", "errors", "evidence")
"""Columns that are left out where they would say of every model that nothing is known."""
_FEW = 2
"""Capabilities whose scores a row has room for."""
_MOST_BELOW = 5
"""Remedies of whole providers that are said once below the table; where there are more, each row says its own."""


def models_table(models: Sequence[ModelInfo]) -> Page:
    """List models, a line each; a page that runs scripts can filter them."""
    sources = Sources()
    shared = _shared(models)
    known = [_known(model, sources) for model in models]
    told = [place for place in range(len(_KNOWN)) if any(row[place] != UNKNOWN for row in known)]
    rows = tuple(
        (model.id, model.provider, _ready(model, shared), *(row[place] for place in told))
        for model, row in zip(models, known, strict=True)
    )
    columns = (*_SAID, *(_KNOWN[place] for place in told))
    below = tuple(Words(f"{provider}: {missing}", "quiet") for provider, missing in shared.items())
    return (Table(columns, rows, searchable=True, folds=True), *below, *sources.legend(), *_unknown(told))


def _shared(models: Sequence[ModelInfo]) -> dict[str, str]:
    """Return provider -> what all of its models lack, where that is one thing and there are several."""
    found: dict[str, list[str]] = {}
    for model in models:
        found.setdefault(model.provider, []).append(model.missing)
    same = {name: lacks[0] for name, lacks in found.items() if len(lacks) > 1 and lacks[0] and len(set(lacks)) == 1}
    return same if len(same) <= _MOST_BELOW else {}


def _ready(model: ModelInfo, shared: Mapping[str, str]) -> str:
    if model.available:
        return "yes"
    return "no; see below" if model.provider in shared else model.missing


def _unknown(told: Sequence[int]) -> Page:
    absent = [name for place, name in enumerate(_KNOWN) if place not in told]
    return (Words(f"Not known of any of these: {', '.join(absent)}.", "quiet"),) if absent else ()


def million(figure: Figure | None) -> str:
    """Write what a million tokens cost."""
    return UNKNOWN if figure is None else dollars(figure.value * MILLION)


def two_prices(rates: Rates) -> str:
    """Write what a million tokens cost, given and generated; once where it is the same."""
    given, generated = million(rates.input_usd), million(rates.output_usd)
    return given if given == generated else f"{given} in, {generated} out"


def pace(tokens_per_s: float) -> str:
    """Write how fast text comes."""
    return f"{tokens_per_s:.0f}" if tokens_per_s >= 10 else f"{tokens_per_s:.2g}"


def percent(amount: float) -> str:
    """Write a share in percent, with the two digits that matter."""
    hundredths = amount * 100
    return f"{hundredths:.0f} %" if hundredths >= 9.95 else f"{hundredths:.2g} %"


def _known(model: ModelInfo, sources: Sources) -> tuple[str, ...]:
    return (
        _price(model, sources),
        f"{model.context_tokens:,}" if model.context_tokens else UNKNOWN,
        _speed(model, sources),
        _errors(model, sources),
        _evidence(model),
    )


def _price(model: ModelInfo, sources: Sources) -> str:
    if model.price is None:
        return UNKNOWN
    return f"{two_prices(model.price)} {sources.mark(model.price.input_usd)}"


def _speed(model: ModelInfo, sources: Sources) -> str:
    if model.speed is None:
        return UNKNOWN
    figure = model.speed.tokens_per_s
    return f"{pace(figure.value)} tokens/s{_range(ends(figure, pace), figure.n)} {sources.mark(figure)}"


def _errors(model: ModelInfo, sources: Sources) -> str:
    if model.error_rate is None:
        return UNKNOWN
    figure = model.error_rate
    return f"{percent(figure.value)}{_range(ends(figure, percent), figure.n)} {sources.mark(figure)}"


def _range(between: str, n: int) -> str:
    told = "; ".join(filter(None, (between, f"n {n:,}" if n else "")))
    return f" ({told})" if told else ""


def _evidence(model: ModelInfo) -> str:
    """Write the scores by capability; of many only how many there are."""
    # What the check of one step told is about that step alone.
    general = [entry for entry in model.evidence if not entry.task]
    names = list(dict.fromkeys(entry.capability for entry in general))
    cases = sum(entry.n for entry in general)
    if len(names) > _FEW:
        return f"{len(names)} capabilities, {cases:,} cases"
    return ", ".join(_score(model, name) for name in names) or UNKNOWN


def _score(model: ModelInfo, capability: str) -> str:
    entries = model.evidence_for(capability)
    total, cases = sum(entry.score_sum for entry in entries), sum(entry.n for entry in entries)
    return f"{capability} {share(total / cases)} of {cases}" if cases else capability
