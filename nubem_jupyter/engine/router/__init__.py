"""Which model does each step, and why: predict, refuse, rank, then keep the whole run within its limits."""

from nubem_jupyter.engine.router.routing import route

__all__ = ["route"]
