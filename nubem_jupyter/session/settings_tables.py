"""The tables of ``nubem.toml``: endpoints, MCP servers, and what components may reach.

A workspace's own file may come from somebody else. It can name servers beside the user's, and can grant nothing:
neither permissions nor hosts, no folder outside of the workspace, none of the user's keys, and it cannot say that data
stays on this machine. An endpoint that it names is given nothing, not even a question. Where the user trusts the
workspace (``trust``), its file counts as the user's own.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec

from nubem_jupyter.components.mcp.server import CALL_S
from nubem_jupyter.components.web.policy import NetworkPolicy
from nubem_jupyter.core.component import PERMISSIONS
from nubem_jupyter.core.frozen import FrozenDict
from nubem_jupyter.core.region import NAME
from nubem_jupyter.errors import SettingsError
from nubem_jupyter.session.settings_layer import Layer, converted, refuse_unknown

T = TypeVar("T", bound=msgspec.Struct)

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")
_LONGEST_WORD = 20
"""Letters and digits that stand together in a variable's name; a key has more."""


class EndpointSettings(msgspec.Struct, frozen=True, kw_only=True):
    """A server that speaks the OpenAI shape; its models are known by the table's name and a slash."""

    url: str
    """Its address, with or without ``/v1``."""
    key: str = ""
    """The variable that holds its key, never the key; empty where it needs none."""
    local: bool = False
    """Whether data given to it stays on this machine."""
    region: str = ""
    """Where it runs; empty where nobody can tell."""
    price: Mapping[str, float] = {}
    """What a million tokens cost, ``input_usd`` and ``output_usd``, of models whose price the server does not tell."""
    pool: str = ""
    """Under which name it serves the same models as other endpoints; empty where it stands alone."""
    weight: float = 1.0
    """Its share of the calls, beside the weights of the pool's other endpoints."""
    calls_per_min: float | None = None
    """Calls that each of its models may be sent in any minute; None where no limit is said."""
    tokens_per_min: float | None = None
    """Tokens that these may use, given and generated; None where no limit is said."""
    foreign: str = ""
    """What to do before it may be asked, if it may be somebody else's; no field of the table."""


class McpSettings(msgspec.Struct, frozen=True, kw_only=True):
    """A server of tools that speaks the Model Context Protocol; its tools are known by the table's name and a dot."""

    command: tuple[str, ...] = ()
    """The program to start, with its arguments; empty for a server at an address."""
    url: str = ""
    """Where it listens; empty for one that is started."""
    env: tuple[str, ...] = ()
    """Variables that are passed on to the program, by name."""
    permissions: tuple[str, ...] = ()
    """What its tools need leave for; never less than starting it, or reaching it, needs."""
    timeout_s: float = CALL_S
    """Longest wait for an answer of a tool."""
    cost_usd: float | None = None
    """What a use of any of its tools costs, in US dollars; None where nobody knows."""
    foreign: str = ""
    """What to do so that it counts as the user's own, if it may be somebody else's; no field of the table."""


def read_tables(
    layer: Layer, setting: str, kind: type[T], check: Callable[[Layer, str, T], T], before: Mapping[str, T]
) -> Mapping[str, T]:
    """Read tables such as ``[nubem.endpoints.NAME]``: name -> its values, as ``check`` gives them back.

    What earlier layers said (``before``) stays, beside what this one says.

    Raises:
        SettingsError: a name, a field or a value cannot be used, or the user's table would be replaced by a workspace's
            own file; the message names file, table and field.
    """
    raw = layer.values[setting]
    if not isinstance(raw, Mapping):
        raise SettingsError(
            f"{layer.source}: '{setting}' is {raw!r}, not tables", hint=f"write each as a table [nubem.{setting}.NAME]"
        )
    found = {}
    for name, values in raw.items():
        table = f"[nubem.{setting}.{name}]"
        if not _NAME.fullmatch(name):
            raise SettingsError(
                f"{layer.source}: the name of {table} cannot stand in front of what it offers",
                hint="use small letters, digits and _, beginning with a letter",
            )
        if name in before:
            refuse_foreign(layer, f"{table}, which your own settings have,")
        found[name] = check(layer, table, read_table(layer, table, values, kind))
    return FrozenDict({**before, **found})


def read_table(layer: Layer, table: str, values: Any, kind: type[T]) -> T:
    """Read the fields of one table.

    Raises:
        SettingsError: it is no table, or a field is unknown, missing or of the wrong type.
    """
    if isinstance(values, kind):
        return values
    if not isinstance(values, Mapping):
        raise SettingsError(f"{layer.source}: {table} is not a table", hint=f"write its fields below a line {table}")
    fields = {field.name: field for field in msgspec.structs.fields(kind) if field.name != "foreign"}
    refuse_unknown(values, fields, f"{layer.source}: {table} has no field")
    given = {name: converted(layer, f"'{name}' of {table}", raw, fields[name].type) for name, raw in values.items()}
    for name, field in fields.items():
        if field.required and name not in given:
            raise SettingsError(f"{layer.source}: {table} has no '{name}'", hint=f"add: {name} = …")
    return kind(**given)


def check_endpoint(layer: Layer, table: str, endpoint: EndpointSettings) -> EndpointSettings:
    """Return an endpoint that can be used.

    Raises:
        SettingsError: its address or its key's variable cannot be one, or it takes what only the user may give.
    """
    _check_url(layer, table, endpoint.url)
    if endpoint.key:
        _check_variable(layer, f"'key' of {table}", endpoint.key)
    if endpoint.price:
        _check_price(layer, table, endpoint.price)
    if endpoint.region and not NAME.fullmatch(endpoint.region.lower()):
        raise SettingsError(
            f"{layer.source}: 'region' of {table} is '{endpoint.region}', which names no region",
            hint="write one as a cloud does, such as eu, us or eu-central-1",
        )
    _check_terms(layer, table, endpoint)
    for field in ("key", "local", "region", "price", "pool"):
        if getattr(endpoint, field):
            refuse_foreign(layer, f"'{field}' of {table}")
    return msgspec.structs.replace(endpoint, foreign=layer.how_to_trust)


