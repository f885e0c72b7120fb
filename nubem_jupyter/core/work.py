"""What a node does, one value a kind; those that hold flows of their own stand beside ``Flow``."""

from __future__ import annotations

import math
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec

from nubem_jupyter.core.call import MAX_TOKENS, TEMPERATURE
from nubem_jupyter.core.frozen import freeze, settle
from nubem_jupyter.core.template import placeholders
from nubem_jupyter.core.text import shorten
from nubem_jupyter.core.value import ValueType, accepts
from nubem_jupyter.errors import FlowError, ValueTypeError


class NodeKind(StrEnum):
    """The kinds of node; the word under ``work.kind`` in JSON."""

    INPUT = "input"
    OUTPUT = "output"
    MODEL = "model"
    COMPONENT = "component"
    CODE = "code"
    JOIN = "join"
    MAP = "map"
    BRANCH = "branch"
    LOOP = "loop"


class Work(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag_field="kind",
):
    """What one node does; ``kind`` in JSON tells which."""

    def __post_init__(self) -> None:
        settle(self)

    @property
    def uses(self) -> tuple[str, ...]:
        """Names of inputs that the node must have for this work."""
        return ()

    @property
    def gives(self) -> ValueType:
        """The type of the value that the work yields."""
        return ValueType.ANY

    @property
    def runs_code(self) -> bool:
        """Whether a program is run in the sandbox."""
        return False


class Input(Work, frozen=True, kw_only=True, tag="input"):
    """A value that comes from outside the flow.

    Raises:
        ValueTypeError: the default is not of the declared type.
        FlowError: the default is not plain JSON.
    """

    type: ValueType = ValueType.ANY
    """What the value is."""
    default: Any = None
    """Taken when ``optional`` and nothing is given."""
    optional: bool = False
    """Whether the flow runs without it."""

    def __post_init__(self) -> None:
        msgspec.structs.force_setattr(self, "default", freeze(self.default, "an input's default"))
        super().__post_init__()
        if self.default is not None and not accepts(self.type, self.default):
            raise ValueTypeError(
                f"an input of type {self.type} has the default {shorten(repr(self.default), 60)}",
                hint="give a default of that type, or declare another type",
            )

    @property
    def gives(self) -> ValueType:
        """The declared type."""
        return self.type


class Output(Work, frozen=True, kw_only=True, tag="output"):
    """The flow's result: its one input, or an object of all of them by name."""


