"""Reading a provider's stream to its end."""

from __future__ import annotations

import msgspec

from nubem_jupyter.core.call import Answer, Chunk, ModelCall, TextDelta
from nubem_jupyter.ports import Provider


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that one stream yielded."""

    chunks: tuple[Chunk, ...]
    """In the order in which they came."""

    @property
    def deltas(self) -> tuple[str, ...]:
        """The texts of the deltas."""
        return tuple(chunk.text for chunk in self.chunks if isinstance(chunk, TextDelta))

    @property
    def answer(self) -> Answer:
        """The one answer.

        Raises:
            ValueError: there is none, or more than one.
        """
        (answer,) = (chunk for chunk in self.chunks if isinstance(chunk, Answer))
        return answer


async def gather(provider: Provider, call: ModelCall) -> Heard:
    """Make a call and keep all that comes; raises as the provider's ``stream`` does."""
    return Heard(chunks=tuple([chunk async for chunk in provider.stream(call)]))
