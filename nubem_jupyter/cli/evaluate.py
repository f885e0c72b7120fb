"""``nubem evaluate``: score a request or a saved flow, on one model or several, by cases with known answers."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from nubem_jupyter.cli.command import OK, Command, Context
from nubem_jupyter.cli.page import write_page
from nubem_jupyter.cli.request import add_constraint_arguments, target_of
from nubem_jupyter.core import wire
from nubem_jupyter.errors import UsageError
from nubem_jupyter.session.options import constraints_from, decimal, whole

if TYPE_CHECKING:
    from nubem_jupyter.core.constraint import Constraints
    from nubem_jupyter.core.flow import Flow
    from nubem_jupyter.core.plan import Plan


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dataset", metavar="FILE", required=True, help="cases as YAML, CSV or JSON lines")
    parser.add_argument(
        "--scorer", metavar="S", default="exact", help="exact, contains, number, json or regex (default exact)"
    )
    parser.add_argument("--request", metavar="TEXT", default="", help="what to do with each case, in plain language")
    parser.add_argument("--flow", metavar="NAME", help="a saved flow, instead of a request")
    parser.add_argument(
        "--repeat", metavar="K", type=whole("--repeat"), default=1, help="how often each case is run (default 1)"
    )
    parser.add_argument(
        "--budget", metavar="USD", type=decimal("--budget"), help="ceiling for the whole evaluation, in US dollars"
    )
    parser.add_argument("--capability", metavar="C", default="", help="file what is found as evidence for routing")
    parser.add_argument("--json", action="store_true", help="print the evaluation as its stored form")
    parser.add_argument("--html", metavar="FILE", help="write the evaluation as a page")
    add_constraint_arguments(parser)


async def _act(arguments: argparse.Namespace, context: Context) -> int:
    from nubem_jupyter.engine.evaluator import parse_cases  # imported late: it reads YAML and CSV
    from nubem_jupyter.render.bundle import bundle

    constraints = constraints_from(vars(arguments))
    dataset = parse_cases(_text_of(arguments.dataset), name=Path(arguments.dataset).stem)
    evaluation = await context.session.evaluate(
        dataset,
        arguments.scorer,
        targets=await _targets(arguments, context, constraints, dataset.cases[0].inputs),
        models=constraints.models,
        constraints=msgspec.structs.replace(constraints, models=()),
        repeat=arguments.repeat,
        budget_usd=arguments.budget,
        capability=arguments.capability,
    )
    if arguments.html:
        write_page(arguments.html, evaluation)
    if arguments.json:
        context.terminal.show_json(wire.document(evaluation))
    else:
        context.terminal.show(bundle(evaluation)["text/plain"])
    return OK


async def _targets(
    arguments: argparse.Namespace, context: Context, constraints: Constraints, inputs: Mapping[str, Any]
) -> dict[str, Flow | Plan]:
    target = target_of(arguments, context)
    plan = await context.session.plan(target, inputs=inputs, constraints=constraints)
    return {arguments.flow or plan.flow.name: plan}


def _text_of(path: str) -> str:
    try:
        return Path(path).expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UsageError(f"{path} cannot be read: {reason}", hint="check the file's name") from error


COMMAND = Command("evaluate", "Score models on cases whose answers are known.", _configure, _act)
