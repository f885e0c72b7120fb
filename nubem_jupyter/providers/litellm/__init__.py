"""Everything that LiteLLM can call; the library is optional, and imported only when a call is made."""

from __future__ import annotations

from nubem_jupyter.providers.litellm.keys import KeyWays, load_key_ways
from nubem_jupyter.providers.litellm.prices import INSTALL_HINT, installed_version
from nubem_jupyter.providers.litellm.provider import LiteLLMProvider

__all__ = ["INSTALL_HINT", "KeyWays", "LiteLLMProvider", "installed_version", "load_key_ways"]
