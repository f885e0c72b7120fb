"""Why, what-if and fronts as text and HTML."""

import msgspec
import pytest

from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.model import Evidence
from nubem_jupyter.core.plan import Candidate, Choice, Estimate
from nubem_jupyter.core.weighed import Change, Front, FrontPoint, WhatIf
from nubem_jupyter.errors import UsageError
from nubem_jupyter.render.bundle import page_bundle, plain_bundle
from nubem_jupyter.render.weighed import front_page, why_page


def lines(page):
    return page_bundle(page)["text/plain"].splitlines()


def line(page, word):
    return next(one for one in lines(page) if one.startswith(word))


def test_each_candidate_of_a_step_is_shown_with_its_figures_and_its_evidence(plan):
    evidence = (Evidence(capability="review_code", n=20, score_sum=18, source="suite", date="2026-05-01"),)
    choice = plan.route["review"]
    chosen = msgspec.structs.replace(choice.chosen, evidence=evidence)
    plan = msgspec.structs.replace(plan, route={**plan.route, "review": msgspec.structs.replace(choice, chosen=chosen)})
    page = why_page(plan, "review")
    assert lines(page)[0] == "review: openai/gpt-4o, the only model that reaches min_quality 0.8"
    told = line(page, "✓")
    for part in ("openai/gpt-4o", "0.91 (0.85–0.95)", "$0.0031", "2.4 s", "18 of 20 right in suite, 2026-05-01"):
        assert part in told
    assert "none" in line(page, "·")
    assert "its price is unknown & a ceiling is set" in line(page, "✗")
    assert "&lt;b&gt;" in page_bundle(page)["text/html"]


def test_the_whole_begins_with_how_the_request_was_read(plan):
    told = lines(why_page(plan))
    assert told[0] == plan.explanation
    for place in plan.route:
        assert any(one.startswith(f"{place}: ") for one in told)
    assert why_page(msgspec.structs.replace(plan, explanation="", route={})) == ()


def test_of_very_many_candidates_the_first_are_shown(plan):
    many = tuple(Candidate(model=f"a/{number}", reason="not better") for number in range(40))
    plan = msgspec.structs.replace(plan, route={"review": Choice(chosen=many[0], alternatives=many[1:])})
    told = lines(why_page(plan, "review"))
    assert told[-1] == "15 more candidates are in plan.explain('review')."


def test_a_step_that_is_not_there_is_refused(plan):
    with pytest.raises(UsageError, match="no model is chosen for 'reviw'"):
        why_page(plan, "reviw")


def test_what_if_says_what_changes_hands_and_what_the_whole_takes(plan):
    choice = plan.route["review"]
    change = Change(place="review", before=choice.chosen, after=choice.alternatives[0], reason="cheaper (free)")
    free = Estimate(cost_usd=choice.alternatives[0].cost_usd)
    found = WhatIf(
        constraints=Constraints(),
        chosen={"review": change.after, "summary": change.after},
        before=plan.estimate,
        estimate=free,
        changes=(change,),
    )
    told = plain_bundle(found)["text/plain"]
    assert told.startswith("1 of 2 steps would change hands")
    assert "as planned" in told
    assert "cheaper (free)" in told
    assert "free" in next(one for one in told.splitlines() if one.startswith("then"))
    assert told.endswith("No model was called for this.")
    same = msgspec.structs.replace(found, changes=())
    assert plain_bundle(same)["text/plain"].startswith("No step would change hands")


def test_a_front_marks_what_the_plan_takes_and_counts_its_models(plan):
    def point(**models):
        return FrontPoint(models=models, estimate=plan.estimate)

    planned = {place: choice.model for place, choice in plan.route.items()}
    many = {f"s{number}": f"a/{number}" for number in range(9)}
    page = front_page(Front(points=(point(**planned), point(**many))), plan)
    told = page_bundle(page)["text/plain"]
    assert "local/smollm2-135m × 2, openai/gpt-4o" in line(page, "✓")
    assert "and 3 more" in told
    assert "✓ is what the plan takes" in told
    assert "✓" not in plain_bundle(Front(points=(point(**many),)))["text/plain"]
    assert plain_bundle(Front(points=()))["text/plain"] == "Nothing can be had within these limits."


def test_what_is_hardly_ever_right_is_marked(plan):
    weak = FrontPoint(models={"review": "a/x"}, estimate=Estimate(), remark="hardly ever right at review")
    fine = FrontPoint(models={"review": "a/y"}, estimate=Estimate())
    told = lines(front_page(Front(points=(weak, fine))))
    assert sum("⚠ hardly ever right at review" in one for one in told) == 1
    assert Front(points=(weak, fine)).frame["remark"].tolist() == ["hardly ever right at review", ""]
    assert not any("⚠" in one for one in lines(front_page(Front(points=(fine,)))))
    found = WhatIf(
        constraints=Constraints(), chosen={}, before=plan.estimate, estimate=Estimate(), remark="hardly ever right"
    )
    assert "! It would be hardly ever right." in plain_bundle(found)["text/plain"].splitlines()
