"""Reading ``/v1/models``: the OpenAI shape, and what servers add to it of context, price and features."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Figure, ModelInfo, Price
from nubem_jupyter.errors import CallFailedError

_CONTEXT_FIELDS = ("max_model_len", "context_length", "context_window", "max_context_length", "max_input_tokens")
"""vLLM, OpenRouter and Together, Groq, Mistral and LM Studio, LiteLLM's proxy."""

_NO_CHAT = re.compile(
    r"embed|rerank|whisper|moderation|transcribe|dall-e|(?:^|[-/_.])(?:tts|bge|clip)(?:$|[-/_.])", re.IGNORECASE
)
_OTHER_TYPES = frozenset(
    {"embedding", "embeddings", "rerank", "image", "audio", "video", "moderation", "transcribe", "language-embedding"}
)
_MOST = 10**15
"""Above all weights of any model, and below what the forms that lists are kept in can hold."""
_PARAMETERS = {"structured_outputs": "json_schema", "seed": "seed", "tools": "tools", "reasoning": "reasoning"}
"""What OpenRouter calls the features of a model."""


def parse_models(name: str, title: str, content: Any, *, local: bool, date: str) -> tuple[ModelInfo, ...]:
    """Read the list; what is no chat model is left out, and so is a row that cannot be read.

    Raises:
        CallFailedError: it is no list of models.
    """
    rows = content.get("data") if isinstance(content, Mapping) else content
    if not isinstance(rows, list):
        raise CallFailedError(f"{title} sent no list of models", hint="check its URL")
    found = (_model(name, row, local=local, date=date) for row in rows_of(rows))
    return tuple({info.id: info for info in found if info}.values())


_PARTS = {
    "cached_input_usd": "input_cache_read",
    "cache_write_usd": "input_cache_write",
    "reasoning_usd": "internal_reasoning",
}
"""Prices of a part of the tokens, and under which names they are told."""


def rows_of(rows: Iterable[Any]) -> Iterator[Mapping[str, Any]]:
    """Give those entries of a list that are objects."""
    return (row for row in rows if isinstance(row, Mapping))


def count_of(value: Any) -> int | None:
    """Read a number of tokens, or of weights; None where there is none, or none that can be meant."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _MOST else None


def cost_of(value: Any) -> float | None:
    """Read US dollars a token, given as number or text; None where it is none."""
    try:
        cost = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return cost if 0 <= cost < math.inf else None


def named_in(told: Any, names: Mapping[str, str]) -> set[str]:
    """Translate those words of a list that have a name here."""
    words = told if isinstance(told, list) else ()
    return {names[word] for word in words if isinstance(word, str) and word in names}


def price_of(input_usd: float | None, output_usd: float | None, *, source: str, date: str) -> Price | None:
    """Make a price of both parts; half a price is none."""
    if input_usd is None or output_usd is None:
        return None
    given, generated = (Figure(value=cost, source=source, date=date) for cost in (input_usd, output_usd))
    return Price(input_usd=given, output_usd=generated)


def _model(name: str, row: Mapping[str, Any], *, local: bool, date: str) -> ModelInfo | None:
    model = row.get("id")
    if not isinstance(model, str) or not model or not _chats(model, row):
        return None
    return ModelInfo(
        id=ModelId(f"{name}/{model}"),
        provider=name,
        local=local,
        context_tokens=_context(row),
        parameters=count_of(_meta(row).get("n_params")),
        features=_features(row),
        price=_price(row, source=f"listed: {name}", date=date),
    )


def _chats(model: str, row: Mapping[str, Any]) -> bool:
    kind = row.get("type") or row.get("mode")
    return kind not in _OTHER_TYPES if isinstance(kind, str) else not _NO_CHAT.search(model)


def _context(row: Mapping[str, Any]) -> int | None:
    served = _meta(row).get("n_ctx")
    counts = (count_of(value) for value in (*(row.get(field) for field in _CONTEXT_FIELDS), served))
    return next((count for count in counts if count), None)


def _meta(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give what llama.cpp tells of the weights that it serves."""
    meta = row.get("meta")
    return meta if isinstance(meta, Mapping) else {}


def _features(row: Mapping[str, Any]) -> tuple[str, ...]:
    named = named_in(row.get("supported_parameters"), _PARAMETERS)
    shape = row.get("architecture")
    takes = shape.get("input_modalities") if isinstance(shape, Mapping) else None
    if isinstance(takes, list) and "image" in takes:
        named.add("vision")
    return tuple(sorted(named))


def _price(row: Mapping[str, Any], *, source: str, date: str) -> Price | None:
    prices = row.get("pricing")
    # A price a request would come on top; only tokens are counted here.
    if not isinstance(prices, Mapping) or cost_of(prices.get("request", 0)) != 0:
        return None
    price = price_of(cost_of(prices.get("prompt")), cost_of(prices.get("completion")), source=source, date=date)
    if price is None:
        return None
    # A part at 0 says as often that nothing comes on top as that it is free; then it is billed as the rest.
    costs = {name: cost_of(prices.get(field)) for name, field in _PARTS.items()}
    return msgspec.structs.replace(
        price, **{name: Figure(value=cost, source=source, date=date) for name, cost in costs.items() if cost}
    )
