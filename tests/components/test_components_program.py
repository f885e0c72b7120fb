"""``code.run`` gives programs to the sandbox, never to this process."""

import asyncio

import pytest

from nubem_jupyter.components.program import Programs, program_offers
from nubem_jupyter.core.constraint import SecurityLevel
from nubem_jupyter.errors import NodeError, UsageError
from nubem_jupyter.ports import CodeResult
from nubem_jupyter.sandbox.process import ProcessSandbox
from nubem_jupyter.testing.fake_sandbox import FakeSandbox


async def test_the_strictest_level_there_is_is_asked_for(functions):
    sandbox = FakeSandbox(lambda request: CodeResult(ok=True, result=1), levels=frozenset(SecurityLevel))
    done = await functions(program_offers(sandbox))["code.run"](source="result = 1", variables={"x": 2}, timeout_s=60)
    assert done == {"ok": True, "result": 1, "stdout": "", "stderr": "", "error": "", "limit": ""}
    (request,) = sandbox.requests
    assert (request.level, request.variables, request.timeout_s) == (SecurityLevel.HIGH, {"x": 2}, 60.0)


async def test_a_program_that_fails_is_told_of(functions):
    sandbox = FakeSandbox(lambda request: CodeResult(ok=False, error="Traceback", limit="time"))
    done = await functions(program_offers(sandbox))["code.run"](source="1 / 0")
    assert (done["ok"], done["error"], done["limit"]) == (False, "Traceback", "time")


async def test_what_cannot_be_asked_for_is_named(functions):
    run = functions(program_offers(FakeSandbox(lambda request: CodeResult(ok=True))))["code.run"]
    with pytest.raises(UsageError, match="'a b' cannot name"):
        await run(source="", variables={"a b": 1})
    with pytest.raises(UsageError, match="timeout_s"):
        await run(source="", timeout_s=0)


async def test_without_a_sandbox_nothing_runs():
    none = FakeSandbox(lambda request: CodeResult(ok=True), levels=frozenset())
    ((known, function),) = program_offers(none)
    assert not known.available
    with pytest.raises(UsageError, match="cannot be used"):
        await function(source="1")
    with pytest.raises(NodeError, match="no sandbox"):
        await Programs(none).run(source="1")
    assert not none.requests


async def test_cancelling_reaches_the_sandbox(functions):
    sandbox = FakeSandbox(lambda request: CodeResult(ok=True), wall_s=60)
    task = asyncio.create_task(functions(program_offers(sandbox))["code.run"](source="1"))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_real_process_runs_it(functions, tmp_path):
    run = functions(program_offers(ProcessSandbox(tmp_path)))["code.run"]
    done = await run(source="print('hi'); result = sum(xs)", variables={"xs": [1, 2, 3]})
    assert (done["result"], done["stdout"].strip()) == (6, "hi")
