"""A provider in whose answers everything goes wrong that can, and a ledger that never looks away."""

from __future__ import annotations

import asyncio
import itertools

from nubem_jupyter.core.call import Answer, TextDelta, Usage
from nubem_jupyter.engine.budget import Ledger
from nubem_jupyter.errors import CallFailedError, CallRejectedError
from nubem_jupyter.testing import scripted_model

PRICE = 0.001
"""US dollars a token."""
MODELS = tuple(scripted_model(f"moody/{name}", usd_per_token=PRICE, local=False) for name in ("first", "second"))
MOODS = ("ok", "slow", "odd", "busy", "down", "breaks", "rejects", "stalls", "defect")


class MoodyProvider:
    """Answers each call in the mood that is next; bills what it was asked and said, by its own count."""

    name = "moody"

    def __init__(self, moods):
        self._moods = itertools.cycle(moods)
        self.billed_usd = 0.0
        self.running = 0
        self.most_at_once = 0
        self.calls = []

    def models(self):
        return MODELS

    async def aclose(self):
        pass

    async def stream(self, call):
        self.calls.append(call)
        self.running += 1
        self.most_at_once = max(self.most_at_once, self.running)
        try:
            async for chunk in self._answer(call, next(self._moods)):
                yield chunk
        finally:
            self.running -= 1

    async def _answer(self, call, mood):
        asked = call.messages[-1].content
        await asyncio.sleep({"slow": 0.002, "stalls": 0.03}.get(mood, 0))
        if mood in ERRORS:
            raise ERRORS[mood]
        words = ["odd"] if mood == "odd" else ["7", "ok", *asked.split()][: call.max_tokens]
        self.billed_usd += PRICE * len(asked.split())
        for word in words:
            self.billed_usd += PRICE
            yield TextDelta(text=word + " ")
            await asyncio.sleep(0)
        if mood == "breaks":
            raise CallFailedError("the line broke")
        yield Answer(
            text=" ".join(words), usage=Usage(input_tokens=len(asked.split()), output_tokens=len(words)), total_s=0.001
        )


ERRORS = {
    "busy": CallFailedError("busy", status=429, retry_after_s=0.002),
    "down": CallFailedError("down", status=500),
    "rejects": CallRejectedError("not this one"),
    "defect": ZeroDivisionError("a defect"),
}


class WatchedLedger(Ledger):
    """Notes the most that was ever spent and set aside together, and by how much a call passed what it was given."""

    def __init__(self, limit_usd=None):
        super().__init__(limit_usd)
        self.most_usd = 0.0
        self.beyond_usd = 0.0

    def reserve(self, name, price, most, told=None):
        ticket = super().reserve(name, price, most, told)
        self._note()
        return ticket

    def settle(self, ticket, actual_usd):
        self.beyond_usd = max(self.beyond_usd, actual_usd - self._reserved.get(ticket, 0.0))
        super().settle(ticket, actual_usd)
        self._note()

    def _note(self):
        self.most_usd = max(self.most_usd, self.committed_usd)
