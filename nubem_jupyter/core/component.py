"""What is known of a component: a tool that a flow may use, with its inputs, its output and what it needs."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from nubem_jupyter.core.frozen import freeze
from nubem_jupyter.core.value import ValueType

PERMISSIONS: tuple[str, ...] = ("network", "files", "code")
"""What a component may need leave for: reaching other machines, reading or writing files, running code."""

_SCALARS = (str, int, type(None))


class Parameter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One input of a component.

    Raises:
        FlowError: the default is not plain JSON.
    """

    name: str
    """The keyword by which the value is given."""
    type: ValueType
    """What it takes."""
    required: bool = True
    """Whether every use must give it."""
    description: str = ""
    """What it is, in the author's words."""
    default: Any = None
    """What stands in for it where it is not given, plain JSON; None also where its author works that out."""

    def __post_init__(self) -> None:
        if not isinstance(self.default, _SCALARS):  # thousands are read at a time, and most defaults are of these
            frozen = freeze(self.default, f"the default of '{self.name}'")
            msgspec.structs.force_setattr(self, "default", frozen)


class Origin(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Where a component comes from."""

    kind: Literal["builtin", "entry point", "file", "mcp", "program"]
    """Who offers it: this package, another installed package, a file in a ``components`` folder, an MCP server, or the
    program itself."""
    where: str
    """The file's path, the entry point's target, or the server's name; what a person would look for."""
    digest: str
    """SHA-256 of its source, 64 hexadecimal digits; another source may do something else under the same name. Empty
    for the program's own."""


class ComponentInfo(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One component as the catalog lists it; nothing of it was imported or run to know this."""

    name: str
    """``vendor.name``, by which flows use it."""
    version: str
    """The author's version of it; empty where none is told."""
    description: str
    """What it does, in the author's words; the first sentence stands by itself."""
    capability: str
    """What it is for: one of the product's capabilities, or its own name."""
    inputs: tuple[Parameter, ...]
    """What it takes, in the author's order."""
    output: ValueType
    """What it gives."""
    permissions: tuple[str, ...]
    """What it needs leave for, of ``PERMISSIONS``; it is not used without it."""
    cost_usd: float | None
    """US dollars a use, as its author tells; None where nobody does, and that is not zero."""
    ttl_s: float | None
    """Seconds for which its value may be given again; None where its author does not tell."""
    origin: Origin
    """Where it comes from."""
    available: bool = True
    """Whether it can be used now."""
    missing: str = ""
    """What to do before it can be used; empty when available."""

    @property
    def needs(self) -> tuple[str, ...]:
        """What using it needs leave for.

        That is what its author tells, and ``code`` where somebody else's code would run in this very program.
        """
        foreign = self.origin.kind in ("file", "entry point")
        return tuple(word for word in PERMISSIONS if word in self.permissions or (foreign and word == "code"))


class Trouble(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Something that the catalog could not read; the rest of it works."""

    where: str
    """The file, folder, package or server."""
    message: str
    """One sentence that says what is wrong."""
    hint: str = ""
    """How to mend it."""
