"""Settings: defaults, then the user's ``nubem.toml``, the workspace's, ``NUBEM_*`` variables, and what a caller says.

Secrets are no settings: keys stay in the environment, where the providers look for them.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import platformdirs

from nubem_jupyter.components.web.policy import NetworkPolicy
from nubem_jupyter.core.component import PERMISSIONS
from nubem_jupyter.errors import SettingsError
from nubem_jupyter.session.settings_layer import Layer, converted, refuse_unknown
from nubem_jupyter.session.settings_tables import (
    EndpointSettings,
    McpSettings,
    check_endpoint,
    check_server,
    read_network,
    read_tables,
    refuse_foreign,
)

FILE_NAME = "nubem.toml"
PREFIX = "NUBEM_"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How a session behaves; where it keeps things.

    Raises:
        SettingsError: ``idle_unload_s`` or ``cache_bytes`` is not above 0, ``parallel`` is below, or ``allow`` grants
            what nobody knows.
    """

    home: Path
    """The user's folder: runs, models, recorded speeds."""
    workspace: Path
    """The project's folder: saved flows."""
    planner_model: str = ""
    """The model that may draft plans; empty plans by rules alone."""
    providers: tuple[str, ...] = ("local", "litellm", "servers")
    """Who may answer model calls; ``servers`` are all that are set up, by a variable or by a table."""
    idle_unload_s: float = 300.0
    """Seconds after its last call until a local model gives its memory back."""
    cache: bool = True
    """Whether the answer of an equal call made before is given again."""
    cache_bytes: int = 1 << 30
    """What the cache on this disk may take; a Redis has its own limit."""
    parallel: int = 0
    """Steps of one run that may be under way outside at once, the longest remaining path first; 0 sets no limit."""
    allow: tuple[str, ...] = ()
    """Permissions that components always have; a run may be given more."""
    folders: tuple[Path, ...] = ()
    """What components may read with the permission ``files``; the workspace where nothing is said."""
    network: NetworkPolicy = NetworkPolicy()
    """Which hosts components may reach with the permission ``network``."""
    endpoints: Mapping[str, EndpointSettings] = {}
    """Name -> a server of models."""
    mcp: Mapping[str, McpSettings] = {}
    """Name -> a server of tools."""
    litellm_config: Path = Path("litellm-config.yaml")
    """A file of LiteLLM's with models. One that stands in the workspace alone may be somebody else's, so it is trusted
    with less than one that is named here."""

    def __post_init__(self) -> None:
        refuse_unknown(self.allow, PERMISSIONS, "'allow' grants the unknown permission")
        if not self.folders:
            msgspec.structs.force_setattr(self, "folders", (self.workspace,))
        if self.parallel < 0:
            raise SettingsError(
                f"parallel is {self.parallel}, which is not a number of steps", hint="give 1 or more, or 0 for no limit"
            )
        if self.cache_bytes < 1:
            raise SettingsError(
                f"cache_bytes is {self.cache_bytes}, which leaves no room",
                hint="give a number of bytes above 0, or set cache = false",
            )
        if not (self.idle_unload_s > 0 and math.isfinite(self.idle_unload_s)):
            raise SettingsError(
                f"idle_unload_s is {self.idle_unload_s:g}, which is not a time",
                hint="give a number of seconds above 0, for example 300",
            )


_FIELDS = {field.name: field for field in msgspec.structs.fields(Settings)}
_TABLES: dict[str, Callable[[Layer], Any]] = {
    "network": read_network,
    "endpoints": lambda layer: read_tables(layer, "endpoints", EndpointSettings, check_endpoint),
    "mcp": lambda layer: read_tables(layer, "mcp", McpSettings, check_server),
}
"""Settings that are tables; they have no variables."""
_LISTS = (tuple[str, ...], tuple[Path, ...])
_SWITCHES = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


