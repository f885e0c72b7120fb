"""Who has answered the same cases, and what is missing where nobody has."""

import msgspec

from nubem_jupyter.core.outcome import CaseOutcome
from nubem_jupyter.engine.sharing import LEAST_CASES, LEAST_OWN, sharing, why_not_learned


def answered(model, cases, sample=0):
    return [
        CaseOutcome(capability="classify", kind="label", query=str(case), model=model, sample=sample, score=1.0)
        for case in cases
    ]


def models(found):
    return [member.model for member in found.members]


def test_those_who_share_enough_cases_can_be_compared():
    found = sharing(answered("x/a", range(40)) + answered("x/b", range(5, 50)) + answered("x/few", range(9)))
    assert models(found) == ["x/b", "x/a"]
    assert found.most == 35


def test_one_that_would_cost_more_than_half_of_the_shared_cases_is_left_out():
    found = sharing([*answered("x/a", range(100)), *answered("x/b", range(100)), *answered("x/c", range(60, 110))])
    assert models(found) == ["x/a", "x/b"]


def elsewhere(made):
    return [msgspec.structs.replace(one, capability="judge") for one in made]


def test_why_nothing_can_be_learned_is_said():
    enough, own = range(LEAST_CASES), range(LEAST_OWN)

    def why(*made):
        return why_not_learned([one for those in made for one in those], "classify")

    assert why(answered("x/a", enough), answered("x/b", enough)) == ""
    assert why(answered("x/a", enough), answered("x/a", enough, 1)) == ""
    assert why().startswith("no model that plans may choose")
    assert why(elsewhere(answered("x/a", enough))).startswith("no model that plans may choose")
    assert why(answered("x/a", enough)).startswith("only one model that plans may choose")
    assert f"shares 9 of them with another, of {LEAST_OWN}" in why(answered("x/a", enough), answered("x/b", range(9)))
    assert "shares 9 of them" in why(answered("x/a", enough), answered("x/a", range(9), 1))
    few = answered("x/a", own), answered("x/b", own)
    assert f"shares {LEAST_OWN} of them with another, of {LEAST_CASES}" in why(*few)


def test_what_both_did_elsewhere_counts_and_what_one_alone_did_does_not():
    enough = range(LEAST_CASES)
    few = [*answered("x/a", range(LEAST_OWN)), *answered("x/b", range(LEAST_OWN)), *elsewhere(answered("x/a", enough))]
    assert why_not_learned(few, "classify") != ""
    assert why_not_learned([*few, *elsewhere(answered("x/b", enough))], "classify") == ""
