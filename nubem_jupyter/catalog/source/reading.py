"""A component file's source as components: parsed, never run."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple

from nubem_jupyter.catalog.source.annotations import Annotations, last_name
from nubem_jupyter.catalog.source.faults import FaultError
from nubem_jupyter.catalog.source.function import Function, component
from nubem_jupyter.catalog.source.terms import CONSTANTS, is_vendor, term
from nubem_jupyter.core.component import ComponentInfo, Origin, Trouble

LIMIT_BYTES = 256 * 1024
"""The longest source that is read: parsing takes some hundred times the memory of a file, and a tool is short."""


class Place(NamedTuple):
    """Where a source stands, and what is known before reading it."""

    where: str
    """What a person would look for: the file's path, or an entry point."""
    vendor: str
    """What stands before the functions' names if the file does not tell it."""
    kind: Literal["file", "entry point"] = "file"
    """Who offers it."""
    version: str = ""
    """The version if the file does not tell it."""
    only: str = ""
    """The one function that is offered; empty offers all public ones."""


class Reading(NamedTuple):
    """What a source holds."""

    components: tuple[ComponentInfo, ...] = ()
    """Its components."""
    troubles: tuple[Trouble, ...] = ()
    """What is wrong with it."""
    broken: bool = False
    """Whether the file as a whole could not be read, so that nothing is known of its functions."""


def read_components(source: bytes, place: Place) -> Reading:
    """Read the public functions of a source; a fault leaves out a function, or all of a file that makes no sense."""
    try:
        tree = _parse(source)
        terms = {"version": place.version, "vendor": place.vendor, **_constants(tree)}
        functions = _public(tree, place)
        if functions and not is_vendor(terms["vendor"]):
            raise FaultError(
                f"'{terms['vendor']}' cannot stand in a component's name",
                'rename the file to small letters, digits and _, or write VENDOR = "…" in it',
            )
    except FaultError as fault:
        return broken(place.where, fault.message, fault.hint)
    origin = Origin(kind=place.kind, where=place.where, digest=hashlib.sha256(source).hexdigest())
    return _offered(functions, terms, Annotations(dict(_aliases(tree))), origin)


def broken(where: str, message: str, hint: str) -> Reading:
    """Say that a file as a whole cannot be read."""
    return Reading(troubles=(Trouble(where=where, message=message, hint=hint),), broken=True)


def _parse(source: bytes) -> ast.Module:
    if len(source) > LIMIT_BYTES:
        raise FaultError(
            f"the file is longer than {LIMIT_BYTES // 1024} KiB, which is the most that is read",
            "move what is no component to a module that it imports",
        )
    try:
        return ast.parse(source.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise FaultError(
            f"the file is not UTF-8 text (byte {error.start + 1})", "save it in the encoding UTF-8"
        ) from error
    except SyntaxError as error:
        place = f"line {error.lineno}: " if error.lineno else ""
        raise FaultError(f"{place}{error.msg}", "mend the file, then save it") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise FaultError(f"the file cannot be parsed ({error})", "write it with less nesting") from error


def _offered(functions: Sequence[Function], terms: dict[str, Any], names: Annotations, origin: Origin) -> Reading:
    """Read each function; of two of one name the later is the one that Python would call."""
    found: dict[str, ComponentInfo] = {}
    troubles: list[Trouble] = []
    seen: set[str] = set()
    for function in reversed(functions):
        try:
            if function.name in seen:
                raise FaultError("is there twice; the later one holds", "rename one of them")
            seen.add(function.name)
            found[function.name] = component(function, terms["vendor"], terms, names, origin)
        except FaultError as fault:
            message = f"'{function.name}' {fault.message}"
            troubles.append(Trouble(where=origin.where, message=message, hint=fault.hint))
    return Reading(tuple(reversed(found.values())), tuple(reversed(troubles)))


def _public(tree: ast.Module, place: Place) -> list[Function]:
    """List the functions that a file offers: those of ``__all__`` where it is written out, else all without ``_``."""
    listed = next((value for name, value in _assigned(tree) if name == "__all__"), None)
    chosen = _strings(listed)
    functions = [entry for entry in tree.body if isinstance(entry, Function) and _is_meant(entry)]
    if place.only:
        functions = [entry for entry in functions if entry.name == place.only]
        if not functions:
            raise FaultError(f"there is no public function '{place.only}'", "name one that the file defines itself")
    return [entry for entry in functions if (chosen is None or entry.name in chosen) and not _is_overload(entry)]


def _is_meant(function: Function) -> bool:
    """Tell a component, perhaps an unfinished one, from a function with neither types nor words, which is none."""
    if function.name.startswith("_"):
        return False
    arguments = (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
    typed = function.returns is not None or any(argument.annotation is not None for argument in arguments)
    return typed or ast.get_docstring(function, clean=False) is not None


def _is_overload(function: Function) -> bool:
    return any(last_name(decorator) == "overload" for decorator in function.decorator_list)


def _strings(listed: ast.expr | None) -> set[str] | None:
    if not isinstance(listed, ast.List | ast.Tuple):
        return None
    return {entry.value for entry in listed.elts if isinstance(entry, ast.Constant) and isinstance(entry.value, str)}


def _constants(tree: ast.Module) -> dict[str, Any]:
    """Read the terms that the file tells."""
    told: dict[str, Any] = {}
    for name, value in _assigned(tree):
        if name in CONSTANTS:
            told |= _told(name, value)
    return told


def _told(name: str, value: ast.expr) -> dict[str, Any]:
    try:
        literal = ast.literal_eval(value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        if name == "__version__":  # often asked of the installed distribution, which then tells it here too
            return {}
        raise FaultError(
            f"{name} is not written out, and the file is read without being run", "write its value as it is"
        ) from None
    try:
        return {CONSTANTS[name]: term(CONSTANTS[name], literal)}
    except FaultError as fault:
        raise FaultError(f"the file {fault.message}", fault.hint) from None


def _assigned(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for entry in tree.body:
        match entry:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                yield name, value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                yield name, value


def _aliases(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """Yield the names that the file gives to types; a TypedDict of its own stands for objects."""
    yield from _assigned(tree)
    for entry in tree.body:
        match entry:
            case ast.ClassDef(name=name, bases=bases) if any(ast.unparse(base).endswith("TypedDict") for base in bases):
                yield name, ast.Name(id="TypedDict")
            case _ if type(entry).__name__ == "TypeAlias":  # from Python 3.12 on: ``type Rows = list[dict]``
                yield entry.name.id, entry.value  # type: ignore[attr-defined]
