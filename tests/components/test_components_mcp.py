"""What servers tell of their tools becomes components; what they tell wrongly is a trouble."""

import asyncio
import os
import subprocess
import sys
import threading
from pathlib import Path

import msgspec
import pytest

from nubem_jupyter.components.mcp import servers as servers_module
from nubem_jupyter.components.mcp.connection import Connection
from nubem_jupyter.components.mcp.json_schema import is_wrapped, output_type, parameters
from nubem_jupyter.components.mcp.notes import taken_notes
from nubem_jupyter.components.mcp.reach import checked_addresses, pinned_client
from nubem_jupyter.components.mcp.server import Server, ServerTool, describe, list_file, load_listed, save_tools
from nubem_jupyter.components.mcp.servers import Servers
from nubem_jupyter.components.web.policy import NetworkPolicy
from nubem_jupyter.core.component import ComponentInfo, Trouble
from nubem_jupyter.core.value import ValueType
from nubem_jupyter.errors import NodeError, StorageError
from nubem_jupyter.testing import Reply
from nubem_jupyter.testing.openai_server import OpenAIServer, Page

SCRIPT = Path(__file__).with_name("mcp_tools.py")
REAL = Server(name="tools", command=(sys.executable, str(SCRIPT)), permissions=("code",))
PLAIN = Server(name="far", url="https://far.example/mcp", permissions=("network",))


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ({"type": "string"}, ValueType.TEXT),
        ({"type": "string", "enum": ["a", "b"]}, ValueType.LABEL),
        ({"type": "integer"}, ValueType.NUMBER),
        ({"type": "boolean"}, ValueType.BOOLEAN),
        ({"type": "object"}, ValueType.JSON),
        ({"type": "array", "items": {"type": "object"}}, ValueType.TABLE),
        ({"type": "array", "items": {"type": "string"}}, ValueType.LIST),
        ({"type": "array"}, ValueType.LIST),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, ValueType.TEXT),
        ({"anyOf": [{"type": "string"}, {"type": "number"}]}, ValueType.ANY),
        ({"type": ["string", "null"]}, ValueType.ANY),
        ({}, ValueType.ANY),
        (True, ValueType.ANY),
    ],
)
def test_each_type_of_a_schema_has_its_own(schema, kind):
    (parameter,) = parameters({"properties": {"x": schema}, "required": ["x"]})
    assert (parameter.name, parameter.type, parameter.required) == ("x", kind, True)


def test_a_schema_without_fields_takes_nothing():
    assert list(parameters({})) == []
    assert list(parameters({"properties": 3})) == []


def test_a_wrapped_value_is_what_is_in_it():
    wrapped = {"type": "object", "properties": {"result": {"type": "number"}}}
    assert (is_wrapped(wrapped), output_type(wrapped)) == (True, ValueType.NUMBER)
    assert output_type({"type": "object", "properties": {"result": {}, "n": {}}}) is ValueType.JSON
    assert output_type(None) is ValueType.ANY


@pytest.mark.parametrize(
    "told",
    [
        {"anyOf": [{"type": "string"}, {"type": "null"}]},
        {"anyOf": [{"type": "string"}, {"type": "null", "title": "Nothing"}]},
        {"anyOf": [{"type": "string", "nullable": True}]},
        {"type": "string", "oneOf": [{"minLength": 3}, {"type": "null"}]},
        {"type": "string", "nullable": True},
        {"type": ["string", "null"]},
        {"type": "string", "enum": ["a", None]},
        {"type": "string", "const": None},
        {"type": "null", "title": "Nothing"},
    ],
)
def test_what_may_be_nothing_is_held_to_no_type(told):
    wrapped = {"type": "object", "properties": {"result": told}}
    assert output_type(told) is output_type(wrapped) is ValueType.ANY


@pytest.mark.parametrize(
    "told", [{}, {"nullable": False}, {"enum": ["a"]}, {"const": "a"}, {"anyOf": True}, {"oneOf": [True]}]
)
def test_what_is_never_nothing_is_held_to_its_type(told):
    assert output_type({"type": "number", **told}) is ValueType.NUMBER


def test_a_tool_that_cannot_be_a_component_is_a_trouble():
    assert describe(PLAIN, ServerTool(name="getWeather-now"), "").name == "far.get_weather_now"
    unnamed = describe(PLAIN, ServerTool(name="???"), "")
    assert isinstance(unnamed, Trouble)
    assert "'???'" in unnamed.message
    odd = ServerTool(name="odd", input_schema={"properties": {"x": {"default": float("nan")}}})
    assert isinstance(describe(PLAIN, odd, ""), Trouble)


