"""Values that users write by hand: what they take is said in a sentence where they are made otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from nubem_jupyter.core.text import nearest
from nubem_jupyter.errors import UsageError


class ByName(msgspec.StructMeta):
    """The kind of a struct that takes its fields by name; to make one otherwise raises a ``UsageError``."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        """Make a value."""
        try:
            return super().__call__(*args, **kwargs)
        except TypeError:
            wrong = _misfit(cls, args, kwargs)
            if wrong is None:
                raise  # from within: no matter of which fields were given
        raise wrong


def _misfit(made: type, args: Sequence[Any], given: dict[str, Any]) -> UsageError | None:
    fields = msgspec.structs.fields(made)
    names = [field.name for field in fields]
    needed = [field.name for field in fields if field.required]
    shown = ", ".join(f"{name}=…" for name in needed or names[:2])
    how = f"write {made.__name__}({shown})"
    unknown = next((name for name in given if name not in names), None)
    missing = next((name for name in needed if name not in given), None)
    if args:
        return UsageError(f"{made.__name__} takes its fields by name", hint=how)
    if unknown is not None:
        close = nearest(unknown, names)
        hint = f"did you mean '{close}'?" if close else f"there are: {' '.join(names)}"
        return UsageError(f"{made.__name__} has no field '{unknown}'", hint=hint)
    return None if missing is None else UsageError(f"{made.__name__} needs '{missing}'", hint=how)
