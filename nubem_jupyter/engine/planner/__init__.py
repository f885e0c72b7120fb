"""Requests in plain words become typed flows: by rules here, or from a model's plan in ``model_plan``."""

from __future__ import annotations

from nubem_jupyter.engine.planner.draft import Draft, draft_flow

__all__ = ["Draft", "draft_flow"]
