"""Putting the parts of a LiteLLM reply together."""

from __future__ import annotations

from typing import Any

from nubem_jupyter.core.call import FinishReason, Usage
from nubem_jupyter.providers.openai_usage import read_usage

_FINISHES: dict[str, FinishReason] = {"stop": "stop", "length": "length"}


class ReplyReader:
    """Takes the parts of one streamed reply in; holds what they add up to."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self.finish_reason: FinishReason = "other"
        self.usage = Usage()  # LiteLLM counts by itself where the provider does not tell

    @property
    def text(self) -> str:
        """All text so far."""
        return "".join(self._texts)

    def take(self, part: Any) -> str:
        """Take one part in and give its text, which may be empty."""
        usage = getattr(part, "usage", None)
        if usage is not None:
            self.usage = read_usage(usage)
        texts = [self._choice(choice) for choice in part.choices[:1]]
        return "".join(texts)

    def _choice(self, choice: Any) -> str:
        if choice.finish_reason:
            self.finish_reason = _FINISHES.get(choice.finish_reason, "other")
        text: str = choice.delta.content or ""
        if text:
            self._texts.append(text)
        return text
