"""From scored cases to cascades by name, with a verdict for each way in which answers can agree."""

import itertools

import msgspec
import numpy as np
import pytest

from nubem_jupyter.core.cascade import Verdict
from nubem_jupyter.core.outcome import CaseOutcome
from nubem_jupyter.engine.answer_form import digest_of
from nubem_jupyter.engine.asking import AskMembers, Said, Take, following
from nubem_jupyter.engine.ballot import NOTHING, verdict_on
from nubem_jupyter.engine.cascade import learn_cascades as learn_all
from nubem_jupyter.engine.sharing import LEAST_CASES, LEAST_OWN

SKILLS = {"x/small": 0.7, "x/other": 0.7, "y/large": 0.85}
PRICES = {"x/small": 0.001, "x/other": 0.001, "y/large": 0.1}


def outcomes(cases=300, *, skills=None, seed=0, **fields):
    """Models that are right by chance, each on its own, and wrong in ten ways."""
    rng = np.random.default_rng(seed)
    made = []
    for case, (model, skill) in itertools.product(range(cases), (skills or SKILLS).items()):
        right = rng.random() < skill
        made.append(
            CaseOutcome(
                capability="classify",
                kind="label",
                query=f"q{case}",
                model=model,
                date=f"2030-01-{1 + case * 28 // cases:02}",
                score=float(right),
                form="right" if right else f"wrong {rng.integers(10)}",
                cost_usd=PRICES.get(model),
                latency_s=0.5 + rng.random(),
            )
        )
    return [msgspec.structs.replace(one, **fields) for one in made]


def learn_cascades(made):
    """Return what is learned of the one capability."""
    return learn_all(made).get("classify", ())


@pytest.fixture(scope="module")
def learned():
    return learn_cascades(outcomes())


def test_the_best_is_surer_than_the_best_model_and_does_not_always_ask_all(learned):
    best = learned[0]
    assert set(best.cascade.models) == set(SKILLS)
    assert best.evidence.score_sum / best.evidence.n > SKILLS["y/large"]
    assert best.asked[-1] < 1.0


def test_two_that_agree_are_taken_and_two_that_do_not_are_not(learned):
    cascade = learned[0].cascade
    assert isinstance(following(cascade, [Said(True, "x"), Said(True, "x")]), Take)
    assert isinstance(following(cascade, [Said(True, "x"), Said(True, "y")]), AskMembers)


def test_there_are_few_and_each_has_a_name_of_its_own(learned):
    names = [one.cascade.name for one in learned]
    assert 0 < len(names) == len(set(names)) <= 12


def test_one_is_the_fastest_for_those_in_a_hurry_and_one_the_cheapest():
    """Cheap ones that are slow, one after the other, take longer than a dear one; at once they do not."""
    slow = outcomes(600, skills={"x/small": 0.75, "x/other": 0.75, "x/third": 0.75, "y/large": 0.76}, latency_s=1.0)
    found = learn_cascades([msgspec.structs.replace(one, cost_usd=PRICES.get(one.model, 0.001)) for one in slow])
    assert len({one.cascade.at_once for one in found}) > 1


def test_shares_fall_from_the_first_who_is_always_asked(learned):
    for one in learned:
        assert one.asked[0] == 1.0
        assert list(one.asked) == sorted(one.asked, reverse=True)
        assert len(one.asked) == len(one.cascade.members)
        assert one.asked[1] > 0


def test_every_way_of_agreeing_has_a_verdict_when_all_were_asked(learned):
    for one in learned:
        count = len(one.cascade.members)
        for forms in itertools.product([None, "x", "y", "z", "w"], repeat=count):
            said = [Said(True, form) for form in forms]
            assert not isinstance(following(one.cascade, said), AskMembers)
        assert all(isinstance(verdict, Verdict) for verdict in one.cascade.verdicts.values())
        ways = [pattern for pattern in every_pattern(count) if isinstance(verdict_on(one.cascade, pattern), Verdict)]
        assert len(ways) == {2: 5, 3: 15, 4: 52}[count]


