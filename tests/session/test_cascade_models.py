"""A cascade of two real local models: both are asked, and what they say decides."""

from pathlib import Path

import pytest

from nubem_jupyter.core.cascade import CascadePlan, Member, Verdict
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.plan import Candidate, Choice, Plan
from nubem_jupyter.core.run import Outcome
from nubem_jupyter.session.session import Session
from nubem_jupyter.session.settings import Settings

pytestmark = pytest.mark.model

LABELS = ["positive", "negative"]


@pytest.fixture
async def session(model_home: Path, tmp_path: Path):
    """A session with a store of its own over the weights that are here."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "models").symlink_to(model_home / "models")
    opened = Session(Settings(home=home, workspace=tmp_path, providers=("local",)), {})
    yield opened
    await opened.aclose()


async def test_two_local_models_are_asked_and_the_second_only_where_the_first_is_not_believed(session):
    models = [info.id for info in session.models() if info.available]
    if len(models) < 2:
        pytest.skip("this needs the weights of two local models: nubem models pull NAME")
    first, second = sorted(models)[:2]
    flow = (
        Flow.build()
        .input("text")
        .model(
            "label",
            "Is the feeling of this text positive or negative? {text}",
            capability="classify",
            output="label",
            schema={"type": "string", "enum": LABELS},
            max_tokens=12,
        )
        .output("label")
    )
    # Where they disagree the second is believed; the first alone never is.
    verdicts = {"aa": Verdict(member=0, chance=0.8), "ab": Verdict(member=1, chance=0.6)}
    cascade = CascadePlan(members=(Member(model=first), Member(model=second)), verdicts=verdicts)
    plan = Plan(flow=flow, route={"label": Choice(chosen=Candidate(model=cascade.name, cascade=cascade))})
    run = await session.run(plan, {"text": "I love this place, everything was wonderful."})
    assert run.outcome is Outcome.FINISHED
    assert run.result in LABELS
    (step,) = [node for node in run.nodes if node.path == "label"]
    assert [member.model for member in step.members] == [first, second]
    assert step.usage.output_tokens == sum(member.usage.output_tokens for member in step.members) > 0
    agreed = step.members[0].value == step.members[1].value
    assert run.result == step.members[0 if agreed else 1].value
    assert [member.agreed for member in step.members] == [agreed, True]
    again = await session.run(plan, {"text": "I love this place, everything was wonderful."})
    assert [node.cached for node in again.nodes if node.path == "label"] == [True]
