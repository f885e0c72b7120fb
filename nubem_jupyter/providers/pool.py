"""Several endpoints that serve the same models under one name: each model is one, with a deployment at each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing

import msgspec

from nubem_jupyter.core.call import Chunk, ModelCall
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import ModelInfo, Site
from nubem_jupyter.errors import ModelUnavailableError
from nubem_jupyter.providers.endpoint import EndpointProvider, Health
from nubem_jupyter.providers.proxy.listing import dearest


class PoolProvider:
    """Offers what its endpoints do; a model is known by ``pool/`` and what the servers call it.

    Who of them gets a call is its caller's to decide, by the id of a deployment, ``endpoint/model``; a call for a model
    by its own id goes to the first that can be called.
    """

    def __init__(self, name: str, members: Iterable[EndpointProvider]) -> None:
        self._name = name
        self.members = {member.name: member for member in members}
        """Name -> endpoint."""
        self._listed: tuple[tuple[Sequence[ModelInfo], ...], Sequence[ModelInfo]] = ((), ())

    @property
    def name(self) -> str:
        """The pool's name."""
        return self._name

    def models(self) -> Sequence[ModelInfo]:
        """List the models that any of the endpoints has, each with what holds wherever it is asked."""
        lists = tuple(member.models() for member in self.members.values())
        known = self._listed[0]
        # Asked for at each run's start: the same list until an endpoint has another one.
        if len(known) != len(lists) or any(new is not old for new, old in zip(lists, known, strict=True)):
            self._listed = lists, tuple(self._merged(lists))
        return self._listed[1]

    async def refresh(self) -> Sequence[ModelInfo]:
        """Ask every endpoint for its models, and return what ``models`` does.

        Raises:
            ProviderError: one could not be asked; what it alone has is listed as not available until it can.
        """
        asked = (member.refresh() for member in self.members.values())
        for told in await asyncio.gather(*asked, return_exceptions=True):
            if isinstance(told, BaseException):
                raise told
        return self.models()

    async def healths(self) -> dict[str, Health]:
        """Tell of each endpoint whether it answers; no model is called."""
        found = await asyncio.gather(*(member.health() for member in self.members.values()))
        return dict(zip(self.members, found, strict=True))

    async def stream(self, call: ModelCall) -> AsyncGenerator[Chunk, None]:
        """Call a deployment, or a model wherever it can be called.

        Raises:
            ProviderError: as ``EndpointProvider.stream``.
        """
        where = self._where(call.model)
        endpoint = self.members[where.partition("/")[0]]
        async with aclosing(endpoint.stream(msgspec.structs.replace(call, model=where))) as chunks:
            async for chunk in chunks:
                yield chunk

    async def aclose(self) -> None:
        """Close the connections of all."""
        for member in self.members.values():
            await member.aclose()

    def _where(self, model: ModelId) -> ModelId:
        if model.partition("/")[0] in self.members:
            return model
        info = next((info for info in self.models() if info.id == model), None)
        site = info and next((site for site in info.deployments if not site.missing), None)
        if site is None:
            raise ModelUnavailableError(
                f"no endpoint of '{self._name}' has {model} now",
                hint=info.missing if info else "see: nubem models --all",
            )
        return site.id

    def _merged(self, lists: Iterable[Sequence[ModelInfo]]) -> Iterable[ModelInfo]:
        found: dict[str, list[tuple[ModelInfo, Site]]] = {}
        for member, listed in zip(self.members.values(), lists, strict=True):
            for info in listed:
                found.setdefault(info.id.partition("/")[2], []).append((info, member.site(info)))
        return (self._model(model, served) for model, served in found.items())

    def _model(self, model: str, served: Sequence[tuple[ModelInfo, Site]]) -> ModelInfo:
        sites = tuple(site for _, site in served)
        contexts = [info.context_tokens for info, _ in served]
        known = [count for count in contexts if count is not None]
        return ModelInfo(
            id=ModelId(f"{self._name}/{model}"),
            provider=self._name,
            local=all(site.local for site in sites),
            available=any(not site.missing for site in sites),
            missing="" if any(not site.missing for site in sites) else sites[0].missing,
            context_tokens=min(known) if len(known) == len(contexts) else None,
            parameters=next((info.parameters for info, _ in served if info.parameters), None),
            features=tuple(sorted(set.intersection(*(set(info.features) for info, _ in served)))),
            regions=_all_regions(sites),
            price=dearest([site.price for site in sites]),
            deployments=sites,
        )


def _all_regions(sites: Sequence[Site]) -> tuple[str, ...]:
    """Return every region that calls may go to; nothing where one of the deployments does not say its own."""
    if not all(site.regions for site in sites):
        return ()
    return tuple(dict.fromkeys(region for site in sites for region in site.regions))
