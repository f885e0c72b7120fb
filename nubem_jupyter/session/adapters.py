"""Which adapter stands behind which port; the only place that knows them all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nubem_jupyter.catalog.kept import Kept
from nubem_jupyter.core.model import ModelInfo
from nubem_jupyter.core.text import nearest
from nubem_jupyter.errors import SettingsError
from nubem_jupyter.ports import Cache, Provider

if TYPE_CHECKING:
    from nubem_jupyter.providers.endpoint import EndpointProvider
    from nubem_jupyter.session.settings import Settings

_FORM = 1
"""Rises whenever a kept list of models would be written otherwise."""
_MILLION = 1_000_000
_PROXY_URL = "LITELLM_PROXY_URL"
_OLLAMA_HOST = "OLLAMA_HOST"
_CONFIG = "litellm-config.yaml"
"""The file of LiteLLM's that is looked for in a workspace."""


def _local(settings: Settings, _environ: Mapping[str, str]) -> Provider:
    from nubem_jupyter.providers.local.provider import LocalProvider

    return LocalProvider(settings.home, idle_unload_s=settings.idle_unload_s)


def _litellm(settings: Settings, environ: Mapping[str, str]) -> Provider:
    from nubem_jupyter.providers.litellm.provider import LiteLLMProvider

    return LiteLLMProvider(environ, _kept_table(settings))


def _config(settings: Settings, environ: Mapping[str, str]) -> Provider:
    from nubem_jupyter.providers.config.provider import ConfigProvider

    named = settings.litellm_config is not None
    return ConfigProvider(
        config_file(settings),
        environ,
        trusted=named or settings.trusts_workspace,
        optional=not named,
        kept=_kept_table(settings),
    )


def config_file(settings: Settings) -> Path:
    """Return where LiteLLM's file is, or would be."""
    return settings.workspace / (settings.litellm_config or _CONFIG)


def _kept_table(settings: Settings) -> Kept[tuple[str, tuple[ModelInfo, ...]]]:
    return Kept(settings.home / "catalog" / "litellm.cache", tuple[str, tuple[ModelInfo, ...]], _FORM)


def _echo(_settings: Settings, _environ: Mapping[str, str]) -> Provider:
    from nubem_jupyter.providers.echo import EchoProvider

    return EchoProvider()


def _proxy(settings: Settings, environ: Mapping[str, str]) -> Provider:
    url = environ.get(_PROXY_URL, "").strip()
    if not url:
        raise SettingsError("the setting 'providers' names 'proxy'", hint=f"set {_PROXY_URL} to its address")
    from nubem_jupyter.providers.endpoint.address import shown
    from nubem_jupyter.providers.proxy.provider import KEY_VARIABLE, ProxyProvider
    from nubem_jupyter.session.kept_lists import KeptList

    if not url.startswith(("http://", "https://")):
        raise SettingsError(
            f"{_PROXY_URL} is '{shown(url)}', which does not begin with http:// or https://",
            hint=f"set it to a whole address, such as http://{shown(url).rpartition('://')[2]}",
        )
    kept = KeptList(settings.home, "proxy", url, environ, KEY_VARIABLE)
    return ProxyProvider(url, environ=environ, listed=kept.listed, keep=kept.keeping)


def _ollama(settings: Settings, environ: Mapping[str, str]) -> Provider:
    from nubem_jupyter.providers.ollama import OllamaProvider, address_of
    from nubem_jupyter.session.kept_lists import KeptList

    url = address_of(environ.get(_OLLAMA_HOST, ""))
    kept = KeptList(settings.home, "ollama", url, environ)
    return OllamaProvider(url, listed=kept.listed, keep=kept.keeping)


def _endpoint(settings: Settings, environ: Mapping[str, str], name: str) -> EndpointProvider:
    from nubem_jupyter.providers.endpoint import EndpointProvider, Terms
    from nubem_jupyter.providers.endpoint.listing import price_of
    from nubem_jupyter.providers.endpoint.provider import SAID
    from nubem_jupyter.session.kept_lists import KeptList

    said = settings.endpoints[name]
    kept = KeptList(settings.home, name, said.url, environ, said.key)
    given, generated = (said.price.get(part, 0.0) / _MILLION for part in ("input_usd", "output_usd"))
    return EndpointProvider(
        name,
        said.url,
        environ=environ,
        key_variable=said.key,
        local=said.local,
        region=said.region,
        barred=said.foreign,
        price=price_of(given, generated, source=SAID, date="") if said.price else None,
        terms=Terms(weight=said.weight, calls_per_min=said.calls_per_min, tokens_per_min=said.tokens_per_min),
        listed=kept.listed,
        keep=kept.keeping,
    )


