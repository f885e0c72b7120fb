"""LiteLLM's own complexity rules, which need no network: each of their tiers gets the best model for it."""

from __future__ import annotations

import os
from collections.abc import Sequence


def tiers(prompts: Sequence[str]) -> tuple[str, ...]:
    """Return LiteLLM's tier of each prompt.

    Raises:
        ImportError: LiteLLM, or this part of it, is not installed.
    """
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    from litellm.router_strategy.complexity_router.complexity_router import ComplexityRouter

    router = ComplexityRouter(model_name="auto", litellm_router_instance=None)
    return tuple(str(router.classify(prompt)[0]) for prompt in prompts)
