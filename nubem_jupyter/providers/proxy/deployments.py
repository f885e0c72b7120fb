"""How a LiteLLM proxy reaches each model that is known here: the address, and the names of variables with keys."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from nubem_jupyter.core.model import ModelInfo, Site
from nubem_jupyter.providers.endpoint.address import shown
from nubem_jupyter.providers.endpoint.wire import Wire
from nubem_jupyter.providers.litellm.keys import KeyWays

LOCAL_ENGINES = 2
"""Deployments of a local model: each of its process's engines has a port of its own."""

_NO_KEY = "none"
"""Sent where no key is needed: with nothing there, LiteLLM would send the key of another service."""


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """One model as the proxy is told of it."""

    info: ModelInfo
    """What is known of it."""
    deployments: tuple[Mapping[str, Any], ...]
    """Where it is reached: LiteLLM's parameters, with ``os.environ/NAME`` in place of every secret."""


class Roads(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the ways to models."""

    keys: KeyWays
    """Which variables open which provider."""
    environ: Mapping[str, str]
    """Where these variables are looked up; names only."""
    wires: Mapping[str, Wire]
    """The servers that have an address of their own, by their providers' names."""

    def ways(self, models: Iterable[ModelInfo]) -> tuple[Way, ...]:
        """Give those of the models that a proxy can reach and that can be called now."""
        found = ((info, self._deployments(info)) for info in models if info.available)
        return tuple(Way(info=info, deployments=there) for info, there in found if there)

    def _deployments(self, info: ModelInfo) -> tuple[Mapping[str, Any], ...]:
        ways = ((site, self.wires.get(site.id.partition("/")[0])) for site in info.deployments if not site.missing)
        if found := tuple(_at(site, wire) for site, wire in ways if wire):
            return found
        name = info.id.partition("/")[2]
        match info.caller:
            case "litellm":
                return ({"model": info.id, **self._key(info)},)
            case "local":
                return tuple(_local(name, engine) for engine in range(1, LOCAL_ENGINES + 1))
            case "ollama" if wire := self.wires.get("ollama"):
                return ({"model": f"ollama_chat/{name}", "api_base": shown(wire.url)},)
            case provider if wire := self.wires.get(provider):
                return (_through(wire, name),)
            case _:
                return ()

    def _key(self, info: ModelInfo) -> Mapping[str, str]:
        """Name the key, where one variable is all that the provider needs; LiteLLM finds the others by itself."""
        ways = self.keys.ways.get(info.id.partition("/")[0], ())
        open_ways = [way for way in ways if all(self.environ.get(name) for name in way)]
        if open_ways and len(open_ways[0]) == 1 and open_ways[0][0].endswith("_API_KEY"):
            return {"api_key": f"os.environ/{open_ways[0][0]}"}
        return {}


def local_variables(name: str, engine: int) -> tuple[str, str]:
    """Name the variables that tell the proxy one engine's address and the key of its process."""
    stem = f"NUBEM_LOCAL_{re.sub(r'[^A-Z0-9]+', '_', name.upper())}"
    return f"{stem}_URL_{engine}", f"{stem}_KEY"


def _through(wire: Wire, name: str) -> Mapping[str, Any]:
    key = f"os.environ/{wire.key_variable}" if wire.key_variable else _NO_KEY
    return {"model": f"openai/{name}", "api_base": f"{shown(wire.url)}/v1", "api_key": key}


def _at(site: Site, wire: Wire) -> Mapping[str, Any]:
    """Tell of one deployment of several, with its share of the calls and its limits."""
    limits = {"weight": site.weight, "rpm": site.calls_per_min, "tpm": site.tokens_per_min}
    told = {name: int(limit) if limit == int(limit) else limit for name, limit in limits.items() if limit is not None}
    return {**_through(wire, site.id.partition("/")[2]), **told}


def _local(name: str, engine: int) -> Mapping[str, Any]:
    address, key = local_variables(name, engine)
    # The costs are written out: what the proxy does not know it would otherwise tell as 0, too.
    free = {"input_cost_per_token": 0.0, "output_cost_per_token": 0.0}
    return {"model": f"openai/{name}", "api_base": f"os.environ/{address}", "api_key": f"os.environ/{key}", **free}
