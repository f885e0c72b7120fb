"""Which capability a clause asks for: rules over groups of words, the same for every language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from nubem_jupyter.engine.planner.lexicon import Lexicon
from nubem_jupyter.engine.planner.tokens import Token


class Context(NamedTuple):
    """What is known around a clause."""

    code: bool = False
    """Whether the request is about code."""
    tabular: bool = False
    """Whether it is about rows and columns."""
    text: bool = False
    """Whether there is a text to work on: an input or an earlier result."""
    previous: str = ""
    """The capability of the step before."""
    rows: bool = False
    """Whether a list or a table is given, or pointed at."""
    given_table: bool = False
    """Whether a table is given."""

    @property
    def flags(self) -> frozenset[str]:
        """The words that rules use for it."""
        states = {
            "code": self.code,
            "table": self.tabular,
            "text": self.text,
            "textless": not self.text,
            "rows": self.rows,
            "given_table": self.given_table,
            "debugged": self.previous == "debug_code",
            "found": self.previous in {"search", "retrieve"},
            "coded": self.previous in {"write_code", "run_code"},
        }
        return frozenset(name for name, holds in states.items() if holds)


class Rule(NamedTuple):
    """One way to ask for a capability."""

    capability: str
    verbs: str
    """Groups of which the clause's verb is one, split by spaces."""
    objects: str = ""
    """Groups of which a word stands after the verb; empty asks for none."""
    when: str = ""
    """A flag of the context that must hold."""


FIRST = (
    Rule("clarify", "ask"),
    Rule("memory", "remember"),
    Rule("vote", "vote"),
    Rule("vote", "give judge combine", "majority"),
    Rule("rewrite", "explain tell give", "audience", "text"),
    Rule("rewrite", "make", "comparative", "text"),
    Rule("review_code", "generate give improve", "improvements", "code"),
    Rule("debug_code", "generate give fix write", "remedy", "debugged"),
    Rule("debug_code", "compute fix", "error", "code"),
    Rule("review_code", "find check review analyse", "error", "code"),
    Rule("generate", "count tell", "tale"),
    Rule("run_code", "compute count", "by_code"),
    Rule("run_code", "compute", "aggregate", "rows"),
    Rule("run_code", "give find explain tell list detect", "aggregate", "given_table"),
    Rule("run_code", "run plot count"),
    Rule("run_code", "print", "", "coded"),
    Rule("run_code", "compute", "data"),
    Rule("run_code", "compute", "", "table"),
    Rule("summarize", "read", "", "found"),
    Rule("read_data", "read", "data"),
    Rule("retrieve", "check review find read search", "notes"),
    Rule("summarize", "combine report"),
)
"""Tried in order before all others; the first that fits is taken."""

NEAREST = (
    Rule("debug_code", "fix", "error code"),
    Rule("debug_code", "explain tell find review analyse generate fix check", "trace"),
    Rule("rewrite", "fix improve", "grammar"),
    Rule("write_code", "write make generate translate rewrite improve", "code tests"),
    Rule("review_code", "review analyse check", "code"),
    Rule("summarize", "give write make generate", "summary"),
    Rule("translate", "give write make generate", "translation"),
    Rule("search", "search", "items", "textless"),  # in many languages one verb is both to find and to search
    Rule("extract", "give find list detect", "items"),
    Rule("classify", "give find detect analyse filter", "label"),
    Rule("judge", "give make generate write", "verdict"),
    Rule("critique", "give write", "critical"),
    Rule("plan", "give write make generate", "outline"),
    Rule("compare", "explain tell list give find analyse", "difference"),
    Rule("generate", "give make write generate list", "piece"),
    Rule("compute", "compute explain tell", "math"),
    Rule("rewrite", "make", "more"),
    Rule("answer", "answer", "asked"),
)
"""The rule whose object stands nearest after the verb is taken."""

BARE = (
    Rule("debug_code", "debug"),
    Rule("translate", "translate"),
    Rule("summarize", "summarize"),
    Rule("classify", "classify detect"),
    Rule("extract", "extract"),
    Rule("compare", "compare"),
    Rule("judge", "judge"),
    Rule("critique", "critique"),
    Rule("debug_code", "fix", "", "code"),
    Rule("rewrite", "rewrite improve fix filter"),
    Rule("critique", "review check"),
    Rule("plan", "plan"),
    Rule("compute", "compute"),
    Rule("extract", "list find", "", "text"),
    Rule("search", "search find"),
    Rule("review_code", "analyse", "", "code"),
    Rule("critique", "analyse"),
    Rule("generate", "write make generate"),
    Rule("answer", "answer explain tell list give"),
)
"""By the verb alone, in order."""

