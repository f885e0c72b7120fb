"""Whether a server may be reached where somebody else says that it is."""

from __future__ import annotations

from nubem_jupyter.components.mcp.server import Server
from nubem_jupyter.components.web.fetching import Resolve, resolve
from nubem_jupyter.errors import NodeError, NubemError


async def check_reach(server: Server, resolve: Resolve = resolve) -> None:
    """Accept an address that the user named, or that is where the user lets components reach.

    Raises:
        NodeError: it is neither.
    """
    if server.reach is None:
        return
    import httpx  # 0.2 s

    try:
        url = httpx.URL(server.url)
        server.reach.check(url)
        host = url.raw_host.decode()
        server.reach.reachable(host, await resolve(host, url.port or (443 if url.scheme == "https" else 80)))
    except (NubemError, httpx.InvalidURL) as error:
        reason = error.message if isinstance(error, NubemError) else str(error)
        raise NodeError(
            f"the MCP server '{server.name}' is not asked, since only this workspace's own file names it: {reason}",
            hint="if you trust it, write its table to your own nubem.toml, or its host to [nubem.network] there",
        ) from error
