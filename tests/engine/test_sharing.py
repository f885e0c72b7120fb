"""Who has answered the same cases, and what is missing where nobody has."""

from nubem_jupyter.core.outcome import CaseOutcome
from nubem_jupyter.engine.sharing import LEAST_CASES, sharing, why_not_learned


def answered(model, cases, sample=0):
    return [
        CaseOutcome(capability="classify", kind="label", query=str(case), model=model, sample=sample, score=1.0)
        for case in cases
    ]


def models(found):
    return [member.model for member in found.members]


def test_those_who_share_enough_cases_can_be_compared():
    found = sharing(answered("x/a", range(40)) + answered("x/b", range(5, 50)) + answered("x/few", range(10)))
    assert models(found) == ["x/b", "x/a"]
    assert found.most == 35


def test_one_that_would_cost_more_than_half_of_the_shared_cases_is_left_out():
    found = sharing([*answered("x/a", range(100)), *answered("x/b", range(100)), *answered("x/c", range(60, 110))])
    assert models(found) == ["x/a", "x/b"]


def test_why_nothing_can_be_learned_is_said():
    enough = range(LEAST_CASES)
    assert why_not_learned([*answered("x/a", enough), *answered("x/b", enough)]) == ""
    assert why_not_learned([*answered("x/a", enough), *answered("x/a", enough, 1)]) == ""
    assert why_not_learned([]).startswith("no model that plans may choose")
    assert why_not_learned(answered("x/a", enough)).startswith("only one model that plans may choose")
    assert "shares 12 of them" in why_not_learned([*answered("x/a", enough), *answered("x/b", range(12))])
    assert "shares 9 of them" in why_not_learned([*answered("x/a", enough), *answered("x/a", range(9), 1)])
