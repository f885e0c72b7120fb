"""LiteLLM's router over a file's deployments: one that it refuses keeps nobody from calling the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from nubem_jupyter.core.redaction import without_secrets
from nubem_jupyter.core.text import shorten
from nubem_jupyter.errors import ModelUnavailableError
from nubem_jupyter.providers.config.document import Deployment, model_list

_LONGEST = 300
"""Characters of the library's words that are repeated."""


class Made(NamedTuple):
    """A router, and whom it does not have."""

    router: Any
    """LiteLLM's ``Router``; None where it takes nobody."""
    refused: Mapping[int, str]
    """A deployment's place in the file -> what to do about it."""


class Routing(NamedTuple):
    """How routers of one file are made."""

    path: Path
    """The file."""
    library: Any
    """LiteLLM."""
    more: Mapping[str, Any]
    """What routers are told beside their deployments."""
    hidden: Mapping[str, str]
    """What no message may show."""

    def made(self, deployments: Sequence[Deployment]) -> Made:
        """Make the router of all those that LiteLLM takes.

        Raises:
            ModelUnavailableError: each of them is taken, and together with what the file says of routing they are not.
        """
        try:
            return Made(self._router(deployments, **self.more), {})
        except Exception as error:  # noqa: BLE001  # LiteLLM raises whatever it finds wrong in the file
            words = self._words(error)
        refused = dict(self._refused(deployments))
        if not refused:
            raise ModelUnavailableError(f"{self.path} cannot be used: {words}", hint="mend the file")
        left = [one for one in deployments if one.place not in refused]
        return Made(self.made(left).router if left else None, refused)

    def _refused(self, deployments: Sequence[Deployment]) -> Iterator[tuple[int, str]]:
        for one in deployments:
            try:
                self._router([one]).discard()
            except Exception as error:  # noqa: BLE001  # as above
                yield one.place, f"mend entry {one.place} of 'model_list' in {self.path}: {self._words(error)}"

    def _router(self, deployments: Sequence[Deployment], **more: Any) -> Any:
        return self.library.Router(model_list=model_list(deployments), num_retries=0, **more)

    def _words(self, error: Exception) -> str:
        told = getattr(error, "errors", None)  # pydantic's own words repeat the value, which may be a key
        faults = told() if callable(told) else ()
        words = "; ".join(f"'{'.'.join(map(str, fault['loc']))}': {fault['msg']}" for fault in faults)
        return shorten(without_secrets(words or str(error), self.hidden), _LONGEST)