class Example(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One worked example, shown to the model as a pair of chat turns."""

    given: str
    """What the user says: the prompt with its inputs filled in."""
    answer: str
    """What a right answer looks like."""


class Prompt(Work, frozen=True, kw_only=True, tag="model"):
    """One call of a language model.

    Raises:
        FlowError: a limit, temperature or likeness is out of its range, or the schema is not plain JSON.
    """

    prompt: str
    """Template of the user's turn; see ``core.template``."""
    system: str = ""
    """Template of the system turn; empty sends none."""
    examples: tuple[Example, ...] = ()
    """Worked examples, as chat turns before the prompt; small models need them."""
    output: ValueType = ValueType.TEXT
    """What the answer is parsed into."""
    schema: Mapping[str, Any] | None = None
    """JSON Schema that the answer must satisfy; the provider constrains the text to it."""
    max_tokens: int = MAX_TOKENS
    """Ceiling of generated tokens."""
    temperature: float = TEMPERATURE
    """0 takes the likeliest token each time."""
    seed: int | None = None
    """Seed of the sampling; None lets the run choose."""
    similar: float | None = None
    """Least likeness, above 0 and at most 1, at which the answer of an earlier call is given again for inputs that are
    worded otherwise; None asks for equal calls only. It suits labels, numbers, yes or no, and fields: whether two free
    texts say the same cannot be checked. See ``engine.similarity``."""
    check: str = ""
    """A Python program that tells whether an answer may be taken; empty takes each. It is run in the sandbox, with the
    node's inputs and ``answer`` as variables, after the answer itself where that is code. An answer is refused where
    the program fails, exits, or leaves something false in ``result`` or as its last line's value."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.max_tokens < 1:
            raise FlowError(
                f"max_tokens is {self.max_tokens}; a model call needs at least 1",
                hint="give the most tokens that an answer may have",
            )
        if not 0 <= self.temperature <= 2:
            raise FlowError(
                f"temperature is {self.temperature}, which is not between 0 and 2",
                hint="0 takes the likeliest token each time, 1 samples as the model was trained",
            )
        if self.similar is not None:
            msgspec.structs.force_setattr(self, "similar", _likeness(self.similar))
        msgspec.structs.force_setattr(self, "schema", freeze(self.schema, "a prompt's schema"))

    @property
    def uses(self) -> tuple[str, ...]:
        """The placeholders of both templates."""
        return tuple(dict.fromkeys(placeholders(self.system) + placeholders(self.prompt)))

    @property
    def runs_code(self) -> bool:
        """Whether answers are checked."""
        return bool(self.check)

    @property
    def gives(self) -> ValueType:
        """The declared output."""
        return self.output


def _likeness(given: float) -> float:
    """Return it as a float.

    Raises:
        FlowError: it is not above 0 and at most 1.
    """
    if not isinstance(given, (int, float)) or not 0 < given <= 1:
        raise FlowError(
            f"similar is {given!r}, which is not above 0 and at most 1",
            hint="give how alike two calls must be to share an answer, for example 0.95, or leave it out",
        )
    return float(given)


class Component(Work, frozen=True, kw_only=True, tag="component"):
    """A tool: a named function that a provider of components offers.

    Raises:
        FlowError: the arguments are not plain JSON, or ``ttl_s`` is not a time.
    """

    name: str
    """``vendor.name`` of the component."""
    version: str = ""
    """The version planned for; empty takes the newest."""
    args: Mapping[str, Any] = {}
    """Arguments fixed in the flow, beside those that come by edges."""
    output: ValueType = ValueType.ANY
    """What it gives."""
    ttl_s: float | None = None
    """Seconds for which its value may be given again where it is used in the same way; 0 never. None leaves that to
    who offers the component, and where they say nothing either, each use is done anew."""

    def __post_init__(self) -> None:
        super().__post_init__()
        msgspec.structs.force_setattr(self, "args", freeze(self.args, f"an argument of '{self.name}'"))
        if self.ttl_s is not None:
            if not 0 <= self.ttl_s < math.inf:
                raise FlowError(
                    f"ttl_s of '{self.name}' is {self.ttl_s}, which is not a time",
                    hint="give seconds, 0 to do each use anew",
                )
            msgspec.structs.force_setattr(self, "ttl_s", float(self.ttl_s))

    @property
    def gives(self) -> ValueType:
        """The declared output."""
        return self.output


class Code(Work, frozen=True, kw_only=True, tag="code"):
    """A Python program, run in the sandbox with the node's inputs as variables.

    Its value is what it leaves in ``result``, else what it printed.

    Raises:
        FlowError: neither or both of ``source`` and ``source_from`` are given.
    """

    source: str = ""
    """The program."""
    source_from: str = ""
    """Name of the input that holds the program, when an earlier node writes it."""
    report: bool = False
    """Give ``{"ok", "result", "stdout", "error", "code"}`` and never fail, so that a loop can repair the program."""
    output: ValueType = ValueType.ANY
    """What it gives."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if bool(self.source.strip()) == bool(self.source_from):
            raise FlowError(
                "a code node needs either a program (source) or the input that holds one (source_from)",
                hint="give one of the two",
            )

    @property
    def uses(self) -> tuple[str, ...]:
        """The input that holds the program, if one does."""
        return (self.source_from,) if self.source_from else ()

    @property
    def gives(self) -> ValueType:
        """The declared output; a report is an object."""
        return ValueType.JSON if self.report else self.output

    @property
    def runs_code(self) -> bool:
        """Always."""
        return True


class JoinMode(StrEnum):
    """How a join puts its inputs together, in the order in which the node lists them."""

    OBJECT = "object"
    """An object with one field an input."""
    LIST = "list"
    """A list of the inputs' values."""
    TEXT = "text"
    """One text, an input's value a paragraph."""
    VOTE = "vote"
    """The value that most inputs agree on; the first of them on a tie. A single list input votes among its items."""


class Join(Work, frozen=True, kw_only=True, tag="join"):
    """Several values become one."""

    mode: JoinMode = JoinMode.OBJECT
    """How."""

    @property
    def gives(self) -> ValueType:
        """The type that the mode makes."""
        return {
            JoinMode.OBJECT: ValueType.JSON,
            JoinMode.LIST: ValueType.LIST,
            JoinMode.TEXT: ValueType.TEXT,
        }.get(self.mode, ValueType.ANY)
