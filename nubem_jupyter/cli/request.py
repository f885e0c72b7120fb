"""What ``plan`` and ``run`` are asked for: a request or a saved flow, its inputs, and what it must stay within."""

from __future__ import annotations

import argparse
from typing import Any

from nubem_jupyter.cli.command import Context
from nubem_jupyter.cli.inputs import read_inputs
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.plan import Plan
from nubem_jupyter.errors import InfeasibleError, UsageError
from nubem_jupyter.session.open_input import with_text
from nubem_jupyter.session.options import constraints_from, decimal, whole

_WHAT_TO_WRITE = 'write what to do in quotes, such as "Summarise this text", or --flow NAME; see: nubem flows'


def add_request_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the request, the inputs and the constraints."""
    parser.add_argument("request", nargs="?", default="", help="what to do, in plain language, in quotes")
    parser.add_argument("--flow", metavar="NAME", help="run a saved flow; the text is its one open input")
    parser.add_argument(
        "-i",
        "--input",
        dest="inputs",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="a value: name=text, name:=JSON, name=@file, name=@- (repeatable)",
    )
    parser.add_argument("--save", metavar="NAME", help="keep the flow in the workspace under this name")
    parser.add_argument("--no-optimize", action="store_true", help="leave the flow as it was planned")
    parser.add_argument("--seed", metavar="N", type=whole("--seed"), help="seed of the sampling, for every model call")
    parser.add_argument(
        "--temperature",
        metavar="T",
        type=decimal("--temperature"),
        help="0 takes the likeliest words; for every model call",
    )
    add_constraint_arguments(parser)


def add_constraint_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options that limit a run."""
    group = parser.add_argument_group("constraints on the whole run")
    group.add_argument("--max-cost", metavar="USD", help="most that it may cost, in US dollars")
    group.add_argument("--max-latency", metavar="S", help="most time that it may take, in seconds")
    group.add_argument("--min-quality", metavar="0..1", help="least chance that every answer of the run is right")
    group.add_argument("--security", metavar="LEVEL", help="low, medium or high")
    group.add_argument("--local", action="store_true", help="keep all text on this machine")
    group.add_argument("--region", metavar="R", help="only models on this machine or that run there, such as eu")
    group.add_argument("--models", metavar="A,B", action="append", help="only these models")
    group.add_argument("--prefer", metavar="WHAT", help="balanced, cost, latency or quality")
    group.add_argument("--require", metavar="FEATURE", action="append", help="what every model must be able to do")
    group.add_argument("--allow", metavar="PERMISSION", action="append", help="a permission for code and tools")


async def planned(arguments: argparse.Namespace, context: Context) -> tuple[Plan, dict[str, Any]]:
    """Plan what the arguments ask for; returns the plan and the values of its inputs.

    Raises:
        UsageError: there is neither a request nor a flow, the flow has no one open input for the request's text, or an
            input is written wrongly.
        NubemError: it cannot be planned; see the session.
    """
    constraints = constraints_from(vars(arguments))
    inputs = read_inputs(arguments.inputs)
    target, inputs = _asked(arguments, context, inputs)
    try:
        plan = await context.session.plan(
            target,
            inputs=inputs,
            constraints=constraints,
            optimize=not arguments.no_optimize,
            temperature=arguments.temperature,
            seed=arguments.seed,
        )
    except InfeasibleError as error:
        if isinstance(error.flow, Flow):
            _save(arguments, context, error.flow)
        raise
    _save(arguments, context, plan.flow)
    return plan, inputs


def _save(arguments: argparse.Namespace, context: Context, flow: Flow) -> None:
    if arguments.save:
        context.session.flows.save(flow, arguments.save)
        context.terminal.note(f"saved; use it with --flow {arguments.save}")


def _asked(
    arguments: argparse.Namespace, context: Context, inputs: dict[str, Any]
) -> tuple[str | Flow, dict[str, Any]]:
    text = arguments.request.strip()
    if arguments.flow:
        flow = context.session.flows.load(arguments.flow)
        return flow, with_text(flow, inputs, text)
    if not text:
        raise UsageError("a request or a saved flow is needed", hint=_WHAT_TO_WRITE)
    return text, inputs


def target_of(arguments: argparse.Namespace, context: Context) -> str | Flow:
    """Return the request, or load the saved flow.

    Raises:
        UsageError: there is neither, or both.
        NubemError: the flow cannot be read.
    """
    if bool(arguments.request.strip()) == bool(arguments.flow):
        raise UsageError("a request or a saved flow is needed, and not both", hint=_WHAT_TO_WRITE)
    return context.session.flows.load(arguments.flow) if arguments.flow else str(arguments.request)
