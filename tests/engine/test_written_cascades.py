"""A cascade in a plan decides as what was learned does, for each way in which answers can agree, without NumPy."""

import itertools
import subprocess
import sys

import numpy as np
import pytest

from nubem_jupyter.core.cascade import CascadePlan, Member, Verdict, Weights
from nubem_jupyter.engine.answer_form import digest_of
from nubem_jupyter.engine.asking import AskMembers, Said, Take, following, pattern_of
from nubem_jupyter.engine.ballot import verdict_on
from nubem_jupyter.engine.cascade import Outcome, records_of
from nubem_jupyter.engine.cascade.policy import learn
from nubem_jupyter.engine.cascade.written import written

SKILLS = {"a": 0.55, "b": 0.6, "c": 0.65, "d": 0.7, "e": 0.75}
NONE = digest_of("none")


def answered(queries=240, seed=0):
    """Five models; ``none`` is right for every third query of one task, and never of the other."""
    rng = np.random.default_rng(seed)
    for query, task in itertools.product(range(queries), ("fits", "fits not")):
        truth = "none" if task == "fits not" and query % 3 == 0 else f"right {query}"
        for number, (model, skill) in enumerate(SKILLS.items()):
            said = truth if rng.random() < skill else ("none", f"wrong {query}", None)[rng.integers(3)]
            yield Outcome(
                query=f"{task} {query}",
                task=task,
                model=model,
                score=float(said == truth),
                cost_usd=10.0 ** (number - 5),
                latency_s=0.5 + rng.random(),
                answer=None if said is None else digest_of(said),
            )


@pytest.fixture(scope="module")
def records():
    return records_of(answered())


@pytest.fixture(scope="module")
def policy(records):
    return learn(records)


def forms_of(count):
    """Return answers in every way in which so many can agree, be silent, and say ``none``."""
    return itertools.product([None, "none", *"xyzvw"[: max(2, 7 - count)]], repeat=count)


def test_it_decides_as_what_was_learned(policy, records):
    compared = 0
    for cascade in (one for one in policy.candidates if len(one.models) > 1):
        for task in range(len(records.tasks)):
            members = {name: Member(model=name) for name in records.models}
            plan = written(policy, records.take(records.task == task), cascade, task, members)
            for forms in reached(plan):
                expected = judged(policy, cascade, task, [numbers(policy)[form] for form in forms])
                is_last = len(forms) == len(cascade.models)
                least = 0.0 if is_last else cascade.sure[len(forms) - cascade.at_once]
                if abs(expected.chance - least) < 0.005 and not is_last:
                    continue  # the plan's figures are rounded
                ours = following(plan, [Said(True, form) for form in forms])
                compared += 1
                assert isinstance(ours, Take) == (is_last or expected.chance >= least)
                if isinstance(ours, Take):
                    assert ours.chance == pytest.approx(expected.chance, abs=0.005)
    assert compared > 1000


def judged(policy, cascade, task, answers):
    """Return what the jury of those who were asked says; it has them in the order of their columns."""
    asked = cascade.models[: len(answers)]
    order = np.argsort(asked)
    return policy.juries[tuple(sorted(asked))].verdict(task, [answers[place] for place in order])


def numbers(policy):
    return {None: -1, "none": policy.answers[NONE]} | {form: 10_000 + place for place, form in enumerate("xyzvw")}


def reached(plan):
    """Yield the answers of up to four members for which nobody was sure before."""
    for asked in range(plan.at_once, min(4, len(plan.members)) + 1):
        for forms in forms_of(asked):
            if all(goes_on(plan, forms[:end]) for end in range(plan.at_once, asked)):
                yield forms


def goes_on(plan, forms):
    return isinstance(following(plan, [Said(True, form) for form in forms]), AskMembers)


def pattern(forms):
    return pattern_of(forms, {"none": "A"})


def plan(**fields):
    given = {
        "members": tuple(Member(model=name) for name in "abc"),
        "sure": (0.8, 0.8),
        "weights": (
            Weights(votes=(1.0,), against=0.0),
            Weights(votes=(1.0, 1.0), against=0.0),
            Weights(votes=(1.0, 1.0, 2.5), against=0.0),
        ),
        "skills": (0.5, 0.7, 0.6),
    }
    return CascadePlan(**given | fields)


def test_votes_for_an_answer_add_up_and_those_against_all_count():
    e = np.exp
    assert verdict_on(plan(), "a").chance == pytest.approx(e(1) / (1 + e(1)))
    assert verdict_on(plan(), "aa") == Verdict(member=1, chance=pytest.approx(e(2) / (1 + e(2))))
    assert verdict_on(plan(), "aab") == Verdict(member=2, chance=pytest.approx(e(2.5) / (1 + e(2.5) + e(2))))


def test_of_those_who_agree_the_most_skilled_one_is_taken_and_where_nobody_can_be_compared_the_best():
    assert verdict_on(plan(), "aa").member == 1
    assert verdict_on(plan(), "---") == Verdict(member=1, chance=0.0)
    assert verdict_on(plan(), "a--").member == 0


def test_what_cases_met_goes_before_what_votes_say():
    met = plan(verdicts={"aa": Verdict(member=0, chance=0.3)})
    assert verdict_on(met, "aa") == Verdict(member=0, chance=0.3)
    assert following(met, [Said(True, "x"), Said(True, "x")]) == AskMembers(2, 3)


def test_an_answer_that_tells_of_itself_counts_for_more_than_its_votes():
    weights = tuple(Weights(votes=(1.0,) * count, against=0.0, told=(-9.0,)) for count in (1, 2, 3))
    told = plan(weights=weights, telling={NONE: "A"})
    assert verdict_on(told, "Aa").member == 1
    taken = following(told, [Said(True, "none"), Said(True, "none"), Said(True, "x")])
    assert isinstance(taken, Take)
    assert taken.member == 2


def test_odds_beyond_all_bounds_are_chances_still():
    sure = plan(weights=tuple(Weights(votes=(2000.0,) * count, against=-2000.0) for count in (1, 2, 3)))
    assert verdict_on(sure, "aaa").chance == 1.0


def test_nothing_is_said_of_fewer_answers_than_are_asked_at_once():
    assert verdict_on(plan(at_once=2, sure=(0.8,), weights=plan().weights[1:]), "a") is None
    assert verdict_on(plan(weights=()), "a") is None


def test_deciding_needs_no_numpy():
    script = "import sys, nubem_jupyter.engine.asking; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
