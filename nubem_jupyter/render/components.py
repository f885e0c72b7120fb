"""Components as pages: the list of them, one in full, and what could not be read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from nubem_jupyter.core.component import ComponentInfo, Parameter, Trouble
from nubem_jupyter.core.template import as_text
from nubem_jupyter.core.text import nearest, shorten
from nubem_jupyter.errors import UsageError
from nubem_jupyter.render.amount import UNKNOWN, dollars, seconds
from nubem_jupyter.render.blocks import Block, Details, Page, Table, Words

_SHORT = 72
_COLUMNS = ("component", "what it does", "takes", "needs leave for", "cost a use", "version", "comes from")
_SENTENCE = re.compile(r".+?[.!?](?=\s|$)", re.DOTALL)


def components_page(
    infos: Sequence[ComponentInfo], troubles: Sequence[Trouble], added: Sequence[str] = (), *, most: int | None = None
) -> Page:
    """List the components that can be used, folded those that cannot yet, and what could not be read.

    ``added`` names the functions that the program itself offers, of which nothing else is known; of very many rows
    the first ``most`` are shown.
    """
    ready = tuple(_row(info) for info in infos if info.available)
    own = tuple((name, "", "", "nothing", UNKNOWN, "", "this program") for name in added)
    absent = tuple((info.name, first_sentence(info), info.missing) for info in infos if not info.available)
    rows = (*own, *ready)
    blocks: list[Block] = [Table(_COLUMNS, rows[:most], searchable=True)] if rows else []
    if most is not None and len(rows) > most:
        blocks.append(Words(f"{len(rows) - most:,} more; name words to choose by", "quiet"))
    if absent:
        folded = Table(("component", "what it does", "what to do"), absent[:most])
        blocks.append(Details(f"{len(absent)} more that cannot be used yet", (folded,)))
    if troubles:
        blocks.append(troubles_table(troubles[:most]))
    return tuple(blocks) or (Words("There is no component."),)


def component_page(info: ComponentInfo) -> Page:
    """Show one component in full."""
    facts = (
        ("for", info.capability),
        ("gives", info.output.value),
        ("needs leave for", _needs(info)),
        ("cost a use", _cost(info)),
        ("given again for", seconds(info.ttl_s) if info.ttl_s else "each use is done anew"),
        ("version", info.version or "none is told"),
        ("comes from", f"{info.origin.kind}: {info.origin.where}"),
        ("digest", info.origin.digest),
    )
    blocks: list[Block] = [Words(info.name, "title"), Words(info.description)]
    if not info.available:
        blocks.append(Words(f"It cannot be used yet: {info.missing}", "warning"))
    if info.inputs:
        rows = tuple(_input(parameter) for parameter in info.inputs)
        blocks.append(Table(("input", "type", "where nothing is given", "what it is"), rows, "What it takes"))
    return (*blocks, Table(("", ""), facts))


def troubles_table(troubles: Iterable[Trouble]) -> Table:
    """List what could not be read, and how to mend it."""
    rows = tuple((trouble.where, trouble.message, trouble.hint) for trouble in troubles)
    return Table(("where", "what is wrong", "how to mend it"), rows, "Could not be read; the rest works")


def chosen(infos: Iterable[ComponentInfo], words: Sequence[str]) -> tuple[ComponentInfo, ...]:
    """Return the components that have all of these words in their name, description, capability or inputs.

    Raises:
        UsageError: there is none.
    """
    known = tuple(infos)
    named = tuple(info for info in known if [info.name] == list(words))
    found = named or tuple(info for info in known if all(word.lower() in _text(info) for word in words))
    if words and not found:
        close = nearest(words[0], [info.name for info in known])
        raise UsageError(
            f"no component has '{' '.join(words)}' in its name or description",
            hint=f"did you mean '{close}'?" if close else "leave the words out to see all of them",
        )
    return found


def first_sentence(info: ComponentInfo) -> str:
    """Return how a component's description begins."""
    found = _SENTENCE.match(info.description)
    return shorten(found[0] if found else info.description, _SHORT)


def _text(info: ComponentInfo) -> str:
    inputs = (f"{parameter.name} {parameter.description}" for parameter in info.inputs)
    return " ".join((info.name, info.description, info.capability, *inputs)).lower()


def _row(info: ComponentInfo) -> tuple[str, ...]:
    takes = (parameter.name if parameter.required else f"[{parameter.name}]" for parameter in info.inputs)
    where = "Nubem" if info.origin.kind == "builtin" else info.origin.where
    return info.name, first_sentence(info), " ".join(takes), _needs(info), _cost(info), info.version, where


def _needs(info: ComponentInfo) -> str:
    return ", ".join(info.needs) or "nothing"


def _cost(info: ComponentInfo) -> str:
    return UNKNOWN if info.cost_usd is None else dollars(info.cost_usd)


def _input(parameter: Parameter) -> tuple[str, ...]:
    default = "needed" if parameter.required else as_text(parameter.default) or "nothing"
    return parameter.name, parameter.type.value, default, parameter.description
