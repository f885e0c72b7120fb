"""A step may have its answers checked by a program: one that does not pass is no answer."""

from __future__ import annotations

import pytest

from nubem_jupyter.core.cascade import CascadePlan, Member, Verdict
from nubem_jupyter.core.constraint import Constraints, SecurityLevel
from nubem_jupyter.core.evaluation import Dataset, EvalCase
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.plan import Candidate, Choice, Plan
from nubem_jupyter.core.run import Outcome
from nubem_jupyter.errors import SandboxUnavailableError
from nubem_jupyter.ports import CodeResult
from nubem_jupyter.session.session import Session
from nubem_jupyter.session.settings import Settings
from nubem_jupyter.testing import FakeSandbox, ScriptedProvider, scripted_model

A, B = "scripted/a", "scripted/b"
RIGHT = "def double(n):\n    return 2 * n"
WRONG = "def double(n):\n    return n"


@pytest.fixture
async def make(tmp_path):
    """Sessions over one home, whose models say what they are told to."""
    opened = []

    def make(answers, *, cache=False, sandbox=None):
        models = [scripted_model(name) for name in (A, B)]
        provider = ScriptedProvider(then=lambda call: answers[call.model], models=models)
        settings = Settings(home=tmp_path / "home", workspace=tmp_path, providers=(), cache=cache)
        session = Session(settings, {}, providers={"scripted": provider})
        if sandbox is not None:
            session.__dict__["sandbox"] = sandbox
        opened.append(session)
        return session, provider

    yield make
    for session in opened:
        await session.aclose()


def passes(*values):
    """A sandbox in which a check passes for these answers alone."""
    return FakeSandbox(lambda request: CodeResult(ok=True, result=request.variables["answer"] in values))


def written(**fields):
    given = {"capability": "write_code", "output": "code", "check": "assert double(n) == 2 * n", **fields}
    return Flow.build().input("n").model("code", "A function that doubles, such as {n}.", **given).output("code")


def planned(flow, *models, verdicts=None):
    if len(models) == 1:
        return Plan(flow=flow, route={"code": Choice(chosen=Candidate(model=models[0]))})
    cascade = CascadePlan(members=tuple(Member(model=name) for name in models), verdicts=verdicts or {})
    return Plan(flow=flow, route={"code": Choice(chosen=Candidate(model=cascade.name, cascade=cascade))})


async def test_code_is_run_before_its_check_and_taken_where_that_passes(make):
    session, _ = make({A: f"```python\n{RIGHT}\n```", B: WRONG})
    run = await session.run(planned(written(), A), {"n": 3})
    assert (run.outcome, run.result) == (Outcome.FINISHED, RIGHT)
    run = await session.run(planned(written(), B), {"n": 3})
    assert (run.outcome, run.failure.code) == (Outcome.FAILED, "run.node")
    assert "the answer of 'code' did not pass its check: AssertionError" in run.failure.message


async def test_a_check_sees_the_answer_and_the_steps_inputs_and_may_say_no_in_result(make):
    sandbox = passes("fine")
    session, _ = make({A: "fine", B: "no"}, sandbox=sandbox)
    flow = written(output="text", check="result = looks(answer, n)")
    assert (await session.run(planned(flow, A), {"n": 3})).result == "fine"
    assert "result = looks(answer, n)\n" in sandbox.requests[0].source
    assert sandbox.requests[0].variables == {"n": 3, "answer": "fine"}
    assert (await session.run(planned(flow, B), {"n": 3})).outcome is Outcome.FAILED


@pytest.mark.parametrize(
    "exits", ["import sys\nsys.exit()", "raise SystemExit(0)", "result = True\nexit(0)", "import os\nos._exit(0)"]
)
async def test_wrong_code_that_ends_itself_before_its_check_does_not_pass(make, exits):
    session, _ = make({A: f"{WRONG}\n\n{exits}", B: ""})
    run = await session.run(planned(written(), A), {"n": 3})
    assert (run.outcome, run.failure.code) == (Outcome.FAILED, "run.node")


async def test_a_function_that_ends_the_program_when_it_is_called_does_not_pass(make):
    session, _ = make({A: "def double(n):\n    raise SystemExit", B: ""})
    run = await session.run(planned(written(), A), {"n": 3})
    assert "the program ended itself before its last line" in run.failure.message


