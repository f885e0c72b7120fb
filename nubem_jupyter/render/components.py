"""Components as pages: the list of them, one in full, and what could not be read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from nubem_jupyter.core.component import ComponentInfo, Parameter, Trouble
from nubem_jupyter.core.template import as_text
from nubem_jupyter.core.text import shorten
from nubem_jupyter.render.amount import UNKNOWN, dollars, seconds
from nubem_jupyter.render.blocks import Block, Details, Page, Table, Words

_SHORT = 72
_COLUMNS = ("component", "what it does", "takes", "needs leave for", "cost a use", "version", "comes from")
_SENTENCE = re.compile(r".+?[.!?](?=\s|$)", re.DOTALL)


def components_page(infos: Sequence[ComponentInfo], troubles: Sequence[Trouble]) -> Page:
    """List the components that can be used, those that cannot yet with what to do, and what could not be read."""
    ready = tuple(_row(info) for info in infos if info.available)
    absent = tuple((info.name, first_sentence(info), info.missing) for info in infos if not info.available)
    blocks: list[Block] = [Table(_COLUMNS, ready, searchable=True, folds=True)] if ready else []
    if absent:
        folded = Table(("component", "what it does", "what to do"), absent)
        blocks.append(Details(f"{len(absent)} that cannot be used yet", (folded,)))
    if troubles:
        blocks.append(troubles_table(troubles))
    return tuple(blocks) or (Words("There is no component that can be used now."),)


def component_page(info: ComponentInfo, troubles: Sequence[Trouble] = ()) -> Page:
    """Show one component in full, and what is wrong with its file or its server."""
    facts = (
        ("for", info.capability),
        ("gives", info.output.value),
        ("needs leave for", _needs(info)),
        ("cost a use", _cost(info)),
        ("given again for", seconds(info.ttl_s) if info.ttl_s else "each use is done anew"),
        ("version", info.version or "none is told"),
        ("comes from", _where(info)),
        *([("digest", info.origin.digest)] if info.origin.digest else []),
    )
    blocks: list[Block] = [Words(info.name, "title"), Words(info.description)]
    if not info.available:
        blocks.append(Words(f"It cannot be used yet: {info.missing}", "warning"))
    if info.inputs:
        rows = tuple(_input(parameter) for parameter in info.inputs)
        blocks.append(Table(("input", "type", "where nothing is given", "what it is"), rows, "What it takes"))
    blocks.append(Table(("", ""), facts))
    return (*blocks, troubles_table(troubles)) if troubles else tuple(blocks)


def troubles_table(troubles: Iterable[Trouble]) -> Table:
    """List what could not be read, and how to mend it."""
    rows = tuple((trouble.where, trouble.message, trouble.hint) for trouble in troubles)
    return Table(("where", "what is wrong", "how to mend it"), rows, "Could not be read; the rest works")


def first_sentence(info: ComponentInfo) -> str:
    """Return how a component's description begins."""
    found = _SENTENCE.match(info.description)
    return shorten(found[0] if found else info.description, _SHORT)


def _row(info: ComponentInfo) -> tuple[str, ...]:
    takes = (parameter.name if parameter.required else f"[{parameter.name}]" for parameter in info.inputs)
    where = "Nubem" if info.origin.kind == "builtin" else info.origin.where
    return info.name, first_sentence(info), " ".join(takes), _needs(info), _cost(info), info.version, where


def _where(info: ComponentInfo) -> str:
    return info.origin.where if info.origin.kind == "program" else f"{info.origin.kind}: {info.origin.where}"


def _needs(info: ComponentInfo) -> str:
    return ", ".join(info.needs) or "nothing"


def _cost(info: ComponentInfo) -> str:
    return UNKNOWN if info.cost_usd is None else dollars(info.cost_usd)


def _input(parameter: Parameter) -> tuple[str, ...]:
    default = "needed" if parameter.required else as_text(parameter.default) or "nothing"
    return parameter.name, parameter.type.value, default, parameter.description
