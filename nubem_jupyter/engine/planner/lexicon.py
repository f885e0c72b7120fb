"""What the planner knows of one language, as data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

import msgspec

from nubem_jupyter.engine.planner.tokens import Token, fold

Pattern = tuple[str, ...]
"""Folded words one after another; a word that ends in ``*`` stands for all that begin with it."""


VERBS = (
    "ask", "remember", "vote", "debug", "fix", "run", "print", "plot", "count", "filter", "write", "make", "generate",
    "give", "find", "review", "analyse", "check", "read", "search", "extract", "list", "classify", "detect",
    "translate", "summarize", "report", "combine", "rewrite", "improve", "compare", "judge", "critique", "plan",
    "compute", "explain", "tell", "answer",
)  # fmt: skip
"""The groups that hold verbs; every lexicon has all of them."""
_VERBS = frozenset(VERBS)
_SMALL = (
    "then", "and", "or", "before", "after", "if", "unless", "else", "until", "that", "question", "filler", "article",
    "framing", "each", "deictic", "as", "from", "of", "clitic", "negation", "at_most", "at_least", "beyond", "or_less",
)  # fmt: skip
"""Groups of words that hold a sentence together."""
_REMEMBERED = 8192
"""Words whose patterns are kept at hand."""


class Lexicon(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """The words of one language; a module of ``words`` holds one of these and nothing else."""

    code: str
    """ISO 639-1."""
    letters: str
    """Letters that other lexicons' languages do not have."""
    common: frozenset[str]
    """Frequent small words, folded; they tell the language."""
    groups: Mapping[str, Mapping[str, tuple[Pattern, ...]]]
    """Name of a group of words -> first two letters -> the patterns that begin so, longest first."""
    numbers: Mapping[str, int]
    """Numbers in words, folded."""
    languages: Mapping[str, str]
    """Name of a language as it stands in a label -> ISO 639-1."""
    labels: Mapping[str, tuple[str, ...]]
    """What is classified by (a noun group's name) -> its usual labels."""
    say: Mapping[str, str]
    """Sentences for prompts, questions and explanations, with ``{}`` fields."""
    names: Mapping[str, str]
    """Capability -> what it is called in an explanation."""
    plural: str = "s"
    """How a plural ends; empty where the ending does not tell."""
    head_last: bool = False
    """Whether the last noun of several is the one that is counted (*invoice numbers*)."""
    enclitics: tuple[str, ...] = ()
    """Pronouns written onto the end of a verb (*resúmelo*)."""
    third_person: str = ""
    """How a verb ends after a subject (``writes``), where that tells it from a noun."""
    endings: frozenset[str] = frozenset()
    """How words may go on after their stem, folded; of what ends otherwise no stem was misspelt."""
    right: frozenset[str] = frozenset()
    """Usual words of the language, folded, that are spelt right although a slip could make them of a known one."""
    slips: Mapping[str, str] = {}
    """Misspelt words of one request, folded -> what was meant."""
    whole: Lexicon | None = None
    """The lexicon without the slips of a request."""
    particles: frozenset[str] = frozenset()
    """Parts of verbs that stand at the end of their clause (*stufe … ein*)."""
    verb_last: bool = False
    """Whether the verb may stand at the end of its clause, and nouns begin with a capital."""

    def reading(self, slips: Mapping[str, str]) -> Lexicon:
        """Return the lexicon that reads a request's misspelt words as those that were meant."""
        return msgspec.structs.replace(self, slips=slips, whole=self.whole or self) if slips else self

    def read(self, token: Token) -> str:
        """Return a token's word, folded, as it was meant."""
        return self.slips.get(token.word, token.word)

    def match(self, group: str, words: Sequence[Token], at: int) -> int:
        """Return how many tokens of the group's longest pattern stand at this place; 0 for none."""
        if at >= len(words):
            return 0
        for pattern in self._openings(words[at]).get(group, ()):
            if len(pattern) == 1 or self._fits(pattern, words, at):
                return len(pattern)
        return 0

    def find(self, group: str, words: Sequence[Token], start: int = 0) -> int:
        """Return the first place of any of the group's words from ``start`` on; -1 for none."""
        return next((at for at in range(start, len(words)) if self.match(group, words, at)), -1)

    def has(self, groups: str, words: Sequence[Token], start: int = 0) -> bool:
        """Tell whether a word of any of the groups (split by spaces) is there."""
        return any(self.find(group, words, start) >= 0 for group in groups.split())

    def verbs_at(self, words: Sequence[Token], at: int) -> frozenset[str]:
        """Return the groups of verbs that stand at this place; a capital noun of German is none."""
        if at >= len(words) or (self.verb_last and at and _is_capital(words[at].text)):
            return frozenset()
        opened = self._openings(words[at])
        return frozenset(group for group in opened if group in _VERBS and self.match(group, words, at))

    def verb_length(self, words: Sequence[Token], at: int) -> int:
        """Return how many tokens the longest verb at this place has; 0 for none."""
        return max((self.match(group, words, at) for group in self.verbs_at(words, at)), default=0)

    def longest_verbs(self, words: Sequence[Token], at: int) -> frozenset[str]:
        """Return the groups whose verb here is longest: *check whether* is no checking."""
        longest = self.verb_length(words, at)
        return frozenset(group for group in self.verbs_at(words, at) if self.match(group, words, at) == longest)

    def knows(self, word: str) -> bool:
        """Tell whether a folded word is one of the lexicon's, or begins as one does."""
        return bool(
            _openings(self.whole or self, word)
            or word in words_of(self.whole or self)
            or any(word.startswith(_stem(name)) for name in self.languages)
        )

    def is_verb(self, word: str) -> bool:
        """Tell whether a folded word is a verb of the lexicon's, or begins one."""
        return not _VERBS.isdisjoint(_openings(self.whole or self, word))

    def number(self, token: Token) -> float | None:
        """Read a number in digits or in words; None when it is not one."""
        word = self.read(token)
        text = word.replace(",", ".")
        if text.count(".") <= 1 and text.replace(".", "").isascii() and text.replace(".", "").isdigit():
            return float(text)
        return self.numbers.get(word)

    def find_languages(self, words: Sequence[Token]) -> Iterator[tuple[str, str]]:
        """Yield name and code of every language that is named, in order."""
        for token in words:
            word = self.read(token)
            for name, code in self.languages.items():
                if word.startswith(_stem(name)):
                    yield name, code
                    break

    def _openings(self, token: Token) -> Mapping[str, tuple[Pattern, ...]]:
        return _openings(self.whole or self, self.read(token))

    def _fits(self, pattern: Pattern, words: Sequence[Token], at: int) -> bool:
        if at + len(pattern) > len(words):
            return False
        return all(_is(self.read(words[at + offset]), wanted) for offset, wanted in enumerate(pattern))


