"""Reading the events that an OpenAI-shaped endpoint streams; no I/O of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import msgspec

from nubem_jupyter.core.call import FinishReason, Usage
from nubem_jupyter.providers.openai_usage import read_usage

_DONE = "[DONE]"


class Reading:
    """What has been read of one answer so far."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.usage = Usage()
        self.finish_reason: FinishReason | None = None
        self.done = False
        self.error: Any = None

    def take(self, event: str) -> str:
        """Take one event in; return its new text, mostly one token. An error in the stream is left in ``error``."""
        if event == _DONE:
            self.done = True
            return ""
        try:
            content = msgspec.json.decode(event)
        except msgspec.DecodeError:
            content = {"error": "it sent something that is not JSON"}
        self.error = content.get("error") if isinstance(content, dict) else "it sent something that is not an object"
        return "" if self.error else self._take_content(content)

    def _take_content(self, content: dict[str, Any]) -> str:
        if isinstance(usage := content.get("usage"), dict):
            self.usage = read_usage(usage)
        choices = content.get("choices")
        # The event that carries the usage has no choices.
        if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
            return ""
        if reason := choices[0].get("finish_reason"):
            self.finish_reason = _finish_reason(reason)
        delta = choices[0].get("delta")
        text = delta.get("content") if isinstance(delta, dict) else None
        if not isinstance(text, str):
            return ""
        self.texts.append(text)
        return text


def _finish_reason(reason: Any) -> FinishReason:
    match reason:
        case "stop" | "length":
            return reason  # type: ignore[no-any-return]
        case _:
            return "other"


async def server_sent_events(pieces: AsyncIterator[bytes]) -> AsyncIterator[str]:
    """Cut a stream of bytes into the texts of its events.

    Lines end at CR and LF alone: cutting at every Unicode line separator would break JSON strings that hold one.
    """
    texts: list[str] = []
    async for line in _lines(pieces):
        if line.startswith(b"data:"):
            texts.append(line[5:].removeprefix(b" ").decode("utf-8", "replace"))
        elif not line and texts:
            yield "\n".join(texts)
            texts = []
    if texts:
        yield "\n".join(texts)


async def _lines(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    rest = b""
    async for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            yield line.removesuffix(b"\r")
    if rest:
        yield rest