def load_settings(
    environ: Mapping[str, str], cwd: Path, overrides: Mapping[str, Any] | None = None, *, user_file: Path | None = None
) -> Settings:
    """Read the settings, the later source winning; an override of None leaves a setting as it is.

    Raises:
        SettingsError: a file cannot be read, or a setting in it is unknown or of the wrong type.
    """
    given = {name: value for name, value in (overrides or {}).items() if value is not None}
    mine = _user_file(user_file)
    layers = [
        _read_file(path, foreign="" if path == mine else str(mine)) for path in settings_files(cwd, user_file=mine)
    ]
    layers += [_from_environment(environ, cwd), Layer("the settings given", cwd, given)]
    merged: dict[str, Any] = {"home": platformdirs.user_data_path("nubem"), "workspace": workspace_of(cwd)}
    for layer in layers:
        for name in layer.values:
            value = _checked(layer, name)
            merged[name] = {**merged.get(name, {}), **value} if name in ("endpoints", "mcp") else value
    return Settings(**merged)


def settings_files(cwd: Path, *, user_file: Path | None = None) -> tuple[Path, ...]:
    """Return the settings files that exist: the user's, then the workspace's."""
    mine = _user_file(user_file)
    ours = workspace_of(cwd) / FILE_NAME
    return tuple(dict.fromkeys(path for path in (mine, ours) if path.is_file()))


def _user_file(given: Path | None) -> Path:
    return given or platformdirs.user_config_path("nubem") / FILE_NAME


def user_file() -> Path:
    """Return where the user's own settings are written, also where no such file is yet."""
    return _user_file(None)


def workspace_of(cwd: Path) -> Path:
    """Return the nearest folder upwards with a ``nubem.toml``, or the folder itself when there is none."""
    for folder in (cwd, *cwd.parents):
        if (folder / FILE_NAME).is_file():
            return folder
    return cwd


def variable_names() -> tuple[str, ...]:
    """Return the environment variables that set something."""
    return tuple(PREFIX + name.upper() for name in _FIELDS if name not in _TABLES)


def _read_file(path: Path, *, foreign: str) -> Layer:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}", hint="mend the file or take it away") from error
    refuse_unknown(document, ["nubem"], f"{path}: there is no table")
    table = document.get("nubem", {})
    if not isinstance(table, dict):
        raise SettingsError(
            f"{path}: 'nubem' is {table!r}, not a table", hint="write the settings under a line [nubem]"
        )
    return Layer(str(path), path.parent, table, foreign)


def _from_environment(environ: Mapping[str, str], cwd: Path) -> Layer:
    values: dict[str, Any] = {}
    for name, field in _FIELDS.items():
        text = environ.get(PREFIX + name.upper(), "")
        if text and name not in _TABLES:
            values[name] = _parsed(text, field.type)
    return Layer("the environment", cwd, values)


def _parsed(text: str, kind: Any) -> Any:
    """Read a variable's text; what is no value of its kind stays a text, and is refused where layers are checked."""
    if kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            return text
    if kind is bool:
        return _SWITCHES.get(text.strip().lower(), text)
    return [part.strip() for part in text.split(",") if part.strip()] if kind in _LISTS else text


def _checked(layer: Layer, name: str) -> Any:
    refuse_unknown([name], _FIELDS, f"{layer.source}: there is no setting")
    if name in _TABLES:
        return _TABLES[name](layer)
    value = converted(layer, f"'{name}'", layer.values[name], _FIELDS[name].type)
    if name == "allow":
        refuse_foreign(layer, "'allow'")
        refuse_unknown(value, PERMISSIONS, f"{layer.source}: 'allow' grants the unknown permission")
    if name == "litellm_config":
        refuse_foreign(layer, "'litellm_config'")
    if name in ("folders", "workspace"):
        _refuse_outside(layer, name, value if name == "folders" else (value,))
    return value


def _refuse_outside(layer: Layer, name: str, paths: Iterable[Path]) -> None:
    inside = layer.folder.resolve()
    for path in paths:
        if not path.resolve().is_relative_to(inside):
            refuse_foreign(layer, f"'{name}' with {path}, which is outside of the workspace,")