@pytest.mark.parametrize("needed", [True, 5, "x", [["x"]], {"x": True}])
def test_a_schema_that_requires_no_names_bars_its_own_tool_alone(tmp_path, needed):
    bad = ServerTool(name="bad", input_schema={"properties": {"x": {}}, "required": needed})
    save_tools(tmp_path, PLAIN, (bad, ServerTool(name="good")))
    trouble, good = Servers((PLAIN,), tmp_path, {}).listed()
    assert trouble.message == "its tool 'bad' cannot be used: 'required' of its inputs is no list of names"
    assert good.name == "far.good"


def test_a_schema_that_no_reader_can_take_bars_its_own_tool_alone():
    deep = {"type": "string"}
    for _ in range(5_000):
        deep = {"anyOf": [deep]}
    tool = ServerTool(name="bad", input_schema={"properties": {"x": deep}})
    trouble = describe(PLAIN, tool, "")
    assert isinstance(trouble, Trouble)
    assert "its schema cannot be read" in trouble.message


def test_servers_of_one_name_keep_their_tools_apart(tmp_path):
    """Workspaces share the user's folder."""
    other = Server(name="far", url="https://other.example/mcp", permissions=("network",))
    save_tools(tmp_path, PLAIN, (ServerTool(name="a"),))
    save_tools(tmp_path, other, (ServerTool(name="b"),))
    assert [tool.name for tool in load_listed(tmp_path, PLAIN).tools] == ["a"]
    assert [tool.name for tool in load_listed(tmp_path, other).tools] == ["b"]
    assert len(list((tmp_path / "catalog").iterdir())) == 2  # and no part of a file is left


async def test_a_server_that_tells_nonsense_keeps_nobody_from_asking_the_others(tmp_path, monkeypatch):
    async def nonsense(self):
        raise OverflowError

    monkeypatch.setattr(Connection, "tools", nonsense)
    servers = Servers((PLAIN, REAL), tmp_path, {})
    await servers.refresh()
    assert [trouble.message for trouble in servers.listed()] == ["its list of tools cannot be used (OverflowError)"] * 2


async def test_a_tool_that_gives_no_answer_fails_and_says_how_to_wait_longer(tmp_path):
    server = msgspec.structs.replace(REAL, timeout_s=2.0)
    connection = Connection(server, {})
    try:
        with pytest.raises(NodeError, match="no answer to 'hangs' in 2 seconds; what it had done") as caught:
            await connection.call(ServerTool(name="hangs"), {})
        assert "timeout_s in [nubem.mcp.tools]" in caught.value.hint
    finally:
        await connection.aclose()


def test_of_what_a_program_complains_of_only_the_end_is_kept():
    script = "import sys; sys.stderr.write('x' * 5_000_000 + '\\nlast words\\n\\n')"
    with taken_notes() as notes:
        subprocess.run([sys.executable, "-S", "-c", script], stderr=notes.file, check=True, timeout=60)
        assert notes.last_line() == "last words"
        assert len(notes._kept) < 10_000


def test_another_schema_or_address_is_another_digest():
    tool = ServerTool(name="a")
    first = describe(PLAIN, tool, "").origin.digest
    assert describe(PLAIN, ServerTool(name="a", description="b"), "").origin.digest != first
    assert describe(Server(name="far", url="https://b.example"), tool, "").origin.digest != first


def test_what_was_kept_is_read_again_and_what_is_damaged_is_none(tmp_path):
    tools = (ServerTool(name="a", description="b", input_schema={"properties": {}}),)
    assert load_listed(tmp_path, PLAIN).tools is None
    save_tools(tmp_path, PLAIN, tools)
    assert load_listed(tmp_path, PLAIN).tools == tools
    list_file(tmp_path, PLAIN).write_bytes(b"{")
    assert load_listed(tmp_path, PLAIN).tools is None
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="'far'"):
        save_tools(tmp_path / "file", PLAIN, tools)


def test_without_the_package_tools_are_listed_and_not_available(tmp_path, monkeypatch):
    save_tools(tmp_path, PLAIN, (ServerTool(name="a"),))
    monkeypatch.setattr(servers_module, "find_spec", lambda _: None)
    (info,) = Servers((PLAIN,), tmp_path, {}).listed()
    assert isinstance(info, ComponentInfo)
    assert (info.available, info.missing) == (False, "pip install 'nubem-jupyter[mcp]'")


