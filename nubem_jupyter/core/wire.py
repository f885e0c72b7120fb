"""The versioned JSON form of core values, its schema, and readers for every older version.

A document is ``{"format": "nubem.flow", "version": 1, "body": …}``. A version rises when an older reader could not
understand the body; the step from version N to N+1 is then a function declared with ``upgrade``. A format that holds
another one (a run its plan, a plan its flow) rises with it, and its step calls the inner format's with ``step``.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import msgspec

from nubem_jupyter.core.digest import encode
from nubem_jupyter.errors import FormatError

T = TypeVar("T")

_FORMATS: dict[type, tuple[str, int]] = {}
"""Value type -> its format's name and the newest version; filled by ``stored``."""

_UPGRADES: dict[tuple[str, int], Callable[[Any], Any]] = {}
"""(format, version) -> what turns a body of that version into one of the next."""


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """What stands around every stored value."""

    format: str
    """Which kind of value."""
    version: int
    """Which version of its form."""
    body: Any
    """The value itself."""


def stored(name: str, version: int) -> Callable[[type[T]], type[T]]:
    """Declare a value type as one that is stored: ``@stored("nubem.flow", 1)``."""

    def declare(kind: type[T]) -> type[T]:
        _FORMATS[kind] = (name, version)
        return kind

    return declare


def upgrade(name: str, version: int) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
    """Declare what turns a format's body of this version into one of the next; it may change its argument in place."""

    def declare(step_up: Callable[[Any], Any]) -> Callable[[Any], Any]:
        _UPGRADES[name, version] = step_up
        return step_up

    return declare


def newest_version(kind: type) -> int:
    """Return the version in which values of a stored type are written."""
    return _FORMATS[kind][1]


def dump(value: Any) -> str:
    """Write a value of a stored type; equal flows give equal text.

    Raises:
        FormatError: a text holds half of a surrogate pair.
    """
    return dump_bytes(value).decode()


def dump_bytes(value: Any) -> bytes:
    """Write what ``dump`` writes as UTF-8: a run over very many rows takes its memory once and not twice."""
    name, version = _FORMATS[type(value)]
    return encode(Envelope(format=name, version=version, body=value))


def document(value: Any) -> dict[str, Any]:
    """Return the versioned document as plain JSON values, for YAML and for Jupyter's MIME bundles."""
    return _plain(dump_bytes(value))


def load(text: str | bytes, kind: type[T]) -> T:
    """Read a document of any version up to this one.

    Raises:
        FormatError: the text is damaged, of another kind, or of a newer version.
        NubemError: the value itself is refused; see its class.
    """
    try:
        plain = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise FormatError(
            f"this {_title(kind)} is damaged or cut off: {error}", hint="restore the file or export it again"
        ) from error
    return read(plain, kind)


def read(plain: Any, kind: type[T]) -> T:
    """Turn a document of plain JSON values into its value; raises as ``load`` does."""
    try:
        envelope = msgspec.convert(plain, type=Envelope)
    except msgspec.ValidationError as error:
        raise FormatError(f"this is not a stored {_title(kind)}: {error}", hint="export it again") from error
    name, newest = _FORMATS[kind]
    if envelope.format != name:
        raise FormatError(
            f"this is a '{envelope.format}' document, not a '{name}'", hint=f"choose a file that holds a {_title(kind)}"
        )
    if not 1 <= envelope.version <= newest:
        raise FormatError(
            f"this {_title(kind)} has version {envelope.version}; this program reads 1 to {newest}",
            hint="update nubem-jupyter" if envelope.version > newest else "restore the file or export it again",
        )
    body = envelope.body if envelope.version == newest else copy.deepcopy(envelope.body)
    for version in range(envelope.version, newest):
        body = step(name, version, body)
    return convert(body, kind)


def step(name: str, version: int, body: Any) -> Any:
    """Turn a format's body of this version into one of the next; for ``read`` and for formats that hold this one.

    Raises:
        FormatError: the body is not of that version.
    """
    try:
        return _UPGRADES[name, version](body)
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        raise FormatError(
            f"this {name.removeprefix('nubem.')} does not fit version {version} of its format: {error!r}",
            hint="restore the file or export it again",
        ) from error


def convert(body: Any, kind: type[T]) -> T:
    """Turn plain JSON values into a value, with no envelope around them.

    Raises:
        FormatError: a field is missing, unknown or of the wrong type; the message says where.
        NubemError: the value itself is refused; see its class.
    """
    try:
        return msgspec.convert(body, type=kind, str_keys=True)
    except (msgspec.ValidationError, RecursionError) as error:
        raise FormatError(
            f"this {_title(kind)} does not fit its format: {error}",
            hint="mend the place named after 'at', or export it again",
        ) from error


def schema(kinds: Iterable[type] | None = None) -> dict[str, Any]:
    """Return the JSON Schema of a document of any of these stored types; None takes the types declared so far.

    ``core.formats`` knows all of them.
    """
    chosen = {kind: _FORMATS[kind] for kind in (_FORMATS if kinds is None else kinds)}
    (_, definitions) = msgspec.json.schema_components(tuple(chosen), ref_template="#/$defs/{name}")
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Stored forms of Nubem Jupyter",
        "oneOf": [_document_schema(kind, name, version) for kind, (name, version) in chosen.items()],
        "$defs": definitions,
    }
    return _plain(encode(whole))


def _plain(text: bytes | str) -> dict[str, Any]:
    """Read JSON into dicts and lists; values made in Python hold tuples, which YAML and JSON Schema do not know."""
    plain: dict[str, Any] = msgspec.json.decode(text)
    return plain


def _document_schema(kind: type, name: str, version: int) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "format": {"const": name},
            "version": {"const": version},
            "body": {"$ref": f"#/$defs/{kind.__name__}"},
        },
        "required": ["format", "version", "body"],
    }


def _title(kind: type) -> str:
    return _FORMATS.get(kind, (kind.__name__.lower(), 0))[0].removeprefix("nubem.")
