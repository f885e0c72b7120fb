"""``nubem proxy``: a LiteLLM proxy made from what is known here, for programs that speak to nothing else."""

from __future__ import annotations

import argparse
import asyncio
import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nubem_jupyter.cli.command import FAILED, OK, Command, Context
from nubem_jupyter.errors import InfeasibleError, SettingsError, UsageError

if TYPE_CHECKING:
    from nubem_jupyter.core.model import ModelInfo
    from nubem_jupyter.providers.proxy.deployments import Roads
    from nubem_jupyter.session.session import Session

_FILE = Path("litellm-config.yaml")
_HEAD = """\
{mark} from the models that can be called now.
# Secrets stay in the environment: os.environ/NAME is the variable that holds one.
# Take the first line away to make the file yours: it is then not written over, and its models are listed.
"""


def _configure(parser: argparse.ArgumentParser) -> None:
    kinds = parser.add_subparsers(metavar="config|start", dest="action", required=True)
    config = kinds.add_parser("config", help="write the proxy's configuration", allow_abbrev=False)
    config.add_argument("--models", metavar="A,B", help="only these; else every model that can be called now")
    config.add_argument("--metrics", action="store_true", help="let it tell Prometheus of its calls at /metrics")
    config.add_argument("--to", metavar="FILE", type=Path, default=_FILE, help=f"where to ({_FILE}); - prints it")
    config.add_argument("--force", action="store_true", help="write over a file that this command did not write")
    config.set_defaults(parser=config)
    start = kinds.add_parser("start", help="run the proxy until it is stopped", allow_abbrev=False)
    start.add_argument("--config", metavar="FILE", type=Path, default=_FILE, help=f"its configuration ({_FILE})")
    start.add_argument("--host", default="127.0.0.1", help="the address to listen at (127.0.0.1: this machine alone)")
    start.add_argument("--port", type=int, default=4000, help="the port to listen at (4000)")
    start.add_argument("--python", metavar="PATH", type=Path, help="the interpreter that has litellm[proxy]")
    start.set_defaults(parser=start)


async def _act(arguments: argparse.Namespace, context: Context) -> int:
    return await (_config if arguments.action == "config" else _start)(arguments, context)


async def _config(arguments: argparse.Namespace, context: Context) -> int:
    import yaml  # imported late: few commands need any of these

    from nubem_jupyter.providers.config.mark import MARK
    from nubem_jupyter.providers.proxy.config import proxy_config
    from nubem_jupyter.storage.atomic import write_whole

    _check_free(arguments)
    ways = _roads(context.session).ways(_chosen(context.session.models(), arguments.models))
    if not ways:
        raise InfeasibleError(
            "there is no model that a proxy could offer",
            hint="pull a local one, or set a provider's key; see: nubem doctor",
        )
    redis = bool(os.environ.get("REDIS_URL", "").strip())
    document = proxy_config(ways, redis=redis, metrics=arguments.metrics)
    text = _HEAD.format(mark=MARK) + yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=120)
    if str(arguments.to) == "-":
        context.terminal.show(text)
        return OK
    await asyncio.to_thread(write_whole, arguments.to, text.encode())
    context.terminal.show(str(arguments.to))
    count = len(document["model_list"])
    context.terminal.note(f"{count} deployment{'' if count == 1 else 's'}; run it with: {_start_line(arguments)}")
    return OK


def _check_free(arguments: argparse.Namespace) -> None:
    """Refuse to write over what somebody wrote by hand."""
    from nubem_jupyter.providers.config.mark import is_marked

    path: Path = arguments.to
    if str(path) == "-" or arguments.force or not path.exists() or is_marked(path):
        return
    raise UsageError(
        f"{path} was not written by this command, and would be lost",
        hint="write to another file with --to FILE, or over this one with --force",
    )


def _start_line(arguments: argparse.Namespace) -> str:
    return "nubem proxy start" + ("" if arguments.to == _FILE else f" --config {shlex.quote(str(arguments.to))}")


async def _start(arguments: argparse.Namespace, context: Context) -> int:
    from nubem_jupyter.providers.local.provider import LocalProvider  # imported late, as above
    from nubem_jupyter.providers.local.weights import known_weights
    from nubem_jupyter.providers.proxy.serving import check_ready, command, lent, local_models, run

    check_ready(os.environ, arguments.python)
    document = await asyncio.to_thread(_read, arguments.config)
    names = local_models(document, [weights.name for weights in known_weights()])
    address = f"http://{arguments.host}:{arguments.port}"
    provider = LocalProvider(context.session.settings.home)
    try:
        async with lent(provider, names) as variables:
            behind = f", with {' and '.join(names)} behind it" if names else ""
            context.terminal.note(
                f"the LiteLLM proxy starts at {address}{behind}; use it with LITELLM_PROXY_URL={address}"
            )
            line = command(arguments.config, host=arguments.host, port=arguments.port, python=arguments.python)
            status = await run(line, {**os.environ, **variables})
    finally:
        await provider.aclose()
    return OK if status == 0 else FAILED


def _roads(session: Session) -> Roads:
    from nubem_jupyter.providers.endpoint import EndpointProvider  # imported late, as above
    from nubem_jupyter.providers.litellm import load_key_ways
    from nubem_jupyter.providers.litellm.prices import package_folder
    from nubem_jupyter.providers.ollama import OllamaProvider
    from nubem_jupyter.providers.pool import PoolProvider
    from nubem_jupyter.providers.proxy.deployments import Roads

    # Not the proxy's own provider: one behind itself would ask in circles.
    addressed = [each for each in session.providers.values() if isinstance(each, EndpointProvider | OllamaProvider)]
    pools = (each for each in session.providers.values() if isinstance(each, PoolProvider))
    pooled = (member for pool in pools for member in pool.members.values())
    wires = {provider.name: provider.wire for provider in (*addressed, *pooled)}
    return Roads(keys=load_key_ways(package_folder()), environ=os.environ, wires=wires)


def _chosen(models: Any, names: str | None) -> list[ModelInfo]:
    wanted = [name.strip() for name in (names or "").split(",") if name.strip()]
    absent = [name for name in wanted if name not in {info.id for info in models}]
    if absent:
        raise UsageError(f"there is no model '{absent[0]}'", hint="see: nubem models --all")
    return [info for info in models if not wanted or info.id in wanted]


def _read(path: Path) -> Mapping[str, Any]:
    import yaml  # imported late, as above

    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingsError(f"{path} cannot be read: {error}", hint="write it with: nubem proxy config") from error
    if not isinstance(document, dict):
        raise SettingsError(f"{path} is no proxy's configuration", hint="write it with: nubem proxy config")
    return document


COMMAND = Command("proxy", "Write a LiteLLM proxy's configuration, or run the proxy.", _configure, _act)
