"""A run's events as text, while it happens."""

from __future__ import annotations

import re
from collections.abc import Callable

from nubem_jupyter.core.event import (
    BudgetWarning,
    CascadeDecided,
    Event,
    MapProgress,
    MemberAnswered,
    NodeCached,
    NodeFailed,
    NodeRetried,
    NodeStarted,
    RunStarted,
    Tokens,
)
from nubem_jupyter.render.amount import nearly_spent, seconds
from nubem_jupyter.render.cached import at_hand

_ITEM = re.compile(r"\[(\d+)\]")
_ITEMS_TOLD = 64
"""Items of one map whose texts are written; a longer one says how far it has come."""

_SOON_S = 0.1
"""A wait that nobody need be told of."""


class EventText:
    """Writes events as they come; text of nodes that run at once is told apart by their names."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._models: dict[str, str] = {}
        self._speaking = ""
        self._at_start = True
        self.last = ""
        """The newest text of one node, as far as it was written without another's in between."""

    def take(self, event: Event) -> None:
        """Write what one event says, if it says something to a person; of a long map it is how far it has come."""
        if _is_far_inside(getattr(event, "node", "")):
            return
        match event:
            case RunStarted(resumed=resumed) if resumed:
                self._line(f"going on; {resumed:,} step{'' if resumed == 1 else 's'} finished before")
            case NodeStarted(node=node, model=model) if model is not None:
                self._models[node] = model
            case Tokens(node=node, text=text):
                self._speak(node, text)
            case MapProgress(node=node, done=done, total=total, failed=failed):
                self._line(f"{node}: {done:,} of {total:,}" + (f", {failed:,} failed" if failed else ""))
            # A failure that ends the run is told once, with its hint, when the run is over.
            case NodeFailed(node=node, error=error, optional=True):
                self._line(f"{node} failed: {error}")
            case BudgetWarning():
                self._line(nearly_spent(event))
            case _:
                self._befell(event)

    def _befell(self, event: Event) -> None:
        """Write what befell a step's calls."""
        match event:
            case NodeCached(node=node, saved_usd=saved_usd, similarity=similarity):
                self._line(f"{node}: {at_hand(similarity, saved_usd)}")
            case MemberAnswered(node=node, model=model, text=text, error=error):
                self._line(f"{node}: {model}: {text or error.rstrip('.')}")
            case CascadeDecided(node=node, model=model, verdict=verdict):
                self._models[node] = model
                self._line(f"{node}: {verdict}")
            case NodeRetried(node=node, error=error, wait_s=wait_s):
                soon = wait_s < _SOON_S
                self._line(f"{node}: {error.rstrip('.')}; trying again" + ("" if soon else f" in {seconds(wait_s)}"))
            case _:
                pass

    def end(self) -> None:
        """Finish the last line."""
        if not self._at_start:
            self._write("\n")
            self._at_start = True
        self._speaking = ""

    def _line(self, text: str) -> None:
        self.end()
        self._write(text + "\n")

    def _speak(self, node: str, text: str) -> None:
        if not text:
            return
        if node != self._speaking:
            model = self._models.get(node)
            self._line(f"── {node} ({model})" if model else f"── {node}")
            self._speaking = node
            self.last = ""
        self._write(text)
        self.last += text
        self._at_start = text.endswith("\n")


def _is_far_inside(path: str) -> bool:
    """Tell whether it is one of the many items of a long map."""
    return any(int(item) >= _ITEMS_TOLD for item in _ITEM.findall(path))
