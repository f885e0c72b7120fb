"""Whether the servers of models are well, and what may still be spent at them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Protocol, runtime_checkable

from nubem_jupyter.core.component import Trouble
from nubem_jupyter.errors import ProviderError
from nubem_jupyter.ports import Provider
from nubem_jupyter.providers.endpoint import Health
from nubem_jupyter.providers.proxy.budget import KeyBudget
from nubem_jupyter.render.amount import dollars, seconds
from nubem_jupyter.session.doctor import Finding
from nubem_jupyter.session.fleet import SiteState

_AREA = "servers"


@runtime_checkable
class _Served(Protocol):
    async def health(self) -> Health: ...


@runtime_checkable
class _Pooled(Protocol):
    async def healths(self) -> Mapping[str, Health]: ...


@runtime_checkable
class _Budgeted(Protocol):
    async def key_budget(self) -> KeyBudget | None: ...


async def health(providers: Mapping[str, Provider], troubles: Iterable[Trouble] = ()) -> tuple[Finding, ...]:
    """Ask every server at once; one that is down, or whose key is refused, is a finding and no error.

    ``troubles`` are those of their lists: they are told of who answers all the same, or cannot be asked otherwise.
    """
    found = await asyncio.gather(*(_of(name, provider) for name, provider in providers.items()))
    told = [finding for some in found for finding in some]
    bad = {finding.text.partition(":")[0] for finding in told if finding.ok is False}
    lists = [_of_trouble(trouble) for trouble in troubles if trouble.where not in bad]
    return (*told, *lists)


def of_sites(states: Iterable[SiteState]) -> tuple[Finding, ...]:
    """Tell how the deployments are doing that calls of this session were spread over."""
    return tuple(map(_of_site, states))


def _of_site(state: SiteState) -> Finding:
    calls = f"{state.sent:,} call{'s' if state.sent > 1 else ''}"
    text = f"{state.model} at {state.site}: {calls} sent"
    if state.rests:
        return Finding(
            area=_AREA, ok=False, text=f"{text}; it failed too often lately", mend="calls go elsewhere until it is back"
        )
    if state.wait_s:
        return Finding(area=_AREA, ok=None, text=f"{text}; its limits let the next go in {seconds(state.wait_s)}")
    return Finding(area=_AREA, ok=True, text=text)


def _of_trouble(trouble: Trouble) -> Finding:
    return Finding(area=_AREA, ok=False, text=f"{trouble.where}: {trouble.message}", mend=trouble.hint)


async def _of(name: str, provider: Provider) -> list[Finding]:
    if isinstance(provider, _Pooled):
        return [_of_health(f"{name}, {member}", state) for member, state in (await provider.healths()).items()]
    if not isinstance(provider, _Served):
        return []
    state = await provider.health()
    found = [_of_health(name, state)]
    if state.ok and isinstance(provider, _Budgeted):
        try:
            budget = await provider.key_budget()
        except ProviderError as error:
            return [*found, Finding(area=_AREA, ok=False, text=f"{name}: {error.message}", mend=error.hint)]
        if budget is not None:
            found.append(_of_budget(name, budget))
    return found


def _of_health(name: str, state: Health) -> Finding:
    took = f" ({seconds(state.took_s)})" if state.ok else ""
    return Finding(area=_AREA, ok=state.ok, text=f"{name}: {state.text}{took}", mend=state.mend)


def _of_budget(name: str, budget: KeyBudget) -> Finding:
    """Say what the key may still spend."""
    whose = f"the key '{budget.alias}'" if budget.alias else "the key"
    if budget.blocked:
        return Finding(area=_AREA, ok=False, text=f"{name}: {whose} is blocked", mend="ask the proxy's owner")
    spent = f"what {whose} has spent is not known"
    if budget.spent_usd is not None:
        spent = f"{whose} has spent {dollars(budget.spent_usd) if budget.spent_usd else 'nothing'}"
    limit = "" if budget.max_usd is None else f", and its limit is {dollars(budget.max_usd)}"
    resets = f"; it counts from 0 again on {budget.resets[:10]}" if budget.resets else ""
    ends = f"; the key ends on {budget.expires[:10]}" if budget.expires else ""
    text = f"{name}: {spent}{limit}{resets}{ends}"
    if budget.left_usd == 0:
        return Finding(area=_AREA, ok=False, text=text, mend="wait for the reset, or have the key's budget raised")
    return Finding(area=_AREA, ok=None if budget.max_usd is None else True, text=text)
