"""The models of a ``litellm-config.yaml``, called through LiteLLM's own router."""

from __future__ import annotations

from nubem_jupyter.providers.config.provider import ConfigProvider

__all__ = ["ConfigProvider"]
