"""Asking a model for one node: the prompt written out, the money set aside, the answer read."""

from __future__ import annotations

import math
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any

import msgspec

from nubem_jupyter.core.constraint import SecurityLevel
from nubem_jupyter.core.work import Prompt
from nubem_jupyter.engine.budget import Ledger
from nubem_jupyter.engine.cache_key import model_key
from nubem_jupyter.engine.command import Start
from nubem_jupyter.session.call_notes import RunNotes
from nubem_jupyter.session.deployments import Neighbours
from nubem_jupyter.session.job import Job
from nubem_jupyter.session.tab import Tab
from nubem_jupyter.session.turns import Turn, Turns
from nubem_jupyter.session.voice import Voice
from nubem_jupyter.session.wording import call_of

if TYPE_CHECKING:
    from nubem_jupyter.session.cascading import Cascading
    from nubem_jupyter.session.checking import Checker
    from nubem_jupyter.session.flights import Flights
    from nubem_jupyter.session.recall import Recall
    from nubem_jupyter.session.similar import Similar


class Asker(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the model calls of one run need."""

    turns: Turns
    """Who may be asked where."""
    neighbours: Neighbours
    """What was learned lately of who answers how."""
    ledger: Ledger
    """The run's money."""
    recall: Recall | None = None
    """Answers at hand; None asks for each anew."""
    flights: Flights | None = None
    """Equal calls under way, where answers at hand are used."""
    drawn: frozenset[str] = frozenset()
    """Places whose seed was drawn for this run: no other call will ever be equal, so their answers are not kept."""
    similar: Similar | None = None
    """Calls that are alike, for the nodes that take their answers too."""
    flow: str = ""
    """The flow's name, under which listings show its nodes."""
    level: SecurityLevel = SecurityLevel.LOW
    """The run's security level: an answer is given again only on the level that it was made on."""
    records: bool = False
    """Whether answers go on record, for replay."""
    notes: RunNotes | None = None
    """Where calls are taken down that the steps' records do not tell of."""
    wall_s: float = 0.0
    """What the neighbours' clock lacks to the time of day: no call needs to look at two clocks."""
    until_s: float = math.inf
    """When the run's time is up, by the neighbours' clock."""
    checker: Checker | None = None
    """Who checks answers; None where no step has them checked."""
    cascading: Cascading | None = None
    """What cascades need beside; None where the plan has none."""

    def ask(self, start: Start, prompt: Prompt, voice: Voice, tab: Tab, turn: Turn | None = None) -> Awaitable[Any]:
        """Return, once awaited, the value that the node's model gives; ``tab`` tells what it took, whatever happens.

        ``turn`` is who is asked where that is not who stands in turn: a member of a cascade.

        Raises:
            BudgetError: the call does not fit into what is left, or it cost more than its listed price allows.
            ProviderError: the call failed.
            NodeError: the answer is not what the node declares.
        """
        if turn is None:
            turn = self.turns[start.place][start.choice]
            if turn.members and self.cascading is not None:
                return self.cascading.ask(self, start, turn, prompt, voice, tab)
        call = call_of(prompt, turn.model, start.values)
        tab.model, tab.reason, tab.prompt = turn.model, turn.reason, call.messages[-1].content
        job = (_spread() if turn.sites else Job)(self, start, turn, call, prompt, voice, tab)
        recall, flights = self.recall, self.flights
        key = None if recall is None or start.place in self.drawn else model_key(call, self.level)
        return job.made() if recall is None or flights is None or key is None else job.recalled(recall, flights, key)


def _spread() -> type[Job]:
    from nubem_jupyter.session.spreading import SpreadJob  # most models are served at one place

    return SpreadJob