def every_pattern(count):
    """Yield each way in which so many answers can agree."""
    if not count:
        yield ""
        return
    for before in every_pattern(count - 1):
        known = len(set(before) - {NOTHING})
        yield from (before + letter for letter in (NOTHING, *"abcdefg"[: known + 1]))


def test_what_it_rests_on_is_told_with_the_day_of_the_middle_case(learned):
    for one in learned:
        assert (one.evidence.n, one.evidence.capability) == (300, "classify")
        assert "2030-01-10" < one.evidence.date < "2030-01-20"


def test_equal_cases_teach_the_same(learned):
    assert learn_cascades(outcomes()) == learned


def test_models_that_cost_nothing_or_nobody_knows_what_are_told_apart_by_their_time():
    for price in (0.0, None):
        found = learn_cascades(outcomes(cost_usd=price))
        assert found
        assert len(found[0].cascade.members) > 1
    assert learn_cascades(outcomes(cost_usd=0.0, latency_s=0.0))


def test_answers_of_one_model_may_be_asked_for_again():
    skills = {"x/small 0": 0.75, "x/small 1": 0.75, "x/small 2": 0.75}
    again = [
        msgspec.structs.replace(one, model=one.model.split()[0], sample=int(one.model.split()[1]))
        for one in outcomes(skills=skills)
    ]
    found = learn_cascades(again)
    assert found
    for one in found:
        assert one.cascade.models == ("x/small",)
        assert [member.sample for member in one.cascade.members] == list(range(len(one.cascade.members)))


def test_what_it_promises_is_kept_on_cases_that_it_never_saw():
    """Of many models that are equally good the best cascade is a lucky one, and promises no more for that."""
    skills = {f"x/{letter}": 0.7 for letter in "abcdef"}
    gaps = []
    for seed in range(4):
        best = learn_cascades(outcomes(80, skills=skills, seed=seed))[0]
        promised = best.evidence.score_sum / best.evidence.n
        fresh = [one for one in outcomes(400, skills=skills, seed=seed + 100) if one.model in best.cascade.models]
        by_case = {}
        for one in fresh:
            by_case.setdefault(one.query, {})[one.model] = one
        gaps.append(promised - np.mean([by_hand(best.cascade, calls) for calls in by_case.values()]))
    assert np.mean(gaps) < 0.03


def by_hand(cascade, calls):
    """Ask as a run does; return the score of what is taken."""
    asked = []
    while isinstance(decided := following(cascade, [Said(True, one.form) for one in asked]), AskMembers):
        asked += [calls[member.model] for member in cascade.members[decided.begin : decided.end]]
    return asked[decided.member].score


def test_of_many_models_the_best_and_the_cheap_ones_take_part():
    skills = {f"x/{letter}": 0.5 for letter in "abcdefgh"} | {"z/best": 0.9, "z/cheap": 0.8}
    made = outcomes(200, skills=skills, cost_usd=0.1)
    prices = {"z/cheap": 0.001}
    found = learn_cascades([msgspec.structs.replace(one, cost_usd=prices.get(one.model, 0.1)) for one in made])
    assert {"z/best", "z/cheap"} <= {model for one in found for model in one.cascade.models}


def test_too_few_cases_or_a_lone_model_teach_nothing():
    assert learn_cascades(outcomes(LEAST_CASES - 1)) == ()
    assert learn_cascades(outcomes(skills={"x/small": 0.7})) == ()
    assert learn_cascades([]) == ()


def test_a_model_with_few_of_the_cases_does_not_take_the_others_evidence_away():
    made = outcomes(skills={"x/small": 0.75, "x/other": 0.75, "x/third": 0.75, "y/large": 0.85})
    rare = [one for one in made if one.model != "y/large" or int(one.query[1:]) < LEAST_CASES + 5]
    found = learn_cascades(rare)
    assert {model for one in found for model in one.cascade.models} == {"x/small", "x/other", "x/third"}
    assert found[0].evidence.n == 300


