"""What every adapter of a port must do, as pytest classes to subclass.

    class TestMine(ProviderConformance):
        model = ModelId("mine/small")

        def make(self) -> Provider:
            return MyProvider()

Each suite's docstring names its hooks. Async tests need ``pytest-asyncio`` in auto mode (or a plug-in like it).
"""

from __future__ import annotations

import pytest

# Before the suites are imported, so that a failing assertion shows its values to plug-in authors too.
pytest.register_assert_rewrite(
    "nubem_jupyter.testing.conformance.cache",
    "nubem_jupyter.testing.conformance.catalog",
    "nubem_jupyter.testing.conformance.embedder",
    "nubem_jupyter.testing.conformance.provider",
    "nubem_jupyter.testing.conformance.sandbox",
    "nubem_jupyter.testing.conformance.scorer",
    "nubem_jupyter.testing.conformance.store",
)

from nubem_jupyter.testing.conformance.cache import CacheConformance  # noqa: E402
from nubem_jupyter.testing.conformance.catalog import CatalogSourceConformance, check_models  # noqa: E402
from nubem_jupyter.testing.conformance.embedder import EmbedderConformance  # noqa: E402
from nubem_jupyter.testing.conformance.provider import ProviderConformance  # noqa: E402
from nubem_jupyter.testing.conformance.sandbox import SandboxConformance  # noqa: E402
from nubem_jupyter.testing.conformance.scorer import ScorerConformance  # noqa: E402
from nubem_jupyter.testing.conformance.store import RunStoreConformance  # noqa: E402

__all__ = [
    "CacheConformance",
    "CatalogSourceConformance",
    "EmbedderConformance",
    "ProviderConformance",
    "RunStoreConformance",
    "SandboxConformance",
    "ScorerConformance",
    "check_models",
]
