"""What a step's record tells of the deployment that was asked."""

import msgspec
import pytest

from nubem_jupyter.core.call import Answer, Usage
from nubem_jupyter.core.ids import ModelId, NodePath
from nubem_jupyter.core.observation import CallObservation, answered_call, observed, passed_check
from nubem_jupyter.core.run import Failure, MemberRun, NodeRun, NodeState
from nubem_jupyter.errors import (
    BudgetError,
    CallFailedError,
    CallRejectedError,
    DeploymentGoneError,
    DeploymentRestingError,
    ModelUnavailableError,
    NodeError,
    ProviderError,
)

MODEL = ModelId("a/b")
ANSWERED = NodeRun(
    path=NodePath("ask"),
    kind="prompt",
    capability="answer",
    state=NodeState.FINISHED,
    model=MODEL,
    prompt="a secret",
    value="another",
    usage=Usage(input_tokens=9, output_tokens=21),
    call_s=1.5,
    first_token_s=0.5,
)


def failed(error, **changes):
    failure = Failure(code=error.code, message="why")
    return msgspec.structs.replace(
        ANSWERED, state=NodeState.FAILED, failure=failure, call_s=None, first_token_s=None, **changes
    )


def test_what_of_the_prompt_was_read_before_is_told_where_one_call_alone_was_made():
    used = Usage(input_tokens=100, output_tokens=21, cached_tokens=80)
    node = msgspec.structs.replace(ANSWERED, usage=used)
    assert observed(node, 0.0).cached_share == 0.8
    assert observed(msgspec.structs.replace(node, tries=2), 0.0).cached_share == 0.0
    assert answered_call(MODEL, "answer", 0.0, Answer(text="x", usage=used)).cached_share == 0.8
    assert answered_call(MODEL, "answer", 0.0, Answer(text="x")).cached_share == 0.0


def test_an_answered_call_tells_how_long_it_took():
    seen = observed(ANSWERED, 77.0)
    assert seen == CallObservation(
        model=MODEL, capability="answer", at_s=77.0, ok=True, first_token_s=0.5, output_tokens=21, total_s=1.5
    )
    assert seen.tokens_per_s == pytest.approx(20.0)


@pytest.mark.parametrize("changes", [{"tries": 2}, {"hedges": 1}, {"estimated": True}])
def test_tokens_of_several_tries_together_tell_no_rate(changes):
    seen = observed(msgspec.structs.replace(ANSWERED, **changes), 77.0)
    assert (seen.first_token_s, seen.tokens_per_s) == (0.5, None)


def test_an_answer_without_a_record_tells_the_same():
    answer = Answer(text="another", usage=ANSWERED.usage, first_token_s=0.5, total_s=1.5)
    assert answered_call(MODEL, "answer", 77.0, answer) == observed(ANSWERED, 77.0)


def test_no_text_is_observed():
    assert b"secret" not in msgspec.json.encode(observed(ANSWERED, 77.0))
    assert b"another" not in msgspec.json.encode(observed(ANSWERED, 77.0))


@pytest.mark.parametrize("error", [CallFailedError, ProviderError])
def test_a_failure_of_the_deployment_is_counted_with_its_kind(error):
    seen = observed(failed(error), 77.0)
    assert (seen.ok, seen.error_kind, seen.first_token_s) == (False, error.code, None)


@pytest.mark.parametrize(
    "error", [CallRejectedError, ModelUnavailableError, DeploymentGoneError, DeploymentRestingError, BudgetError]
)
def test_what_lies_with_the_caller_and_what_was_never_asked_says_nothing(error):
    assert observed(failed(error), 77.0) is None


@pytest.mark.parametrize("error", [NodeError, BudgetError])
def test_an_answer_that_could_not_be_used_was_an_answer_all_the_same(error):
    seen = observed(msgspec.structs.replace(failed(error), call_s=1.5, first_token_s=0.5), 77.0)
    assert (seen.ok, seen.total_s, seen.first_token_s) == (True, 1.5, 0.5)


@pytest.mark.parametrize(
    "changes",
    [
        {"cached": True},
        {"model": None},
        {"state": NodeState.CANCELLED, "call_s": None},
        {"members": (MemberRun(place=0, model=MODEL, call="each tells of itself"),)},
    ],
)
def test_where_no_call_ended_nothing_is_observed(changes):
    assert observed(msgspec.structs.replace(ANSWERED, **changes), 77.0) is None


def test_a_call_of_which_nobody_told_the_time_counts_as_answered():
    seen = observed(msgspec.structs.replace(ANSWERED, call_s=None, first_token_s=None), 77.0)
    assert seen.ok
    assert seen.tokens_per_s is None


@pytest.mark.parametrize(
    "changes", [{"output_tokens": 1}, {"first_token_s": None}, {"total_s": None}, {"total_s": 0.5}, {"total_s": 0.1}]
)
def test_a_call_that_is_too_short_tells_no_rate(changes):
    assert msgspec.structs.replace(observed(ANSWERED, 77.0), **changes).tokens_per_s is None


@pytest.mark.parametrize(
    ("node", "passed"),
    [
        (ANSWERED, True),
        (failed(NodeError("it did not pass")), False),
        (failed(NodeError("nothing was asked"), usage=Usage()), None),
        (failed(CallFailedError("down")), None),
        (failed(NodeError("x"), cached=True), None),
        (msgspec.structs.replace(ANSWERED, cached=True), None),
        (msgspec.structs.replace(ANSWERED, model=None), None),
        (msgspec.structs.replace(ANSWERED, members=(MemberRun(place=0, model=MODEL, call="d"),)), None),
        (msgspec.structs.replace(failed(NodeError("x")), state=NodeState.CANCELLED), None),
        (msgspec.structs.replace(ANSWERED, state=NodeState.CANCELLED), None),
    ],
)
def test_only_an_answer_that_was_given_and_checked_tells_whether_it_passed(node, passed):
    assert passed_check(node) is passed
