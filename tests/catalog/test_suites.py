import pytest

from nubem_jupyter.catalog.suites import RUN, load_suite, suite_names
from nubem_jupyter.core.evaluation import EvalCase
from nubem_jupyter.engine.evaluator import scorer

ALL = [load_suite(name) for name in suite_names()]
CASES = [
    pytest.param(task, case, id=f"{suite.capability} {case.input[:30]}")
    for suite in ALL
    for task in suite.tasks
    for case in task.cases
]


@pytest.mark.parametrize("suite", ALL, ids=suite_names())
def test_a_suite_has_enough_cases_and_none_twice(suite):
    inputs = [case.input for task in suite.tasks for case in task.cases]
    assert suite.n == len(inputs) == len(set(inputs))
    assert suite.n >= 12


@pytest.mark.parametrize(("task", "case"), CASES)
def test_no_case_is_right_by_saying_nothing_or_by_repeating_the_question(task, case):
    if task.scorer == RUN:
        assert all(len(check) == 2 for check in case.target)
        return
    for answer in ("", case.input):
        assert scorer(task.scorer).score(answer, EvalCase(inputs={"text": case.input}, target=case.target)).value < 1


def test_a_suite_that_is_not_there_is_not_invented():
    with pytest.raises(FileNotFoundError):
        load_suite("juggle")
