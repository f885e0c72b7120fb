"""Which of a lexicon's words a misspelt one was meant to be.

A slip of the hand is a letter left out, put in, replaced or exchanged with the next one (Damerau 1964, "A technique
for computer detection and correction of spelling errors"). Candidates are those that share what is left when letters
are taken away from both (the index of SymSpell), so that a word is compared with a few others and never with all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import combinations

from nubem_jupyter.engine.planner.lexicon import Lexicon, small_words, vocabulary, words_of

_SHORTEST = 3
"""Letters of a word that is read as another one, and of that one: too many shorter ones are a letter apart."""
_SHORTEST_STEM = 4
_LONG = 8
"""Letters from which on a letter may stand for one that lies elsewhere on the keyboard."""
_VERY_LONG = 9
"""Letters from which on a word may hold two slips."""
_JOINED = 5
"""Letters of two words that are read apart."""
_LONGEST = 30
"""Letters of a word that is looked at; what is longer is no word."""
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEIGHBOURS = frozenset(
    pair
    for row, below in zip(_ROWS, (*_ROWS[1:], ""), strict=True)
    for at, key in enumerate(row)
    for other in (*row[at + 1 : at + 2], *below[max(0, at - 1) : at + 1])
    for pair in (key + other, other + key)
)  # fmt: skip
"""Keys side by side; where a layout differs (AZERTY, QWERTZ), its letters are two places apart and count as others."""


@lru_cache(maxsize=8192)
def meant(word: str, lexicon: Lexicon) -> str:
    """Return the word, folded, that the lexicon knows and a slip or two make this one of; empty for none."""
    if not _SHORTEST <= len(word) <= _LONGEST or word in lexicon.right:
        return ""
    if lexicon.knows(word) or is_word(word, lexicon):
        return ""
    return min(_meant(word, lexicon), default=(0, 0, ""))[2]


def _meant(word: str, lexicon: Lexicon) -> Iterator[tuple[int, int, str]]:
    """Yield words that may have been meant, each with how unlikely its slip is and its place in the vocabulary."""
    for size in range(min(len(word) - _SHORTEST, max(map(len, lexicon.endings))) + 1):
        part, ending = word[: len(word) - size], word[len(word) - size :]
        if ending and ending not in lexicon.endings:
            continue
        for place, base in _near(part, lexicon):
            stem = base.rstrip("*")
            if stem == base and (ending or word == stem + lexicon.plural):
                continue
            unlikely = _unlikely(part, stem)
            if unlikely is not None:
                yield unlikely, place, stem + ending


def _near(part: str, lexicon: Lexicon) -> Iterator[tuple[int, str]]:
    index = _index(lexicon)
    yield from dict.fromkeys(base for left in _left(part) for base in index.get(left, ()))


@lru_cache(maxsize=16)
def _index(lexicon: Lexicon) -> Mapping[str, tuple[tuple[int, str], ...]]:
    """Return what is left of each word and stem that can be meant -> these, with their places in the vocabulary."""
    found: dict[str, list[tuple[int, str]]] = {}
    for place, base in enumerate(vocabulary(lexicon)):
        stem = base.rstrip("*")
        if len(stem) >= (_SHORTEST if stem == base else _SHORTEST_STEM) and stem.isalpha():
            for left in _left(stem):
                found.setdefault(left, []).append((place, base))
    return {left: tuple(bases) for left, bases in found.items()}


def _left(word: str) -> Iterator[str]:
    """Yield the word and what is left of it without a letter, or two of a long one."""
    for most in range(1 + (2 if len(word) >= _VERY_LONG - 1 else 1)):
        for gone in combinations(range(len(word)), most):
            yield "".join(letter for at, letter in enumerate(word) if at not in gone)


def _unlikely(wrong: str, right: str) -> int | None:
    """Return how unlikely a slip from one word to the other is, the likeliest first; None when it is more than that."""
    shared = zip(wrong, right, strict=False)
    start = next((at for at, (one, other) in enumerate(shared) if one != other), min(len(wrong), len(right)))
    lost, came = right[start:], wrong[start:]
    exchanged = came[:2] == lost[:2][::-1] and came[2:] == lost[2:]
    doubled = came[1:] == lost and came[:1] == wrong[start - 1 : start]
    if exchanged or doubled or came == lost[1:]:
        return 0
    if came[1:] == lost or (came[1:] == lost[1:] and came[:1] + lost[:1] in _NEIGHBOURS):
        return 1
    if came[1:] == lost[1:] and len(right) >= _LONG:
        return 2
    return 3 if start and min(len(wrong), len(right)) >= _VERY_LONG - 1 and _distance(wrong, right) <= 2 else None


def _distance(wrong: str, right: str) -> int:
    """Return how many slips lie between two words (optimal string alignment)."""
    before: list[int] = []
    last = list(range(len(right) + 1))
    for at, came in enumerate(wrong, 1):
        row = [at]
        for place, wanted in enumerate(right, 1):
            least = min(last[place] + 1, row[-1] + 1, last[place - 1] + (came != wanted))
            if at > 1 < place and came == right[place - 2] and wanted == wrong[at - 2]:
                least = min(least, before[place - 2] + 1)
            row.append(least)
        before, last = last, row
    return last[-1]


def is_word(word: str, lexicon: Lexicon) -> bool:
    """Tell whether a folded word is one of the lexicon's as it stands, or a stem with a usual ending."""
    known = words_of(lexicon)
    if word in known:
        return True
    sizes = range(min(len(word) - _SHORTEST_STEM, max(map(len, lexicon.endings))) + 1)
    return any(
        (not size or word[-size:] in lexicon.endings) and f"{word[: len(word) - size]}*" in known for size in sizes
    )


@lru_cache(maxsize=8192)
def parts(word: str, lexicon: Lexicon) -> tuple[str, ...]:
    """Return the two words that are written as this one, a small one and one that the lexicon knows; else nothing."""
    if not _JOINED <= len(word) <= _LONGEST or word in lexicon.right or is_word(word, lexicon):
        return ()
    cuts = ((word[:at], word[at:]) for at in range(1, len(word)))
    return next((pair for pair in cuts if _joins(*pair, lexicon)), ())


def _joins(left: str, right: str, lexicon: Lexicon) -> bool:
    """Tell whether both are words of which one is small, and not the stem and the ending of one."""
    small, known = small_words(lexicon), words_of(lexicon)
    joins = _opens("and", left, lexicon), _opens("and", right, lexicon)
    if len(left) == 1:
        return joins[0] and len(right) > _SHORTEST_STEM and lexicon.is_verb(right) and is_word(right, lexicon)
    if len(right) == 1:
        return joins[1] and len(left) > _SHORTEST_STEM and left in known
    if right in lexicon.endings or right in lexicon.enclitics:
        return False
    if joins[1] and len(right) >= _SHORTEST and len(left) >= _SHORTEST_STEM:
        return True
    least = _SHORTEST if min(len(left), len(right)) >= _SHORTEST else _SHORTEST_STEM
    both = (part in small or (len(part) >= least and is_word(part, lexicon)) for part in (left, right))
    return (left in small or right in small) and all(both)


def _opens(group: str, word: str, lexicon: Lexicon) -> bool:
    return (word,) in lexicon.groups[group].get(word[:2], ())
