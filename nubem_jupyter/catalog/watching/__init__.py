"""Keeping the catalog fresh: folders are watched in the background, and each burst of changes is told once."""

from nubem_jupyter.catalog.watching.burst import Timing
from nubem_jupyter.catalog.watching.watcher import Watcher

__all__ = ["Timing", "Watcher"]
