"""A workspace's saved flows: one YAML file each, made to be read, edited and kept under version control."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from nubem_jupyter.core import wire
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.text import nearest
from nubem_jupyter.errors import FlowError, FormatError, StorageError, UsageError
from nubem_jupyter.storage.atomic import write_whole

SUFFIX = ".flow.yaml"
"""How a flow's file name ends."""
_NAME = re.compile(r"\w[\w.-]{0,99}")


class FlowFiles:
    """The flows of one folder, by name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        """Where the files are; made when the first flow is saved."""

    def save(self, flow: Flow, name: str) -> Path:
        """Write the flow under a name, which becomes its own, in place of one that is there; return its file.

        Raises:
            UsageError: the name cannot be a file's.
            StorageError: the file cannot be written.
        """
        from nubem_jupyter.storage.yaml_text import write_yaml  # imported late: few sessions save a flow

        path = self._path(name)
        named = msgspec.structs.replace(flow, name=name)
        write_whole(path, write_yaml(wire.document(named)).encode())
        return path

    def load(self, flow: str | Path) -> Flow:
        """Return the flow of this name or, for a path or a text that ends in ``.yaml``, in this file.

        Raises:
            UsageError: there is no such flow.
            FormatError: its file is damaged or cut off.
            FlowError: what the file says cannot be a flow; see its class.
            StorageError: the file cannot be read.
        """
        from nubem_jupyter.storage.yaml_text import read_yaml

        named = isinstance(flow, str) and not flow.endswith((".yaml", ".yml"))
        path = self._path(str(flow)) if named else Path(flow)
        try:
            text = path.read_bytes().decode()
        except FileNotFoundError:
            raise self._missing(str(flow)) from None
        except UnicodeDecodeError as error:
            raise _spoilt(path, FormatError("it is no UTF-8 text", hint="restore it or save the flow again")) from error
        except OSError as error:
            raise StorageError(f"{path} could not be read: {error.strerror}", hint="check its permissions") from error
        try:
            return wire.read(read_yaml(text.replace("\r\n", "\n")), Flow)
        except FlowError as error:
            raise _spoilt(path, error) from error

    def names(self) -> tuple[str, ...]:
        """Return the names of the saved flows, sorted."""
        found = self.folder.glob(f"*{SUFFIX}")
        return tuple(sorted(path.name.removesuffix(SUFFIX) for path in found if not path.name.startswith(".")))

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise UsageError(
                f"'{name}' cannot name a flow", hint="use letters, digits, _ and -, for example: weekly-summary"
            )
        return self.folder / f"{name}{SUFFIX}"

    def _missing(self, name: str) -> UsageError:
        names = self.names()
        close = nearest(name, names)
        if close:
            return UsageError(f"there is no flow '{name}'", hint=f"did you mean '{close}'?")
        listed = f"there are: {' '.join(names)}" if names else "save one with --save NAME"
        return UsageError(f"there is no flow '{name}' in {self.folder}", hint=listed)


def _spoilt(path: Path, error: FlowError) -> FlowError:
    """Say which file it is, and keep the kind of error where it can be made from a sentence alone."""
    message = f"{path.name} cannot be read: {error.message}"
    try:
        return type(error)(message, hint=error.hint)
    except TypeError:
        return FormatError(message, hint=error.hint)
