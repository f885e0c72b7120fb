"""A plan written by a model: what it is asked, the form it must keep, and how its answer becomes a flow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from nubem_jupyter.core.call import Message
from nubem_jupyter.core.capability import CAPABILITIES
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.text import nearest, shorten
from nubem_jupyter.core.value import ValueType
from nubem_jupyter.engine.planner.planned import PlannedFlow, PlannedStep, draw_planned
from nubem_jupyter.errors import FlowError, PlanError

_MOST_STEPS = 12
_SYSTEM = """\
You plan work for language models. Answer with JSON only.
A plan has "steps", in the order of doing, and "output": the ids of the steps whose results are wanted.
A step has "id", "capability", "kind", "task" and "reads": names of inputs or of earlier steps.
Kinds: "model" asks a model to do the task with what it reads; "code" runs the Python program in "task", or with an \
empty task the program that the first step it reads has written; "map" does the task for each item of the list "over"; \
"join" puts what it reads together ("mode": object, list, text or vote); "branch" does the task only if the step "on" \
gave the text "equals"; "loop" does the task again until "until" holds.
Steps that do not read each other run at the same time. Use as few steps as the request needs.
Example for "Summarise the review and translate the summary into Spanish" with the input review:
{"steps":[{"id":"summary","capability":"summarize","kind":"model","task":"Summarise the review in one sentence.",\
"reads":["review"]},{"id":"spanish","capability":"translate","kind":"model","task":"Translate into Spanish.",\
"reads":["summary"]}],"output":["spanish"]}"""


def _schema() -> dict[str, Any]:
    text = {"type": "string"}
    name = {"type": "string", "maxLength": 40}
    step = {
        "type": "object",
        "properties": {
            "id": name,
            "capability": {"enum": [*CAPABILITIES, ""]},
            "kind": {"enum": ["model", "code", "map", "join", "branch", "loop"]},
            "task": text,
            "reads": {"type": "array", "items": name, "maxItems": _MOST_STEPS},
            "over": name,
            "mode": {"enum": ["object", "list", "text", "vote"]},
            "on": name,
            "equals": name,
            "until": text,
        },
        "required": ["id", "capability", "kind", "task", "reads"],
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {
            "steps": {"type": "array", "items": step, "minItems": 1, "maxItems": _MOST_STEPS},
            "output": {"type": "array", "items": name},
        },
        "required": ["steps", "output"],
        "additionalProperties": False,
    }


PLAN_SCHEMA: Mapping[str, Any] = _schema()
"""JSON Schema that a model's plan must satisfy."""


def plan_messages(request: str, inputs: Mapping[str, ValueType]) -> tuple[Message, ...]:
    """Write the chat that asks a model for a plan."""
    named = ", ".join(f"{name} ({kind})" for name, kind in inputs.items()) or "none"
    return (
        Message(role="system", content=f"{_SYSTEM}\nCapabilities: {' '.join(CAPABILITIES)}."),
        Message(role="user", content=f"Request: {request}\nInputs: {named}"),
    )


def repair_messages(messages: tuple[Message, ...], text: str, error: PlanError) -> tuple[Message, ...]:
    """Write the chat on: the model's plan, and what is wrong with it."""
    wrong = f"This plan cannot be used: {error.message}. Write the whole plan again, corrected, as JSON."
    return (*messages, Message(role="assistant", content=text), Message(role="user", content=wrong))


def read_plan(text: str, request: str, inputs: Mapping[str, ValueType]) -> Flow:
    """Turn a model's answer into a flow.

    Raises:
        PlanError: the answer is not a plan, or the plan cannot be a flow; the message says why.
    """
    plan = _decode(text)
    _check(plan, inputs)
    try:
        return draw_planned(plan, request, inputs)
    except FlowError as error:
        raise PlanError(f"the plan is no flow: {error.message}", hint=error.hint) from error


def _decode(text: str) -> PlannedFlow:
    start, end = text.find("{"), text.rfind("}") + 1
    if start < 0 or end <= start:
        raise PlanError(f"the model wrote no plan but '{shorten(text, 60)}'")
    try:
        return msgspec.json.decode(text[start:end], type=PlannedFlow)
    except msgspec.DecodeError as error:
        raise PlanError(f"the model's plan does not keep its form: {error}") from error


def _check(plan: PlannedFlow, inputs: Mapping[str, ValueType]) -> None:
    if not 1 <= len(plan.steps) <= _MOST_STEPS:
        raise PlanError(f"the plan has {len(plan.steps)} steps and must have 1 to {_MOST_STEPS}")
    known = set(inputs)
    for step in plan.steps:
        if step.id in known:
            raise PlanError(f"the name '{step.id}' stands for two things")
        _check_step(step)
        for name in filter(None, (*step.reads, step.over, step.on)):
            _check_known(name, known, f"step '{step.id}' reads")
        known.add(step.id)
    for name in plan.output:
        _check_known(name, known - set(inputs), "the output names")


def _check_step(step: PlannedStep) -> None:
    lacking = {
        "model": "task" * (not step.task.strip()),
        "map": "over" * (not step.over) or "task" * (not step.task.strip()),
        "branch": "on" * (not step.on) or "equals" * (not step.equals),
        "loop": "until" * (not step.until) or "reads" * (not step.reads),
        "join": "reads" * (not step.reads),
        "code": "task" * (not (step.task.strip() or step.reads)),
    }[step.kind]
    if lacking:
        raise PlanError(f"step '{step.id}' is a {step.kind} and lacks '{lacking}'")
    if step.kind != "join" and step.capability not in CAPABILITIES:
        close = nearest(step.capability, CAPABILITIES)
        hint = f"did you mean '{close}'?" if close else f"use one of: {' '.join(CAPABILITIES)}"
        raise PlanError(f"step '{step.id}' has the unknown capability '{step.capability}'; {hint}")


def _check_known(name: str, known: set[str], who: str) -> None:
    if name.partition(".")[0] not in known:
        raise PlanError(f"{who} '{name}', which is no earlier step; there are: {' '.join(sorted(known)) or 'none'}")
