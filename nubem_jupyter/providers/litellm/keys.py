"""Which environment variables open which provider; names only, values are never kept."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cached_property, lru_cache
from pathlib import Path

import msgspec


class KeyWays(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """The ways into each provider."""

    ways: Mapping[str, tuple[tuple[str, ...], ...]]
    """Provider -> ways in, each the names of variables that must all be set; the first is the one to tell users."""

    def is_open(self, provider: str, environ: Mapping[str, str]) -> bool:
        """Tell whether all variables of one way are set."""
        return any(all(environ.get(name) for name in way) for way in self.ways.get(provider, ()))

    def missing(self, provider: str, environ: Mapping[str, str]) -> str:
        """Say what to do before the provider can be called; empty when it can."""
        if self.is_open(provider, environ):
            return ""
        if provider not in self.ways:
            return f"how '{provider}' takes its keys is not known here; call it through a LiteLLM proxy"
        wanted = [name for name in self.ways[provider][0] if not environ.get(name)]
        return f"set {' and '.join(wanted)} in the environment"

    @cached_property
    def names(self) -> frozenset[str]:
        """Every variable's name."""
        return frozenset(name for ways in self.ways.values() for way in ways for name in way)

    def given(self, environ: Mapping[str, str]) -> frozenset[str]:
        """Give the names of the variables that are set."""
        # An environment has fewer variables than there are names, and to look for one that is not set takes long.
        return frozenset(name for name, value in environ.items() if value and name in self.names)

    def open_providers(self, environ: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
        """Give each provider that can be called, with the names of its variables that are set."""
        return {
            provider: tuple(dict.fromkeys(name for way in ways for name in way if environ.get(name)))
            for provider, ways in sorted(self.ways.items())
            if self.is_open(provider, environ)
        }


class _Described(msgspec.Struct, frozen=True):
    """What LiteLLM's own file says of a provider that is called like OpenAI."""

    api_key_env: str = ""


@lru_cache(maxsize=4)
def load_key_ways(package: Path | None) -> KeyWays:
    """Read the ways in from our table and, where LiteLLM's folder is given, from its own list of providers."""
    ways = {provider: ((name,),) for provider, name in _described(package).items()}
    table = tomllib.loads((Path(__file__).parent / "keys.toml").read_text(encoding="utf-8"))["ways"]
    return KeyWays(ways=ways | {name: tuple(tuple(way.split()) for way in listed) for name, listed in table.items()})


def _described(package: Path | None) -> dict[str, str]:
    if package is None:
        return {}
    try:
        text = (package / "llms" / "openai_like" / "providers.json").read_bytes()
        listed = msgspec.json.decode(text, type=dict[str, _Described])
    except (OSError, msgspec.DecodeError):  # another version may keep it elsewhere; these providers are then unknown
        return {}
    return {name: described.api_key_env for name, described in listed.items() if described.api_key_env}
