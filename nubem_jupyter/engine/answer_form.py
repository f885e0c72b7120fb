"""Answers in the form in which they are compared: what means the same is equal, and prose has no such form."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from nubem_jupyter.core.digest import SHORT_DIGITS, canonical_json
from nubem_jupyter.core.value import ValueType
from nubem_jupyter.core.work import Prompt

_COMPARED = frozenset(
    {ValueType.LABEL, ValueType.NUMBER, ValueType.BOOLEAN, ValueType.JSON, ValueType.LIST, ValueType.TABLE}
)
_VERDICTS = frozenset({"classify", "judge", "vote", "compare"})
"""Capabilities whose answers are a word or two even where they are declared as text."""
_LABEL_TOKENS = 64
"""A text of no more is taken for a label too."""
_LABEL_CHARS = 120
"""A text that is longer, or has several lines, says too much for another one to be equal by more than chance."""
CHECKED = "checked"
"""The kind of answers that cannot be compared but have a check: those that pass agree."""
_PAIRS = "\"'`*_"
"""What stands around a label on both sides and is no part of it."""
_BEFORE = re.compile(r"""^(?:[ "'`]|[.,;:!*_](?![^\W_]))+""")
"""What stands before a label and is no part of it. A sign at a word or number is: .5, .NET, !x, *args."""
_AFTER = re.compile(r"""(?:[ .,;:`]|(?<!\d)["'!]|(?<![^\W_])[*_])+$""")
"""The same after it: 5!, 5", C* and x_ are not 5, C and x."""


def kind_of(prompt: Prompt, capability: str) -> str | None:
    """Return the kind of answer that a step asks for, where answers can be compared or checked; else None."""
    if prompt.output in _COMPARED:
        return str(prompt.output)
    if prompt.schema is not None:
        return str(ValueType.JSON)
    is_label = prompt.output is ValueType.TEXT and (capability in _VERDICTS or prompt.max_tokens <= _LABEL_TOKENS)
    if is_label:
        return str(ValueType.LABEL)
    return CHECKED if prompt.check else None


def form_in(prompt: Prompt, capability: str, value: Any) -> str | None:
    """Return the form in which answers to this step are compared; see ``form_of``."""
    return CHECKED if kind_of(prompt, capability) == CHECKED else form_of(value)


def form_of(value: Any) -> str | None:
    """Return the same text for values that mean the same; None for none, and for prose.

    Case, spaces and outer marks of a label do not count, nor does the order of an object's fields, nor whether a whole
    number has a point.
    """
    if value is None:
        return None
    if isinstance(value, str):
        text = value.strip()
        label = "" if "\n" in text or len(text) > 2 * _LABEL_CHARS else _bare(" ".join(text.split())).casefold()
        return label if 0 < len(label) <= _LABEL_CHARS else None
    return canonical_json(_plain(value)).decode()


def digest_of(form: str) -> str:
    """Return what stands for an answer's form where the answer is not kept: equal for equal answers to any query."""
    return hashlib.sha256(form.encode(errors="surrogatepass")).hexdigest()[:SHORT_DIGITS]


def _bare(label: str) -> str:
    before = ""
    while label != before:
        before = label
        if len(label) > 1 and label[0] == label[-1] and label[0] in _PAIRS:
            label = label[1:-1]
        label = _AFTER.sub("", _BEFORE.sub("", label))
    return label


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return " ".join(value.split())
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, list | tuple) else value
