"""One function of a component's file, as a component."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from nubem_jupyter.catalog.source.annotations import Annotations
from nubem_jupyter.catalog.source.docs import Docs, parse_docs
from nubem_jupyter.catalog.source.faults import FaultError
from nubem_jupyter.catalog.source.terms import term
from nubem_jupyter.core.component import ComponentInfo, Origin, Parameter
from nubem_jupyter.core.frozen import freeze
from nubem_jupyter.core.value import ValueType
from nubem_jupyter.errors import FlowError

Function = ast.FunctionDef | ast.AsyncFunctionDef

_ENCODER = msgspec.msgpack.Encoder()
_NAME = re.compile(r"[a-z][a-z0-9_]*")


def component(
    function: Function, vendor: str, terms: Mapping[str, Any], annotations: Annotations, origin: Origin
) -> ComponentInfo:
    """Read a function's name, docstring and signature; ``terms`` are those of its file.

    Raises:
        FaultError: it cannot be offered; the message goes on after the function's name.
    """
    if not _NAME.fullmatch(function.name):
        raise FaultError("cannot name a component", "use small letters, digits and _, or begin the name with _")
    docs = parse_docs(ast.get_docstring(function, clean=False) or "")
    if not docs.text:
        raise FaultError(
            "has no docstring, so nobody knows what it does",
            "write a sentence, or begin its name with _ if it is no component",
        )
    told = {**terms, **{name: _own_term(name, words) for name, words in docs.component.items()}}
    name = f"{vendor}.{function.name}"
    info = ComponentInfo(
        name=name,
        version=told.get("version", ""),
        description=docs.text,
        capability=told.get("capability", name),
        inputs=tuple(_parameters(function.args, docs, annotations)),
        output=_output(function, annotations),
        permissions=told.get("permissions", ()),
        cost_usd=told.get("cost_usd"),
        ttl_s=told.get("ttl_s"),
        origin=origin,
    )
    _check_kept(info)
    return info


def _check_kept(info: ComponentInfo) -> None:
    """Accept what a file can carry: one function must not keep the others from being remembered."""
    try:
        _ENCODER.encode(info)
    except (UnicodeEncodeError, OverflowError, RecursionError):
        raise FaultError(
            "holds half of a character, or a whole number of more than 64 bits, which no file can carry",
            "mend its docstring and its defaults",
        ) from None


def _own_term(name: str, words: str) -> Any:
    if name == "vendor":
        raise FaultError("tells a vendor of its own", "tell it for the whole file: VENDOR = …")
    return term(name, words)


def _output(function: Function, annotations: Annotations) -> ValueType:
    if function.returns is None:
        raise FaultError("does not say what it gives", "annotate what it returns, with Any if it can be anything")
    return annotations.given(function.returns)


def _parameters(arguments: ast.arguments, docs: Docs, annotations: Annotations) -> Iterator[Parameter]:
    """Yield what can be given by name; ``*args`` and ``**kwargs`` are never given anything."""
    for argument, default in _with_defaults(arguments):
        if argument.annotation is None:
            raise FaultError(f"has the argument '{argument.arg}' without a type", "annotate it, with Any if need be")
        yield Parameter(
            name=argument.arg,
            type=annotations.taken(argument.annotation),
            required=default is None,
            description=docs.arguments.get(argument.arg, ""),
            default=_value(argument.arg, default),
        )


def _with_defaults(arguments: ast.arguments) -> Iterator[tuple[ast.arg, ast.expr | None]]:
    if arguments.posonlyargs:
        raise FaultError("has arguments before '/', which cannot be given by name", "take the '/' away")
    missing = [None] * (len(arguments.args) - len(arguments.defaults))
    yield from zip(arguments.args, [*missing, *arguments.defaults], strict=True)
    yield from zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)


def _value(name: str, default: ast.expr | None) -> Any:
    """Return a default that is written out as plain JSON; what would have to be worked out is not told."""
    if default is None:
        return None
    try:
        return freeze(ast.literal_eval(default), name)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError, FlowError):
        return None
