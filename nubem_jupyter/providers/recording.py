"""Recording what a provider answers, for ``ReplayProvider``."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from typing import Any

import msgspec

from nubem_jupyter.core.call import Answer, Chunk, ModelCall
from nubem_jupyter.core.digest import canonical_json
from nubem_jupyter.core.model import ModelInfo
from nubem_jupyter.errors import FormatError
from nubem_jupyter.ports import Provider

_FORMAT = "nubem.answers"
_VERSION = 1


class RecordingProvider:
    """Passes calls on to another provider and keeps each whole answer under the call's digest."""

    def __init__(self, inner: Provider) -> None:
        self._inner = inner
        self._answers: dict[str, Answer] = {}

    @property
    def name(self) -> str:
        """The other provider's name."""
        return self._inner.name

    @property
    def answers(self) -> dict[str, Answer]:
        """What was answered so far, by call digest; a call made twice keeps its last answer."""
        return dict(self._answers)

    def models(self) -> Sequence[ModelInfo]:
        """List the other provider's models."""
        return self._inner.models()

    async def stream(self, call: ModelCall) -> AsyncIterator[Chunk]:
        """Answer as the other provider does; raises as it does."""
        # Closed by us and at once: an inner stream left to the garbage collector would go on generating.
        chunks: Any = self._inner.stream(call)
        async with aclosing(chunks):
            async for chunk in chunks:
                if isinstance(chunk, Answer):
                    self._answers[call.digest] = chunk
                yield chunk

    async def aclose(self) -> None:
        """Close the other provider."""
        await self._inner.aclose()


class _Recording(msgspec.Struct, frozen=True, kw_only=True):
    format: str
    version: int
    answers: dict[str, Answer]


class _Head(msgspec.Struct, frozen=True, kw_only=True):
    format: str
    version: int


def dump_answers(answers: Mapping[str, Answer]) -> str:
    """Write recorded answers as a versioned JSON document; equal answers give equal text."""
    return canonical_json(_Recording(format=_FORMAT, version=_VERSION, answers=dict(answers))).decode()


def load_answers(text: str | bytes) -> dict[str, Answer]:
    """Read recorded answers.

    Raises:
        FormatError: the text is damaged, of another kind or of a newer version.
    """
    try:
        head = msgspec.json.decode(text, type=_Head)
        if (head.format, head.version) != (_FORMAT, _VERSION):
            raise FormatError(
                f"this is '{head.format}' version {head.version}; this program reads '{_FORMAT}' version {_VERSION}",
                hint="update nubem-jupyter, or record again",
            )
        return msgspec.json.decode(text, type=_Recording).answers
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise FormatError(f"this recording is damaged: {error}", hint="record again") from error
