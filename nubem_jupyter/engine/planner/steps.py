"""Clauses become steps: what each asks for, how often, on what, and under which condition."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from nubem_jupyter.engine.planner.clauses import Clause
from nubem_jupyter.engine.planner.frames import fans_out, frame_end
from nubem_jupyter.engine.planner.grammar import Action, Context, greets, noun_capability, read_action, skip_fillers
from nubem_jupyter.engine.planner.lexicon import Lexicon
from nubem_jupyter.engine.planner.tokens import Token, tokenize

_ABSORBING = frozenset({"review_code", "debug_code", "run_code", "answer", "search", "retrieve", "clarify", "memory"})
"""Capabilities of which two clauses in a row are one step (*explain … and propose …*)."""
_DELIVERING = ("give", "write", "make", "generate")
"""Verbs that say nothing of the deed: what is asked for is in their objects."""
_TIED = frozenset({"and", "then", "colon", "if", "unless"})
"""How the clause after a frame is tied to it."""
_NAMING = frozenset({"extract", "classify"})
"""Capabilities of which a colon introduces the fields or labels."""
_FANNED = frozenset({"generate", "summarize", "translate", "classify", "extract", "rewrite", "answer", "critique"})
"""Capabilities that a leading *for each* holds for, beyond the first deed of its sentence."""
_ENDS = ("?", "!", ".")
_SHORT_FRAME = 6
"""Most words of a leading *for each …* that says no more than that."""
_NEAR = 12
"""Clauses after a colon among which the deeds are that it announces."""
MOST_COPIES = 7
"""Bound of independent attempts at one step."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to do."""

    capability: str
    """What it is for."""
    text: str
    """The words that ask for it."""
    words: tuple[Token, ...] = ()
    """The same, as tokens."""
    at: int = 0
    """Where its verb is among the words."""
    frame: tuple[Token, ...] = ()
    """The phrase before it that says what it works on (*For each message, …*)."""
    link: str = "start"
    """How it is tied to the step before, as ``Clause.link``; ``sibling`` for parts of one list."""
    each: bool = False
    """Whether it is done for each item of a list."""
    apart: bool = False
    """Whether it is said to go in parallel or separately."""
    copies: int = 1
    """How many independent attempts are made."""
    parts: tuple[str, ...] = ()
    """What is done side by side in one step: aspects, or the two sides of a debate."""
    condition: tuple[Token, ...] = ()
    """When it is done at all; empty for always."""
    unless: bool = False
    """Whether the condition is turned round."""
    otherwise: bool = False
    """Whether it is done where the step before was not."""
    labels: tuple[str, ...] = ()
    """The labels to choose from, where they are no matter of the words."""
    asks: str = ""
    """For a label of yes or no: what is asked about the text."""
    sifts: str = ""
    """For a program over labelled items: ``count``, ``keep`` or ``drop`` those of the wanted label."""
    wanted: str = ""
    """The label that is sifted by."""
    until: str = ""
    """What must hold before a loop ends; empty for once."""

    @property
    def said(self) -> tuple[Token, ...]:
        """All words about it: those of its frame, and its own."""
        return (*self.frame, *self.words)


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What was made of the clauses."""

    steps: tuple[Step, ...]
    """In the order in which they are done."""
    said: int
    """How many clauses asked for something."""
    unread: tuple[str, ...] = ()
    """Clauses that were not understood as steps of their own."""


def read_steps(clauses: Sequence[Clause], lexicon: Lexicon, context: Context) -> Reading:
    """Turn clauses, in the order of doing, into steps."""
    reader = _Reader(lexicon, context)
    for place, clause in enumerate(clauses):
        reader.take(clause, clauses[place + 1 :])
    return reader.reading()


class _Reader:
    """Takes clauses one by one; holds what waits for the next."""

    def __init__(self, lexicon: Lexicon, context: Context) -> None:
        self.lexicon = lexicon
        self.context = context
        self.steps: list[Step] = []
        self.unread: list[str] = []
        self.preface: tuple[Clause, ...] = ()
        self.frame: Clause | None = None
        self.fanned = False
        self.condition: Clause | None = None
        self.said = 0

    def reading(self) -> Reading:
        waiting = [clause.text for clause in (*self.preface, self.frame) if clause]
        return Reading(steps=tuple(self.steps), said=self.said + len(waiting), unread=(*self.unread, *waiting))

    def take(self, clause: Clause, following: Sequence[Clause]) -> None:
        if clause.link in {"if", "unless"}:
            self._take_condition(clause, following)
            return
        if self._is_frame(clause, following):
            self.frame, self.fanned = clause, False
            return
        action = read_action((*clause.words, *self._named_before()), self.lexicon, self._context())
        if self._is_heading(action.capability if action else "", following):
            return
        if clause.link == "colon" and action and not action.verbal and self._names_things():
            action = None
        if self._only_greets(clause, action, following):
            return
        if action is None or self._is_wrapper(clause, following):
            self._keep(clause)
            return
        self.said += 1
        self._add(clause, action.capability, action.at)

    def _only_greets(self, clause: Clause, action: Action | None, following: Sequence[Clause]) -> bool:
        """Tell whether the clause is a greeting next to real steps."""
        is_deed = action is not None and (action.verbal or action.capability != "answer")
        return not is_deed and greets(clause.words, self.lexicon) and bool(self.steps or following)

    def _is_frame(self, clause: Clause, following: Sequence[Clause]) -> bool:
        """Tell whether the clause only says what the next one works on."""
        tied = bool(following) and following[0].link in _TIED
        return tied and frame_end(clause.words, self.lexicon) == len(clause.words)

    def _named_before(self) -> tuple[Token, ...]:
        """Return the words of a frame that tell what is worked on as a whole (*in our documents, …*)."""
        words = self.frame.words if self.frame else ()
        return () if fans_out(words, self.lexicon) else words

    def _names_things(self) -> bool:
        return bool(self.steps) and self.steps[-1].capability in _NAMING

    def _context(self) -> Context:
        previous = self.steps[-1].capability if self.steps else ""
        return self.context._replace(text=self.context.text or bool(self.steps), previous=previous)

    def _take_condition(self, clause: Clause, following: Sequence[Clause]) -> None:
        if self.steps and not (clause.leads and following):
            last = self.steps[-1]
            self.steps[-1] = msgspec.structs.replace(last, condition=clause.words, unless=clause.link == "unless")
        else:
            self.condition = clause

    def _is_heading(self, capability: str, following: Sequence[Clause]) -> bool:
        """Tell whether the clause only announces what its colon or *that* introduces; fields are no deeds."""
        if not following or following[0].link not in {"colon", "that"} or capability == "clarify":
            return False
        actions = [read_action(later.words, self.lexicon, self._context()) for later in following[:_NEAR]]
        return any(action and (action.verbal or capability not in _NAMING) for action in actions)

    def _is_wrapper(self, clause: Clause, following: Sequence[Clause]) -> bool:
        """Tell whether the clause only names an agent to be built, next to real steps."""
        head = skip_fillers(clause.words, self.lexicon, 0)
        makes = {"make", "write", "give"} & set(self.lexicon.verbs_at(clause.words, max(0, head)))
        wanted = bool(makes) or any(self.lexicon.match("give", clause.words, at) for at in range(head))
        return wanted and self.lexicon.has("agent", clause.words) and bool(self.steps or following)

    def _keep(self, clause: Clause) -> None:
        """Give a clause without a deed to its neighbour: its words still matter to the prompt."""
        if clause.link in {"stop", "colon"} and self.steps:
            last = self.steps[-1]
            mark = ": " if clause.link == "colon" else ". "
            words = (*last.words, *tokenize(mark.strip()), *clause.words)
            self.steps[-1] = msgspec.structs.replace(last, text=f"{last.text}{mark}{clause.text}", words=words)
            if not _only_points(clause) and (clause.link == "stop" or not self._names_things()):
                self.said += 1
                self.unread.append(clause.text)
        else:
            self.preface = (*self.preface, clause)

    def _add(self, clause: Clause, capability: str, at: int) -> None:
        lead = self.preface if self.preface and clause.link in {"and", "then", "start"} else ()
        self.unread += [waiting.text for waiting in self.preface if waiting not in lead]
        self.said += len(self.preface) - len(lead)
        self.preface = ()
        text = ", ".join([*(part.text for part in lead), clause.text])
        words = tuple(token for part in (*lead, clause) for token in part.words)
        step = self._describe(
            Step(capability=capability, text=text, words=words, at=at + len(words) - len(clause.words))
        )
        step = msgspec.structs.replace(step, link=clause.link, otherwise=clause.link == "else", **self._conditioned())
        self._append(self._framed(step))

    def _framed(self, step: Step) -> Step:
        """Put the step into the frame that waits; one that fans out holds for the deeds of its sentence that follow."""
        frame, self.frame = self.frame, None
        if frame is None:
            self.fanned = self.fanned and step.link == "and" and self._is_fanned(step)
            return msgspec.structs.replace(step, each=step.each or self.fanned)
        self.fanned = fans_out(frame.words, self.lexicon)
        each = step.each or self.fanned
        short = each and len(frame.words) <= _SHORT_FRAME
        text = step.text if short else f"{frame.text}, {step.text}"
        return msgspec.structs.replace(step, frame=frame.words, text=text, each=each, link=frame.link)

    def _is_fanned(self, step: Step) -> bool:
        """Tell whether the step, too, is for each item, and does not bring the items together."""
        gathers = self.lexicon.verbs_at(step.words, step.at) & {"combine", "report", "count"}
        return step.capability in _FANNED and not gathers

    def _conditioned(self) -> dict[str, object]:
        waiting, self.condition = self.condition, None
        return {"condition": waiting.words, "unless": waiting.link == "unless"} if waiting else {}

    def _append(self, step: Step) -> None:
        last = self.steps[-1] if self.steps else None
        if (
            last
            and last.capability == step.capability in _ABSORBING
            and not (step.apart or step.otherwise or step.condition)
        ):
            mark = "" if last.text.endswith(_ENDS) else ","
            joined = f"{last.text}{mark} {step.text}"
            until = step.until or last.until
            self.steps[-1] = msgspec.structs.replace(last, text=joined, words=last.words + step.words, until=until)
            return
        siblings = self._siblings(step)
        self.steps += siblings or [step]

    def _describe(self, step: Step) -> Step:
        has = self.lexicon.has
        separate = has("separate", step.words)
        copies = self._copies(step)
        parts = self._sides(step) or (self._aspects(step) if separate and copies == 1 else ())
        text = join_words(self._without_count(step.words)) if copies > 1 else step.text
        return msgspec.structs.replace(
            step,
            text=text,
            each=has("each", step.words),
            apart=separate or has("parallel", step.words),
            copies=copies,
            parts=parts,
            until=self._until(step.words),
        )

    def _copies(self, step: Step) -> int:
        """Read *three times*, or *three experts independently* of an answer."""
        words = step.words
        place = self.lexicon.find("times", words, 1)
        if place > 0 and any(self.lexicon.number(token) for token in words[place + 1 : place + 2]):
            return 1  # a multiplication
        number = self.lexicon.number(words[place - 1]) if place > 0 else None
        if place < 0 and step.capability in {"answer", "compute"} and self.lexicon.has("separate", words):
            number = max((self.lexicon.number(token) or 1 for token in words[step.at + 1 :]), default=1)
        return min(MOST_COPIES, max(1, int(number or 1)))

    def _without_count(self, words: Sequence[Token]) -> list[Token]:
        """Leave *three times independently* out: each attempt is to be made once."""
        place = self.lexicon.find("times", words, 1)
        return [
            token
            for at, token in enumerate(words)
            if at not in {place - 1, place} and not self.lexicon.match("separate", words, at)
        ]

    def _until(self, words: Sequence[Token]) -> str:
        place = self.lexicon.find("until", words)
        if place < 0:
            return ""
        after = words[place + self.lexicon.match("until", words, place) :]
        return join_words(after)

    def _sides(self, step: Step) -> tuple[str, ...]:
        words, has = step.words, self.lexicon.has
        debates = has("argue", words) and has("against", words) and step.capability in {"generate", "answer"}
        return (self.lexicon.say["for"], self.lexicon.say["against"]) if debates else ()

    def _aspects(self, step: Step) -> tuple[str, ...]:
        """Split the objects of a step that is to be done separately for each."""
        cut = self.lexicon.find("separate", step.words)
        objects = split_list(step.words[step.at + 1 : cut] or step.words[cut + 1 :], self.lexicon)
        only = self.lexicon.say["only"]
        return tuple(only.format(part=join_words(part)) for part in objects) if len(objects) > 1 else ()

    def _siblings(self, step: Step) -> list[Step]:
        """Split *give me a summary, a translation and an email* into its deliverables."""
        verbs = self.lexicon.verbs_at(step.words, step.at)
        if verbs.isdisjoint(_DELIVERING) or step.each or step.parts or step.until:
            return []
        found = [
            (part, noun_capability(part, self.lexicon)) for part in split_list(step.words[step.at + 1 :], self.lexicon)
        ]
        kinds = {capability for _, capability in found}
        if len(found) < 2 or "" in kinds or kinds == {"extract"}:
            return []
        verb = step.words[step.at].text
        return [
            msgspec.structs.replace(
                step,
                capability=capability,
                text=f"{verb} {join_words(part)}",
                words=(step.words[step.at], *part),
                at=0,
                link=step.link if place == 0 else "sibling",
            )
            for place, (part, capability) in enumerate(found)
        ]


def _only_points(clause: Clause) -> bool:
    """Tell whether the clause is nothing but ``{NAME}``: the input itself."""
    return all(token.word.startswith("{") for token in clause.words if token.is_word)


def join_words(words: Sequence[Token]) -> str:
    """Write tokens as text again."""
    return " ".join(token.text for token in words)


def split_list(words: Sequence[Token], lexicon: Lexicon) -> list[tuple[Token, ...]]:
    """Split at commas, *and* and *or*; empty parts fall out."""
    parts: list[list[Token]] = [[]]
    at = 0
    while at < len(words):
        length = lexicon.match("or", words, at) or lexicon.match("and", words, at) or int(words[at].word == ",")
        if length:
            parts.append([])
        elif words[at].is_word or words[at].is_quote:
            parts[-1].append(words[at])
        at += length or 1
    return [tuple(part) for part in parts if part]
