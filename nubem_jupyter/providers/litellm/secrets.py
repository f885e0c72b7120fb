"""Taking keys out of texts that users will see."""

from __future__ import annotations

import re
from collections.abc import Mapping

_NAMED_SECRET = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL|JWT", re.IGNORECASE)
_LOOKS_SECRET = re.compile(r"(?:sk|pk|gsk|xai|hf|AIza)[-_][\w*-]{6,}|(?<=Bearer )[^\s'\"]+|(?<=key=)[^\s&'\"]+")
_SHORTEST = 6
"""Shorter values are words rather than keys; taking them out would only garble the text."""


def without_secrets(text: str, environ: Mapping[str, str]) -> str:
    """Replace every value of a variable that is named like a secret, and what looks like a key, by ``***``."""
    values = {value for name, value in environ.items() if _NAMED_SECRET.search(name) and len(value) >= _SHORTEST}
    for value in sorted(values, key=len, reverse=True):
        text = text.replace(value, "***")
    return _LOOKS_SECRET.sub("***", text)