def test_answers_that_cannot_be_compared_make_no_cascade():
    assert learn_cascades(outcomes(form=None)) == ()


def test_where_answers_are_checked_one_that_passes_is_enough_and_the_next_is_asked_where_none_does():
    skills = {"x/small": 0.7, "y/large": 0.85}
    checked = [msgspec.structs.replace(one, form="checked" if one.score else None) for one in outcomes(skills=skills)]
    found = {one.cascade.name: one for one in learn_cascades(checked)}
    series = found["x/small then y/large"].cascade
    assert isinstance(following(series, [Said(True, "checked")]), Take)
    assert isinstance(following(series, [Said(False)]), AskMembers)


def test_a_capability_with_few_cases_profits_from_what_the_same_models_did_elsewhere():
    rich, poor = outcomes(300), outcomes(LEAST_OWN, seed=1, capability="judge")
    assert learn_all(poor) == {}
    found = learn_all([*rich, *poor, *outcomes(1, seed=2, capability="vote")])
    assert set(found) == {"classify", "judge"}
    assert {one.cascade.name for one in found["judge"]} & {one.cascade.name for one in found["classify"]}
    for one in found["judge"]:
        assert (one.evidence.capability, one.evidence.n) == ("judge", LEAST_OWN)
    assert "judge" not in learn_all([*rich, *outcomes(LEAST_OWN - 1, seed=1, capability="judge")])


def test_capabilities_whose_models_differ_are_learned_apart():
    others = outcomes(seed=1, skills={"z/one": 0.7, "z/two": 0.7, "z/three": 0.75}, capability="judge")
    found = learn_all([*outcomes(), *others])
    assert found["classify"] == learn_cascades(outcomes())
    assert {model for one in found["judge"] for model in one.cascade.models} <= {"z/one", "z/two", "z/three"}


def refusals(cases=200, *, named=True):
    """Where the capability is to tell whether a tool fits, ``none`` is mostly right; elsewhere it never is."""
    rng = np.random.default_rng(0)
    for case, capability in itertools.product(range(cases), ("judge", "classify")):
        for model in ("x/small", "x/other"):
            says_none = rng.random() < 0.5
            form = "none" if says_none else f"call {rng.integers(2)}"
            right = rng.random() < 0.95 if says_none and capability == "judge" else not says_none and rng.random() < 0.6
            yield CaseOutcome(
                capability=capability,
                kind="json",
                query=f"q{case}",
                model=model,
                score=float(right),
                form=form,
                answer=digest_of(form) if named else None,
                cost_usd=0.01,
                latency_s=1.0,
            )


def test_an_answer_that_tells_of_itself_is_believed_where_it_is_right_and_not_where_it_is_not():
    found = learn_all(refusals())
    series = {}
    for capability, learned in found.items():
        series[capability] = next(one.cascade for one in learned if one.cascade.at_once == 1)
        assert series[capability].telling[digest_of("none")] == "A"
    taken = following(series["judge"], [Said(True, "none")])
    assert isinstance(taken, Take)
    assert taken.chance > 0.9
    assert isinstance(following(series["judge"], [Said(True, "call 0")]), AskMembers)
    both = following(series["classify"], [Said(True, "none"), Said(True, "call 0")])
    assert isinstance(both, Take)
    assert both.member == 1


def test_where_answers_have_no_name_of_their_own_they_are_compared_within_a_case_alone():
    assert all(not one.cascade.telling for learned in learn_all(refusals(named=False)).values() for one in learned)
    mixed = [msgspec.structs.replace(one, answer=None) if one.model == "x/small" else one for one in refusals()]
    assert learn_all(mixed) == learn_all(refusals(named=False))


def test_calls_that_come_together_are_known_to_take_longer_than_the_slowest_on_average(learned):
    beside = [one for one in learned if one.cascade.at_once > 1]
    assert beside
    assert all(one.slower > 1.05 for one in beside)
    alike = learn_cascades(outcomes(latency_s=1.0))
    assert all(one.slower == pytest.approx(1.0) for one in alike if one.cascade.at_once == len(one.cascade.members))
