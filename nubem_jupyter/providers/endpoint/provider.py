"""The provider for any endpoint that speaks the OpenAI shape."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, datetime

import msgspec

from nubem_jupyter.core.call import Chunk, ModelCall
from nubem_jupyter.core.model import ModelInfo, Price, Site
from nubem_jupyter.errors import ModelUnavailableError, ProviderError
from nubem_jupyter.providers.endpoint.listing import parse_models
from nubem_jupyter.providers.endpoint.shelf import UNKEPT, Keeping, Shelf
from nubem_jupyter.providers.endpoint.wire import Health, Wire

_MODELS = "/v1/models"
SAID = "listed: nubem.toml"
"""Source of a price that the server does not tell, and its user does."""


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """How many calls a server is to get."""

    weight: float = 1.0
    """Its share of the calls, beside the weights of others that serve the same model."""
    calls_per_min: float | None = None
    """Calls that each of its models may be sent in any minute; None where no limit is said."""
    tokens_per_min: float | None = None
    """Tokens that these may use, given and generated; None where no limit is said."""

    @property
    def limit(self) -> bool:
        """Whether they limit anything."""
        return self.calls_per_min is not None or self.tokens_per_min is not None


class EndpointProvider:
    """Calls the models of one server; they are known by ``name/`` and what the server calls them."""

    def __init__(  # noqa: PLR0913  # each says one thing of the server, by its name
        self,
        name: str,
        url: str,
        *,
        environ: Mapping[str, str],
        key_variable: str = "",
        local: bool = False,
        region: str = "",
        barred: str = "",
        price: Price | None = None,
        terms: Terms = Terms(),  # noqa: B008  # a frozen value
        listed: Iterable[ModelInfo] = (),
        keep: Keeping = UNKEPT,
    ) -> None:
        """Name the server.

        Args:
            name: The first part of its models' ids.
            url: Its address, with or without ``/v1``.
            environ: Where the key is looked up.
            key_variable: The variable with the key; empty where none is needed.
            local: Whether data stays on this machine. An address on this machine alone does not say so: what listens
                there may pass everything on.
            region: Where it runs; empty where nobody can tell.
            barred: What to do before it may be asked anything, where it may be somebody else's; empty where it may.
            price: What those of its models cost whose price it does not tell; its figures have the source ``SAID``.
            terms: How many calls it is to get.
            listed: The models that it had when it was last asked, as a catalog kept them.
            keep: How that list was kept, and how each new one will be.
        """
        self._name = name
        self._local = local
        self._regions = (region,) if region else ()
        self._barred = barred
        self._price = price
        self._terms = terms
        self.wire = Wire(f"the endpoint '{name}'", url, environ=environ, key_variable=key_variable)
        # What was kept may be of a time when this was said otherwise.
        kept = (msgspec.structs.replace(info, local=local) for info in listed)
        self._shelf = Shelf(map(self._completed, kept), keep, lambda: self.wire.key_mark(keep.salt))

    @property
    def name(self) -> str:
        """The name given."""
        return self._name

    def site(self, info: ModelInfo) -> Site:
        """Return one of its models as a deployment."""
        return Site(
            id=info.id,
            weight=self._terms.weight,
            calls_per_min=self._terms.calls_per_min,
            tokens_per_min=self._terms.tokens_per_min,
            local=info.local,
            regions=info.regions,
            missing=info.missing,
            price=info.price,
        )

    def models(self) -> Sequence[ModelInfo]:
        """List the models of the last ``refresh``, or those that a catalog kept."""
        return self._shelf.models(self._barred or self.wire.missing)

    async def refresh(self) -> Sequence[ModelInfo]:
        """Ask the server for its models, and return what ``models`` does.

        Raises:
            ProviderError: it could not be asked; its models are listed as not available until it can.
        """
        self._refuse_barred()
        try:
            fetched = await self.wire.fetch(_MODELS, tag=self._shelf.tag)
            if fetched.changed:
                date = datetime.now(UTC).date().isoformat()
                listed = parse_models(self._name, self.wire.title, fetched.content, local=self._local, date=date)
                self._shelf.put(map(self._completed, listed), fetched.tag)
            else:
                self._shelf.answers()
        except ProviderError as error:
            self._shelf.fail(error.message, datetime.now(UTC))
            raise
        return self.models()

    def _completed(self, info: ModelInfo) -> ModelInfo:
        """Add what its user says of the server."""
        told = info.price is not None and info.price.input_usd.source != SAID
        price = info.price if told else self._price
        known = msgspec.structs.replace(info, regions=self._regions, price=price, missing="", deployments=())
        sites = (self.site(known),) if self._terms.limit else ()
        return msgspec.structs.replace(known, missing=info.missing, deployments=sites)

    async def health(self) -> Health:
        """Tell whether the server answers; no model is called."""
        if self._barred:
            return Health(ok=False, text=self._not_asked, mend=self._barred)
        return await self.wire.look(_MODELS, f"{self.wire.title} answers")

    async def stream(self, call: ModelCall) -> AsyncGenerator[Chunk, None]:
        """Call the model; one that was never listed is asked for all the same, since lists grow old.

        Raises:
            ModelUnavailableError: the key is missing or refused, or the server may not be asked.
            CallRejectedError: the server refuses this very call, or does not know the model.
            CallFailedError: worth another try; text that came before is no part of another answer.
        """
        self._refuse_barred()
        model = call.model.removeprefix(f"{self._name}/")
        async with aclosing(self.wire.stream(model, call, {})) as chunks:
            async for chunk in chunks:
                yield chunk

    async def aclose(self) -> None:
        """Close the connections."""
        await self.wire.aclose()

    @property
    def _not_asked(self) -> str:
        return f"{self.wire.title} is not asked: only this workspace's own file names it, and may be somebody else's"

    def _refuse_barred(self) -> None:
        if self._barred:
            raise ModelUnavailableError(self._not_asked, hint=self._barred)
