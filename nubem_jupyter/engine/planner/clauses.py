"""A request cut into clauses, each with the word that ties it to the one before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from nubem_jupyter.engine.planner.frames import fans_out, frame_end
from nubem_jupyter.engine.planner.grammar import skip_fillers, subject_verb
from nubem_jupyter.engine.planner.lexicon import Lexicon
from nubem_jupyter.engine.planner.tokens import Token, tokenize

_STOPS = frozenset(".;!?\n")
_SPACES = re.compile(r"[ \t]{2,}")
_ASKED = 4
"""Words between a question word and its verb."""
_TYING = ("else", "unless", "if", "before", "after")
"""Words that open a clause and say more than *and*; longer readings (*if not*) first."""
_REACH = 40
"""Words that are looked ahead for a verb or for the end of a phrase: a sentence that runs on longer is pasted text."""
_JOINED = 6
"""Most connectors in a row."""
_SUBJECT = 4
"""Words within which the verb of a subject stands."""
_LISTING = frozenset({"extract", "list", "give", "find", "classify", "generate"})
"""Verbs after which a list of things is likelier than a list of deeds."""


class Clause(NamedTuple):
    """One thing said."""

    text: str
    """Its words as written, without the tying word."""
    words: tuple[Token, ...]
    """Its tokens."""
    link: str
    """What ties it to the clause before: start, stop, colon, and, then, that, if, unless, else, before, after."""
    leads: bool = False
    """Whether a tying word opens the sentence, so that it speaks of the clause to come (*before X, Y*)."""


def split_clauses(text: str, lexicon: Lexicon) -> tuple[Clause, ...]:
    """Cut at sentence ends, and at commas and connectors that a verb follows."""
    return _Splitter(text, lexicon).split()


class _Splitter:
    """Walks over the tokens once; holds where the clause under way began."""

    def __init__(self, text: str, lexicon: Lexicon) -> None:
        self.text = text
        self.words = tokenize(text)
        self.lexicon = lexicon
        self.clauses: list[Clause] = []

    def split(self) -> tuple[Clause, ...]:
        link, start, leads = self._open("start", 0)
        at = start
        while at < len(self.words):
            boundary = self._boundary(start, at)
            if boundary is None:
                at += 1
                continue
            self._close(start, at, link, leads)
            link, start, leads = boundary
            at = start
        self._close(start, at, link, leads)
        return tuple(self.clauses)

    def _close(self, start: int, end: int, link: str, leads: bool) -> None:
        words = self.words[start:end]
        if end < len(self.words) and self.words[end].word == "?":
            words = self.words[start : end + 1]
        if skip_fillers(words, self.lexicon, 0) < len(words) and any(
            token.is_word or token.is_quote for token in words
        ):
            text = self.text[words[0].start : words[-1].end].strip(" ,\t")
            self.clauses.append(Clause(_SPACES.sub(" ", text), words, link, leads))

    def _boundary(self, start: int, at: int) -> tuple[str, int, bool] | None:
        word = self.words[at].word
        if word in _STOPS:
            return self._open("stop", at + 1)
        if word == ":":
            return self._open("colon", at + 1)
        if at > start and self._fan_out_end(start) == at:
            return "and", at, False
        link, after = self._connectors(at)
        tie, opened = self._tie(after, joined=bool(link))
        if tie:
            return tie, opened, bool(link)
        opens = self._acts(after) and (link == "then" or not self._lists(start, at, after))
        if link and (opens or self._fan_out_end(after) > after):
            return link, after, False
        return self._relative(start, at)

    def _open(self, link: str, at: int) -> tuple[str, int, bool]:
        """Start a sentence: a connector there ties, and *before*, *after* and *if* look ahead."""
        tied, after = self._connectors(at)
        tie, opened = self._tie(after, joined=True)
        if tie:
            return tie, opened, True
        return ("then" if tied == "then" else link), (after if tied == "then" else at), False

    def _connectors(self, at: int) -> tuple[str, int]:
        """Read a run of commas, *and* and *then*; the strongest of them links."""
        link = ""
        for _ in range(_JOINED):
            then, plain = self.lexicon.match("then", self.words, at), self.lexicon.match("and", self.words, at)
            length = then or plain or int(_is_comma(self.words, at))
            if not length:
                break
            link = "then" if then else link or "and"
            at += length
        return link, at

    def _tie(self, at: int, *, joined: bool) -> tuple[str, int]:
        for tie in _TYING:
            length = self.lexicon.match(tie, self.words, at)
            if length and self._ties(tie, at, at + length, joined):
                return tie, at + length
        return "", at

    def _ties(self, tie: str, at: int, after: int, joined: bool) -> bool:
        if tie in {"before", "after"}:
            bare = self._connectors(after)[0] == ""
            return bare and self._acts(after)
        if tie == "else":
            return joined and after < len(self.words)
        if self._is_polite(at, after) or self._is_reflexive(at):
            return False
        return len(self.words) - after >= 2 and not self._asks_whether(at, after)

    def _asks_whether(self, at: int, after: int) -> bool:
        """Tell whether the *if* belongs to *tell me if*."""
        return any(
            place + self.lexicon.match("detect", self.words, place) >= after for place in range(max(0, at - 4), at)
        )

    def _is_polite(self, at: int, after: int) -> bool:
        return at + self.lexicon.match("filler", self.words, at) > after

    def _is_reflexive(self, at: int) -> bool:
        """Tell whether the word for *if* is a pronoun here, as after a question word (*como se faz …*)."""
        before = range(max(0, at - _ASKED), at)
        reflexive = self.lexicon.match("reflexive", self.words, at) > 0
        return reflexive and any(self.lexicon.match("question", self.words, place) for place in before)

    def _acts(self, at: int) -> bool:
        """Tell whether a verb opens what follows, after small words or a subject."""
        first = skip_fillers(self.words, self.lexicon, at)
        if self.lexicon.verbs_at(self.words, first):
            return True
        if self.lexicon.verb_last:
            return not self.lexicon.match("that", self.words, at) and any(
                self.lexicon.verbs_at(self.words, place) for place in range(at, self._end(at))
            )
        return subject_verb(self.words[: self._end(first, _SUBJECT)], self.lexicon, first) >= 0

    def _fan_out_end(self, start: int) -> int:
        """Return where *for each message* ends that opens here and that a deed follows; ``start`` for none."""
        end = frame_end(self.words, self.lexicon, start)
        if not fans_out(self.words[start:end], self.lexicon) or self._closes(end):
            return start
        return end if self._acts(self._connectors(end)[1]) else start

    def _closes(self, at: int) -> bool:
        """Tell whether a verb stands here that ends its clause, so that what is before it is its object."""
        after = at + self.lexicon.verb_length(self.words, at)
        return self.lexicon.verb_last and after > at and self._end(after) == after

    def _end(self, at: int, reach: int = _REACH) -> int:
        last = min(at + reach, len(self.words))
        while at < last and self.words[at].is_word and not self._connectors(at)[0]:
            at += 1
        return at

    def _lists(self, start: int, at: int, after: int) -> bool:
        """Tell whether a lone word that could be a verb is one more thing of a list."""
        head = skip_fillers(self.words, self.lexicon, start)
        if _LISTING.isdisjoint(self.lexicon.verbs_at(self.words, head)) or head >= at:
            return False
        follows = skip_fillers(self.words, self.lexicon, after) + 1
        if follows >= len(self.words):
            return True
        groups = ("and", "or", "as", "from", "of")
        return not self.words[follows].is_word or any(
            self.lexicon.match(group, self.words, follows) for group in groups
        )

    def _relative(self, start: int, at: int) -> tuple[str, int, bool] | None:
        """Cut where an agent's deeds begin (*a bot that reads …*)."""
        skipped = at + int(self.words[at].word == ",")
        length = self.lexicon.match("that", self.words, skipped)
        if (
            length
            and self.lexicon.has("agent", self.words[max(start, at - _REACH) : at])
            and self._acts_simply(skipped + length)
        ):
            return "that", skipped + length, False
        return None

    def _acts_simply(self, at: int) -> bool:
        return any(self.lexicon.verbs_at(self.words, place) for place in range(at, min(at + 8, len(self.words))))


def _is_comma(words: Sequence[Token], at: int) -> bool:
    return at < len(words) and words[at].word in {",", "–", "—"}


def in_order(clauses: Sequence[Clause]) -> tuple[Clause, ...]:
    """Put clauses into the order in which they are done: *before X, Y* and *Y after X* are turned round."""
    ordered = list(clauses)
    for place, clause in enumerate(ordered):
        if clause.link == "before" and clause.leads and place + 1 < len(ordered):
            later = clause._replace(link="then", leads=False)
            ordered[place : place + 2] = [ordered[place + 1]._replace(link="stop"), later]
        elif clause.link == "after" and not clause.leads and place:
            earlier = ordered[place - 1]
            ordered[place - 1 : place + 1] = [clause._replace(link=earlier.link), earlier._replace(link="then")]
    return tuple(clause._replace(link="then") if clause.link in {"before", "after"} else clause for clause in ordered)