async def test_without_the_package_a_server_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "mcp", None)
    servers = Servers((REAL,), tmp_path, {})
    await servers.refresh()
    (trouble,) = servers.listed()
    assert trouble.hint == "pip install 'nubem-jupyter[mcp]'"
    await servers.aclose()


async def test_those_who_use_a_server_that_dies_at_once_all_find_it_again(tmp_path):
    """One that notices the death late does not end what another has opened again."""
    servers = Servers((REAL,), tmp_path, {})
    await servers.refresh()
    known = {info.name: info for info in servers.listed()}
    dies, add = servers.function(known["tools.dies"]), servers.function(known["tools.add"])
    mark = str(tmp_path / "mark")
    try:
        found = await asyncio.gather(dies(mark=mark), *(add(a=n) for n in range(8)))
        assert found[1:] == [n + 1 for n in range(8)]
    finally:
        await servers.aclose()


async def test_what_the_protocol_refuses_names_the_server(tmp_path):
    servers = Servers((REAL,), tmp_path, {})
    await servers.refresh()
    known = {info.name: info for info in servers.listed()}
    with pytest.raises(NodeError, match=r"the MCP server 'tools' (refuses|says of 'add')"):
        await servers.function(known["tools.add"])(a="not a number")
    await servers.aclose()


async def test_a_connection_of_another_event_loop_is_closed_from_here(tmp_path):
    servers = Servers((REAL,), tmp_path, {})
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(servers.refresh(), loop))
        assert any(isinstance(info, ComponentInfo) for info in servers.listed())
        await servers.aclose()
        left = asyncio.run_coroutine_threadsafe(others(), loop)
        assert await asyncio.wrap_future(left) == 0
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
    await servers.aclose()


async def others() -> int:
    """Count the tasks of this loop, beside the one that asks."""
    return len(asyncio.all_tasks()) - 1


async def test_no_key_stands_in_what_a_server_says_of_its_trouble():
    """Neither where it does not start, nor where a tool fails, nor where a long line of it is cut."""
    environ = {"DOOR": "entry-code-4711", "ACME_TOKEN": "another-secret", "PATH": os.environ["PATH"]}
    script = "import os, sys; sys.exit(('x' * 400 + ' another-secret ' + os.environ['DOOR']) * 2 + 'y' * 290)"
    broken = Connection(Server(name="x", command=(sys.executable, "-c", script), env=("DOOR",)), environ)
    with pytest.raises(NodeError, match=r"cannot be started: .*y") as caught:
        await broken.tools()
    working = Connection(Server(name="x", command=(sys.executable, str(SCRIPT)), env=("DOOR",)), environ)
    try:
        with pytest.raises(NodeError, match=r"says of 'complains': .*\*\*\*") as told:
            await working.call(ServerTool(name="complains"), {})
    finally:
        await working.aclose()
    for error in (caught.value, told.value):
        shown = f"{error} {error!r} {error.detail} {error.__cause__!r}"
        assert not any(part in shown for part in ("4711", "code-", "secret"))


async def test_a_server_that_somebody_else_named_is_reached_where_it_was_looked_at_and_nowhere_else():
    """The name means nothing to the system: whoever looked it up again would not arrive."""
    import httpx2

    async with OpenAIServer(
        lambda _: Reply(text="x"), pages={"/v1/models": Page(content={"data": []})}
    ).running() as up:
        port = httpx2.URL(up.url).port
        foreign = Server(
            name="far", url=f"http://far.invalid:{port}/mcp", reach=NetworkPolicy(private_hosts=("far.invalid",))
        )

        async def resolve(host, at):
            assert (host, at) == ("far.invalid", port)
            return ["127.0.0.2", "127.0.0.1"]  # nobody listens at the first

        found = await checked_addresses(foreign, resolve)
        async with pinned_client(foreign.url, found) as client:
            answer = await client.get(f"http://far.invalid:{port}/v1/models")
            assert (answer.status_code, answer.json()) == (200, {"data": []})
            with pytest.raises(httpx2.ConnectError, match="another host"):
                await client.get(f"http://127.0.0.1:{port}/v1/models")
        async with pinned_client(foreign.url, ["127.0.0.2"]) as client:
            with pytest.raises(httpx2.ConnectError):
                await client.get(f"http://far.invalid:{port}/v1/models")


async def test_a_server_that_the_user_named_may_be_anywhere():
    assert await checked_addresses(PLAIN) == ()
