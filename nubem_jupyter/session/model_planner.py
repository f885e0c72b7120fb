"""Drafting a flow by a model: constrained by a schema, checked, repaired at most twice."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

from nubem_jupyter.core.call import Answer, Message, ModelCall
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.model import STANDS_IN, ModelInfo, Site
from nubem_jupyter.core.value import ValueType
from nubem_jupyter.engine.budget import Ledger, most_usage
from nubem_jupyter.engine.planner.model_plan import PLAN_SCHEMA, plan_messages, read_plan, repair_messages
from nubem_jupyter.errors import CallFailedError, ModelUnavailableError, NubemError, PlanError
from nubem_jupyter.ports import Provider
from nubem_jupyter.session.call_notes import CallNotes
from nubem_jupyter.session.deployments import Neighbours
from nubem_jupyter.session.listening import listen
from nubem_jupyter.session.tab import Tab
from nubem_jupyter.session.turns import at_site

_REPAIRS = 2
"""How often a model may mend a plan that cannot be used."""
_CAPABILITY = "plan"
"""What the model is asked for, among what is learned of its calls."""
_PATIENCE_S = 5.0
"""How long a model's turn is waited for: the words of a request draft a flow at once."""
_PLAN_TOKENS = 1500
"""Ceiling of a model-made plan's length."""


class Among(NamedTuple):
    """Where a model can be asked that is at several places, or has limits that are said."""

    neighbours: Neighbours
    """What was learned lately of who answers how."""
    sites: tuple[Site, ...]
    """Those of its deployments that may be asked."""


class ModelPlanner:
    """Lets a model draft the flow: constrained by a schema, checked, repaired at most twice."""

    def __init__(
        self,
        provider: Provider,
        info: ModelInfo,
        ledger: Ledger,
        notes: CallNotes | None = None,
        among: Among | None = None,
    ) -> None:
        """Set up; ``among`` are the deployments to ask in turn, where it has several or limits are said."""
        self._provider = provider
        self._among = among
        self._info = info
        self._ledger = ledger
        self._notes = None if STANDS_IN in info.features else notes

    async def draft(self, request: str, inputs: Mapping[str, ValueType]) -> tuple[Flow | None, str]:
        """Return the flow, or None and why the deterministic draft has to do."""
        messages = plan_messages(request, inputs)
        reason = ""
        for _ in range(_REPAIRS + 1):
            try:
                text = await self._ask(messages)
            except NubemError as error:
                return None, f"{self._info.id} could not be asked for a plan: {error.message}"
            try:
                return read_plan(text, request, inputs), ""
            except PlanError as error:
                reason = error.message
                messages = repair_messages(messages, text, error)
        return None, f"{self._info.id} gave no plan that could be used: {reason}"

    async def _ask(self, messages: tuple[Message, ...]) -> str:
        if self._among is None:
            return (await self._heard(messages, self._info)).text
        clock = self._among.neighbours.clock
        trip = await self._among.neighbours.fleet(self._info.id).turn(self._among.sites, clock(), _PATIENCE_S)
        try:
            answer = await self._heard(messages, at_site(self._info, trip.site))
        except (CallFailedError, ModelUnavailableError) as error:
            trip.failed(error, trip.sent_s, clock())
            raise
        except BaseException:
            trip.given_up(clock())
            raise
        trip.answered(clock(), answer.usage)
        return answer.text

    async def _heard(self, messages: tuple[Message, ...], where: ModelInfo) -> Answer:
        """Make the call, to the model as it is where it is asked."""
        call = ModelCall(model=where.id, messages=messages, max_tokens=_PLAN_TOKENS, schema=PLAN_SCHEMA)
        ticket = self._ledger.reserve("the plan", where.price, most_usage(call))
        try:
            answer = await listen(self._provider, where, call, Tab(), partial(self._ledger.settle, ticket))
        except NubemError as error:
            if self._notes is not None:
                self._notes.failed(self._info.id, _CAPABILITY, error)
            raise
        if self._notes is not None:
            self._notes.answered(self._info.id, _CAPABILITY, answer)
        return answer