NOUNS = (
    ("trace", "debug_code"), ("summary", "summarize"), ("translation", "translate"), ("difference", "compare"),
    ("sentiment", "classify"), ("outline", "plan"), ("verdict", "judge"), ("critical", "critique"),
    ("items", "extract"), ("piece", "generate"),
)  # fmt: skip
"""What a noun stands for where it is what is wanted."""

_MOST_WORDS = 80
"""Words of a clause in which its deed is looked for: what runs on longer is pasted, and says it no better."""

_MOST_FILLERS = 10


class Action(NamedTuple):
    """What a clause asks for."""

    capability: str
    """One of the product's capabilities."""
    at: int
    """Where its verb, or the noun that stands for it, is."""
    verbal: bool = True
    """Whether a verb says it."""


def read_action(words: Sequence[Token], lexicon: Lexicon, context: Context) -> Action | None:
    """Return what the clause asks for; None when no known word says it."""
    if _asks_a_question(words, lexicon):
        return Action("run_code" if context.rows and lexicon.has("aggregate", words) else "answer", 0)
    words = words[:_MOST_WORDS]
    for at in verb_places(words, lexicon):
        groups = lexicon.longest_verbs(words, at)
        if not groups:
            continue
        capability = _by_rules(groups, words, at, lexicon, context.flags)
        if capability:
            return Action(capability, at)
        if "read" in groups:  # reading alone is no deed: the steps around it read what there is
            return None
    return Action("answer", 0, verbal=False) if greets(words, lexicon) else _by_noun(words, lexicon)


def greets(words: Sequence[Token], lexicon: Lexicon) -> bool:
    """Tell whether a greeting opens the words."""
    return lexicon.match("greeting", words, next((at for at, token in enumerate(words) if token.is_word), 0)) > 0


def verb_places(words: Sequence[Token], lexicon: Lexicon) -> list[int]:
    """Order the places of verbs: the one at the head of the clause, then all as they come."""
    head = skip_fillers(words, lexicon, 0)
    if not lexicon.verbs_at(words, head):
        head = max(head, subject_verb(words, lexicon, head))
    return [head, *(at for at in range(len(words)) if at != head)]


def skip_fillers(words: Sequence[Token], lexicon: Lexicon, at: int) -> int:
    """Return the first place from here that is no filler (*please*, *could you*); a longer verb there is none."""
    for _ in range(_MOST_FILLERS):
        length = lexicon.match("filler", words, at)
        if length < max(1, lexicon.verb_length(words, at)):
            break
        at += length
    return at


def subject_verb(words: Sequence[Token], lexicon: Lexicon, at: int) -> int:
    """Return where the verb of a subject is that stands here (*a judge decides*); -1 when there is none."""
    if not lexicon.match("article", words, at):
        return -1
    ending = "" if lexicon.has("causing", words[max(0, at - 1) : at]) else lexicon.third_person
    for place in range(at + 2, min(at + 4, len(words))):
        if lexicon.match("of", words, place):
            break
        if lexicon.verbs_at(words, place) and words[place].word.endswith(ending):
            return place
    return -1


def noun_capability(words: Sequence[Token], lexicon: Lexicon) -> str:
    """Return what the first telling noun stands for; empty when there is none."""
    found = _by_noun(words, lexicon)
    return found.capability if found else ""


def _asks_a_question(words: Sequence[Token], lexicon: Lexicon) -> bool:
    start = 1 if words and words[0].word == "¿" else 0
    if not lexicon.match("question", words, start):
        return False
    return bool(start) or words[-1].word == "?" or not lexicon.match("that", words, start)


def _by_rules(groups: frozenset[str], words: Sequence[Token], at: int, lexicon: Lexicon, flags: frozenset[str]) -> str:
    def fits(rule: Rule) -> bool:
        return not groups.isdisjoint(rule.verbs.split()) and (not rule.when or rule.when in flags)

    for rule in FIRST:
        if fits(rule) and (not rule.objects or lexicon.has(rule.objects, words)):
            return rule.capability
    found = [
        (place, rule.capability)
        for rule in filter(fits, NEAREST)
        for group in rule.objects.split()
        if (place := _object_place(group, words, at, lexicon)) >= 0
    ]
    if found:
        return min(found, key=lambda pair: pair[0])[1]
    return next((rule.capability for rule in BARE if fits(rule)), "")


def _object_place(group: str, words: Sequence[Token], at: int, lexicon: Lexicon) -> int:
    """Find an object after the verb; where verbs come last, before it."""
    place = lexicon.find(group, words, at + 1)
    return lexicon.find(group, words) if place < 0 and lexicon.verb_last else place


def _by_noun(words: Sequence[Token], lexicon: Lexicon) -> Action | None:
    found = [(place, name) for group, name in NOUNS if (place := lexicon.find(group, words)) >= 0]
    return Action(min(found)[1], min(found)[0], verbal=False) if found else None
