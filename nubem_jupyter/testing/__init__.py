"""Public fakes of the ports; ``testing.conformance`` holds the suite that every adapter passes."""

from __future__ import annotations

from nubem_jupyter.testing.fake_embedder import FakeEmbedder
from nubem_jupyter.testing.fake_sandbox import FakeSandbox
from nubem_jupyter.testing.gather import Heard, gather
from nubem_jupyter.testing.memory_cache import CacheShelf, MemoryCache
from nubem_jupyter.testing.memory_store import MemoryRunStore, Shelf
from nubem_jupyter.testing.scripted_provider import Reply, Scripted, ScriptedProvider, scripted_model

__all__ = [
    "CacheShelf",
    "FakeEmbedder",
    "FakeSandbox",
    "Heard",
    "MemoryCache",
    "MemoryRunStore",
    "Reply",
    "Scripted",
    "ScriptedProvider",
    "Shelf",
    "gather",
    "scripted_model",
]
