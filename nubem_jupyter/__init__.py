"""LLM orchestration for notebooks: plan, route by measured evidence, run, show."""

from __future__ import annotations

__version__ = "0.1.0"
