"""Cases without what a scorer compares answers with are refused before anything is run."""

import pytest

from nubem_jupyter.core.evaluation import Dataset, EvalCase
from nubem_jupyter.engine.evaluator import check_targets, parse_cases, scorer
from nubem_jupyter.engine.evaluator.scorers import scorer_names
from nubem_jupyter.errors import EvaluationError


@pytest.mark.parametrize("spec", scorer_names())
def test_a_header_without_a_target_is_refused_and_its_columns_are_named(spec):
    with pytest.raises(EvaluationError, match="no column 'target'") as caught:
        check_targets(parse_cases("question,answer\nWho?,Ana\n", "cell"), scorer(spec))
    assert "question, answer" in caught.value.hint


@pytest.mark.parametrize("spec", ["contains", "regex"])
@pytest.mark.parametrize("target", ["", "  ", None, []])
def test_an_empty_target_that_every_answer_would_contain_is_refused(spec, target):
    cases = (
        EvalCase(inputs={"input": 1}, target="x", id="one"),
        EvalCase(inputs={"input": 2}, target=target, id="two"),
    )
    with pytest.raises(EvaluationError, match="case 'two' is empty"):
        check_targets(Dataset(name="d", cases=cases), scorer(spec))


def test_a_pattern_of_its_own_needs_no_target_and_other_scorers_may_expect_nothing():
    check_targets(parse_cases("- {input: a}", "cell"), scorer(r"regex:\d"))
    check_targets(parse_cases("- {input: a, target: x}\n- {input: b, target: null}", "cell"), scorer("json"))
    check_targets(parse_cases("- {input: a, target: x}", "cell"), scorer("contains"))


def test_a_lone_line_is_told_what_a_dataset_looks_like():
    with pytest.raises(EvaluationError, match="no cases") as caught:
        parse_cases("What is the capital of Peru?", "cell")
    assert "input,target" in caught.value.hint
