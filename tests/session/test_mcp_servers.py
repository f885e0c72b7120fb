"""Tools of real MCP servers, over stdio and over HTTP on loopback: listed without being started, used with leave."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import pytest_asyncio

from nubem_jupyter.components.mcp.server import Server, ServerTool, save_tools
from nubem_jupyter.components.web.policy import NetworkPolicy
from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.run import Outcome
from nubem_jupyter.core.value import ValueType
from nubem_jupyter.errors import UsageError
from nubem_jupyter.session.session import Session
from nubem_jupyter.session.settings import Settings
from nubem_jupyter.session.settings_tables import McpSettings

SCRIPT = Path(__file__).parents[1] / "components" / "mcp_tools.py"
ALL = ("network", "files", "code")


@pytest.fixture
def open_session(tmp_path):
    def make(environ=None, network=None, **servers):
        home, work = tmp_path / "home", tmp_path / "work"
        work.mkdir(exist_ok=True)
        reach = network or NetworkPolicy()
        settings = Settings(home=home, workspace=work, providers=("echo",), mcp=servers, network=reach)
        return Session(settings, environ or {})

    return make


def stdio(*, permissions=("code",), env=(), command=None) -> McpSettings:
    return McpSettings(command=command or (sys.executable, str(SCRIPT)), permissions=permissions, env=env)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture
def served():
    """Start the server on a port; end it where it still lives."""
    started = []

    def start(port: int) -> subprocess.Popen:
        process = subprocess.Popen([sys.executable, str(SCRIPT), str(port)], stderr=subprocess.DEVNULL)
        started.append(process)
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return process
            time.sleep(0.05)
        raise AssertionError("the server does not listen")

    yield start
    for process in started:
        process.kill()
        process.wait()


async def use(session, name, allow=ALL, **args):
    flow = Flow.build().component("step", name, capability="compute", args=args).output("step")
    return await session.run(await session.plan(flow, constraints=Constraints(allow=allow)), {})


ON_ONE_LOOP = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(tmp_path_factory):
    """Open a session whose server is started once, for tests that only use it; on one event loop, as a connection is.

    To start it takes seconds: it imports a large library.
    """
    home, work = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("work")
    servers = {"tools": stdio(env=("ACME_KEY", "ABSENT"))}
    settings = Settings(home=home, workspace=work, providers=("echo",), mcp=servers)
    session = Session(settings, {"ACME_KEY": "x", "OTHER_KEY": "y"})
    await session.components.refresh(("code",))
    yield session
    await session.aclose()


def test_a_server_that_nobody_asked_is_a_trouble_that_says_how_to_ask(open_session):
    troubles = open_session(tools=stdio()).components.snapshot().troubles
    assert [(trouble.where, trouble.hint) for trouble in troubles] == [
        ("the MCP server 'tools'", "nubem components refresh --allow code asks it")
    ]


@ON_ONE_LOOP
async def test_a_server_that_is_started_offers_its_tools(shared):
    infos = shared.components.infos()
    assert shared.components.snapshot().troubles == ()
    added = infos["tools.add"]
    assert (added.description, added.output, added.needs) == ("Add two numbers.", ValueType.NUMBER, ("code",))
    told = [(parameter.name, parameter.required, parameter.default) for parameter in added.inputs]
    assert told == [("a", True, None), ("b", False, 1)]
    assert infos["tools.list_rows"].output is ValueType.TABLE
    assert (await use(shared, "tools.add", a=2, b=3)).result == 5
    assert (await use(shared, "tools.list_rows", kind="x")).result == [{"kind": "x"}]


@ON_ONE_LOOP
async def test_a_tool_may_give_nothing_where_its_server_tells_so(shared):
    assert shared.components.infos()["tools.maybe"].output is ValueType.ANY
    assert [(await use(shared, "tools.maybe", a=a)).result for a in (4, 0)] == [4, None]
    assert (await use(shared, "tools.bare", a=4)).result == "4"


async def test_a_tool_that_gives_something_else_than_its_server_tells_fails_its_step(open_session):
    session = open_session(tools=stdio())
    number = {"type": "object", "properties": {"result": {"type": "integer"}}}
    takes = {"type": "object", "properties": {"a": {"type": "integer"}}}
    told = ServerTool(name="bare", input_schema=takes, output_schema=number)
    save_tools(session.settings.home, Server(name="tools", command=stdio().command), (told,))
    run = await use(session, "tools.bare", a=4)
    assert run.failure.message == "the component 'tools.bare' gave text at 'step', and tells that it gives number"
    await session.aclose()


@ON_ONE_LOOP
async def test_only_named_variables_are_passed_on(shared):
    names = (await use(shared, "tools.variables")).result
    assert "ACME_KEY" in names
    assert "OTHER_KEY" not in names


@ON_ONE_LOOP
async def test_a_tool_that_fails_names_its_server(shared):
    run = await use(shared, "tools.fails")
    assert run.outcome is Outcome.FAILED
    assert "the MCP server 'tools' says of 'fails'" in run.failure.message
    assert "no such city" in run.failure.message


async def test_the_tools_are_listed_by_the_next_kernel_without_starting_anything(open_session, tmp_path):
    session = open_session(tools=stdio())
    await session.components.refresh(("code",))
    await session.aclose()
    again = open_session(tools=stdio())
    assert "tools.add" in again.components.infos()
    assert (await use(again, "tools.add", a=2)).result == 3
    await again.aclose()
    moved = open_session(tools=stdio(command=("other",)))
    assert "tools.add" not in moved.components.infos()
    await moved.aclose()


async def test_nothing_is_started_without_leave(open_session, tmp_path):
    mark = tmp_path / "mark"
    command = (sys.executable, "-c", f"import pathlib; pathlib.Path({str(mark)!r}).write_text('')")
    session = open_session(tools=stdio(command=command))
    found = await session.components.refresh()
    assert not mark.exists()
    assert [trouble.hint for trouble in found.troubles] == ["add --allow code if you trust it"]
    await session.aclose()


async def test_a_tool_needs_the_permissions_of_its_server(open_session):
    told = stdio(permissions=("network", "code"), command=("never", "started"))
    session = open_session(tools=told)
    save_tools(session.settings.home, Server(name="tools", command=told.command), (ServerTool(name="add"),))
    with pytest.raises(UsageError) as caught:
        await use(session, "tools.add", allow=("code",))
    assert caught.value.hint.startswith("add --allow network,")
    await session.aclose()


async def test_a_tool_of_a_server_that_nobody_asked_says_how_to_ask(open_session):
    session = open_session(far=stdio())
    with pytest.raises(UsageError) as caught:
        await use(session, "far.zzzzzzzz")
    assert "nubem components refresh" in caught.value.hint
    await session.aclose()


async def test_a_server_that_dies_is_started_again_once(open_session, tmp_path):
    session = open_session(tools=stdio())
    await session.components.refresh(("code",))
    assert (await use(session, "tools.dies", mark=str(tmp_path / "mark"))).outcome is Outcome.FINISHED
    run = await use(session, "tools.always_dies")
    assert "the MCP server 'tools' ended in the middle, twice" in run.failure.message
    assert (await use(session, "tools.add", a=1)).result == 2
    await session.aclose()


async def test_what_may_not_be_done_twice_is_done_once_where_its_server_dies(open_session, tmp_path):
    session = open_session(tools=stdio())
    mark = tmp_path / "mark"
    await session.components.refresh(("code",))
    run = await use(session, "tools.dies_in_its_work", mark=str(mark))
    assert "what it had done by then is not known" in run.failure.message
    assert mark.read_text() == "done"
    pid = (await use(session, "tools.dies_in_its_work", mark=str(mark))).result
    os.kill(pid, signal.SIGKILL)
    later = await use(session, "tools.dies_in_its_work", mark=str(mark))
    assert later.outcome is Outcome.FINISHED, "one that died before is started again"
    assert mark.read_text() == "done" * 3
    await session.aclose()


async def test_a_server_that_cannot_be_started_says_its_last_words(open_session):
    command = (sys.executable, "-c", "import sys; sys.exit('the licence has run out')")
    session = open_session(tools=stdio(command=command), gone=stdio(command=("no-such-program-here",)))
    found = await session.components.refresh(("code",))
    words = {trouble.where: trouble.message for trouble in found.troubles}
    assert "the licence has run out" in words["the MCP server 'tools'"]
    assert "cannot be started" in words["the MCP server 'gone'"]
    assert all("nubem.toml" in trouble.hint for trouble in found.troubles)
    await session.aclose()


async def test_closing_the_session_ends_the_server(open_session, tmp_path):
    session = open_session(tools=stdio())
    await session.components.refresh(("code",))
    (tmp_path / "mark").write_text("")
    pid = (await use(session, "tools.dies", mark=str(tmp_path / "mark"))).result
    await session.aclose()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_each_event_loop_has_a_connection_of_its_own(open_session):
    session = open_session(tools=stdio())

    async def first():
        await session.components.refresh(("code",))
        return (await use(session, "tools.add", a=1)).result

    async def second():
        result = (await use(session, "tools.add", a=2)).result
        await session.aclose()
        return result

    assert (asyncio.run(first()), asyncio.run(second())) == (2, 3)


async def test_a_server_at_an_address_is_asked_and_found_again_after_it_was_restarted(open_session, served):
    port = free_port()
    process = served(port)
    session = open_session(far=McpSettings(url=f"http://127.0.0.1:{port}/mcp", permissions=("network",)))
    try:
        refused = await session.components.refresh(("code",))
        assert [trouble.hint for trouble in refused.troubles] == ["add --allow network if you trust it"]
        await session.components.refresh(("network",))
        assert (await use(session, "far.add", allow=("network",), a=2, b=2)).result == 4
        process.kill()
        process.wait()
        gone = await use(session, "far.add", allow=("network",), a=2, b=2)
        assert gone.outcome is Outcome.FAILED
        served(port)
        assert (await use(session, "far.add", allow=("network",), a=2, b=2)).result == 4
    finally:
        await session.aclose()


async def test_an_address_of_a_workspaces_file_is_reached_where_the_user_lets_components_reach(open_session, served):
    """Leave for the network is not leave for every address of it."""
    port = free_port()
    served(port)
    told = McpSettings(url=f"http://127.0.0.1:{port}/mcp", permissions=("network",), foreign="trust it")
    everywhere, here = NetworkPolicy(hosts=("*",), ports=(port,)), NetworkPolicy(private_hosts=("127.0.0.1",))
    for network, reason in ((NetworkPolicy(), "is not allowed"), (everywhere, "private address"), (here, "")):
        session = open_session(network=network, far=told)
        try:
            troubles = (await session.components.refresh(("network",))).troubles
            assert [reason in trouble.message for trouble in troubles] == ([True] if reason else [])
            assert bool(session.components.infos().get("far.add")) is not bool(reason)
        finally:
            await session.aclose()


async def test_the_small_server_of_the_page_works(open_session, tmp_path):
    page = (Path(__file__).parents[2] / "docs" / "components.md").read_text(encoding="utf-8")
    source = next(code for code in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if "MCPServer" in code)
    (tmp_path / "desk.py").write_text(source, encoding="utf-8")
    session = open_session(desk=stdio(command=(sys.executable, str(tmp_path / "desk.py"))))
    try:
        refreshed = await session.components.refresh(("code",))
        assert [entry.id for entry in refreshed.difference.added] == ["desk.open_tickets"]
        assert not refreshed.silent
        built = Flow.build().component("open", "desk.open_tickets", args={"team": "office"}).output("open")
        run = await session.run(await session.plan(built, constraints=Constraints(allow=("code",))))
        assert [ticket["team"] for ticket in run.result] == ["office"]
    finally:
        await session.aclose()


async def test_what_a_server_complained_of_is_cut_between_words(open_session, tmp_path):
    (tmp_path / "bad.py").write_text(f"raise SystemExit({'complaint ' * 100!r})", encoding="utf-8")
    session = open_session(bad=stdio(command=(sys.executable, str(tmp_path / "bad.py"))))
    try:
        (trouble,) = (await session.components.refresh(("code",))).troubles
        assert trouble.message.startswith("it cannot be started: … complaint complaint")
    finally:
        await session.aclose()
