"""Cascades: who agrees, how likely they are right, and which series of models are worth having."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nubem_jupyter.core.cascade import Member
from nubem_jupyter.engine.asking import AskMembers, Said, following
from nubem_jupyter.engine.cascade import Outcome, Records, records_of
from nubem_jupyter.engine.cascade.agreement import firsts, telling
from nubem_jupyter.engine.cascade.cascade import Cascade
from nubem_jupyter.engine.cascade.jury import jury_of
from nubem_jupyter.engine.cascade.logit import fit_all
from nubem_jupyter.engine.cascade.offered import worth_having
from nubem_jupyter.engine.cascade.policy import learn
from nubem_jupyter.engine.cascade.records import NOTHING
from nubem_jupyter.engine.cascade.replay import replay
from nubem_jupyter.engine.cascade.written import written

NOBODY = np.zeros(0, dtype=np.int64)
SKILLS = {"small": 0.7, "other": 0.65, "third": 0.6, "large": 0.85}
TASKS = ("sums", "maps")
MEMBERS = {name: Member(model=name) for name in SKILLS}
COSTS = {"small": 0.001, "other": 0.002, "third": 0.003, "large": 0.1}


def simulated(queries=300, *, seed=0, timed=True, comparable=True, tasks=TASKS):
    """Models that are right by chance, each on its own, and wrong in ten ways."""
    rng = np.random.default_rng(seed)
    for query in range(queries):
        task = tasks[query % len(tasks)]
        for model, skill in SKILLS.items():
            right = rng.random() < skill
            answer = "right" if right else f"wrong {rng.integers(10)}"
            yield Outcome(
                query=f"q{query}",
                task=task,
                model=model,
                score=float(right),
                cost_usd=COSTS[model] * (0.5 + rng.random()),
                latency_s=rng.random() + 0.1 if timed else None,
                answer=f"{answer} of {query}" if comparable else None,
            )


@pytest.fixture(scope="module")
def records() -> Records:
    return records_of(simulated())


@pytest.fixture(scope="module")
def policy(records):
    return learn(records)


def test_records_leave_out_queries_that_not_every_model_answered():
    whole = [Outcome(query="a", task="t", model=model, score=1.0, cost_usd=0.1, answer="x") for model in "mn"]
    part = Outcome(query="b", task="t", model="m", score=1.0, cost_usd=0.1)
    records = records_of([*whole, part])
    assert (len(records), records.models, records.tasks, records.answers) == (1, ("m", "n"), ("t",), ("x",))
    assert records.latency_s is None
    assert records.take(np.array([False])).score.shape == (0, 2)


def test_records_keep_time_where_all_was_recorded_and_mark_what_cannot_be_compared():
    calls = [
        Outcome(query="a", task="t", model="m", score=0.5, cost_usd=0.1, latency_s=2.0, answer=None),
        Outcome(query="a", task="t", model="n", score=1.0, cost_usd=0.3, latency_s=1.0, answer="x"),
    ]
    records = records_of(calls)
    assert records.answer.tolist() == [[NOTHING, 0]]
    assert records.latency_s.tolist() == [[2.0, 1.0]]
    assert records.best == 1


def test_no_records_are_records_too():
    assert len(records_of([])) == 0


def test_models_agree_with_the_first_that_says_the_same_and_silence_agrees_with_nothing():
    answers = np.array([[5, 5, 7, 7], [NOTHING, NOTHING, 3, 3], [1, 2, 1, 2]])
    assert firsts(answers).tolist() == [[0, 0, 2, 2], [4, 4, 2, 2], [0, 1, 0, 1]]


@given(st.lists(st.lists(st.integers(-1, 3), min_size=3, max_size=3), min_size=1, max_size=20))
def test_agreement_is_what_equality_says(rows):
    found = firsts(np.array(rows))
    for row, line in zip(rows, found, strict=True):
        for column, first in enumerate(line):
            expected = len(row) if row[column] == NOTHING else row.index(row[column])
            assert first == expected


def answered(task, model_answers, right, number):
    for model, answer in model_answers.items():
        yield Outcome(
            query=f"{task}{number}", task=task, model=model, score=float(answer == right), cost_usd=0.1, answer=answer
        )


def refusals():
    """Where the task is to tell that no tool fits, NONE is right; elsewhere never."""
    for number in range(160):
        said = "NONE" if number % 2 else f"call {number}"
        yield from answered("fits none", {"m": said, "n": said}, "NONE", number)
        yield from answered("fits", {"m": said, "n": said}, f"call {number}", number)


def test_an_answer_that_tells_of_itself_is_found_and_others_are_not():
    records = records_of(refusals())
    assert [records.answers[number] for number in telling(records)] == ["NONE"]
    assert telling(records_of(simulated())) == ()


def test_a_telling_answer_is_believed_in_one_task_and_not_in_the_other():
    records = records_of(refusals())
    jury = jury_of(records, (0, 1), np.array(telling(records)))
    none = records.answers.index("NONE")
    chances = {task: jury.verdict(records.tasks.index(task), [none, none]).chance for task in records.tasks}
    assert chances["fits none"] > 0.9
    assert chances["fits"] < 0.1


def test_weights_that_have_not_settled_after_some_rounds_are_taken_as_they_are():
    features = np.array([[[1.0, 0.0], [0.0, 1.0]]])
    right, start = np.array([[1000.0, 0.0]]), np.zeros(2)
    weights = fit_all(features, np.ones((1, 2), dtype=bool), right, start, np.full(2, 1e-6))
    assert weights[0] - weights[1] > 5


def test_the_more_agree_the_likelier_they_are_right(records):
    jury = jury_of(records, (0, 1, 2), NOBODY)
    chances = [jury.verdict(0, answers).chance for answers in ([1, 2, 3], [1, 1, 2], [1, 1, 1])]
    assert chances == sorted(chances)
    assert chances[0] < 0.75 < chances[1] < chances[2]


def test_chances_are_calibrated_on_queries_that_the_jury_never_saw(records):
    fresh = records_of(simulated(2000, seed=1))
    jury = jury_of(records, (0, 1, 2), NOBODY)
    verdicts = jury.judge(fresh.task, fresh.answer[:, :3])
    score = fresh.score[np.arange(len(fresh)), verdicts.member]
    for low, high in ((0.3, 0.7), (0.7, 0.95), (0.95, 1.01)):
        within = (verdicts.chance >= low) & (verdicts.chance < high)
        assert abs(verdicts.chance[within].mean() - score[within].mean()) < 0.08


def test_where_nobody_says_anything_the_most_skilled_is_taken_without_belief(records):
    jury = jury_of(records, (0, 3), NOBODY)
    assert jury.verdict(0, [NOTHING, NOTHING]) == (1, 0.0)


def test_a_task_that_nobody_knows_is_judged_as_tasks_are_on_the_whole(records):
    jury = jury_of(records, (0, 1), NOBODY)
    known = [jury.verdict(task, [1, 1]).chance for task in range(2)]
    assert min(known) - 0.1 < jury.verdict(2, [1, 1]).chance < max(known) + 0.1


def by_hand(policy, plans, records, cascade, row):
    """Go through a cascade step by step, as a run does."""
    said, spent, seconds = [], 0.0, 0.0
    answers = [int(records.answer[row, model]) for model in cascade.models]
    plan = plans[int(records.task[row])]
    while isinstance(step := following(plan, said), AskMembers):
        asked = list(cascade.models[step.begin : step.end])
        said += [Said(True, str(answer)) for answer in answers[step.begin : step.end]]
        spent += records.cost_usd[row, asked].sum()
        seconds += records.latency_s[row, asked].max()
    return records.score[row, cascade.models[step.member]], spent, seconds


def test_what_is_replayed_is_what_a_run_does(policy, records):
    fresh = records_of(simulated(40, seed=2))
    wide = max(policy.candidates, key=lambda cascade: (len(cascade.models), cascade.at_once))
    assert len(wide.models) > 2
    for cascade in (wide, policy.candidates[-1]):
        plans = [
            written(policy, records.take(records.task == task), cascade, task, MEMBERS) for task in range(len(TASKS))
        ]
        played = replay(fresh, cascade, policy.juries)
        for row in range(len(fresh)):
            expected = by_hand(policy, plans, fresh, cascade, row)
            assert (played.score[row], played.cost_usd[row], played.latency_s[row]) == pytest.approx(expected)


def test_cheap_models_that_agree_beat_the_dear_one_at_a_part_of_its_cost(policy, records):
    fresh = records_of(simulated(1000, seed=3))
    unit = records.cost_usd[:, records.best].mean()
    cascade = max(policy.options(0), key=lambda one: one.quality - 0.2 * one.cost_usd / unit).cascade
    played = replay(fresh, cascade, policy.juries)
    assert played.score.mean() > fresh.score[:, fresh.best].mean()
    assert played.cost_usd.mean() < 0.6 * unit


def test_options_say_what_to_expect(policy, records):
    options = policy.options(0)
    assert [option.cascade for option in options] == list(policy.candidates)
    large = next(option for option in options if option.cascade == Cascade(models=(3,)))
    assert large.asked.tolist() == [1.0]
    assert large.cost_usd == pytest.approx(records.cost_usd[records.task == 0, 3].mean())
    assert large.latency_s == pytest.approx(records.latency_s[records.task == 0, 3].mean())
    assert 0.0 < large.quality < max(option.quality for option in options) <= 1.0


def test_how_often_each_model_is_asked_falls_in_their_order(policy):
    for cascade, asked in zip(policy.candidates, policy.asked, strict=True):
        assert asked.shape == (len(TASKS) + 1, len(cascade.models))
        assert (np.diff(asked, axis=1) <= 0).all()
        assert (asked[:, : cascade.at_once] == 1.0).all()


def test_what_a_plan_is_offered_is_worth_its_calls_to_somebody(policy):
    for task in range(len(TASKS)):
        offered = worth_having(policy, task)
        alone = [one for one in policy.options(task) if len(one.cascade.models) == 1]
        assert 0 < len(offered) <= 12
        assert [one.quality for one in offered] == sorted((one.quality for one in offered), reverse=True)
        assert len({(one.cascade.models, one.cascade.at_once) for one in offered}) == len(offered)
        for one in offered:
            assert one.asked[1] > 0
            for other in (*alone, *offered):
                no_worse = other.quality >= one.quality and other.cost_usd <= one.cost_usd
                assert other is one or not (no_worse and other.latency_s <= one.latency_s)


def test_equal_records_and_seeds_give_equal_policies(policy, records):
    again = learn(records)
    assert again.candidates == policy.candidates
    assert (again.quality == policy.quality).all()


def test_where_no_answers_can_be_compared_only_models_alone_are_offered():
    policy = learn(records_of(simulated(60, comparable=False, timed=False)))
    assert [cascade.models for cascade in policy.candidates] == [(0,), (1,), (2,), (3,)]
    assert policy.latency_s is None
    assert policy.options(0)[0].latency_s is None


def test_three_models_at_most_make_series_of_three():
    three = [outcome for outcome in simulated(60) if outcome.model != "large"]
    assert max(len(cascade.models) for cascade in learn(records_of(three)).candidates) <= 3


def test_no_cascade_is_longer_than_asked_for(records):
    policy = learn(records, longest=2)
    assert max(len(cascade.models) for cascade in policy.candidates) == 2


def many(models, queries, seed=0):
    """Models of one skill, each right on its own, and wrong in ten ways."""
    rng = np.random.default_rng(seed)
    for query in range(queries):
        for model in range(models):
            right = bool(rng.random() < 0.6)
            answer = "right" if right else f"wrong {rng.integers(10)}"
            yield Outcome(
                query=str(query),
                task="t",
                model=str(model),
                score=float(right),
                cost_usd=0.1,
                answer=f"{query} {answer}",
            )


def test_a_jury_of_many_is_calibrated_and_better_than_each_member():
    members = tuple(range(10))
    jury = jury_of(records_of(many(10, 400)), members, NOBODY)
    fresh = records_of(many(10, 1000, seed=1))
    verdicts = jury.judge(fresh.task, fresh.answer)
    score = fresh.score[np.arange(len(fresh)), verdicts.member]
    assert score.mean() > 0.9
    assert verdicts.chance.mean() == pytest.approx(score.mean(), abs=0.05)


def test_weights_settle_where_all_agree_from_the_start():
    """There a whole step of Newton's is far too long: the slope is flat on both sides."""
    features = np.array([[[1.0, 1, 1, 1, 1, 1, 0], [0, 0, 0, 0, 0, 0, 1.0]]])
    right, start = np.array([[50.0, 50.0]]), np.array([2.0] * 6 + [0.0])
    weights = fit_all(features, np.ones((1, 2), dtype=bool), right, start, np.full(7, 0.5))
    assert weights[:6].sum() - weights[6] == pytest.approx(0.0, abs=0.5)
