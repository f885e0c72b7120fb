"""Settings: defaults, then the user's ``nubem.toml``, the workspace's, ``NUBEM_*`` variables, and what a caller says.

Secrets are no settings: keys stay in the environment, where the providers look for them.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import platformdirs

from nubem_jupyter.core.text import nearest
from nubem_jupyter.errors import SettingsError

FILE_NAME = "nubem.toml"
PREFIX = "NUBEM_"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How a session behaves; where it keeps things.

    Raises:
        SettingsError: ``idle_unload_s`` or ``cache_bytes`` is not above 0, or ``parallel`` is below.
    """

    home: Path
    """The user's folder: runs, models, recorded speeds."""
    workspace: Path
    """The project's folder: saved flows."""
    planner_model: str = ""
    """The model that may draft plans; empty plans by rules alone."""
    providers: tuple[str, ...] = ("local", "litellm")
    """Who may answer model calls."""
    idle_unload_s: float = 300.0
    """Seconds after its last call until a local model gives its memory back."""
    cache: bool = True
    """Whether the answer of an equal call made before is given again."""
    cache_bytes: int = 1 << 30
    """What the cache on this disk may take; a Redis has its own limit."""
    parallel: int = 0
    """Steps of one run that may be under way outside at once, the longest remaining path first; 0 sets no limit."""

    def __post_init__(self) -> None:
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


class _Layer(NamedTuple):
    """Values from one source."""

    source: str
    """Names the source in an error."""
    folder: Path
    """What relative paths start from."""
    values: Mapping[str, Any]
    """Setting name -> raw value."""


_FIELDS = {field.name: field for field in msgspec.structs.fields(Settings)}
_TITLES: dict[Any, str] = {
    Path: "a path",
    str: "a text",
    float: "a number",
    int: "a whole number",
    bool: "true or false",
    tuple[str, ...]: "a list of names",
}
_SWITCHES = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


def load_settings(
    environ: Mapping[str, str], cwd: Path, overrides: Mapping[str, Any] | None = None, *, user_file: Path | None = None
) -> Settings:
    """Read the settings, the later source winning; an override of None leaves a setting as it is.

    Raises:
        SettingsError: a file cannot be read, or a setting in it is unknown or of the wrong type.
    """
    given = {name: value for name, value in (overrides or {}).items() if value is not None}
    layers = [_read_file(path) for path in settings_files(cwd, user_file=user_file)]
    layers += [_from_environment(environ, cwd), _Layer("the settings given", cwd, given)]
    merged: dict[str, Any] = {"home": platformdirs.user_data_path("nubem"), "workspace": workspace_of(cwd)}
    for layer in layers:
        merged.update({name: _checked(layer, name) for name in layer.values})
    return Settings(**merged)


def settings_files(cwd: Path, *, user_file: Path | None = None) -> tuple[Path, ...]:
    """Return the settings files that exist: the user's, then the workspace's."""
    mine = user_file or platformdirs.user_config_path("nubem") / FILE_NAME
    ours = workspace_of(cwd) / FILE_NAME
    return tuple(dict.fromkeys(path for path in (mine, ours) if path.is_file()))


def workspace_of(cwd: Path) -> Path:
    """Return the nearest folder upwards with a ``nubem.toml``, or the folder itself when there is none."""
    for folder in (cwd, *cwd.parents):
        if (folder / FILE_NAME).is_file():
            return folder
    return cwd


def variable_names() -> tuple[str, ...]:
    """Return the environment variables that set something."""
    return tuple(PREFIX + name.upper() for name in _FIELDS)


def _read_file(path: Path) -> _Layer:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}", hint="mend the file or take it away") from error
    _refuse_unknown(document, ["nubem"], f"{path}: there is no table")
    table = document.get("nubem", {})
    if not isinstance(table, dict):
        raise SettingsError(
            f"{path}: 'nubem' is {table!r}, not a table", hint="write the settings under a line [nubem]"
        )
    return _Layer(str(path), path.parent, table)


def _from_environment(environ: Mapping[str, str], cwd: Path) -> _Layer:
    values: dict[str, Any] = {}
    for name, field in _FIELDS.items():
        text = environ.get(PREFIX + name.upper(), "")
        if text:
            values[name] = _parsed(text, field.type)
    return _Layer("the environment", cwd, values)


def _parsed(text: str, kind: Any) -> Any:
    """Read a variable's text; what is no value of its kind stays a text, and is refused where layers are checked."""
    if kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            return text
    if kind is bool:
        return _SWITCHES.get(text.strip().lower(), text)
    return [part.strip() for part in text.split(",") if part.strip()] if kind == tuple[str, ...] else text


def _checked(layer: _Layer, name: str) -> Any:
    _refuse_unknown([name], _FIELDS, f"{layer.source}: there is no setting")
    raw, kind = layer.values[name], _FIELDS[name].type
    if kind is Path and isinstance(raw, (str, Path)):
        return layer.folder / Path(raw).expanduser()
    try:
        return msgspec.convert(raw, type=kind)
    except msgspec.ValidationError as error:
        raise SettingsError(
            f"{layer.source}: '{name}' is {raw!r}, not {_TITLES[kind]}", hint=f"give {_TITLES[kind]}"
        ) from error


def _refuse_unknown(names: Iterable[str], known: Iterable[str], sentence: str) -> None:
    known = tuple(known)
    for name in names:
        if name not in known:
            close = nearest(name, known)
            hint = f"did you mean '{close}'?" if close else f"there are: {' '.join(known)}"
            raise SettingsError(f"{sentence} '{name}'", hint=hint)
