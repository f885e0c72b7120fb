"""Flows made smaller without changing what they mean."""

from __future__ import annotations

from nubem_jupyter.engine.optimizer.rewriting import optimize

__all__ = ["optimize"]
