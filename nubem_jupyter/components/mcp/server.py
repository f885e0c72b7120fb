"""What is known of one server, and of its tools when it was last asked."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from nubem_jupyter.components.mcp.json_schema import output_type, parameters
from nubem_jupyter.components.web.policy import NetworkPolicy
from nubem_jupyter.core.component import ComponentInfo, Origin, Trouble
from nubem_jupyter.core.digest import encode
from nubem_jupyter.errors import FlowError, StorageError

INSTALL = "pip install 'nubem-jupyter[mcp]'"
CALL_S = 120.0
"""Longest wait for an answer of a tool, where nobody says otherwise."""

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_OTHER = re.compile(r"[^a-z0-9]+")


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """A server that the user named."""

    name: str
    """What stands before the names of its tools."""
    command: tuple[str, ...] = ()
    """The program to start, with its arguments; empty for one at an address."""
    url: str = ""
    """Where it listens; empty for one that is started."""
    env: tuple[str, ...] = ()
    """Variables that are passed on to the program."""
    permissions: tuple[str, ...] = ()
    """What its tools need leave for."""
    timeout_s: float = CALL_S
    """Longest wait for an answer of a tool."""
    cost_usd: float | None = None
    """US dollars that a use of any of its tools costs; None where nobody knows."""
    reach: NetworkPolicy | None = None
    """Where it has to be, if somebody else may have written its address; None if the user has."""

    @property
    def reached_by(self) -> str:
        """Its command or address: another one may be another server."""
        return self.url or "\n".join(self.command)

    @property
    def needs(self) -> str:
        """What asking it needs leave for: reaching an address, or starting a program."""
        return "network" if self.url else "code"


class ServerTool(msgspec.Struct, frozen=True, kw_only=True):
    """A tool as its server tells of it."""

    name: str
    """What the server calls it."""
    description: str = ""
    """What it does."""
    input_schema: Mapping[str, Any] = {}
    """JSON Schema of its inputs."""
    output_schema: Mapping[str, Any] | None = None
    """JSON Schema of what it gives, where that is told."""
    repeatable: bool = False
    """Whether the server tells that using it twice does no more than using it once."""


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """The tools that a server had when it was last asked."""

    reached_by: str
    """The command or address that was asked."""
    tools: tuple[ServerTool, ...] | None = ()
    """Its tools, in its order; None where it never told them."""
    trouble: Trouble | None = None
    """Why it did not tell them when it was asked last; the tools are those of the time before."""


def list_file(home: Path, server: Server) -> Path:
    """Return where a server's tools are kept, so that they are listed without starting it."""
    # Workspaces share the folder, and what each of them calls by one name may be another server.
    return home / "catalog" / f"mcp-{server.name}-{hashlib.sha256(server.reached_by.encode()).hexdigest()[:16]}.json"


def load_listed(home: Path, server: Server) -> Listed:
    """Read what was kept; where nothing was, where it is damaged, or of another command or address, that is nothing."""
    nothing = Listed(reached_by=server.reached_by, tools=None)
    try:
        listed = msgspec.json.decode(list_file(home, server).read_bytes(), type=Listed)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return nothing
    return listed if listed.reached_by == server.reached_by else nothing


def save_tools(home: Path, server: Server, tools: tuple[ServerTool, ...]) -> None:
    """Keep what a server told.

    Raises:
        StorageError: it cannot be written.
    """
    _save(home, server, Listed(reached_by=server.reached_by, tools=tools))


def save_trouble(home: Path, server: Server, trouble: Trouble) -> None:
    """Keep why a server did not tell its tools, beside those that it told before.

    Raises:
        StorageError: it cannot be written.
    """
    _save(home, server, msgspec.structs.replace(load_listed(home, server), trouble=trouble))


def _save(home: Path, server: Server, listed: Listed) -> None:
    path = list_file(home, server)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            part.write_bytes(msgspec.json.encode(listed))
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(
            f"the tools of the MCP server '{server.name}' cannot be kept in {path}: {error.strerror}",
            hint="allow writing there, or make room",
        ) from error


def describe(server: Server, tool: ServerTool, missing: str) -> ComponentInfo | Trouble:
    """Return a tool as a component, or why it cannot be one; ``missing`` says what to do before it can be used."""
    where = f"the MCP server '{server.name}'"
    try:
        return ComponentInfo(
            name=f"{server.name}.{_component_name(tool.name)}",
            version="",
            description=tool.description.strip(),
            capability=f"{server.name}.{_component_name(tool.name)}",
            inputs=tuple(parameters(tool.input_schema)),
            output=output_type(tool.output_schema),
            permissions=server.permissions,
            cost_usd=server.cost_usd,
            ttl_s=None,
            origin=Origin(kind="mcp", where=where, digest=_digest(server, tool)),
            available=not missing,
            missing=missing,
        )
    except (FlowError, ValueError) as error:
        reason = str(error)
    except Exception as error:  # noqa: BLE001  # a schema is somebody else's: whatever it does bars its own tool alone
        reason = f"its schema cannot be read ({type(error).__name__})"
    message = f"its tool '{tool.name}' cannot be used: {reason}"
    return Trouble(where=where, message=message, hint="mend it in the server; the others can be used")


def described(server: Server, tools: tuple[ServerTool, ...], missing: str) -> Iterator[ComponentInfo | Trouble]:
    """Yield each tool as a component, or why it cannot be one."""
    return (describe(server, tool, missing) for tool in tools)


def _component_name(name: str) -> str:
    plain = _OTHER.sub("_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()).strip("_")
    if not _NAME.fullmatch(plain):
        raise ValueError("its name has no letters to make one of")
    return plain


def _digest(server: Server, tool: ServerTool) -> str:
    return hashlib.sha256(encode((server.reached_by, tool))).hexdigest()
