"""What components cost is told on a run's card as what models cost is."""

import msgspec

from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.plan import Estimate, Plan
from nubem_jupyter.core.run import NodeRun, NodeState, Outcome, Run
from nubem_jupyter.render.badges import run_badges
from nubem_jupyter.render.pages import summary
from nubem_jupyter.render.tables import steps_table


def made(**spent) -> Run:
    flow = Flow.build("trip").component("days", "weather.forecast").output("days")
    node = NodeRun(path="days", kind="component", state=NodeState.FINISHED, value=1, ended_s=0.5, **spent)
    plan = Plan(flow=flow, request="", estimate=Estimate())
    return Run(id="20261122-120000-ab12cd", plan=plan, outcome=Outcome.FINISHED, result=1, nodes=(node,))


def told(run: Run) -> tuple[str, str, str]:
    table = steps_table(run)
    return summary(run), table.rows[0][table.columns.index("cost")], " ".join(run_badges(run)["days"].lines)


def test_a_component_that_costs_is_told_with_its_cost():
    assert all("$0.0020" in words for words in told(made(cost_usd=0.002)))


def test_a_component_of_unknown_cost_is_told_as_unknown():
    assert all("unknown" in words for words in told(made(unpriced=1)))


def test_a_run_without_models_has_no_columns_about_them():
    table = steps_table(made())
    assert table.columns == ("step", "cost", "time", "state")
    assert all(len(row) == len(table.columns) for row in table.rows)


def test_a_component_that_costs_nothing_needs_no_word_of_it():
    run = made()
    assert not any(word in words for words in told(run) for word in ("$", "free", "unknown"))
    resumed = msgspec.structs.replace(run, plan=msgspec.structs.replace(run.plan, spent_usd=0.25))
    assert "$0.25" in summary(resumed)
