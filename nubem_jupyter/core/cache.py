"""What a cache keeps: an answer or a tool's value, with its age and its price, and its form as bytes."""

from __future__ import annotations

from typing import Any

import msgspec

from nubem_jupyter.core.call import Answer
from nubem_jupyter.core.digest import encode
from nubem_jupyter.core.frozen import freeze
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.errors import FlowError, FormatError, StorageError

_NOT_KEPT = "give text, finite numbers, lists, and objects with text keys, or leave the tool uncached"


class ToolValue(msgspec.Struct, frozen=True, kw_only=True, tag="tool"):
    """What a tool gave, written out, so that nobody who is given it can change it for the next."""

    json: msgspec.Raw
    """The value's JSON."""

    @classmethod
    def of(cls, value: Any) -> ToolValue:
        """Write a value out.

        Raises:
            StorageError: it is not plain JSON, so that it would come back as something else.
        """
        try:
            json = encode(value)
            if msgspec.json.decode(json) != value:  # almost always equal, and then this is the fastest check
                freeze(value, "a tool's value")
        except (FlowError, TypeError, ValueError, OverflowError, RecursionError) as error:
            raise StorageError(
                f"this cannot be kept in the cache: {getattr(error, 'message', error)}", hint=_NOT_KEPT
            ) from error
        return cls(json=msgspec.Raw(json))

    @property
    def value(self) -> Any:
        """A fresh copy of the value, which belongs to whoever asks."""
        return msgspec.json.decode(self.json)


class CacheEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What one call gave, to be given again in place of an equal call."""

    content: Answer | ToolValue
    """A model's answer or a tool's value."""
    stored_s: float
    """When it was made: seconds since 1970, UTC."""
    ttl_s: float | None = None
    """Seconds from then on for which it may be given again; None for ever."""
    cost_usd: float = 0.0
    """US dollars that it cost when it was made, which is what giving it again saves."""
    model: ModelId | None = None
    """Which model answered; None for a tool."""

    def fresh(self, now_s: float) -> bool:
        """Tell whether it may still be given at ``now_s``.

        One with a time to live that comes from the future may not: the clock went back, and its age is unknown.
        """
        return self.ttl_s is None or 0 <= now_s - self.stored_s < self.ttl_s


class CacheStats(msgspec.Struct, frozen=True, kw_only=True):
    """How full a cache is."""

    entries: int
    """How many it keeps; those whose time is over count until they have made room."""
    bytes: int
    """Bytes that they take, as the backend counts them."""
    limit_bytes: int | None = None
    """What it may take at most; None where nothing bounds it."""
    place: str
    """Where it keeps them, without any secret."""


def to_record(entry: CacheEntry) -> bytes | None:
    """Write an entry, for adapters; None for a text that no file can carry, which is then not kept."""
    try:
        return encode(entry)
    except FormatError:
        return None


def read_record(record: bytes) -> CacheEntry | None:
    """Read an entry; None for one that is damaged or of another version, which is a miss like any other."""
    try:
        return msgspec.json.decode(record, type=CacheEntry)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
