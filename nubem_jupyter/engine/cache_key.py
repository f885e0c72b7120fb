"""Under which key an answer is kept: a digest of everything that decides it, and of nothing else.

A key that says too much costs a call that was not needed; one that says too little gives a wrong answer. So a call
gets a key only where its answer may be repeated, each field is written out even where it has its default, and the
order of an object's fields counts inside a schema or an argument, since models and tools depend on it.

Keys are digests, so that prompts, and secrets in them, cannot be read in a cache's keys.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from operator import attrgetter
from typing import Any

import msgspec

from nubem_jupyter.core.call import ModelCall
from nubem_jupyter.core.constraint import SecurityLevel
from nubem_jupyter.core.digest import digest
from nubem_jupyter.core.frozen import freeze
from nubem_jupyter.errors import FlowError

KEY_VERSION = 1
"""Rises when what was kept may no longer be given, though the call is the same; older keys are then never found."""


_ENCODER = msgspec.json.Encoder()
_CALL_FIELDS = ModelCall.__struct_fields__
_values_of = attrgetter(*_CALL_FIELDS)
"""Every field's value, the default ones too, without a dict in between: this is done for each call."""
_beginnings: dict[tuple[str, int], bytes] = {}
"""What stands before a call's values, by security level and version; made when first needed."""


def model_key(call: ModelCall, level: SecurityLevel) -> str | None:
    """Return the key of a call, or None where its answer may not be repeated: it is drawn by chance, without a seed."""
    temperature = call.temperature
    if temperature and (call.seed is None or not math.isfinite(temperature)):
        return None
    try:
        values = _ENCODER.encode(_values_of(call))
    except UnicodeEncodeError:  # half of a surrogate pair, which no provider takes either
        return None
    beginning = _beginnings.get((level, KEY_VERSION)) or _begin(level)
    return hashlib.sha256(beginning + values).hexdigest()


def _begin(level: SecurityLevel) -> bytes:
    """Write what a key begins with; the fields' names too, so that a field that comes or goes changes every key."""
    beginning = _ENCODER.encode(("model", KEY_VERSION, level, _CALL_FIELDS))
    return _beginnings.setdefault((level, KEY_VERSION), beginning)


def tool_key(name: str, version: str, args: Mapping[str, Any], level: SecurityLevel) -> str | None:
    """Return the key of a tool's use, or None where its value may not be repeated.

    That is where an argument is not plain JSON, or where nobody knows which version would answer (``version`` is
    empty). The order in which arguments are given does not count.
    """
    if not version:
        return None
    try:
        named = sorted(freeze(args, "an argument").items())
        return digest(("tool", KEY_VERSION, level, (name, version, named)))
    except FlowError:  # as above; or not plain JSON
        return None
