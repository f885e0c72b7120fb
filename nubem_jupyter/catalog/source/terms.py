"""The terms on which a component is offered: what its file, or its docstring, tells beside its signature.

A file tells them in constants, which hold for all of its functions; a function tells its own in a ``Component:``
section of its docstring. Both have the same names: ``TTL_S = 60`` and ``ttl_s: 60``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from nubem_jupyter.catalog.source.faults import FaultError
from nubem_jupyter.core.capability import CAPABILITIES
from nubem_jupyter.core.component import PERMISSIONS
from nubem_jupyter.core.text import nearest

CONSTANTS: Mapping[str, str] = {
    "__version__": "version",
    "VENDOR": "vendor",
    "PERMISSIONS": "permissions",
    "CAPABILITY": "capability",
    "COST_USD": "cost_usd",
    "TTL_S": "ttl_s",
}
"""Name of a file's constant -> the term that it tells."""

_VENDOR = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
_OWN_CAPABILITY = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")


def is_vendor(name: str) -> bool:
    """Tell whether the name can stand before a function's: words in small letters, with dots between them."""
    return _VENDOR.fullmatch(name) is not None


def term(name: str, told: Any) -> Any:
    """Read one term, from a constant's value or from a docstring's words.

    Raises:
        FaultError: there is no such term, or it has a value that cannot be used.
    """
    reader = _READERS.get(name)
    if reader is None:
        close = nearest(name, _READERS)
        raise FaultError(
            f"tells '{name}', which is no term of a component",
            f"did you mean '{close}'?" if close else f"use: {' '.join(_READERS)}",
        )
    return reader(name, told)


def _version(_name: str, told: Any) -> str:
    if isinstance(told, str):
        return told.strip()
    raise FaultError(f"has the version {told!r}, which is not a text", f'write __version__ = "{told}"')


def _vendor(_name: str, told: Any) -> str:
    if is_vendor(str(told)):
        return str(told)
    raise FaultError(
        f"has the vendor {told!r}, which cannot stand in a component's name",
        "use small letters, digits and _, beginning with a letter",
    )


def _permissions(_name: str, told: Any) -> tuple[str, ...]:
    words = re.split(r"[\s,]+", told.strip()) if isinstance(told, str) else told
    if not isinstance(words, (list, tuple, set)) or not all(word in ("", "none", *PERMISSIONS) for word in words):
        raise FaultError(
            f"asks for the permissions {told!r}, of which not all are known", f"use: {' '.join(PERMISSIONS)}"
        )
    return tuple(word for word in PERMISSIONS if word in words)


def _capability(_name: str, told: Any) -> str:
    if isinstance(told, str) and (told in CAPABILITIES or _OWN_CAPABILITY.fullmatch(told)):
        return told
    close = nearest(str(told), CAPABILITIES)
    raise FaultError(
        f"has the unknown capability {told!r}",
        f"did you mean '{close}'?" if close else f"use one of: {' '.join(CAPABILITIES)}",
    )


def _amount(name: str, told: Any) -> float | None:
    """Read an amount; None, which a constant may be, says that nobody knows."""
    if told is None:
        return None
    try:
        amount = math.nan if isinstance(told, bool) else float(told)
    except (TypeError, ValueError, OverflowError):
        amount = math.nan
    if not 0 <= amount < math.inf:
        raise FaultError(f"has the {name} {told!r}, which is no amount", "give a number of 0 or more, or leave it out")
    return amount


_READERS: Mapping[str, Callable[[str, Any], Any]] = {
    "version": _version,
    "vendor": _vendor,
    "permissions": _permissions,
    "capability": _capability,
    "cost_usd": _amount,
    "ttl_s": _amount,
}
