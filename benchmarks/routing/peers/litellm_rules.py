"""LiteLLM's own classifiers, as far as they need no network: each of their groups gets the best model for it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence

Groups = Callable[[Sequence[str]], tuple[str, ...]]
"""Names the group of each prompt.

Raises:
    ImportError: LiteLLM, or this part of it, is not installed.
"""


def tiers(prompts: Sequence[str]) -> tuple[str, ...]:
    """Return the tier of LiteLLM's complexity rules."""
    _stay_local()
    from litellm.router_strategy.complexity_router.complexity_router import ComplexityRouter

    router = ComplexityRouter(model_name="auto", litellm_router_instance=None)
    return tuple(str(router.classify(prompt)[0]) for prompt in prompts)


def request_types(prompts: Sequence[str]) -> tuple[str, ...]:
    """Return the kind of request by which LiteLLM's adaptive router tells prompts apart."""
    _stay_local()
    from litellm.router_strategy.adaptive_router.classifier import classify_prompt

    return tuple(classify_prompt(prompt).value for prompt in prompts)


def trained_tiers(prompts: Sequence[str]) -> tuple[str, ...]:
    """Return the tier that the statistics which come with LiteLLM say is needed."""
    _stay_local()
    from litellm.router_strategy.adaptive_router.classifier import classify_prompt
    from litellm.router_strategy.complexity_router.tier_predictor import TierSuccessPredictor, resolve_tier_artifact

    predictor = TierSuccessPredictor(resolve_tier_artifact("ultrafeedback"))
    return tuple(str(predictor.predict(prompt, classify_prompt(prompt)).required_tier) for prompt in prompts)


CLASSIFIERS: Mapping[str, Groups] = {
    "litellm rules": tiers,
    "litellm types": request_types,
    "litellm trained": trained_tiers,
}


def _stay_local() -> None:
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
