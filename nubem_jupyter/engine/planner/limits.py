"""Constraints that stand in the words of a request: money, time, quality, place and preference."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from nubem_jupyter.core.text import shorten
from nubem_jupyter.engine.planner.lexicon import Lexicon
from nubem_jupyter.engine.planner.staying import is_told, places_named
from nubem_jupyter.engine.planner.tokens import Token, tokenize

_UNITS = {
    "cents": ("max_cost_usd", 0.01),
    "dollars": ("max_cost_usd", 1.0),
    "milliseconds": ("max_latency_s", 0.001),
    "seconds": ("max_latency_s", 1.0),
    "minutes": ("max_latency_s", 60.0),
}
_PHRASES: dict[str, tuple[str, Any]] = {
    "local": ("local_only", True),
    "region_eu": ("region", "eu"),
    "region_us": ("region", "us"),
    "secure_high": ("security_level", "high"),
    "secure_medium": ("security_level", "medium"),
    "prefer_quality": ("prefer", "quality"),
    "prefer_cost": ("prefer", "cost"),
    "prefer_latency": ("prefer", "latency"),
}
_FAMILIES = (
    "gpt", "chatgpt", "openai", "claude", "anthropic", "gemini", "llama", "mistral", "mixtral", "qwen", "deepseek",
    "gemma", "grok", "smollm", "command r",
)  # fmt: skip
"""How names of models and of those who make them begin."""
_WHERE = frozenset(("local_only", "region", "security_level"))
"""Fields that say where data may go."""
_SENTENCE_END = frozenset(".;!?\n")
_SHOWN_CHARS = 60


class Limit(NamedTuple):
    """One constraint and the tokens that say it."""

    field: str
    value: Any
    start: int
    end: int


def read_limits(text: str, lexicon: Lexicon) -> tuple[dict[str, Any], str]:
    """Return the constraints by field name, and the text with their words blanked out."""
    words = tokenize(text)
    fields: dict[str, Any] = {}
    for limit in _find(words, lexicon):
        if limit.field in _WHERE and is_told(words, limit.end, lexicon):
            continue
        tighter = (
            limit.value
            if isinstance(limit.value, str | bool)
            else min(limit.value, fields.get(limit.field, limit.value))
        )
        fields[limit.field] = tighter
        start, end = words[limit.start].start, words[limit.end - 1].end
        text = text[:start] + " " * (end - start) + text[end:]
    return fields, text


def unheld(text: str, lexicon: Lexicon) -> list[str]:
    """Return warnings about words that look like limits or a choice of model or place, and are none."""
    words = tokenize(text)
    lengths = [found for at in range(len(words)) if (found := _length(words, at, text, lexicon))]
    models = [_to_space(text, words[at].start) for at in range(1, len(words)) if _names_model(words, at, lexicon)]
    places = [shorten(part, _SHOWN_CHARS) for part in places_named(text, words)]
    kinds = {"warn.length": lengths, "warn.model": models, "warn.place": places}
    return [lexicon.say[name].format(parts="; ".join(parts)) for name, parts in kinds.items() if parts]


def _length(words: Sequence[Token], at: int, text: str, lexicon: Lexicon) -> str:
    """Return *under 10 words* as it stands here, or nothing."""
    if not words[at].word.isdigit() or not lexicon.match("units", words, at + 1):
        return ""
    return text[words[at].start : words[at + 1].end]


def _names_model(words: Sequence[Token], at: int, lexicon: Lexicon) -> bool:
    before = lexicon.match("using", words, at - 1) or (
        at > 1 and lexicon.match("article", words, at - 1) and lexicon.match("using", words, at - 2)
    )
    return bool(before) and words[at].word.startswith(_FAMILIES)


def _to_space(text: str, start: int) -> str:
    return text[start:].split(maxsplit=1)[0].rstrip(".,;:!?)")


def _find(words: Sequence[Token], lexicon: Lexicon) -> Iterator[Limit]:
    at = 0
    while at < len(words):
        limit = _phrase(words, at, lexicon) or _amount(words, at, lexicon)
        if limit:
            yield limit
        at = limit.end if limit else at + 1


def _phrase(words: Sequence[Token], at: int, lexicon: Lexicon) -> Limit | None:
    for group, (field, value) in _PHRASES.items():
        length = lexicon.match(group, words, at)
        if length:
            return Limit(field, value, _lead(words, at, lexicon), _trail(words, at + length, lexicon))
    return None


def _amount(words: Sequence[Token], at: int, lexicon: Lexicon) -> Limit | None:
    """Read ``2 cents``, ``$ 0.02`` or ``90 %`` with the word that makes it a limit."""
    number = lexicon.number(words[at])
    end, unit = (at, None) if number is None else _unit(words, at, lexicon)
    if not number or unit is None:
        return None
    begin = at - 1 if at and words[at - 1].word in {"$", "€"} else at
    if unit == "percent":
        return _least_quality(words, begin, end, number, lexicon)
    start = _limiter(words, begin, lexicon)
    after = lexicon.match("or_less", words, end)
    if start is None and not after:
        return None
    start = _lead(words, begin if start is None else start, lexicon)
    field, scale = _UNITS[unit]
    return Limit(field, round(number * scale, 9), start, _trail(words, end + after, lexicon))


def _unit(words: Sequence[Token], at: int, lexicon: Lexicon) -> tuple[int, str | None]:
    if at + 1 < len(words) and words[at + 1].word == "%":
        return at + 2, "percent"
    for unit in _UNITS:
        if lexicon.match(unit, words, at + 1):
            return at + 2, unit
    signed = at > 0 and words[at - 1].word in {"$", "€"}
    return at + 1, "dollars" if signed else None


def _limiter(words: Sequence[Token], begin: int, lexicon: Lexicon) -> int | None:
    """Return where the limit's words begin: *at most*, or *not … more than*; None when the amount is no limit."""
    for place in range(max(0, begin - 6), begin):
        length = lexicon.match("at_most", words, place)
        if length and begin - place - length <= 1 and not _describes(words, place, lexicon):
            return place
    for place in range(max(0, begin - 4), begin):
        if lexicon.match("beyond", words, place):
            return _negation(words, place, lexicon)
    return None


