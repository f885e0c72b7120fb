"""Bytes as text: the encoding is told by a mark, by a declaration, or found out."""

from __future__ import annotations

import codecs

from nubem_jupyter.errors import NodeError, UsageError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE_BYTES = 8192


def decode(content: bytes, name: str, encoding: str | None = None) -> str:
    """Read bytes as text: as told, as its byte order mark says, as UTF-8, else as Windows' western code page.

    Raises:
        UsageError: the encoding told is unknown.
        NodeError: the bytes are no text, or not in that encoding.
    """
    chosen = encoding or encoding_of(content)
    if chosen is None:
        raise NodeError(f"'{name}' is not a text file", hint="files that hold text can be read")
    try:
        return content.decode(chosen).replace("\r\n", "\n").replace("\r", "\n")
    except LookupError:
        raise UsageError(f"there is no encoding '{encoding}'", hint="utf-8, utf-16 and latin-1 are some") from None
    except UnicodeError as error:
        place = f": byte {error.start} does not fit" if isinstance(error, UnicodeDecodeError) else ""
        raise NodeError(f"'{name}' is not {chosen}{place}", hint="tell its encoding, latin-1 for one") from None


def encoding_of(content: bytes) -> str | None:
    """Name the encoding of a text, or None where the bytes are no text."""
    marked = next((name for mark, name in _MARKS if content.startswith(mark)), None)
    if marked:
        return marked
    if b"\0" in content[:_SAMPLE_BYTES]:
        return None
    return next((name for name in ("utf-8", "cp1252") if _fits(content, name)), "latin-1")


def _fits(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