def lexicon(
    *, groups: Mapping[str, str], numbers: str, names: str, common: str, endings: str, right: str = "", **rest: object
) -> Lexicon:
    """Make a lexicon from lists written as text: patterns and pairs stand between commas."""
    pairs = (entry.split("=") for entry in names.split(","))
    return msgspec.convert(
        {
            "groups": {name: _patterns(text) for name, text in groups.items()},
            "numbers": {fold(word): count for count, entry in enumerate(numbers.split(",")) for word in entry.split()},
            "names": {capability.strip(): name.strip() for capability, name in pairs},
            "common": frozenset(fold(common).split()),
            "endings": frozenset(fold(endings).split()),
            "right": frozenset(right.split()),
            **rest,
        },
        type=Lexicon,
    )


def _patterns(text: str) -> dict[str, tuple[Pattern, ...]]:
    patterns = sorted((tuple(fold(entry).split()) for entry in text.split(",") if entry.strip()), key=len, reverse=True)
    keys = dict.fromkeys(pattern[0][:2] for pattern in patterns)
    return {key: tuple(pattern for pattern in patterns if pattern[0][:2] == key) for key in keys}


def vocabulary(words: Lexicon) -> tuple[str, ...]:
    """Return every word that a lexicon knows, folded, those first that decide most; a stem ends in ``*``."""
    order = dict.fromkeys([*_SMALL, *VERBS, *words.groups])
    patterns = [
        pattern for group in order for by_letters in words.groups.get(group, {}).values() for pattern in by_letters
    ]
    opening = (pattern[0] for pattern in patterns)
    inside = (word for pattern in patterns for word in pattern[1:])
    names = (f"{fold(name)}*" for name in words.languages)
    return tuple(dict.fromkeys([*opening, *names, *inside, *words.numbers, *sorted(words.common)]))


@lru_cache(maxsize=16)
def words_of(words: Lexicon) -> frozenset[str]:
    """Return the lexicon's vocabulary to look words up in."""
    return frozenset(vocabulary(words))


@lru_cache(maxsize=16)
def small_words(words: Lexicon) -> frozenset[str]:
    """Return the words that hold a sentence together."""
    said = (
        word
        for group in _SMALL
        for patterns in words.groups.get(group, {}).values()
        for pattern in patterns
        for word in pattern
        if word.isalpha()
    )
    return frozenset([*words.common, *words.numbers, *said])


@lru_cache(maxsize=_REMEMBERED)
def _openings(lexicon: Lexicon, word: str) -> Mapping[str, tuple[Pattern, ...]]:
    """Return the patterns that may begin with a word, by group, so that most words are looked up once."""
    keys = dict.fromkeys((word[:2], word.rpartition(".")[2][:2]))
    found = {
        name: tuple(pattern for key in keys for pattern in by_letters.get(key, ()) if _is(word, pattern[0]))
        for name, by_letters in lexicon.groups.items()
    }
    return {name: patterns for name, patterns in found.items() if patterns}


def _is(word: str, wanted: str) -> bool:
    if wanted[-1] == "*":
        return word.startswith(wanted[:-1])
    return word == wanted or word.endswith("." + wanted)


def _is_capital(text: str) -> bool:
    """Tell whether a word begins with a capital, and not only because all of it is written in capitals."""
    return text[0].isupper() and not (len(text) > 1 and text.isupper())


def _stem(name: str) -> str:
    folded = fold(name)
    return folded[:-1] if len(folded) > 5 else folded
