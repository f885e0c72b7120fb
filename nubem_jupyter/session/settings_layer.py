"""Where values of settings come from, and reading one so that a mistake is told with its place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from nubem_jupyter.core.text import nearest
from nubem_jupyter.errors import SettingsError


class Layer(NamedTuple):
    """Values from one source."""

    source: str
    """Names the source in an error."""
    folder: Path
    """What relative paths start from."""
    values: Mapping[str, Any]
    """Setting name -> raw value."""
    foreign: str = ""
    """Where to write instead what only the user may say, if this came with the workspace, as other people's files do;
    empty if the user wrote it, or trusts the workspace."""

    @property
    def how_to_trust(self) -> str:
        """What the user may write so that all of this counts as the user's own; empty if it does."""
        return f'write trust = ["{self.folder}"] to {self.foreign} if you trust this workspace' if self.foreign else ""


_TITLES: dict[Any, str] = {
    Path: "a path",
    str: "a text",
    float: "a number",
    float | None: "a number",
    int: "a whole number",
    bool: "true or false",
    Mapping[str, float]: "a table of numbers",
    tuple[str, ...]: "a list of names",
    tuple[int, ...]: "a list of whole numbers",
    tuple[Path, ...]: "a list of paths",
}


def refuse_unknown(names: Iterable[str], known: Iterable[str], sentence: str) -> None:
    """Refuse the first name that is not known; ``sentence`` goes on with it.

    Raises:
        SettingsError: there is one.
    """
    known = tuple(known)
    for name in names:
        if name not in known:
            close = nearest(name, known)
            hint = f"did you mean '{close}'?" if close else f"there are: {' '.join(known)}"
            raise SettingsError(f"{sentence} '{name}'", hint=hint)


def converted(layer: Layer, title: str, raw: Any, kind: Any) -> Any:
    """Read one value; ``title`` names it in the error. Paths start from the layer's folder.

    Raises:
        SettingsError: it is of another type.
    """
    try:
        if kind is Path and isinstance(raw, (str, Path)):
            return _path(layer, raw)
        if kind == tuple[Path, ...] and isinstance(raw, (list, tuple)):
            return tuple(_path(layer, one) for one in msgspec.convert(list(map(_plain, raw)), type=list[str]))
        return msgspec.convert(raw, type=kind)
    except msgspec.ValidationError as error:
        wanted = _TITLES[kind]
        raise SettingsError(f"{layer.source}: {title} is {raw!r}, not {wanted}", hint=f"give {wanted}") from error


def _path(layer: Layer, raw: str | Path) -> Path:
    return layer.folder / Path(raw).expanduser()


def _plain(raw: Any) -> Any:
    return str(raw) if isinstance(raw, Path) else raw
