"""Running the real LiteLLM proxy, with local models behind it."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.errors import ModelUnavailableError
from nubem_jupyter.providers.local.provider import LocalProvider
from nubem_jupyter.providers.proxy.deployments import LOCAL_ENGINES, local_variables
from nubem_jupyter.providers.proxy.provider import KEY_VARIABLE

_NEEDED = ("litellm", "fastapi", "uvicorn", "apscheduler", "backoff", "orjson", "prometheus_client")
_END_S = 10.0


def check_ready(environ: Mapping[str, str], python: Path | None) -> None:
    """See that the proxy is installed, where it is to run in this interpreter, and has its key.

    Raises:
        ModelUnavailableError: something is missing.
    """
    lacking = [] if python else [name for name in _NEEDED if find_spec(name) is None]
    if lacking:
        raise ModelUnavailableError(
            f"the LiteLLM proxy is not installed here: {' and '.join(lacking)} missing",
            hint="pip install 'nubem-jupyter[proxy]', or name an interpreter that has it with --python",
        )
    if not environ.get(KEY_VARIABLE, "").strip():
        raise ModelUnavailableError(
            "the LiteLLM proxy needs a key that its callers show",
            hint=f"make one with: export {KEY_VARIABLE}=sk-$(python -c 'import secrets; print(secrets.token_hex(24))')",
        )


def command(config: Path, *, host: str, port: int, python: Path | None) -> tuple[str, ...]:
    """Give the command line that runs the proxy; it listens nowhere but at ``host``."""
    # -P: a file in the current folder must not stand in for a library.
    program = (str(python or sys.executable), "-P", "-m", "litellm.proxy.proxy_cli")
    return (*program, "--config", str(config), "--host", host, "--port", str(port), "--telemetry", "False")


def local_models(document: Mapping[str, Any], known: Iterable[str]) -> tuple[str, ...]:
    """Name those of the known local models that a configuration asks for, by the variables of their addresses."""
    entries = document.get("model_list") or ()
    asked = {str(entry.get("litellm_params", {}).get("api_base", "")) for entry in entries if isinstance(entry, dict)}
    return tuple(name for name in known if f"os.environ/{local_variables(name, 1)[0]}" in asked)


@asynccontextmanager
async def lent(provider: LocalProvider, names: Sequence[str]) -> AsyncIterator[dict[str, str]]:
    """Load local models and keep them loaded; give the variables that tell a proxy where they are.

    Raises:
        ModelUnavailableError: the runtime or a model's weights are missing.
    """
    variables: dict[str, str] = {}
    async with AsyncExitStack() as stack:
        for name in names:
            lanes = await stack.enter_async_context(provider.lend(ModelId(f"local/{name}"), LOCAL_ENGINES))
            for engine, lane in enumerate(lanes, start=1):
                address, key = local_variables(name, engine)
                variables |= {address: f"{lane.url}/v1", key: lane.key}
        yield variables


async def run(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run the proxy until it ends; return its exit status, 0 where this was told to end. It never outlives this."""
    # Without the first, its start asks the network for prices.
    surroundings = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "PYTHONUNBUFFERED": "1", **environ}
    process = await asyncio.create_subprocess_exec(*arguments, env=surroundings)
    told = asyncio.Event()

    def stop() -> None:
        told.set()
        process.terminate()

    with suppress(NotImplementedError):  # where the system knows no such signal
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop)
    try:
        status = await process.wait()
        return 0 if told.is_set() else status
    finally:
        if process.returncode is None:
            await _end(process)


async def _end(process: asyncio.subprocess.Process) -> None:
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), _END_S)
    except TimeoutError:
        process.kill()
        await process.wait()
