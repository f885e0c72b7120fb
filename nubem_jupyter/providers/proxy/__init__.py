"""A LiteLLM proxy: its models, its health and its keys' budgets; and what it takes to run one."""

from __future__ import annotations

from nubem_jupyter.providers.proxy.budget import KeyBudget
from nubem_jupyter.providers.proxy.provider import ProxyProvider

__all__ = ["KeyBudget", "ProxyProvider"]
