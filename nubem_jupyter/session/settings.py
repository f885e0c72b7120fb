"""Settings: defaults, then the user's ``nubem.toml``, the workspace's, ``NUBEM_*`` variables, and what a caller says.

Secrets are no settings: keys stay in the environment, where the providers look for them. A workspace's own file may
be somebody else's: it is read as such unless the user trusts the workspace.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import platformdirs

from nubem_jupyter.components.web.policy import NetworkPolicy
from nubem_jupyter.core.by_name import ByName
from nubem_jupyter.core.component import PERMISSIONS
from nubem_jupyter.core.region import NAME
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

T = TypeVar("T")

FILE_NAME = "nubem.toml"
PREFIX = "NUBEM_"


class Settings(msgspec.Struct, frozen=True, kw_only=True, metaclass=ByName):
    """How a session behaves; where it keeps things.

    Raises:
        SettingsError: ``idle_unload_s`` or ``cache_bytes`` is not above 0, ``parallel`` is below, ``explore`` is no
            share, ``explore_daily_usd`` no amount, ``allow`` grants what nobody knows, or ``region`` is no name.
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
    cascades: bool = True
    """Whether a step may be done by several models that are asked in turn until they agree, where evaluations found
    that to be worth it."""
    cache_bytes: int = 1 << 30
    """What the cache on this disk may take; a Redis has its own limit."""
    explore: float = 0.0
    """Share of the steps, 0 to 1, that may be given to a model of which little is known, so that more becomes known."""
    explore_daily_usd: float = 0.0
    """What such steps may cost a day, in US dollars; without it only models are tried that cost nothing."""
    hedge: bool = True
    """Whether a call that is late gets another one beside it, of which the first answer counts; that costs a little."""
    parallel: int = 0
    """Steps of one run that may be under way outside at once, the longest remaining path first; 0 sets no limit."""
    region: str = ""
    """Where models must run that are not on this machine, in every run that names no other region; empty allows any."""
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
    litellm_config: Path | None = None
    """A file of LiteLLM's with models, which is trusted because it is named; without, a ``litellm-config.yaml`` of the
    workspace is looked at, which may be somebody else's."""
    trust: tuple[Path, ...] = ()
    """Workspaces whose own files count as the user's."""

    def __post_init__(self) -> None:
        refuse_unknown(self.allow, PERMISSIONS, "'allow' grants the unknown permission")
        msgspec.structs.force_setattr(self, "region", self.region.strip().lower())
        if self.region and not NAME.fullmatch(self.region):
            raise SettingsError(
                f"region is '{self.region}', which names no region", hint="write one, such as eu, us or eu-central-1"
            )
        if not self.folders:
            msgspec.structs.force_setattr(self, "folders", (self.workspace,))
        if self.parallel < 0:
            raise SettingsError(
                f"parallel is {self.parallel}, which is not a number of steps", hint="give 1 or more, or 0 for no limit"
            )
        if not 0 <= self.explore <= 1:
            raise SettingsError(
                f"explore is {self.explore:g}, which is not a share of the steps",
                hint="give a number from 0 to 1, for example 0.05",
            )
        if not 0 <= self.explore_daily_usd < math.inf:
            raise SettingsError(
                f"explore_daily_usd is {self.explore_daily_usd:g}, which is not an amount",
                hint="give US dollars a day, for example 0.10, or 0 to try only what costs nothing",
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

    @property
    def trusts_workspace(self) -> bool:
        """Whether what stands in the workspace counts as the user's own."""
        return _is_among(self.workspace, self.trust)


def _is_among(folder: Path, trusted: Iterable[Path]) -> bool:
    return folder.resolve() in {path.resolve() for path in trusted}


_FIELDS = {field.name: field for field in msgspec.structs.fields(Settings)}
_TABLES: dict[str, Callable[[Layer, Any], Any]] = {
    "network": lambda layer, _: read_network(layer),
    "endpoints": lambda layer, before: read_tables(layer, "endpoints", EndpointSettings, check_endpoint, before),
    "mcp": lambda layer, before: read_tables(layer, "mcp", McpSettings, check_server, before),
}
"""Settings that are tables; they have no variables."""
_THE_USERS = ("allow", "explore", "explore_daily_usd", "home", "litellm_config", "planner_model", "region", "trust")
"""What a workspace's own file may not say at all."""
_BEGUN = {"providers": _FIELDS["providers"].default, "endpoints": {}, "mcp": {}}
"""What a layer is compared with, or adds to."""
_OF_MANY = ("endpoints", "mcp")
"""Settings of many tables, each with a name of its own."""
_ABSENT: Any = object()
_LISTS = (tuple[str, ...], tuple[Path, ...])
_SWITCHES = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


def load_settings(
    environ: Mapping[str, str],
    cwd: Path,
    overrides: Mapping[str, Any] | None = None,
    *,
    user_file: Path | None = None,
    refused: list[SettingsError] | None = None,
) -> Settings:
    """Read the settings, the later source winning; an override of None leaves a setting as it is.

    ``refused``, where it is given, takes what is wrong, which is then left out and not raised.

    Raises:
        SettingsError: a file cannot be read, or a setting in it is unknown or of the wrong type.
    """
    given = {name: value for name, value in (overrides or {}).items() if value is not None}
    mine = _user_file(user_file)
    files = settings_files(cwd, user_file=mine)
    written = [_attempt(partial(_read_file, path), _nothing_in(path), refused) for path in files if path == mine]
    said = [_from_environment(environ, cwd), Layer("the settings given", cwd, given)]
    nowhere: Iterable[Path] = ()
    trusted = _attempt(partial(_trusted, *written, *said), nowhere, refused)
    found = [_attempt(partial(_read_file, path), _nothing_in(path), refused) for path in files if path != mine]
    found = [layer if _is_among(layer.folder, trusted) else layer._replace(foreign=str(mine)) for layer in found]
    merged: dict[str, Any] = {"home": platformdirs.user_data_path("nubem"), "workspace": workspace_of(cwd), **_BEGUN}
    for layer in (*written, *found, *said):
        for name, part in _parts(layer, apart=refused is not None):
            value = _attempt(partial(_checked, part, name, merged.get(name)), _ABSENT, refused)
            if value is not _ABSENT:
                merged[name] = value
    return _whole(merged, refused)


def _parts(layer: Layer, *, apart: bool) -> Iterator[tuple[str, Layer]]:
    """Yield what is read at once: a setting, or with ``apart`` each of its tables, so that a wrong one costs itself."""
    for name, values in layer.values.items():
        if apart and name in _OF_MANY and isinstance(values, Mapping):
            yield from ((name, layer._replace(values={name: {table: one}})) for table, one in values.items())
        else:
            yield name, layer


def _attempt(read: Callable[[], T], instead: T, refused: list[SettingsError] | None) -> T:
    try:
        return read()
    except SettingsError as error:
        if refused is None:
            raise
        if str(error) not in map(str, refused):
            refused.append(error)
        return instead


def _nothing_in(path: Path) -> Layer:
    return Layer(str(path), path.parent, {})


def _whole(merged: dict[str, Any], refused: list[SettingsError] | None) -> Settings:
    """Put the settings together; what is wrong by itself is left out where ``refused`` takes it."""
    places = {name: merged[name] for name in ("home", "workspace")}
    if refused is not None:
        sound = Settings(**places)
        for name in [name for name in merged if name not in places]:
            if _attempt(partial(Settings, **places, **{name: merged[name]}), sound, refused) is sound:
                merged[name] = _FIELDS[name].default
    return Settings(**merged)


def _trusted(*layers: Layer) -> Iterable[Path]:
    """Return the workspaces that the user trusts; what the user says last holds, as for every setting."""
    return next((_checked(layer, "trust", ()) for layer in reversed(layers) if "trust" in layer.values), ())


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


def _read_file(path: Path) -> Layer:
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
    return Layer(str(path), path.parent, table)


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


def _checked(layer: Layer, name: str, before: Any) -> Any:
    """Read one setting; ``before`` is what it was until now."""
    refuse_unknown([name], _FIELDS, f"{layer.source}: there is no setting")
    if name in _TABLES:
        return _TABLES[name](layer, before)
    if name in _THE_USERS:
        refuse_foreign(layer, f"'{name}'")
    kind = Path if name == "litellm_config" else _FIELDS[name].type
    value = converted(layer, f"'{name}'", layer.values[name], kind)
    if name == "allow":
        refuse_unknown(value, PERMISSIONS, f"{layer.source}: 'allow' grants the unknown permission")
    if name == "providers":
        _refuse_more(layer, value, before)
    if name in ("folders", "workspace"):
        _refuse_outside(layer, name, value if name == "folders" else (value,))
    return value


def _refuse_more(layer: Layer, wanted: Iterable[str], before: Iterable[str]) -> None:
    """Have a workspace's own file leave providers out, and name none that the user has not."""
    more = next((name for name in wanted if name not in before), None)
    if more is not None:
        refuse_foreign(layer, f"'providers' with '{more}', which your own settings leave out,")


def _refuse_outside(layer: Layer, name: str, paths: Iterable[Path]) -> None:
    inside = layer.folder.resolve()
    for path in paths:
        if not path.resolve().is_relative_to(inside):
            refuse_foreign(layer, f"'{name}' with {path}, which is outside of the workspace,")
