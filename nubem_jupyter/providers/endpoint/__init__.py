"""Any server that speaks the OpenAI shape: its models, its health, and calls over connections that are kept."""

from __future__ import annotations

from nubem_jupyter.providers.endpoint.provider import EndpointProvider, Terms
from nubem_jupyter.providers.endpoint.wire import Health, Wire

__all__ = ["EndpointProvider", "Health", "Terms", "Wire"]
