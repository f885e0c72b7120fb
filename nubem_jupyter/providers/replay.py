"""Answers from a recording: for tests, demonstrations and runs that must not call anybody."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping, Sequence

import msgspec

from nubem_jupyter.core.call import Answer, Chunk, ModelCall, TextDelta
from nubem_jupyter.core.model import ModelInfo
from nubem_jupyter.errors import CallRejectedError

_PIECE = re.compile(r"\s*\S+|\s+")


class ReplayProvider:
    """Answers each call with what is recorded under its digest, piece by piece.

    ``models`` are those that were recorded; they are listed as this provider's own, with nothing missing. ``why`` is
    a phrase for why a call may not be among those recorded, where that is known.
    """

    def __init__(self, answers: Mapping[str, Answer], models: Sequence[ModelInfo] = (), *, why: str = "") -> None:
        self._answers = answers
        self._why = why
        self._models = tuple(
            msgspec.structs.replace(model, provider=self.name, available=True, missing="") for model in models
        )

    @property
    def name(self) -> str:
        """``replay``."""
        return "replay"

    def models(self) -> Sequence[ModelInfo]:
        """List the recorded models."""
        return self._models

    async def stream(self, call: ModelCall) -> AsyncIterator[Chunk]:
        """Repeat what was answered.

        Raises:
            CallRejectedError: no answer to exactly this call is recorded.
        """
        answer = self._answers.get(call.digest)
        if answer is None:
            raise CallRejectedError(
                f"no answer to this call of '{call.model}' is recorded"
                + (f": {self._why}" if self._why else f" ({call.digest[:12]})"),
                hint="record the flow again: model, messages, schema, seed and limits must be those of the recording",
            )
        for piece in _PIECE.findall(answer.text):
            await asyncio.sleep(0)  # lets other calls run in between, as they would with a real model
            yield TextDelta(text=piece)
        yield answer

    async def aclose(self) -> None:
        """Do nothing: there is nothing to let go of."""
