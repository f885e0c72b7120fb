"""Which components a run may use: what is wrong is said before anything runs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import msgspec

from nubem_jupyter.catalog.folders.scanner import LAST_GOOD
from nubem_jupyter.core.component import ComponentInfo, Trouble
from nubem_jupyter.core.constraint import Constraints, SecurityLevel
from nubem_jupyter.core.flow import Node
from nubem_jupyter.core.text import nearest
from nubem_jupyter.core.work import Component
from nubem_jupyter.errors import BudgetError, NubemError, SandboxUnavailableError, UsageError
from nubem_jupyter.session.component_choice import troubles_about
from nubem_jupyter.session.settings import user_file

_NOTHING = "nothing was run"


class Leave(msgspec.Struct, frozen=True, kw_only=True):
    """What components may do in one run."""

    constraints: Constraints
    """What the run must stay within."""
    allowed: tuple[str, ...] = ()
    """Permissions that the settings grant always."""
    levels: Collection[SecurityLevel] = ()
    """Levels of isolation that the sandbox gives."""

    def missing(self, info: ComponentInfo) -> tuple[str, ...]:
        """Return the permissions that a component needs and that nobody grants."""
        return tuple(word for word in info.needs if word not in (*self.allowed, *self.constraints.allow))


def refusal(place: str, info: ComponentInfo, leave: Leave) -> NubemError | None:
    """Say why a step may not use this component; None where it may."""
    constraints, step = leave.constraints, f"step '{place}' uses '{info.name}'"
    if (leaks := _leaks(step, info, constraints)) is not None:
        return leaks
    if not info.available:
        return UsageError(f"{step}, which cannot be used now; {_NOTHING}", hint=info.missing)
    if missing := leave.missing(info):
        return UsageError(
            f"{step}, which needs leave for {' and '.join(missing)}; {_NOTHING}",
            hint=_granting(missing),
        )
    if (unknown := unpriced(place, info, constraints)) is not None:
        return unknown
    level = constraints.security_level
    if "code" in info.needs and info.origin.kind == "builtin" and level not in leave.levels:
        return SandboxUnavailableError(
            f"{step}, which runs code, and security level '{level}' has no sandbox on this machine; {_NOTHING}",
            hint="ask for a level that nubem doctor lists, or leave the step out",
        )
    return None


def unpriced(place: str, info: ComponentInfo, constraints: Constraints) -> BudgetError | None:
    """Say that nobody knows what a use costs, where there is a budget to keep; None where all is well."""
    if info.cost_usd is not None or constraints.max_cost_usd is None:
        return None
    return BudgetError(
        f"step '{place}' uses '{info.name}', and what a use of it costs is not known, so the budget cannot be kept; "
        f"{_NOTHING}",
        hint=_how_to_price(info),
    )


def _granting(missing: Sequence[str]) -> str:
    """Say how leave is given: in a cell or on a terminal, in Python, and for good."""
    python = ", ".join(f'"{word}"' for word in missing)
    return (
        f"add --allow {','.join(missing)}, in Python constraints=nj.Constraints(allow=[{python}]); for all runs write "
        f"allow = [{python}] under [nubem] in {user_file()}"
    )


def _leaks(step: str, info: ComponentInfo, constraints: Constraints) -> NubemError | None:
    level = constraints.security_level
    if info.origin.kind != "builtin" and level is not SecurityLevel.LOW:
        return UsageError(
            f"{step} of {info.origin.where}, which runs outside of the sandbox, and security level '{level}' refuses "
            f"that; {_NOTHING}",
            hint="ask for --security low if you trust it, or leave the step out",
        )
    if "network" in info.needs and constraints.keeps_data_local:
        return UsageError(
            f"{step}, which needs the network, and data has to stay on this machine; {_NOTHING}",
            hint="leave out --local and --security high, or leave the step out",
        )
    return None


def _how_to_price(info: ComponentInfo) -> str:
    without = "leave out --max-cost"
    if info.origin.kind == "builtin":
        return without
    if info.origin.kind == "program":
        return f"give cost_usd to add_component (0 if it costs nothing), or {without}"
    if info.origin.kind == "mcp":
        return f"say cost_usd in [nubem.mcp.{info.name.partition('.')[0]}] of nubem.toml, or {without}"
    return f"say COST_USD in {info.origin.where} (0 if it costs nothing), or {without}"


class Foreseen(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a flow's components before it runs."""

    uses_usd: Mapping[str, float | None] = {}
    """Place -> what a use costs there, in US dollars; None where that is not known."""
    warnings: tuple[str, ...] = ()
    """What stands in the way, and what is not known."""
    unpriced: Mapping[str, ComponentInfo] = {}
    """Place -> what is used there, of those of which nobody knows what a use costs."""

    def check_budget(self, constraints: Constraints) -> None:
        """Refuse a budget that a run would refuse.

        Raises:
            BudgetError: there is one, and nobody knows what a use of a component costs.
        """
        for place, info in self.unpriced.items():
            if (refused := unpriced(place, info, constraints)) is not None:
                raise refused


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the components that a flow uses."""

    infos: Mapping[str, ComponentInfo]
    """Name -> component; perhaps of others too."""
    names: Collection[str] = ()
    """Names that are known beside these."""
    troubles: tuple[Trouble, ...] = ()
    """What could not be read, where somebody has just looked."""
    lost: Mapping[str, Trouble] = {}
    """Name -> what is wrong with its file, of those whose good version is listed and nowhere at hand."""
    last_good: Mapping[str, Trouble] = {}
    """Name -> what is wrong with its file, of those that are used as they were loaded before."""


def objection(place: str, node: Node, known: Known, leave: Leave) -> NubemError | None:
    """Say why a step cannot use its component; None where it can."""
    name = str(node.component)
    info = known.infos.get(name)
    if info is None:
        return _unknown(place, name, known)
    try:
        check_inputs(place, node, info)
    except UsageError as error:
        return error
    if name in known.lost:
        trouble = known.lost[name]
        message = f"{trouble.where}: {trouble.message.removesuffix(LAST_GOOD)}"
        return UsageError(
            f"step '{place}' uses '{name}', which cannot be loaded: {message}; {_NOTHING}", hint=trouble.hint
        )
    return refusal(place, info, leave)


def last_good(name: str, known: Known) -> str:
    """Say that a component is used as it was before its file broke; empty where it has not."""
    trouble = known.last_good.get(name)
    return (
        f"'{name}' is used as it was loaded before. {trouble.where}: {trouble.message}; {trouble.hint}."
        if trouble
        else ""
    )


def foreseen(uses: Mapping[str, Node], known: Known, leave: Leave) -> Foreseen:
    """Gather what is known of the components at these places."""
    warnings = []
    costs: dict[str, float | None] = {}
    unknown: dict[str, ComponentInfo] = {}
    for place, node in uses.items():
        name = str(node.component)
        if (refused := objection(place, node, known, leave)) is not None:
            warnings.append(_foretold(refused))
        if told := last_good(name, known):
            warnings.append(told)
        if (info := known.infos.get(name)) is None:
            continue
        costs[place] = info.cost_usd
        if info.cost_usd is None:
            unknown[place] = info
            warnings.append(_not_known(info))
    return Foreseen(uses_usd=costs, warnings=tuple(dict.fromkeys(warnings)), unpriced=unknown)


def of_own(uses: Mapping[str, ComponentInfo], constraints: Constraints) -> Foreseen:
    """Gather what the functions of the program itself cost, which need no leave; place -> what is known of each."""
    unknown = {place: info for place, info in uses.items() if info.cost_usd is None}
    refused = [error for place, info in unknown.items() if (error := unpriced(place, info, constraints)) is not None]
    warnings = (*map(_foretold, refused), *map(_not_known, unknown.values()))
    costs = {place: info.cost_usd for place, info in uses.items() if info.cost_usd != 0}
    return Foreseen(uses_usd=costs, warnings=tuple(dict.fromkeys(warnings)), unpriced=unknown)


def _foretold(refused: NubemError) -> str:
    message = refused.message.removesuffix(f"; {_NOTHING}")
    hint = refused.hint if refused.hint.endswith("?") else f"{refused.hint}."
    return f"{message[:1].upper()}{message[1:]}: {hint}"


def _not_known(info: ComponentInfo) -> str:
    return f"What '{info.name}' costs a use is not known, and so not what the whole costs."


def check_inputs(place: str, node: Node, info: ComponentInfo) -> None:
    """Check that a step gives a component what it takes, and all that it needs.

    Raises:
        UsageError: it does not; names the step, the component and the input.
    """
    assert isinstance(node.work, Component)  # noqa: S101  # only such steps are asked about
    given = {*node.inputs, *node.work.args}
    known = {parameter.name: parameter for parameter in info.inputs}
    for name in sorted(given - set(known)):
        close = nearest(name, known)
        raise UsageError(
            f"step '{place}' gives '{info.name}' the input '{name}', which it does not take; {_NOTHING}",
            hint=f"did you mean '{close}'?" if close else f"it takes: {', '.join(known) or 'nothing'}",
        )
    for name, parameter in known.items():
        if parameter.required and name not in given:
            about = f", {parameter.description}" if parameter.description else ""
            raise UsageError(
                f"step '{place}' does not give '{info.name}' its input '{name}'; {_NOTHING}",
                hint=f"add '{name}' to the step's inputs or args{about}",
            )


def _unknown(place: str, name: str, known: Known) -> UsageError:
    """Say that there is no such component, and why where it was left out."""
    absent = f"there is no component '{name}' for step '{place}'"
    for trouble in troubles_about(known.troubles, [name]):
        return UsageError(f"{absent}: {trouble.where}: {trouble.message}; {_NOTHING}", hint=trouble.hint)
    close = nearest(name, (*known.infos, *known.names))
    hint = "nubem components lists those there are; session.add_component(name, function) offers one of your own"
    return UsageError(f"{absent}; {_NOTHING}", hint=f"did you mean '{close}'?" if close else hint)
