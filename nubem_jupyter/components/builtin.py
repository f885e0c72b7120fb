"""Every component that comes with the product, bound to what it may use."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from nubem_jupyter.components.calculator import calculator_offers
from nubem_jupyter.components.files import file_offers
from nubem_jupyter.components.folders import Folders
from nubem_jupyter.components.offer import Offer
from nubem_jupyter.components.program import program_offers
from nubem_jupyter.components.retrieval.retrieve import retrieval_offers
from nubem_jupyter.components.tables import table_offers
from nubem_jupyter.components.web.fetch import fetch_offers
from nubem_jupyter.components.web.fetching import Fetcher
from nubem_jupyter.components.web.policy import NetworkPolicy
from nubem_jupyter.components.web.search import SearchProvider, search_offers
from nubem_jupyter.ports import Embedder, Sandbox


def builtin_components(
    *,
    folders: tuple[Path, ...],
    home: Path,
    sandbox: Sandbox,
    network: NetworkPolicy | None = None,
    search: SearchProvider | None = None,
    embedder: Embedder | None = None,
) -> Mapping[str, Offer]:
    """Return component name -> what is known of it, and its function; nothing is read, opened or asked yet.

    ``folders`` are those that may be read, ``home`` keeps indexes and pages, ``network`` (None: nothing) says which
    hosts may be reached, ``embedder`` (None: words alone) tells what passages mean. Whether a run grants the
    permissions that a component names is for the caller to ask.
    """
    granted = Folders(folders)
    offers = (
        *file_offers(granted),
        *table_offers(granted),
        *retrieval_offers(granted, home, embedder),
        *fetch_offers(Fetcher(network or NetworkPolicy()), home),
        *search_offers(search),
        *calculator_offers(),
        *program_offers(sandbox),
    )
    return MappingProxyType({known.name: (known, function) for known, function in offers})
