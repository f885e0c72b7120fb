"""Every built-in component says what it is, in a form that catalogs and planners can read."""

import asyncio
import subprocess
import sys
import threading
from inspect import iscoroutinefunction

import msgspec
import pytest

from nubem_jupyter.components.builtin import builtin_components
from nubem_jupyter.components.offer import Rows, offer
from nubem_jupyter.components.stop import Stop, StoppedError, off_loop
from nubem_jupyter.components.web.policy import NetworkPolicy
from nubem_jupyter.components.web.search import Brave
from nubem_jupyter.core.capability import CAPABILITIES
from nubem_jupyter.core.component import PERMISSIONS, ComponentInfo
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.value import ValueType
from nubem_jupyter.errors import NodeError, UsageError
from nubem_jupyter.ports import CodeResult
from nubem_jupyter.session.session import Session
from nubem_jupyter.session.settings import Settings
from nubem_jupyter.testing.fake_sandbox import FakeSandbox

NAMES = [
    "files.read", "files.list", "table.read", "table.sql", "table.describe", "retrieve.folder", "retrieve.rows",
    "web.fetch", "web.search", "math.compute", "code.run",
]  # fmt: skip


@pytest.fixture
def builtin(workspace, tmp_path):
    sandbox = FakeSandbox(lambda request: CodeResult(ok=True))
    network = NetworkPolicy(hosts=("example.org",))
    return builtin_components(folders=(workspace,), home=tmp_path, sandbox=sandbox, network=network, search=Brave("k"))


def test_these_are_there(builtin):
    assert list(builtin) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_each_is_described(builtin, name):
    known, function = builtin[name]
    assert known.name == name
    assert known.available, known.missing
    assert known.capability in CAPABILITIES
    assert set(known.permissions) <= set(PERMISSIONS)
    assert known.description.partition("\n")[0].endswith(".")
    assert all(parameter.description for parameter in known.inputs)
    assert (known.origin.kind, len(known.origin.digest)) == ("builtin", 64)
    assert known.version
    assert (known.cost_usd is None) is (name == "web.search")  # whoever searches may want money
    assert iscoroutinefunction(function)
    assert msgspec.json.decode(msgspec.json.encode(known), type=ComponentInfo) == known


@pytest.mark.parametrize("name", NAMES)
async def test_each_checks_what_it_is_given(builtin, name):
    known, function = builtin[name]
    with pytest.raises(UsageError, match="has no input 'nonsense'"):
        await function(nonsense=1)
    first = known.inputs[0]
    if first.required:
        with pytest.raises(UsageError, match=f"needs '{first.name}'"):
            await function()
    with pytest.raises(UsageError, match=f"'{first.name}' of '{name}'"):
        await function(**{first.name: 1.5})


def test_without_more_what_reaches_out_is_not_offered(workspace, tmp_path):
    sandbox = FakeSandbox(lambda request: CodeResult(ok=True))
    closed = builtin_components(folders=(workspace,), home=tmp_path, sandbox=sandbox)
    assert {name for name, (known, _) in closed.items() if not known.available} == {"web.fetch", "web.search"}
    assert all(known.missing for known, _ in closed.values() if not known.available)


def test_offering_imports_nothing_heavy():
    program = (
        "import nubem_jupyter.components.builtin, sys;"
        " print([name for name in ('httpx', 'duckdb', 'pandas', 'yaml') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.strip() == "[]"


async def test_inputs_are_read_from_the_function():
    async def function(*, a: int | None = 3, b: Rows, c: str | int = "x", d: dict[str, int] | None = None):
        """Do it."""
        return a, b, c, d

    known, use = offer("x.y", function, capability="compute", output=ValueType.LIST)
    assert [(one.name, one.type, one.required, one.default) for one in known.inputs] == [
        ("a", ValueType.NUMBER, False, 3),
        ("b", ValueType.TABLE, True, None),
        ("c", ValueType.ANY, False, "x"),
        ("d", ValueType.JSON, False, None),
    ]
    assert await use(b=[]) == (3, [], "x", None)
    for wrong in ({"b": [1]}, {"b": [], "d": "text"}, {"b": None}, {"b": [], "a": None}):
        with pytest.raises(UsageError):
            await use(**wrong)


async def test_work_ends_soon_after_nobody_waits_for_it():
    stopped = threading.Event()

    def work(stop):
        try:
            while True:
                stop.check()
        except StoppedError:
            stopped.set()
            raise

    with pytest.raises(NodeError, match="longer than"):
        await off_loop(work, limit_s=0.1, what="it")
    assert await asyncio.to_thread(stopped.wait, 30)
    stopped.clear()
    task = asyncio.create_task(off_loop(work, limit_s=60, what="it"))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.to_thread(stopped.wait, 30)


async def test_a_timeout_of_the_work_itself_is_not_taken_for_the_limit():
    def work(stop):
        raise TimeoutError("its own")

    with pytest.raises(TimeoutError, match="its own"):
        await off_loop(work, limit_s=60, what="it")


def test_a_late_interruption_is_made_at_once():
    stop, calls = Stop(), []
    stop.interrupt_by(lambda: calls.append("early"))
    stop.set()
    stop.interrupt_by(lambda: calls.append("late"))
    assert calls == ["early", "late"]
    with pytest.raises(StoppedError):
        list(stop.each([1]))


async def test_a_flow_uses_them_through_a_session(builtin, workspace, tmp_path):
    (workspace / "sales.csv").write_text("city,n\nLima,3\nOslo,4\nLima,5\n")
    session = Session(Settings(home=tmp_path / "home", workspace=workspace, providers=("echo",)), {})
    for name, (known, function) in builtin.items():
        session.add_component(name, function, version=known.version, ttl_s=known.ttl_s)
    read = Flow.build().component("rows", "table.read", capability="read_data", args={"path": "sales.csv"})
    flow = read.component("about", "table.describe", capability="compute", inputs={"rows": "rows"}).output("about")
    try:
        run = await session.run(await session.plan(flow), {})
    finally:
        await session.aclose()
    assert [(column["column"], column["distinct"]) for column in run.result] == [("city", 2), ("n", 3)]
