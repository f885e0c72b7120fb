"""A session for the doctor where the settings allow none: what is wrong is left out, and told."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from nubem_jupyter.errors import SettingsError
from nubem_jupyter.ports import Provider
from nubem_jupyter.session.adapters import make_providers
from nubem_jupyter.session.doctor import Finding
from nubem_jupyter.session.session import Session
from nubem_jupyter.session.settings import Settings, load_settings


def open_leniently(overrides: Mapping[str, Any] | None = None) -> tuple[Session, tuple[Finding, ...]]:
    """Make a session as ``open_session`` does, of all settings that can be used; tell which cannot."""
    refused: list[SettingsError] = []
    settings = load_settings(os.environ, Path.cwd(), overrides, refused=refused)
    try:
        providers = make_providers(settings, os.environ)
    except SettingsError as error:
        refused.append(error)
        providers = {name: one for part in _parts(settings) for name, one in _made(part).items()}
    found = [Finding(area="settings", ok=False, text=error.message, mend=error.hint) for error in refused]
    return Session(settings, os.environ, providers=providers), tuple(found)


def _parts(settings: Settings) -> Iterator[Settings]:
    """Give the settings once for each provider that they name, and for each endpoint."""
    for name in settings.providers:
        own = {name: settings.endpoints[name]} if name in settings.endpoints else {}
        yield msgspec.structs.replace(settings, providers=(name,), endpoints=own)
    if "servers" in settings.providers:
        for name, endpoint in settings.endpoints.items():
            yield msgspec.structs.replace(settings, providers=(name,), endpoints={name: endpoint})


def _made(part: Settings) -> dict[str, Provider]:
    try:
        return make_providers(part, os.environ)
    except SettingsError:  # it is told already, or the next look tells it
        return {}