def _pools(settings: Settings, wanted: Iterable[str]) -> Mapping[str, Sequence[str]]:
    """Return pool -> its endpoints, of those that are wanted.

    Raises:
        SettingsError: a pool has the name of a provider or of an endpoint.
    """
    found: dict[str, list[str]] = {}
    for name in wanted:
        pool = settings.endpoints[name].pool if name in settings.endpoints else ""
        if pool:
            found.setdefault(pool, []).append(name)
    taken = next((pool for pool in found if pool in (*_MAKERS, _SERVERS, *settings.endpoints)), None)
    taken = taken or next((pool for pool in found if pool in _families(settings)), None)
    if taken is not None:
        raise SettingsError(
            f"the pool '{taken}' has the name of a provider or of an endpoint", hint=f'write pool = "{taken}_pool"'
        )
    return found


def _pool(settings: Settings, environ: Mapping[str, str], name: str, members: Iterable[str]) -> Provider:
    from nubem_jupyter.providers.pool import PoolProvider

    return PoolProvider(name, [_endpoint(settings, environ, member) for member in members])


_MAKERS: dict[str, Callable[[Settings, Mapping[str, str]], Provider]] = {
    "local": _local,
    "litellm": _litellm,
    "config": _config,
    "proxy": _proxy,
    "ollama": _ollama,
    "echo": _echo,
}
_SERVERS = "servers"
"""Stands for everything that is set up: a server by its variable or a table of the settings, and LiteLLM's file."""


def make_providers(settings: Settings, environ: Mapping[str, str]) -> dict[str, Provider]:
    """Make the providers that the settings name; each is cheap until its first call.

    Raises:
        SettingsError: a name is unknown, two providers have one, or a proxy is wanted and has no address.
    """
    known = (*_MAKERS, _SERVERS)
    both = next((name for name in settings.endpoints if name in (*known, *_families(settings))), None)
    if both is not None:
        raise SettingsError(
            f"the endpoint '{both}' has the name of another provider",
            hint=f"name its table [nubem.endpoints.my_{both}]",
        )
    _refuse_unknown(settings.providers, (*known, *settings.endpoints))
    wanted: list[str] = []
    for name in settings.providers:
        wanted += _set_up(settings, environ) if name == _SERVERS else (name,)
    pools = _pools(settings, wanted)
    pooled = {name for members in pools.values() for name in members}
    alone: dict[str, Provider] = {
        name: _MAKERS[name](settings, environ) if name in _MAKERS else _endpoint(settings, environ, name)
        for name in wanted
        if name not in pooled
    }
    return alone | {name: _pool(settings, environ, name, members) for name, members in pools.items()}


def _families(settings: Settings) -> Iterable[str]:
    """Name the providers whose models LiteLLM lists, where it may list any beside endpoints of those names."""
    if not settings.endpoints or "litellm" not in settings.providers:
        return ()
    from nubem_jupyter.providers.litellm.keys import load_key_ways
    from nubem_jupyter.providers.litellm.prices import package_folder

    return load_key_ways(package_folder()).ways


def _set_up(settings: Settings, environ: Mapping[str, str]) -> list[str]:
    """Name the servers that are set up. What else listens at Ollama's usual address is nobody's to be given data."""
    variables = {"proxy": _PROXY_URL, "ollama": _OLLAMA_HOST}
    found = [name for name, variable in variables.items() if environ.get(variable, "").strip()]
    has_file = settings.litellm_config is not None or config_file(settings).is_file()
    return [*(["config"] if has_file else []), *found, *settings.endpoints]


def _refuse_unknown(names: Iterable[str], known: Sequence[str]) -> None:
    unknown = next((name for name in names if name not in known), None)
    if unknown is not None:
        close = nearest(unknown, known)
        hint = f"did you mean '{close}'?" if close else f"there are: {' '.join(known)}"
        raise SettingsError(f"the setting 'providers' names '{unknown}', which does not exist", hint=hint)


def make_cache(settings: Settings, environ: Mapping[str, str]) -> Cache:
    """Make the cache, in the Redis that ``REDIS_URL`` names or else on this disk; nothing is opened yet."""
    url = environ.get("REDIS_URL", "").strip()
    if url:
        from nubem_jupyter.storage.redis_cache import RedisCache

        return RedisCache(url)
    from nubem_jupyter.storage.disk_cache import DiskCache

    return DiskCache(settings.home / "cache.db", settings.cache_bytes)
