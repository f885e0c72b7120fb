"""Under which key an answer is kept: a digest of everything that decides it, and of nothing else.

A key that says too much costs a call that was not needed; one that says too little gives a wrong answer. So a call
gets a key only where its answer may be repeated, each field is written out even where it has its default, and the
order of an object's fields counts inside a schema or an argument, since models and tools depend on it.

Keys are digests, so that prompts, and secrets in them, cannot be read in a cache's keys.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import msgspec

from nubem_jupyter.core.call import ModelCall
from nubem_jupyter.core.constraint import SecurityLevel
from nubem_jupyter.core.digest import digest
from nubem_jupyter.core.frozen import freeze
from nubem_jupyter.errors import FlowError

KEY_VERSION = 1
"""Rises when what was kept may no longer be given, though the call is the same; older keys are then never found."""


def model_key(call: ModelCall, level: SecurityLevel) -> str | None:
    """Return the key of a call, or None where its answer may not be repeated: it is drawn by chance, without a seed."""
    by_chance = call.temperature != 0 and call.seed is None
    if by_chance or not math.isfinite(call.temperature):
        return None
    return _key("model", level, msgspec.structs.asdict(call))


def tool_key(name: str, version: str, args: Mapping[str, Any], level: SecurityLevel) -> str | None:
    """Return the key of a tool's use, or None where its value may not be repeated.

    That is where an argument is not plain JSON, or where nobody knows which version would answer (``version`` is
    empty). The order in which arguments are given does not count.
    """
    if not version:
        return None
    try:
        named = sorted(freeze(args, "an argument").items())
    except FlowError:
        return None
    return _key("tool", level, (name, version, named))


def _key(kind: str, level: SecurityLevel, content: Any) -> str | None:
    try:
        return digest((kind, KEY_VERSION, level, content))
    except FlowError:  # half of a surrogate pair, which no provider takes either
        return None
