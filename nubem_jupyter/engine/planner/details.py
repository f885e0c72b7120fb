"""What a clause says beside its deed: labels, fields, target languages, how many."""

from __future__ import annotations

from collections.abc import Sequence

from nubem_jupyter.engine.planner.lexicon import Lexicon
from nubem_jupyter.engine.planner.steps import Step, join_words, split_list
from nubem_jupyter.engine.planner.tokens import Token

_AXES = ("sentiment", "urgency", "spam", "difficulty", "language")
_MOST_FIELDS = 8
_MOST_ITEMS = 10
_NOT_PLURAL = ("ss", "us", "is")


def find_targets(step: Step, lexicon: Lexicon) -> tuple[str, ...]:
    """Return the languages to translate into, as the request's language names them."""
    found: dict[str, str] = {}
    for at in range(step.at + 1, len(step.words)):
        if not _is_origin(step.words[max(0, at - 2) : at], lexicon):
            found |= {code: name for name, code in lexicon.find_languages(step.words[at : at + 1]) if code not in found}
    return tuple(found.values())


def _is_origin(before: Sequence[Token], lexicon: Lexicon) -> bool:
    return lexicon.has("from", before) and not lexicon.has("as and or", before)


def find_labels(step: Step, lexicon: Lexicon) -> tuple[str, ...]:
    """Return the labels that are named, else the usual ones of what is classified by; empty when nothing tells."""
    if step.labels:
        return step.labels
    after = step.words[step.at :]
    named = _named_labels(after, lexicon)
    if named:
        return named
    for axis in _AXES:
        if lexicon.has(axis, step.words):
            return lexicon.labels[axis]
    whether = lexicon.match("detect", step.words, step.at) > 1
    return lexicon.labels["yes_no"] if whether else ()


def _named_labels(words: Sequence[Token], lexicon: Lexicon) -> tuple[str, ...]:
    opened = next((at for at, token in enumerate(words) if token.word == "("), -1)
    colon = next((at for at, token in enumerate(words) if token.word == ":"), -1)
    starts = [opened, colon, *(at for at in range(len(words) - 1, -1, -1) if lexicon.match("as", words, at))]
    for start in starts:
        parts = split_list(_label_words(words[start + 1 :], lexicon), lexicon) if start >= 0 else []
        parts = [_without_particle(part, lexicon) for part in parts]
        if len(parts) > 1 and all(len(part) <= 3 for part in parts[1:]):
            first = parts[0] if len(parts[0]) <= 2 else parts[0][-1:]
            return tuple(dict.fromkeys(_unquoted(part) for part in (first, *parts[1:])))
    return ()


def _label_words(words: Sequence[Token], lexicon: Lexicon) -> Sequence[Token]:
    """Cut where the list of labels ends: at a mark, or before *for each*."""
    end = 0
    while end < len(words) and (words[end].is_word or words[end].is_quote or words[end].word in {",", "/"}):
        if lexicon.match("each", words, end) or lexicon.match("deictic", words, end):
            break
        end += 1
    while end and any(lexicon.match(group, words, end - 1) for group in ("of", "from")):
        end -= 1
    return words[:end]


def _without_particle(part: tuple[Token, ...], lexicon: Lexicon) -> tuple[Token, ...]:
    """Leave out the part of a verb that stands at the end (*stufe … als gut oder schlecht ein*)."""
    return part[:-1] if len(part) > 1 and part[-1].word in lexicon.particles else part


def _unquoted(part: Sequence[Token]) -> str:
    return join_words(part).strip("\"'`“”«»„ ")


def find_fields(step: Step, lexicon: Lexicon) -> dict[str, tuple[str, bool]]:
    """Return what is to be extracted: key of the JSON object -> the words, and whether there may be several."""
    fields: dict[str, tuple[str, bool]] = {}
    colon = next((at for at, token in enumerate(step.words) if token.word == ":"), step.at)
    named = step.words[colon + 1 :] or (step.words[: step.at] if lexicon.verb_last else ())
    for part in split_list(named, lexicon):
        kept = _without_particle(tuple(_field_words(_after_each(part, lexicon), lexicon)), lexicon)
        key = "_".join(filter(None, (_slug(token.word) for token in kept)))
        if key and len(fields) < _MOST_FIELDS:
            fields[key] = (join_words(kept), _is_plural(kept, lexicon))
    return fields


def _after_each(part: Sequence[Token], lexicon: Lexicon) -> Sequence[Token]:
    """Leave *for each message* out where it stands before the first field (*extract for each message the date*)."""
    each = lexicon.find("each", part)
    article = lexicon.find("article", part, each + 1)
    return part[article:] if 0 <= each <= 1 and article > each + 1 else part


def _field_words(part: Sequence[Token], lexicon: Lexicon) -> Sequence[Token]:
    start = 0
    while start < len(part) - 1 and _is_small(part[start], lexicon):
        start += 1
    kept = part[start:]
    end = next((at for at in range(len(kept)) if _ends_field(kept, at, lexicon)), len(kept))
    return kept[:end][:4]


def _is_small(token: Token, lexicon: Lexicon) -> bool:
    groups = ("article", "filler", "each", "deictic")
    return lexicon.number(token) is not None or any(lexicon.match(group, [token], 0) for group in groups)


def _ends_field(words: Sequence[Token], at: int, lexicon: Lexicon) -> bool:
    """Tell whether *from this text*, *as JSON* or *for each* begins here."""
    if lexicon.match("each", words, at) or lexicon.match("separate", words, at):
        return True
    rest = words[at + 1 : at + 4]
    if lexicon.match("as", words, at) and lexicon.has("tail", rest):
        return True
    ties = lexicon.match("from", words, at) or lexicon.match("of", words, at)
    return bool(ties) and (lexicon.has("deictic textual each", rest) or not rest)


def _slug(word: str) -> str:
    return "".join(char for char in word if char.isascii() and (char.isalnum() or char == "_"))


def _is_plural(words: Sequence[Token], lexicon: Lexicon) -> bool:
    head = words[-1 if lexicon.head_last else 0].word if words else ""
    return bool(lexicon.plural) and head.endswith(lexicon.plural) and not head.endswith(_NOT_PLURAL)


def find_count(step: Step, lexicon: Lexicon) -> int:
    """Return how many things are asked for (*five names*); 0 when no number above one is named."""
    for token in step.words[step.at + 1 : step.at + 4]:
        number = lexicon.number(token)
        if number and number > 1:
            return min(_MOST_ITEMS, int(number))
    return 0
