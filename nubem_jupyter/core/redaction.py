"""Taking keys out of texts that users will see, and telling what cannot be one."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping

_NAMED_SECRET = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL|JWT", re.IGNORECASE)
_LOOKS_SECRET = re.compile(
    r"(?:sk|pk|gsk|xai|hf|AIza)[-_][\w*-]{6,}|(?<=Bearer )[^\s'\"]+|(?<=key=)[^\s&'\"]+"
    r"|(?<=input_value=).*?(?=, input_type=)"  # pydantic repeats what it was given, cut in the middle where it is long
)
_SHORTEST = 6
"""Shorter values are words rather than keys; taking them out would only garble the text."""


def without_secrets(text: str, environ: Mapping[str, str], named: Collection[str] = ()) -> str:
    """Replace what must not be shown by ``***``; of a text that is to be shortened, do it first.

    That is every value of a variable that is named like a secret, or in ``named``, and what looks like a key.
    """
    hidden = {name: value for name, value in environ.items() if name in named or _NAMED_SECRET.search(name)}
    forms = {form for value in hidden.values() for form in _forms(value) if len(form) >= _SHORTEST}
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, "***")
    return _LOOKS_SECRET.sub("***", text)


def fault_of_key(variable: str, key: str) -> str:
    """Say what to do about a key that no header can carry, without showing it; empty where one can."""
    if key.isascii() and key.isprintable() and " " not in key:
        return ""
    return f"set {variable} anew: it holds a line break, a space or a foreign letter, which no key has"


def _forms(value: str) -> Iterator[str]:
    """Yield how a value may stand in a message: whole, line by line, and as Python and JSON write it."""
    yield value
    yield from map(str.strip, value.splitlines())
    for written in (repr(value), ascii(value), json.dumps(value)):
        yield written[1:-1]
