"""The components that flows may use, of every origin; each is loaded when it is first used."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Collection, Mapping, Set
from functools import cached_property, partial
from typing import TYPE_CHECKING, NamedTuple, Protocol

import msgspec

from nubem_jupyter.catalog.difference import Difference
from nubem_jupyter.catalog.folders.scanner import LAST_GOOD
from nubem_jupyter.catalog.snapshot import Snapshot
from nubem_jupyter.core.component import PERMISSIONS, ComponentInfo, Trouble
from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.flow import Flow, Node
from nubem_jupyter.errors import UsageError
from nubem_jupyter.ports import Embedder, Sandbox
from nubem_jupyter.session.leave import (
    Foreseen,
    Known,
    Leave,
    foreseen,
    last_good,
    objection,
    of_own,
    refusal,
    unpriced,
)
from nubem_jupyter.session.loading import Loader
from nubem_jupyter.session.own_function import described
from nubem_jupyter.session.tool import ComponentFunction, Tool

if TYPE_CHECKING:
    from nubem_jupyter.components.mcp.server import Server
    from nubem_jupyter.components.mcp.servers import Servers
    from nubem_jupyter.components.offer import Offer
    from nubem_jupyter.engine.planner.looking_up import Retriever
    from nubem_jupyter.engine.planner.searching import Searcher
    from nubem_jupyter.session.settings import Settings

_HEX = 12
"""Digits of a digest that tell one source from another where people read them."""


class Catalog(Protocol):
    """Who lists the components of every origin."""

    def components(self) -> Snapshot:
        """Return what there was at the last look."""
        ...

    def components_now(self) -> Snapshot:
        """Look now, and return what there is."""
        ...

    def look_first(self) -> None:
        """Look where nobody has in any kernel, so that what the next look finds is a change."""
        ...

    def look(self) -> Difference:
        """Look now, and return what has changed since the last look."""
        ...

    @property
    def is_remembered(self) -> bool:
        """Whether the last look was an earlier kernel's."""
        ...


class Refreshed(NamedTuple):
    """What asking servers and looking anew has brought."""

    difference: Difference
    """What has changed since the last look."""
    components: tuple[ComponentInfo, ...]
    """Every component that is there now."""
    troubles: tuple[Trouble, ...]
    """What could not be read, and which servers were not asked or did not answer."""
    silent: bool
    """Whether there is such a server."""