def _check_terms(layer: Layer, table: str, endpoint: EndpointSettings) -> None:
    if endpoint.pool and not _NAME.fullmatch(endpoint.pool):
        raise SettingsError(
            f"{layer.source}: 'pool' of {table} is '{endpoint.pool}', which cannot stand in front of a model's name",
            hint="use small letters, digits and _, beginning with a letter",
        )
    if not 0 <= endpoint.weight < math.inf:
        raise SettingsError(
            f"{layer.source}: 'weight' of {table} is {endpoint.weight:g}, which is no share",
            hint="write a number such as 2 for twice the calls, or 0 to ask it only where no other can be",
        )
    for field in ("calls_per_min", "tokens_per_min"):
        limit = getattr(endpoint, field)
        if limit is not None and not 1 <= limit < math.inf:
            raise SettingsError(
                f"{layer.source}: '{field}' of {table} is {limit:g}, which lets nothing through",
                hint=f"write what its provider allows, such as {field} = 600, or leave it out",
            )


def _check_price(layer: Layer, table: str, price: Mapping[str, float]) -> None:
    if set(price) != {"input_usd", "output_usd"} or not all(0 <= cost < math.inf for cost in price.values()):
        raise SettingsError(
            f"{layer.source}: 'price' of {table} is {dict(price)!r}, which is no price",
            hint="write US dollars for a million tokens: price = {input_usd = 0.5, output_usd = 1.5}",
        )


def check_server(layer: Layer, table: str, server: McpSettings) -> McpSettings:
    """Return an MCP server that can be used, with all that its tools need leave for.

    Raises:
        SettingsError: it has not either a command or an address, or names something that cannot be.
    """
    if bool(server.command) == bool(server.url):
        raise SettingsError(
            f"{layer.source}: {table} needs either a command or a url",
            hint='write command = ["program", "argument"] or url = "https://…"',
        )
    if server.url:
        _check_url(layer, table, server.url)
    for name in server.env:
        _check_variable(layer, f"'env' of {table}", name)
        refuse_foreign(layer, f"'env' of {table}")
    if not 0 < server.timeout_s < math.inf:
        raise SettingsError(
            f"{layer.source}: 'timeout_s' of {table} is {server.timeout_s:g}, which is no time to wait",
            hint="write seconds, such as timeout_s = 300",
        )
    if server.cost_usd is not None:
        refuse_foreign(layer, f"'cost_usd' of {table}")
    if not 0 <= (server.cost_usd or 0.0) < math.inf:
        raise SettingsError(
            f"{layer.source}: 'cost_usd' of {table} is {server.cost_usd:g}, which is no price",
            hint="write US dollars a use, such as cost_usd = 0.002",
        )
    refuse_unknown(server.permissions, PERMISSIONS, f"{layer.source}: 'permissions' of {table} has the unknown")
    wanted = {"network"} if server.url else {"code", *(server.permissions or PERMISSIONS)}
    wanted |= set(server.permissions)
    needed = tuple(word for word in PERMISSIONS if word in wanted)
    return msgspec.structs.replace(server, permissions=needed, foreign=layer.how_to_trust)


def read_network(layer: Layer) -> NetworkPolicy:
    """Read ``[nubem.network]``.

    Raises:
        SettingsError: a field is unknown or wrong, or the table stands in a workspace's own file.
    """
    table = "[nubem.network]"
    refuse_foreign(layer, table)
    policy = read_table(layer, table, layer.values["network"], NetworkPolicy)
    for field in ("hosts", "private_hosts"):
        wrong = next((host for host in getattr(policy, field) if not host or set("/:@ ") & set(host)), None)
        if wrong is not None:
            raise SettingsError(
                f"{layer.source}: '{field}' of {table} has '{wrong}', which is no host",
                hint='give names alone, such as "example.org" or "*.example.org"',
            )
    return policy


def refuse_foreign(layer: Layer, what: str) -> None:
    """Accept what only the user may say from the user.

    Raises:
        SettingsError: the layer came with the workspace.
    """
    if layer.foreign:
        raise SettingsError(
            f"{layer.source}: {what} cannot be set by a workspace's own file, which may be somebody else's",
            hint=f"write it to {layer.foreign}; or {layer.how_to_trust}",
        )


def _check_url(layer: Layer, table: str, url: str) -> None:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
        secret = "@" in parts.netloc
    except ValueError:
        usable = secret = False
    if secret:
        raise SettingsError(
            f"{layer.source}: 'url' of {table} has a name or password in it",
            hint="take it out; a key stands in a variable of the environment",
        )
    if not usable:
        raise SettingsError(
            f"{layer.source}: 'url' of {table} is no web address", hint="write one that begins with https://"
        )


def _check_variable(layer: Layer, what: str, name: str) -> None:
    """Accept the name of a variable; what looks like a key is not repeated in the error."""
    if not _VARIABLE.fullmatch(name) or max(map(len, name.split("_"))) > _LONGEST_WORD:
        raise SettingsError(
            f"{layer.source}: {what} does not name a variable of the environment",
            hint="write the variable's name, such as ACME_API_KEY; keys themselves do not belong into files",
        )
