"""What is shown of a flow, a plan, a run and an evaluation, in which order."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from functools import singledispatch
from typing import Any

from nubem_jupyter.core.dot import Badge, to_dot
from nubem_jupyter.core.evaluation import Evaluation
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.plan import Plan
from nubem_jupyter.core.run import Failure, Outcome, Run
from nubem_jupyter.core.value import ValueType
from nubem_jupyter.core.weighed import Front, WhatIf
from nubem_jupyter.render import tables
from nubem_jupyter.render.amount import costs, dollars, seconds, spent
from nubem_jupyter.render.badges import plan_badges, run_badges
from nubem_jupyter.render.blocks import Block, Details, Page, Picture, Shown, Words
from nubem_jupyter.render.cached import cached_summary
from nubem_jupyter.render.lesson import lesson_words
from nubem_jupyter.render.members import has_members, members_table
from nubem_jupyter.render.notices import failed_share, left_out, notices
from nubem_jupyter.render.outline import describe, outline
from nubem_jupyter.render.weighed import front_page, what_if_page

_MOST_WRITTEN = 10
_OUTCOMES = {
    Outcome.RUNNING: "not finished",
    Outcome.FINISHED: "finished",
    Outcome.FAILED: "failed",
    Outcome.CANCELLED: "stopped",
    Outcome.OVER_BUDGET: "stopped by its budget",
    Outcome.OVER_TIME: "stopped by its deadline",
}


@singledispatch
def page(value: Any) -> Page:
    """Say what is shown of a value; anything that is no value of ours is shown as it is."""
    return (Shown(value),)


@page.register
def _flow_page(flow: Flow) -> Page:
    count = sum(1 for _ in flow.walk())
    return (
        Words(f"Flow {flow.name}: {count} steps", "title"),
        picture(flow),
        Details("Steps in detail", (tables.nodes_table(flow),)),
    )


@page.register
def _plan_page(plan: Plan) -> Page:
    blocks: list[Block] = [Words(f"Plan for: {plan.request}" if plan.request else f"Plan: {plan.flow.name}", "title")]
    if plan.explanation:
        blocks.append(Words(plan.explanation))
    blocks += [Words(warning, "warning") for warning in plan.warnings]
    blocks += [picture(plan.flow, plan_badges(plan)), tables.estimate_table(plan.estimate), *_decisions(plan)]
    blocks += [Words(f"Open question: {question.text}", "warning") for question in plan.questions]
    if plan.rewrites:
        blocks.append(tables.rewrites_table(plan.rewrites))
    blocks.append(Words(_understood(plan) + _spent(plan), "quiet"))
    return tuple(blocks)


@page.register
def _run_page(run: Run) -> Page:
    blocks: list[Block] = []
    if run.failure is not None:
        blocks += _failure(run.failure)
    if run.outcome is Outcome.FINISHED:
        blocks.append(Shown(run.result, code=_gives_code(run.plan.flow)))
    blocks += [Words(warning, "warning") for warning in (*notices(run), *run.plan.warnings)]
    blocks += [Words(told, "quiet") for told in (summary(run), left_out(run)) if told]
    blocks += [picture(run.plan.flow, run_badges(run)), tables.steps_table(run)]
    if has_members(run):
        blocks.append(members_table(run))
    if any(choice.alternatives for choice in run.plan.route.values()):
        blocks.append(Details("Models that were not chosen, and why", (tables.alternatives_table(run.plan),)))
    if run.nodes:
        values = tables.values_table(run)
        blocks.append(Details(values.title or "What each step gave", (values,)))
    return (*blocks, *_written(run))


def _written(run: Run) -> Iterator[Block]:
    """Show what failed programs wrote, of the first of very many."""
    failed = (node for node in run.nodes if node.failure is not None and node.failure.detail)
    for node in itertools.islice(failed, _MOST_WRITTEN):
        assert node.failure is not None  # noqa: S101  # chosen so
        yield Details(f"What step '{node.path}' wrote before it failed", (Shown(node.failure.detail, code=True),))


@page.register
def _what_if_page(found: WhatIf) -> Page:
    return what_if_page(found)


@page.register
def _front_page(found: Front) -> Page:
    return front_page(found)


@page.register
def _evaluation_page(evaluation: Evaluation) -> Page:
    cases = len({sample.case for sample in evaluation.samples})
    count = "1 case" if cases == 1 else f"{cases} cases"
    about = f"Evaluation on {count} ({evaluation.dataset}), scored by {evaluation.scorer}"
    answers = len(evaluation.samples)
    return (
        Words(about, "title"),
        tables.means_table(evaluation),
        *lesson_words(evaluation),
        Details("The answer" if answers == 1 else f"All {answers} answers", (tables.samples_table(evaluation),)),
    )


def picture(flow: Flow, badges: Mapping[str, Badge] | None = None) -> Picture:
    """Draw a flow, with notes on its nodes."""
    return Picture(to_dot(flow, badges), outline(flow, badges), describe(flow))


def summary(run: Run) -> str:
    """Say in one line how a run ended and what it took."""
    models = [node.model for node in run.nodes if node.model]
    cost = [spent(run.cost_usd, run.unpriced, _dearest(models))] if costs(run.nodes) or run.cost_usd else []
    tokens = run.usage.output_tokens
    generated = [f"{tokens:,} tokens generated"] if tokens else []
    outcome = ", ".join(filter(None, (_OUTCOMES[run.outcome], failed_share(run))))
    figures = [outcome, seconds(run.latency_s), *cost, *generated, cached_summary(run)]
    return " · ".join([*filter(None, figures), f"run {run.id}"])


def _dearest(models: list[Any]) -> str | None:
    """Name a model that is not local if there is one, so that "local" is said only of a run that was."""
    return next((model for model in models if not model.startswith("local/")), models[0] if models else None)


def _failure(failure: Failure) -> list[Block]:
    words: list[Block] = [Words(failure.message, "failure")]
    return [*words, Words(f"Hint: {failure.hint}", "quiet")] if failure.hint else words


def _decisions(plan: Plan) -> list[Block]:
    blocks: list[Block] = [tables.decision_table(plan)] if plan.route else []
    if any(choice.alternatives for choice in plan.route.values()):
        blocks.append(Details("Models that were not chosen, and why", (tables.alternatives_table(plan),)))
    return blocks


def _understood(plan: Plan) -> str:
    if plan.confidence is None or plan.confidence >= 1:
        return ""
    return f"{plan.confidence:.0%} of the request was understood. "


def _spent(plan: Plan) -> str:
    return (
        f"Nothing was run; planning cost {dollars(plan.spent_usd)}." if plan.spent_usd else "Nothing was run or spent."
    )


def _gives_code(flow: Flow) -> bool:
    sources = {source.partition(".")[0] for source in flow.output.inputs.values()}
    return len(sources) == 1 and flow.node(sources.pop()).work.gives is ValueType.CODE
