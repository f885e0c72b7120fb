"""A dict that refuses changes, for fields of frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn, TypeVar

import msgspec

K = TypeVar("K")
V = TypeVar("V")


class FrozenDict(dict[K, V]):
    """A mapping that is equal to a dict of the same content and cannot be changed.

    It is a ``dict`` (and not a proxy) so that encoders and users' own code take it as one.
    """

    __slots__ = ()

    def _refuse(self, *_args: object, **_kwargs: object) -> NoReturn:
        msg = "this mapping belongs to a frozen value; make a changed copy instead"
        raise TypeError(msg)

    __setitem__ = __delitem__ = clear = pop = popitem = setdefault = update = _refuse

    def __ior__(self, _other: object) -> NoReturn:  # type: ignore[misc]
        """Refuse, as every other change."""
        self._refuse()

    def __reduce__(self) -> tuple[type[FrozenDict[K, V]], tuple[dict[K, V]]]:
        """Pickle through the constructor, since item assignment is refused."""
        return FrozenDict, (dict(self),)


def freeze_fields(value: msgspec.Struct, *names: str) -> None:
    """Replace the named mapping fields of a frozen struct by ``FrozenDict`` copies; call from ``__post_init__``."""
    for name in names:
        field: Mapping[Any, Any] = getattr(value, name)
        if type(field) is not FrozenDict:
            msgspec.structs.force_setattr(value, name, FrozenDict(field))