def _describes(words: Sequence[Token], place: int, lexicon: Lexicon) -> bool:
    """Tell whether the amount belongs to a thing (*products that cost less than 5 dollars*)."""
    before = words[max(0, place - 3) : place]
    return lexicon.has("relative", before) and not lexicon.has("negation", before)


def _negation(words: Sequence[Token], place: int, lexicon: Lexicon) -> int | None:
    for at in range(place - 1, max(-1, place - 9), -1):
        if words[at].word in _SENTENCE_END:
            return None
        if lexicon.match("negation", words, at):
            return at
    return None


def _least_quality(words: Sequence[Token], begin: int, end: int, percent: float, lexicon: Lexicon) -> Limit | None:
    for place in range(max(0, begin - 4), begin):
        if lexicon.match("at_least", words, place) and 0 < percent <= 100:
            nearby = words[max(0, place - 3) : end + 3]
            if lexicon.has("quality", nearby):
                return Limit("min_quality", percent / 100, _lead(words, place, lexicon), end)
    return None


def _lead(words: Sequence[Token], start: int, lexicon: Lexicon) -> int:
    """Take in the small words before a limit, so that none is left dangling."""
    while start and (lexicon.match("lead", words, start - 1) or lexicon.match("spend", words, start - 1)):
        start -= 1
    return start


def _trail(words: Sequence[Token], end: int, lexicon: Lexicon) -> int:
    """Take in a verb that comes after its amount (German)."""
    while lexicon.verb_last and lexicon.match("spend", words, end):
        end += 1
    return end
