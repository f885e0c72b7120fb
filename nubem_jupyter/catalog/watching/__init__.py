"""Keeping the catalog fresh: folders are watched and lists asked for in the background, and each burst is told once."""

from nubem_jupyter.catalog.watching.burst import Timing
from nubem_jupyter.catalog.watching.polling import Poller, PollTiming
from nubem_jupyter.catalog.watching.watcher import Watcher

__all__ = ["PollTiming", "Poller", "Timing", "Watcher"]
