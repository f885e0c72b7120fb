"""What is predicted of a candidate, in a line."""

import msgspec
import pytest

from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.explanation import calls_told, change_told, evidence, figures, grounds
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.model import CallsChange, Evidence, ResultsChange
from nubem_jupyter.core.plan import Candidate, Choice, Estimate, Plan, Range
from nubem_jupyter.core.weighed import Change, Front, FrontPoint, WhatIf


def found(right, source="suite"):
    return Evidence(capability="answer", n=20, score_sum=right, source=source, date="2026-05-01T10:00:00")


KNOWN = Candidate(
    model="a/x",
    quality=Range(low=0.71, value=0.9, high=0.97),
    cost_usd=Range(low=0.002, value=0.002, high=0.002),
    evidence=(found(18), found(17.5, "other")),
    reason="the best",
)


def test_what_is_nearly_whole_is_written_whole():
    assert evidence((found(17.96),)) == "18 of 20 right in suite, 2026-05-01"


def test_what_was_replayed_is_expected_and_no_answer_is_said_to_have_been_right():
    replayed = msgspec.structs.replace(found(18), replayed=True)
    said = "0.90 expected from replaying 20 cases, and any of other capabilities, 2026-05-01"
    assert evidence((replayed,)) == said


CHANGE = ResultsChange(
    capability="classify",
    source="evaluation of tickets",
    since="2026-11-20",
    n_before=20,
    score_before=18.0,
    n_since=20,
    score_since=9.5,
    weight=0.1,
)


def test_results_that_changed_are_told_with_what_they_were_and_are():
    assert change_told("a/x", CHANGE) == (
        "Results of a/x at classify changed around 2026-11-20: 18 of 20 right before, 9.5 of 20 since, "
        "in evaluation of tickets."
    )
    known = Candidate(model="a/x", evidence=(found(18),), changes=(CHANGE,))
    assert grounds(known) == (
        "18 of 20 right in suite, 2026-05-01; changed around 2026-11-20: 18 of 20 right before, 9.5 of 20 since"
    )
    assert grounds(Candidate(model="a/y")) == ""


@pytest.mark.parametrize(
    ("what", "before", "now", "told"),
    [
        ("first text", 0.5, 2.14, "first text after 2.1 s since 2026-11-20, before first text after 0.5 s"),
        ("pace", 60.0, 11.0, "11 tokens a second since 2026-11-20, before 60 tokens a second"),
        ("failures", 0.01, 0.3, "30% of calls fail since 2026-11-20, before 1% of calls fail"),
    ],
)
def test_calls_that_changed_are_told_with_what_they_were(what, before, now, told):
    change = CallsChange(what=what, since="2026-11-20", before=before, now=now)
    assert calls_told(change) == told
    assert grounds(Candidate(model="a/x", calls_changed=(change,))) == told


def test_every_known_figure_has_its_range_and_what_is_unknown_is_named():
    assert figures(KNOWN) == (
        "quality 0.90 (0.71–0.97), cost $0.002, time unknown; "
        "18 of 20 right in suite, 2026-05-01, 17.5 of 20 right in other, 2026-05-01"
    )
    assert figures(Candidate(model="a/y", latency_s=Range(low=1.0, value=2.0, high=3.5))) == (
        "time 2 s (1 s–3.5 s), quality and cost unknown"
    )
    assert figures(Candidate(model="a/y")) == ""


def test_of_many_sources_the_first_are_told():
    assert evidence(tuple(found(1, f"s{number}") for number in range(5))).endswith("in s2, 2026-05-01, and 2 more")


def test_a_plan_explains_each_candidate_with_its_figures():
    other = Candidate(model="a/y", quality=KNOWN.quality, reason="dearer")
    flow = Flow.build().input("t").model("draft", "{t}").output()
    plan = Plan(flow=flow, route={"draft": Choice(chosen=KNOWN, alternatives=(other,))})
    assert plan.explain("draft").splitlines() == [
        "draft: a/x, the best",
        f"  {figures(KNOWN)}",
        "  not a/y: dearer",
        "    quality 0.90 (0.71–0.97), cost and time unknown",
    ]


def test_a_front_with_unknown_figures_has_empty_cells():
    frame = Front(points=(FrontPoint(models={"draft": "a/x"}, estimate=Estimate(quality=KNOWN.quality)),)).frame
    assert frame["quality"].tolist() == [0.9]
    assert frame["cost_usd"].isna().all()


def test_what_changes_hands_is_a_table_and_its_choices_are_frozen():
    other = Candidate(model="a/y", quality=KNOWN.quality)
    found = WhatIf(
        constraints=Constraints(),
        chosen={"draft": other},
        before=Estimate(),
        estimate=Estimate(),
        changes=(Change(place="draft", before=KNOWN, after=other, reason="no difference is known"),),
    )
    (row,) = found.frame.to_dict(orient="records")
    assert (row["step"], row["before"], row["after"]) == ("draft", "a/x", "a/y")
    assert (row["cost_usd_before"], row["cost_usd_after"]) == (0.002, None)
    with pytest.raises(TypeError, match="frozen value"):
        found.chosen["draft"] = KNOWN
