"""``nubem models``: the models that can be called, and ``nubem models pull`` to bring a local one."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence

from nubem_jupyter.cli.command import OK, Command, Context
from nubem_jupyter.cli.progress import Progress
from nubem_jupyter.cli.table import table
from nubem_jupyter.core.model import ModelInfo
from nubem_jupyter.render.amount import UNKNOWN, dollars, share

_HEAD = ("model", "provider", "ready", "price a million tokens", "context", "speed", "evidence")


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--all", action="store_true", help="those that cannot be called yet, too, and what is missing")
    parser.add_argument("--json", action="store_true", help="print as JSON")
    kinds = parser.add_subparsers(metavar="", dest="action")
    pull = kinds.add_parser("pull", help="bring a local model's weights", allow_abbrev=False)
    pull.add_argument("name", metavar="NAME", help="the model, with or without its provider")
    pull.set_defaults(parser=pull)


async def _act(arguments: argparse.Namespace, context: Context) -> int:
    if arguments.action == "pull":
        return await _pull(arguments.name, context)
    known = context.session.models()
    shown = [model for model in known if arguments.all or model.available or model.local]
    if arguments.json:
        context.terminal.show_json(shown)
        return OK
    context.terminal.show(table(_HEAD, [_row(model) for model in shown]))
    for sentence in dict.fromkeys(f"{model.id}: {model.missing}" for model in shown if model.local and model.missing):
        context.terminal.note(sentence)
    if len(shown) < len(known):
        context.terminal.note(f"{len(known) - len(shown)} more cannot be called yet; see: nubem models --all")
    return OK


async def _pull(name: str, context: Context) -> int:
    progress = Progress(context.terminal)
    try:
        path = await context.session.pull(name, progress.take)
    except asyncio.CancelledError:
        progress.stop()  # the download blocks a thread, which no cancellation reaches
        raise
    finally:
        progress.end()
    context.terminal.show(str(path))
    return OK


def _row(model: ModelInfo) -> tuple[str, ...]:
    return (
        model.id,
        model.provider,
        "yes" if model.available else "no",
        _price(model),
        f"{model.context_tokens:,}" if model.context_tokens else UNKNOWN,
        f"{model.speed.tokens_per_s.value:.0f} tokens/s" if model.speed else UNKNOWN,
        _evidence(model),
    )


def _price(model: ModelInfo) -> str:
    if model.price is None:
        return UNKNOWN
    given, generated = (dollars(figure.value * 1e6) for figure in (model.price.input_usd, model.price.output_usd))
    return given if given == generated else f"{given} in, {generated} out"


def _evidence(model: ModelInfo) -> str:
    names: Sequence[str] = list(dict.fromkeys(entry.capability for entry in model.evidence))
    parts = [_share(model, name) for name in names]
    return ", ".join(parts) or "none"


def _share(model: ModelInfo, capability: str) -> str:
    entries = model.evidence_for(capability)
    total, cases = sum(entry.score_sum for entry in entries), sum(entry.n for entry in entries)
    return f"{capability} {share(total / cases)} of {cases}"


COMMAND = Command("models", "List models with price, speed and evidence; bring local ones.", _configure, _act)
