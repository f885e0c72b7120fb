"""A real MCP server for tests: over stdio, or over HTTP where a port is given."""

import asyncio
import os
import sys
from pathlib import Path

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations

server = MCPServer("tools")


@server.tool()
def add(a: int, b: int = 1) -> int:
    """Add two numbers."""
    return a + b


@server.tool(structured_output=False)
def bare(a: int) -> str:
    """Give a text of which nothing is told."""
    return str(a)


@server.tool()
def maybe(a: int) -> int | None:
    """Give a number, or nothing."""
    return a or None


@server.tool(name="listRows")
def rows(kind: str | None = None) -> list[dict[str, str]]:
    """Give rows."""
    return [{"kind": str(kind)}]


@server.tool()
def variables() -> list[str]:
    """Give the names of the variables that were passed on."""
    return sorted(os.environ)


@server.tool()
def fails() -> str:
    """Fail."""
    raise ToolError("no such city")


@server.tool()
def complains() -> str:
    """Fail with the key in its words."""
    raise ToolError(f"bad key {os.environ['DOOR']}")


@server.tool(annotations=ToolAnnotations(idempotent_hint=True))
def dies(mark: str) -> int:
    """End the whole server where the mark is not there yet."""
    if not Path(mark).exists():
        Path(mark).write_text("")
        os._exit(3)
    return os.getpid()


@server.tool()
def dies_in_its_work(mark: str) -> int:
    """Do something, and end the whole server where the mark was not there yet."""
    with open(mark, "a") as file:
        file.write("done")
    if Path(mark).read_text() == "done":
        os._exit(3)
    return os.getpid()


@server.tool()
async def hangs() -> None:
    """Give no answer."""
    await asyncio.sleep(600)


@server.tool(annotations=ToolAnnotations(read_only_hint=True))
def always_dies() -> int:
    """End the whole server."""
    os._exit(3)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        server.run("streamable-http", host="127.0.0.1", port=int(sys.argv[1]))
    else:
        server.run()
