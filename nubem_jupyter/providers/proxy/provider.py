"""The provider for a LiteLLM proxy."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any

from nubem_jupyter.core.call import Chunk, ModelCall
from nubem_jupyter.core.model import ModelInfo
from nubem_jupyter.errors import CallFailedError, CallRejectedError, ProviderError
from nubem_jupyter.providers.endpoint.listing import rows_of
from nubem_jupyter.providers.endpoint.shelf import UNKEPT, Keeping, Shelf
from nubem_jupyter.providers.endpoint.wire import Health, Wire
from nubem_jupyter.providers.proxy.budget import KeyBudget, parse_budget
from nubem_jupyter.providers.proxy.listing import parse_deployments

URL_VARIABLE = "LITELLM_PROXY_URL"
"""The variable with a proxy's address."""

KEY_VARIABLE = "LITELLM_MASTER_KEY"
"""The variable with the key for it, the master's or a virtual one."""

_BROKEN = 500


class ProxyProvider:
    """Calls the models of one LiteLLM proxy; they are known by ``proxy/`` and the proxy's name for them."""

    def __init__(
        self,
        url: str,
        *,
        environ: Mapping[str, str],
        key_variable: str = KEY_VARIABLE,
        listed: Iterable[ModelInfo] = (),
        keep: Keeping = UNKEPT,
    ) -> None:
        """Name the proxy.

        Args:
            url: Its address, with or without ``/v1``.
            environ: Where the key is looked up.
            key_variable: The variable with the key.
            listed: The models that it had when it was last asked, as a catalog kept them.
            keep: How that list was kept, and how each new one will be.
        """
        self.wire = Wire("the LiteLLM proxy", url, environ=environ, key_variable=key_variable)
        self._shelf = Shelf(listed, keep, lambda: self.wire.key_mark(keep.salt))

    @property
    def name(self) -> str:
        """``proxy``."""
        return "proxy"

    def models(self) -> Sequence[ModelInfo]:
        """List the models of the last ``refresh``, or those that a catalog kept."""
        return self._shelf.models(self.wire.missing)

    async def refresh(self) -> Sequence[ModelInfo]:
        """Ask for the models that the key may call, and return what ``models`` does.

        Raises:
            ProviderError: it could not be asked; its models are listed as not available until it can.
        """
        try:
            names = _names((await self.wire.fetch("/v1/models")).content)
            date = datetime.now(UTC).date().isoformat()
            self._shelf.put(parse_deployments(names, await self._deployments(), date=date))
        except ProviderError as error:
            self._shelf.fail(error.message, datetime.now(UTC))
            raise
        return self.models()

    async def health(self) -> Health:
        """Tell whether it is alive and ready, its database included; no model is called, and no key is needed."""
        alive = await self.wire.look("/health/liveliness", "", keyed=False)
        if not alive.ok:
            return alive
        ready = await self.wire.look("/health/readiness", "the LiteLLM proxy is alive and ready", keyed=False)
        if ready.ok:
            return ready
        return Health(
            ok=False,
            text=f"the LiteLLM proxy is alive but not ready: {ready.text}",
            mend="see its log; its database may be out of reach",
            took_s=alive.took_s + ready.took_s,
        )

    async def key_budget(self) -> KeyBudget | None:
        """Read what the key may still spend; None where the proxy keeps no keys, or it is the master's.

        Raises:
            ModelUnavailableError: the key is missing or refused.
            CallFailedError: the proxy cannot be reached.
        """
        try:
            return parse_budget((await self.wire.fetch("/key/info")).content)
        except CallRejectedError:
            return None
        except CallFailedError as error:
            if error.status == _BROKEN:  # what a proxy without a database says to this question
                return None
            raise

    async def stream(self, call: ModelCall) -> AsyncGenerator[Chunk, None]:
        """Call the model; one that was never listed is asked for all the same, since lists grow old.

        Where a deployment dies before its first word the proxy asks another by itself. After it, what came is lost: the
        error says that another try may help, which begins anew and not where this one ended.

        Raises:
            ModelUnavailableError: the key is missing, refused or has no budget left.
            CallRejectedError: the proxy refuses this very call, or does not know the model.
            CallFailedError: worth another try.
        """
        async with aclosing(self.wire.stream(call.model.removeprefix("proxy/"), call, {})) as chunks:
            async for chunk in chunks:
                yield chunk

    async def aclose(self) -> None:
        """Close the connections."""
        await self.wire.aclose()

    async def _deployments(self) -> Any:
        """Ask for prices and context, which a virtual key may be forbidden; the names alone are a list, too."""
        try:
            return (await self.wire.fetch("/model/info")).content
        except (CallRejectedError, CallFailedError):
            return None


def _names(content: Any) -> list[str]:
    rows = content.get("data") if isinstance(content, Mapping) else None
    if not isinstance(rows, list):
        raise CallFailedError("the LiteLLM proxy sent no list of models", hint="check its URL")
    names = [str(row["id"]) for row in rows_of(rows) if row.get("id")]
    # A name with a star stands for every model of a provider, and is none that can be called.
    return [name for name in dict.fromkeys(names) if "*" not in name]
