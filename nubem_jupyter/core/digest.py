"""Content digests: one value, one name, in every process and on every machine."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from nubem_jupyter.errors import FormatError

SHORT_DIGITS = 24
"""Of a digest: enough that no two of the things that are kept share them by chance."""

_ENCODER = msgspec.json.Encoder()
_SORTING_ENCODER = msgspec.json.Encoder(order="deterministic")


def encode(value: Any) -> bytes:
    """Encode as compact JSON; an object's fields keep their order, since joins and models depend on it.

    Raises:
        FormatError: a text holds half of a surrogate pair, which UTF-8 cannot carry.
    """
    try:
        return _ENCODER.encode(value)
    except UnicodeEncodeError as error:
        raise FormatError(
            "a text holds half of a character, which no file can carry", hint="retype or remove the broken character"
        ) from error


def canonical_json(value: Any) -> bytes:
    """Encode with sorted keys and no spaces, so that values that are equal as JSON give equal bytes."""
    return _SORTING_ENCODER.encode(value)


def digest(value: Any) -> str:
    """Return the SHA-256 of the value's JSON, as 64 hexadecimal digits; the order of an object's fields counts.

    Raises:
        FormatError: as ``encode`` does.
    """
    return hashlib.sha256(encode(value)).hexdigest()


def short_digest(value: Any) -> str:
    """Return the first 24 digits of the value's digest, where many are kept.

    Raises:
        FormatError: as ``encode`` does.
    """
    return digest(value)[:SHORT_DIGITS]