@pytest.mark.parametrize(
    ("check", "passes_it"),
    [
        ("len(answer) > 3", False),
        ("len(answer) > 1", True),
        ("import re\nre.match('x', answer)", False),
        ("import re; re.match(\n    'w',  # the first letter\n    answer,\n)", True),
        ("result = 0", False),
        ("result = len(answer) > 3\nlen(answer)", False),
        ("result = len(answer) > 1\nlen('')", True),
        ("if len(answer) > 3:\n    result = False", True),
        ("if len(answer) > 1:\n    result = False", False),
        ("assert len(answer) == 2", True),
        ("'", False),
        ("# nothing to say", True),
    ],
)
async def test_the_verdict_is_the_checks_result_or_the_value_of_its_last_line(make, check, passes_it):
    session, _ = make({A: "wo", B: ""})
    run = await session.run(planned(written(output="text", check=check), A), {"n": 3})
    assert run.outcome is (Outcome.FINISHED if passes_it else Outcome.FAILED)


@pytest.mark.parametrize(
    ("code", "check"),
    [
        ("result = 0", "assert True"),
        ("result = 0", "if False:\n    result = False"),
        ("result = 0", "assert result == 0"),
        ("result = 4", "result = result == 4"),
    ],
)
async def test_what_the_answers_own_code_leaves_in_result_is_no_verdict(make, code, check):
    session, _ = make({A: code, B: ""})
    run = await session.run(planned(written(check=check), A), {"n": 3})
    assert run.outcome is Outcome.FINISHED


async def test_in_a_cascade_the_next_is_asked_where_an_answer_does_not_pass_and_only_there(make):
    verdicts = {"a": Verdict(member=0, chance=0.95), "-a": Verdict(member=1, chance=0.9)}
    flow = written(output="text")
    session, provider = make({A: "good", B: "good"}, sandbox=passes("good"))
    run = await session.run(planned(flow, A, B, verdicts=verdicts), {"n": 1})
    assert (run.result, len(provider.calls)) == ("good", 1)
    session, provider = make({A: "bad", B: "good"}, sandbox=passes("good"))
    run = await session.run(planned(flow, A, B, verdicts=verdicts), {"n": 1})
    assert (run.result, [call.model for call in provider.calls]) == ("good", [A, B])
    (step,) = [node for node in run.nodes if node.path == "code"]
    assert "did not pass its check" in step.members[0].failure.message


async def test_two_that_pass_agree_whatever_their_words(make):
    session, _ = make({A: "one way", B: "another way"}, sandbox=passes("one way", "another way"))
    verdicts = {"aa": Verdict(member=1, chance=0.99)}
    run = await session.run(planned(written(output="text"), A, B, verdicts=verdicts), {"n": 1})
    assert run.result == "another way"
    (step,) = [node for node in run.nodes if node.path == "code"]
    assert [member.agreed for member in step.members] == [True, True]


async def test_an_answer_that_did_not_pass_is_not_kept_and_one_at_hand_is_checked_again(make):
    flow = written(output="text")
    session, provider = make({A: "word", B: ""}, cache=True, sandbox=passes())
    for calls in (1, 2):
        assert (await session.run(planned(flow, A), {"n": 1})).outcome is Outcome.FAILED
        assert len(provider.calls) == calls
    session.__dict__["sandbox"] = passes("word")
    for _ in range(2):
        assert (await session.run(planned(flow, A), {"n": 1})).result == "word"
    assert len(provider.calls) == 3
    session.__dict__["sandbox"] = passes()
    assert (await session.run(planned(flow, A), {"n": 1})).outcome is Outcome.FAILED
    assert len(provider.calls) == 4


async def test_what_cannot_be_isolated_as_wanted_is_refused_before_anything_is_asked(make):
    session, provider = make({A: "good", B: ""}, sandbox=passes("good"))
    plan = planned(written(), A)
    strict = Plan(flow=plan.flow, route=plan.route, constraints=Constraints(security_level=SecurityLevel.HIGH))
    with pytest.raises(SandboxUnavailableError, match="step 'code' runs code"):
        await session.run(strict, {"n": 1})
    assert provider.calls == []


async def test_an_evaluation_tells_who_passes(make):
    session, _ = make({A: "bad", B: "good"}, sandbox=passes("good"))
    cases = Dataset(name="made", cases=(EvalCase(inputs={"n": 1}, target="good", id="1"),))
    await session.evaluate(
        cases, "exact", targets={"it": written(output="text")}, models=(A, B), capability="write_code"
    )
    outcomes = {one.model: one for one in session.outcomes.of("write_code", "checked")}
    assert (outcomes[A].score, outcomes[A].form) == (0.0, None)
    assert outcomes[B].score == 1.0
    assert outcomes[B].form is not None
