"""The provider for the models of a ``litellm-config.yaml``."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Hashable, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any, NamedTuple

from nubem_jupyter.core.call import Chunk, ModelCall
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import ModelInfo
from nubem_jupyter.errors import ModelUnavailableError, ProviderError
from nubem_jupyter.providers.config.document import Deployment, Document, read_document
from nubem_jupyter.providers.config.listing import Known, list_models
from nubem_jupyter.providers.config.mark import is_marked
from nubem_jupyter.providers.config.routing import Routing
from nubem_jupyter.providers.litellm.keys import load_key_ways
from nubem_jupyter.providers.litellm.prices import KeptTable, package_folder, read_table
from nubem_jupyter.providers.litellm.provider import import_library
from nubem_jupyter.providers.litellm.request import completion_arguments
from nubem_jupyter.providers.litellm.streaming import close_library, streamed


class _Looked(NamedTuple):
    """What one look at the file and at the variables has found."""

    state: Hashable = None
    document: Document = Document()
    models: tuple[ModelInfo, ...] = ()
    usable: tuple[Deployment, ...] = ()


def _look(state: Hashable, document: Document, known: Known) -> _Looked:
    if not known.trusted:  # who else is asked may be anybody, too
        document = document._replace(routing={})
    usable = tuple(one for told in document.deployments if not known.missing(told) and (one := known.tamed(told)))
    return _Looked(state, document, list_models(document, known), usable)


class ConfigProvider:
    """Calls what a user's ``litellm-config.yaml`` names: deployments, weights and fallbacks as LiteLLM does them.

    The file is read again when it has changed. Where it cannot be used, nothing of it is listed, and ``refresh`` says
    why.
    """

    def __init__(
        self,
        path: Path,
        environ: Mapping[str, str],
        *,
        trusted: bool,
        optional: bool = False,
        kept: KeptTable | None = None,
    ) -> None:
        """Name the file.

        Args:
            path: The file; it may come and go.
            environ: This process's environment, as of ``LiteLLMProvider``.
            trusted: Whether it is the user's own; what one that may be somebody else's may say is in ``foreign.py``.
            optional: Whether nothing is wrong where there is none.
            kept: Where LiteLLM's table that was read is kept.
        """
        self._kept = kept
        self._path = path
        self._environ = environ
        self._trusted = trusted
        self._optional = optional
        self._seen: Hashable = ""
        self._document = Document()
        self._trouble: ProviderError | None = None
        self._looked = _Looked()
        self._making = threading.Lock()
        self._router: tuple[_Looked, Any] | None = None
        self._refused: Mapping[int, str] = {}

    @property
    def name(self) -> str:
        """``config``."""
        return "config"

    def models(self) -> Sequence[ModelInfo]:
        """List the file's models; none where there is no file, or one that cannot be used."""
        document = self._read()
        variables = {name for deployment in document.deployments for name in deployment.variables}
        keys = load_key_ways(package_folder())
        given = frozenset(name for name in variables | keys.names if self._environ.get(name))
        state = (self._seen, given, frozenset(self._refused))
        if self._looked.state != state:
            self._looked = _look(state, document, self._known())
        return self._looked.models

    async def refresh(self) -> Sequence[ModelInfo]:
        """Look at the file, and return what ``models`` does.

        Raises:
            ModelUnavailableError: it cannot be used.
        """
        found = await asyncio.to_thread(self.models)
        if self._trouble is not None:
            raise self._trouble
        return found

    async def stream(self, call: ModelCall) -> AsyncIterator[Chunk]:
        """Call a deployment, or a model through LiteLLM's router, which then chooses the deployment.

        Raises:
            ModelUnavailableError: LiteLLM is not installed, the file does not have the model, or a key is refused.
            CallRejectedError: the provider refuses this call.
            CallFailedError: limits, time-outs and faults of the provider or of the line.
        """
        site = self._site(call.model)
        model = call.model if site is None else ModelId(f"config/{site.name}")
        info = self._ready(model)
        looked = self._looked
        router = await asyncio.to_thread(self._routed, looked)
        if self._refused:  # the router, and nobody before it, knows what it does not take
            info = self._ready(model)
        wanted = call.model.removeprefix("config/") if site is None else self._router_name(site, looked)
        arguments = completion_arguments(call, takes_schema="json_schema" in info.features) | {"model": wanted}
        hidden = {**self._environ, **looked.document.secrets}
        async with aclosing(streamed(lambda: router.acompletion(**arguments), call, hidden)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def aclose(self) -> None:
        """Close the connections that LiteLLM keeps, which are one set for the whole process."""
        router, self._router = self._router, None
        if router is not None:
            if router[1] is not None:  # it is None where LiteLLM took none of the file's deployments
                router[1].discard()
            await close_library(import_library())

    def _routed(self, looked: _Looked) -> Any:
        """Return the router of what was seen; of the same the same one, which knows who failed lately."""
        with self._making:
            if self._router is None or self._router[0] is not looked:
                self._router = looked, self._made(looked)
            return self._router[1]

    def _made(self, looked: _Looked) -> Any:
        hidden = {**self._environ, **looked.document.secrets}
        made = Routing(self._path, import_library(), looked.document.routing, hidden).made(looked.usable)
        if looked.document.deployments is self._document.deployments:
            self._refused = {**self._refused, **made.refused}
        return made.router

    def _site(self, model: ModelId) -> Deployment | None:
        """Return the deployment that is meant; None where a model is."""
        asked = model.removeprefix("config/")
        return next((one for one in self._read().deployments if one.site == asked), None)

    def _router_name(self, site: Deployment, looked: _Looked) -> str:
        """Return by which name the router knows a deployment: the model's own, where it has no other one of it.

        Raises:
            ModelUnavailableError: it cannot be called.
        """
        usable = {one.place for one in looked.usable if one.name == site.name} - set(self._refused)
        if site.place not in usable:
            raise ModelUnavailableError(f"config/{site.site} cannot be called", hint=self._known().missing(site))
        return site.router_id if len(usable) > 1 else site.name

    def _ready(self, model: ModelId) -> ModelInfo:
        """Return what is known of a model that can be called.

        Raises:
            ModelUnavailableError: it cannot.
        """
        info = next((info for info in self.models() if info.id == model), None)
        if info is None and self._trouble is not None:
            raise self._trouble
        if info is None or not info.available:
            hint = info.missing if info else f"see 'model_list' in {self._path}"
            raise ModelUnavailableError(f"{model} cannot be called", hint=hint)
        return info

    def _read(self) -> Document:
        """Return what the file says; read again only where it is another one."""
        try:
            state = self._path.stat()
            seen: Hashable = (state.st_mtime_ns, state.st_size)
        except OSError:
            seen = None
        if seen != self._seen:
            self._document, self._trouble, self._refused = Document(), None, {}
            try:
                self._document = self._document_now(is_there=seen is not None)
            except ProviderError as error:
                self._trouble = error
            self._seen = seen
        return self._document

    def _document_now(self, *, is_there: bool) -> Document:
        """Read the file. One in the workspace may come and go; one that the user has named is missed."""
        if not is_marked(self._path):
            return read_document(self._path) if is_there or not self._optional else Document()
        # It was written for a proxy, from the models that are listed without it.
        if self._optional:
            return Document()
        raise ModelUnavailableError(
            f"{self._path} lists nothing new: `nubem proxy config` has written it from the models listed here",
            hint="if you have changed it, take its first line away; else leave the setting 'litellm_config' out",
        )

    def _known(self) -> Known:
        package = package_folder()
        return Known(
            table={info.id: info for info in read_table(package, self._kept)} if package else {},
            keys=load_key_ways(package),
            environ=self._environ,
            trusted=self._trusted,
            refused=self._refused,
        )