class Toolbox:
    """What is offered, and what of it a run may use."""

    def __init__(
        self,
        settings: Settings,
        environ: Mapping[str, str],
        *,
        sandbox: Callable[[], Sandbox],
        catalog: Callable[[], Catalog],
        embedder: Callable[[], Embedder],
    ) -> None:
        """Wire one.

        Args:
            settings: What components may read and reach.
            environ: Where the search engine and its key are looked up.
            sandbox: Gives the place where code runs.
            catalog: Gives the catalog, which lists the components of ``own`` among all others.
            embedder: Gives what tells the meaning of texts.
        """
        self._settings = settings
        self._environ = environ
        self._sandbox = sandbox
        self._catalog = catalog
        self._embedder = embedder
        self.loader = Loader()
        self._added: dict[str, Tool] = {}

    def add(self, name: str, tool: Tool) -> None:
        """Offer a function of this program, which needs no leave, costs what ``tool`` says and comes before all others.

        Raises:
            UsageError: the name is not of the form ``vendor.name``, or the cost is below zero or no number.
        """
        if name.count(".") < 1 or not all(part.isidentifier() for part in name.split(".")):
            raise UsageError(f"'{name}' cannot name a component", hint="use the form vendor.name")
        if tool.cost_usd is not None and not 0 <= tool.cost_usd < math.inf:
            raise UsageError(
                f"a use of '{name}' cannot cost {tool.cost_usd} US dollars", hint="give 0 or more, or None for unknown"
            )
        self._added[name] = tool

    def own(self) -> Snapshot:
        """Return what comes with the product, and the tools that servers had when they were asked last."""
        listed = tuple(self._servers.listed()) if self._settings.mcp else ()
        builtin = (info for info, _ in self._builtin.values())
        return Snapshot(
            components=(*builtin, *(info for info in listed if isinstance(info, ComponentInfo))),
            troubles=tuple(trouble for trouble in listed if isinstance(trouble, Trouble)),
        )

    def snapshot(self) -> Snapshot:
        """Return every component, as of the last look, and what could not be read."""
        return self._with_added(self._catalog().components())

    def fresh(self) -> Snapshot:
        """Look now, and return every component and what could not be read."""
        return self._with_added(self._catalog().components_now())

    @property
    def is_remembered(self) -> bool:
        """Whether ``snapshot`` gives what an earlier kernel knew, since nobody has looked in this one yet."""
        return self._catalog().is_remembered

    def infos(self) -> Mapping[str, ComponentInfo]:
        """Return name -> component, of those of ``snapshot``."""
        return {info.name: info for info in self.snapshot().components}

    def _with_added(self, snapshot: Snapshot) -> Snapshot:
        own = map(self._described, self._added)
        others = (info for info in snapshot.components if info.name not in self._added)
        return Snapshot(components=(*own, *others), troubles=snapshot.troubles)

    def _described(self, name: str) -> ComponentInfo:
        tool = self._added[name]
        return described(
            name,
            tool.function,
            version=tool.version,
            ttl_s=tool.ttl_s,
            cost_usd=tool.cost_usd,
            output=tool.output,
        )

    def tools(self, uses: Mapping[str, Node], constraints: Constraints) -> Mapping[str, Tool]:
        """Return name -> tool, of those that a run uses (``uses``: place -> step), before anything runs.

        Raises:
            UsageError: one is not there, may not be used, or is not given what it takes.
            BudgetError: there is a budget, and nobody knows what a use of one costs.
            SandboxUnavailableError: one runs code, and the level of isolation is not there.
        """
        own, others = self._parted(uses)
        for place, name in own.items():
            if self._added[name].cost_usd is None and (error := unpriced(place, self._described(name), constraints)):
                raise error
        found = {name: self._added[name] for name in own.values()}
        return found | self._listed(others, constraints) if others else found

    def _parted(self, uses: Mapping[str, Node]) -> tuple[dict[str, str], dict[str, Node]]:
        """Tell the uses of the program's own functions, place -> name, from those of all other components."""
        own = {place: str(node.component) for place, node in uses.items() if node.component in self._added}
        return own, {place: node for place, node in uses.items() if place not in own}

    def _listed(self, uses: Mapping[str, Node], constraints: Constraints) -> dict[str, Tool]:
        wanted = {str(node.component) for node in uses.values()}
        known, leave = self._known_of(wanted), self._leave(constraints)
        for place, node in uses.items():
            if (refused := objection(place, node, known, leave)) is not None:
                raise refused
        return {name: self._tool(known.infos[name], last_good(name, known)) for name in wanted}

    def foresee(self, flow: Flow, constraints: Constraints) -> Foreseen:
        """Say what the uses in a flow cost, and what stands in the way of running it; nothing is refused yet."""
        own, uses = self._parted({place: node for place, node in flow.walk() if node.component})
        told = of_own({place: self._described(name) for place, name in own.items()}, constraints)
        if not uses:
            return told
        known = self._known_of({str(node.component) for node in uses.values()})
        others = foreseen(uses, known, self._leave(constraints))
        return Foreseen(
            uses_usd={**told.uses_usd, **others.uses_usd},
            warnings=tuple(dict.fromkeys((*told.warnings, *others.warnings))),
            unpriced={**told.unpriced, **others.unpriced},
        )

    def searcher(self, constraints: Constraints) -> Searcher | None:
        """Return what can search within these constraints, also where it still needs leave; None where nothing can."""
        from nubem_jupyter.engine.planner.searching import Searcher, find_searcher  # late: only plans need words

        # What lacks leave, or a known price, is planned with all the same: the plan says what to do about it.
        unlimited = msgspec.structs.replace(constraints, max_cost_usd=None)
        leave = self._leave(unlimited, allowed=PERMISSIONS)
        tools = (info for info in self.snapshot().components if refusal("", info, leave) is None)
        found = find_searcher(tools)
        if found is None:
            return None
        return Searcher(info=found, missing=self._leave(constraints).missing(found))

    def retriever(self, constraints: Constraints) -> Retriever | None:
        """Return what can look things up in files and rows, also where it still needs leave; None where nothing can."""
        from nubem_jupyter.engine.planner.looking_up import find_retriever  # late, as above

        unlimited = msgspec.structs.replace(constraints, max_cost_usd=None)
        leave = self._leave(unlimited, allowed=PERMISSIONS)
        found = find_retriever(info for info, _ in self._builtin.values() if refusal("", info, leave) is None)
        if found is None:
            return None
        missing = self._leave(constraints).missing(found.folder)
        return msgspec.structs.replace(found, missing=missing, words_alone=self._embedder().missing)

    async def refresh(self, allow: Collection[str] = ()) -> Refreshed:
        """Ask servers for their tools, look at everything else anew, and tell what has changed.

        A server is started, or reached, only where ``allow`` or the settings grant what that needs; one that is not
        asked is a trouble.
        """
        granted = (*allow, *self._settings.allow)

        def lacks(server: Server) -> str:
            return "" if server.needs in granted else f"add --allow {server.needs} if you trust it"

        answered = True
        if self._settings.mcp:
            await asyncio.to_thread(self._catalog().look_first)
            answered = await self._servers.refresh(lacks)
        found = await asyncio.to_thread(self._catalog().look)
        now = self.snapshot()
        return Refreshed(difference=found, components=now.components, troubles=now.troubles, silent=not answered)

    async def aclose(self) -> None:
        """End the connections to servers; may be called twice."""
        if "_servers" in self.__dict__:
            await self._servers.aclose()

    def _leave(self, constraints: Constraints, allowed: tuple[str, ...] | None = None) -> Leave:
        granted = self._settings.allow if allowed is None else allowed
        return Leave(constraints=constraints, allowed=granted, levels=self._sandbox().levels)

    def _known_of(self, wanted: Set[str]) -> Known:
        """Return what is known of all that is wanted, and perhaps of others; folders are looked at where need be."""
        builtin = {name: info for name, (info, _) in self._builtin.items()}
        if wanted <= builtin.keys():
            return Known(infos=builtin)
        infos = {info.name: info for info in self._catalog().components().components}
        if all(name in infos and self.loader.is_current(infos[name]) for name in wanted):
            return Known(infos=infos)
        # Saved a moment ago, and used at once: what watches the files may not have looked yet.
        fresh = self._catalog().components_now()
        infos = {info.name: info for info in fresh.components}
        wrong = {trouble.where: trouble for trouble in fresh.troubles if trouble.message.endswith(LAST_GOOD)}
        broken = {
            name: wrong[infos[name].origin.where]
            for name in wanted & infos.keys()
            if infos[name].origin.where in wrong and not self.loader.is_current(infos[name])
        }
        loaded = {name for name in broken if self.loader.has(infos[name])}
        return Known(
            infos=infos,
            names=self._added,
            troubles=fresh.troubles,
            lost={name: trouble for name, trouble in broken.items() if name not in loaded},
            last_good={name: broken[name] for name in loaded},
        )

    def _tool(self, info: ComponentInfo, warning: str) -> Tool:
        function: ComponentFunction | None = None
        if info.origin.kind == "builtin":
            function = self._builtin[info.name][1]
        elif info.origin.kind == "mcp":
            function = self._servers.function(info)
        return Tool(
            function=function,
            load=partial(self.loader.function, info),
            version=_version(info),
            ttl_s=info.ttl_s,
            cost_usd=info.cost_usd,
            output=info.output,
            warning=warning,
        )

    @cached_property
    def _servers(self) -> Servers:
        from nubem_jupyter.components.mcp.servers import Servers  # imported late: most sessions have no server

        servers = [self._server(name) for name in self._settings.mcp]
        return Servers(servers, self._settings.home, self._environ)

    def _server(self, name: str) -> Server:
        from nubem_jupyter.components.mcp.server import Server  # imported late, as above

        told = msgspec.structs.asdict(self._settings.mcp[name])
        foreign = told.pop("foreign")
        return Server(name=name, reach=self._settings.network if foreign and told["url"] else None, **told)

    @cached_property
    def _builtin(self) -> Mapping[str, Offer]:
        from nubem_jupyter.components.builtin import builtin_components  # imported late: many flows use none
        from nubem_jupyter.components.web.search import search_provider

        settings = self._settings
        return builtin_components(
            folders=settings.folders,
            home=settings.home,
            sandbox=self._sandbox(),
            network=settings.network,
            search=search_provider(self._environ),
            embedder=self._embedder(),
        )


def _version(info: ComponentInfo) -> str:
    """Return what tells one version from another, also where an author forgets to count."""
    if info.origin.kind == "builtin":
        return info.version
    digest = info.origin.digest[:_HEX]
    return f"{info.version}+{digest}" if info.version else digest
