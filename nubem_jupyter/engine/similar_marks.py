"""What two texts must have in common whatever else they say, told apart from the words that may differ.

The *marks* of a text are its numbers with what they count, dates, codes, quotations, negations, units, and named
words, in order. Names are words with a capital, unless they are known to begin sentences; German nouns are taken for
names, and scripts without capitals have none. What is in doubt is a mark, since one mark too many costs a call, and
one too few an answer that is wrong.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from nubem_jupyter.engine.similar_words import LETTERS, NUMBERS, OPENERS, SAID_APART

_UNSPACED = (
    r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Scripts that set no spaces between words: Thai, Lao, Burmese, Khmer, Kana, Han."""
_TOKEN = re.compile(
    r"""(?P<quote> "[^"]+" | “[^”]+” | „[^“”]+[“”] | «[^»]+» | ‹[^›]+› | 「[^」]+」 | 『[^』]+』 | `[^`]+`
          | (?<!\w)'[^'\n]+'(?!\w) )
    """
    rf"""| (?P<run>[{_UNSPACED}]+)
    | (?P<chunk>(?:[^\s,;!?¿¡()\[\]{{}}"“”„«»‹›、，；！？（）「」『』…{_UNSPACED}] | (?<=\d),(?=\d))+)
    | (?P<end>[!?;！？；…\n])""",
    re.VERBOSE,
)
_AFTER = ".:'。：–—"
_BEFORE = re.compile(r"^(?:[:'。：–—]|\.(?!\d))+")
_PLAIN = re.compile(r"[^\W\d_](?:[^\W\d_]|[\u0300-\u036f\u064b-\u0652\u0900-\u0d7f\u200c\u200d'-])*")
"""A word of letters, with accents, vowel signs, apostrophes and hyphens inside."""
_OTHER_DIGIT = re.compile(r"(?![0-9])\d")
_GAP = ""
_PUNCTUATION = """_*`"',:;!?()[]{}…«»“”„‘’¿¡、，。：；！？（）"""
"""What stands around a word; not the point before a number, nor its sign."""


class Reading(NamedTuple):
    """A text taken apart."""

    marks: list[str]
    """What must be the same, in order."""
    words: list[str]
    """The rest, folded; an empty one stands where a mark was."""


def read(text: str) -> Reading:
    """Take a text apart."""
    plain = _OTHER_DIGIT.sub(_in_ascii, unicodedata.normalize("NFKC", text)).replace("’", "'")
    reader = _Reader()
    for found in _TOKEN.finditer(plain):
        reader.take(str(found.lastgroup), found[0])
    return Reading(reader.marks, reader.words)


def fold(text: str) -> list[str]:
    """Return a text's words without their case and the marks of punctuation around them."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    words = (word.rstrip(_PUNCTUATION + ".").lstrip(_PUNCTUATION) for word in plain.split())
    return [word for word in words if word]


class _Reader:
    """Tells marks from words, token by token."""

    def __init__(self) -> None:
        self.marks: list[str] = []
        self.words: list[str] = []
        self._counting = False
        """Whether the token before is a number: what follows says of what."""

    def take(self, kind: str, token: str) -> None:
        """Take the next token in."""
        match kind:
            case "quote":
                self._mark("quote", token[1:-1].strip())
            case "run":
                self._take_run(token)
            case "chunk":
                self._take_chunk(_BEFORE.sub("", token.rstrip(_AFTER)))
            case _:
                self._counting = False

    def _take_run(self, run: str) -> None:
        if self._counting:
            self._mark("unit", run[:2])
        for letter in run:
            if letter in LETTERS:
                self._mark("word", letter)
            else:
                self.words.append(letter)

    def _take_chunk(self, chunk: str) -> None:
        if not chunk:
            return
        if not _PLAIN.fullmatch(chunk):
            self._mark("code", chunk)
            self._counting = chunk[-1].isdigit()
            return
        word = chunk.casefold()
        if word in NUMBERS:
            self._mark("code", NUMBERS[word])
            self._counting = True
        elif self._counting:
            self._mark("unit", word)
        elif word.endswith(("n't", "cannot")) or word == "not":
            self._mark("word", "not")
        elif word.startswith("n'"):
            self._mark("word", "ne")
            self.words.append(word[2:])
        elif word in SAID_APART:
            self._mark("word", word)
        elif chunk != chunk.lower() and word not in OPENERS:
            self._mark("name", word)
        else:
            self.words.append(word)

    def _mark(self, kind: str, text: str) -> None:
        self.marks.append(f"{kind}:{text}")
        self.words.append(_GAP)
        self._counting = False


def _in_ascii(digit: re.Match[str]) -> str:
    return str(unicodedata.decimal(digit[0]))
