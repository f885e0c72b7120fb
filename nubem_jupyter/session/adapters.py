"""Which adapter stands behind which port; the only place that knows them all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from nubem_jupyter.core.text import nearest
from nubem_jupyter.errors import SettingsError
from nubem_jupyter.ports import Cache, Provider

if TYPE_CHECKING:
    from nubem_jupyter.session.settings import Settings


def _local(settings: Settings, _environ: Mapping[str, str]) -> Provider:
    from nubem_jupyter.providers.local.provider import LocalProvider

    return LocalProvider(settings.home, idle_unload_s=settings.idle_unload_s)


def _litellm(_settings: Settings, environ: Mapping[str, str]) -> Provider:
    from nubem_jupyter.providers.litellm.provider import LiteLLMProvider

    return LiteLLMProvider(environ)


def _echo(_settings: Settings, _environ: Mapping[str, str]) -> Provider:
    from nubem_jupyter.providers.echo import EchoProvider

    return EchoProvider()


_MAKERS: dict[str, Callable[[Settings, Mapping[str, str]], Provider]] = {
    "local": _local,
    "litellm": _litellm,
    "echo": _echo,
}


def make_providers(settings: Settings, environ: Mapping[str, str]) -> dict[str, Provider]:
    """Make the providers that the settings name; each is cheap until its first call.

    Raises:
        SettingsError: a name is unknown.
    """
    unknown = [name for name in settings.providers if name not in _MAKERS]
    if unknown:
        close = nearest(unknown[0], _MAKERS)
        hint = f"did you mean '{close}'?" if close else f"there are: {' '.join(_MAKERS)}"
        raise SettingsError(f"the setting 'providers' names '{unknown[0]}', which does not exist", hint=hint)
    return {name: _MAKERS[name](settings, environ) for name in settings.providers}


def make_cache(settings: Settings, environ: Mapping[str, str]) -> Cache:
    """Make the cache, in the Redis that ``REDIS_URL`` names or else on this disk; nothing is opened yet."""
    url = environ.get("REDIS_URL", "").strip()
    if url:
        from nubem_jupyter.storage.redis_cache import RedisCache

        return RedisCache(url)
    from nubem_jupyter.storage.disk_cache import DiskCache

    return DiskCache(settings.home / "cache.db", settings.cache_bytes)
