"""What a ``litellm-config.yaml`` may say that may be somebody else's.

LiteLLM reads addresses out of many places: a model's name, a region, a fallback. So nothing is passed on that is not
known to be harmless: a model of LiteLLM's own table, at its provider's own address, with that provider's own key.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.providers.config.document import VARIABLE, Deployment

TOO_MUCH = (
    "it is not called: the file may be somebody else's, and says more of it than a model of LiteLLM's table and its "
    "provider's usual key; if the file is yours, name it in your own nubem.toml: litellm_config = PATH"
)
"""What to do about a deployment that says more."""

_NUMBERS = frozenset(
    (
        "weight",
        "order",
        "rpm",
        "tpm",
        "max_parallel_requests",
        "temperature",
        "max_tokens",
        "timeout",
        "stream_timeout",
        "drop_params",
    )
)
"""What may be said beside the model and its key, as numbers and switches: any text may name a variable."""


def tamed(deployment: Deployment, model: ModelId | None, variables: Collection[str]) -> Deployment | None:
    """Return a deployment as it is called, or None where it says more than it may.

    Args:
        deployment: What the file says.
        model: The model of LiteLLM's table that it means; None where there is none.
        variables: Those that its provider's keys stand in.
    """
    told = dict(deployment.parameters)
    named, key = told.pop("model"), told.pop("api_key", None)
    if model is None or not (key is None or _is_one_of(key, variables)):
        return None
    if not all(name in _NUMBERS and isinstance(value, int | float) for name, value in told.items()):
        return None
    # By its whole name: what a bare one means LiteLLM would find out for itself.
    given = {"model": str(model) if "/" not in str(named) else named, **({"api_key": key} if key else {})}
    return deployment._replace(parameters={**given, **told})


def _is_one_of(key: Any, variables: Collection[str]) -> bool:
    return isinstance(key, str) and key.startswith(VARIABLE) and key.removeprefix(VARIABLE) in variables
