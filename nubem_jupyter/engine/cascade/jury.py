"""A jury: models that were asked the same, and how likely it is that the answer of some of them is right.

The chance of an answer follows from who gave it, for what task, and, where that is telling, from the answer itself.
It is the conditional logit's (``logit``), drawn towards how often just this agreement was right.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from nubem_jupyter.engine.cascade.agreement import firsts
from nubem_jupyter.engine.cascade.logit import chances, fit_all, fit_tasks
from nubem_jupyter.engine.cascade.records import Bools, Floats, Ints, Records

# How strongly weights are drawn: all votes to their like, a task's weights to those of all tasks.
_RIDGE = 1.6
_OFFSET_RIDGE = 0.1
_TELLING_RIDGE = 2.0
_TASK_RIDGE = 20.0
_TASK_OFFSET_RIDGE = 5.0
_AS_CASES = 20.0
"""How many cases of an agreement the logit's own chance counts as."""
_NEVER = -1.0
_ODD = np.uint64(0x9E3779B97F4A7C15)

Keys = npt.NDArray[np.uint64]


class Verdict(NamedTuple):
    """Whose answer to take, and how likely it is right."""

    member: int
    """Place of the model among the jury's."""
    chance: float
    """0 to 1; 0 where no answer can be compared."""


class Verdicts(NamedTuple):
    """Verdicts on many queries."""

    member: Ints
    chance: Floats


class Jury(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What was learned of a set of models."""

    models: tuple[int, ...]
    """The members, as columns of the records that it was learned from."""
    skill: Floats
    """Mean score of each member: of those who agree, the most skilled one's answer is taken."""
    telling: Ints
    """Answers that tell of themselves, by number."""
    weights: Floats
    """Tasks, and last any other x (a vote of each member, that nobody is right, each telling answer)."""
    seen: Keys
    """Situations that were met, sorted."""
    right: Floats
    """Of each: how often each member's answer was right, and last how often none was."""

    def judge(self, task: Ints, answers: Ints) -> Verdicts:
        """Judge queries by the numbers of their tasks and of the members' answers (queries x members).

        A task that the jury was not learned from has the number after the last one.
        """
        cases = _Cases.of(task, answers, self.telling)
        chance = chances(cases.features, cases.present, self.weights[cases.task])
        place = np.minimum(np.searchsorted(self.seen, cases.key), len(self.seen) - 1)
        right = np.where((self.seen[place] == cases.key)[:, None], self.right[place], 0.0)
        chance = (_AS_CASES * chance + right) / (_AS_CASES + right.sum(axis=1, keepdims=True))
        chance = np.where(cases.present, chance, _NEVER)[:, :-1]
        answer = chance.argmax(axis=1)
        silent = chance.max(axis=1) == _NEVER
        agree = (cases.first == answer[:, None]) | silent[:, None]
        member = np.where(agree, self.skill, _NEVER).argmax(axis=1)
        best = np.where(silent, 0.0, chance.max(axis=1))
        return Verdicts(member[cases.of_query], best[cases.of_query])

    def verdict(self, task: int, answers: Sequence[int]) -> Verdict:
        """Judge one query."""
        found = self.judge(np.array([task]), np.array([answers]))
        return Verdict(int(found.member[0]), float(found.chance[0]))


def jury_of(records: Records, models: Sequence[int], telling: Ints) -> Jury:
    """Learn a jury from what its members did; the fewer the cases, the more it goes by votes of equal weight."""
    members = list(models)
    cases = _Cases.of(records.task, records.answer[:, members], telling)
    right = _right(records, members, cases)
    count, extra = len(members), len(telling)
    start = np.r_[np.ones(count), 0.0, np.zeros(extra)]
    ridge = np.r_[np.full(count, _RIDGE), _OFFSET_RIDGE, np.full(extra, _TELLING_RIDGE)]
    common = fit_all(cases.features, cases.present, right, start, ridge)
    ridge = np.r_[np.full(count, _TASK_RIDGE), _TASK_OFFSET_RIDGE, np.full(extra, _TELLING_RIDGE)]
    tasks = len(records.tasks) + 1
    return Jury(
        models=tuple(members),
        skill=records.score[:, members].mean(axis=0),
        telling=telling,
        weights=fit_tasks(cases.features, cases.present, right, cases.task, common, ridge, tasks),
        seen=cases.key,
        right=right,
    )


class _Cases(NamedTuple):
    """The situations that queries are in; equal ones are one."""

    key: Keys
    task: Ints
    first: Ints
    features: Floats
    present: Bools
    of_query: Ints

    @classmethod
    def of(cls, task: Ints, answers: Ints, telling: Ints) -> _Cases:
        first = firsts(answers)
        count = first.shape[1]
        told = _told(answers, first, telling)
        key = task.astype(np.uint64)
        for column in range(count):
            said = first[:, column] * (len(telling) + 1) + told[:, column]
            key = _mixed(key * _ODD + said.astype(np.uint64))
        keys, example, of_query = np.unique(key, return_index=True, return_inverse=True)
        features, present = _features(first[example], told[example], len(telling))
        return cls(keys, task[example], first[example], features, present, of_query)


def _mixed(key: Keys) -> Keys:
    """Spread keys over 64 bits: those of many members would not fit, and must not meet (Steele et al. 2014)."""
    key = (key ^ (key >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    key = (key ^ (key >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return key ^ (key >> np.uint64(31))


def _told(answers: Ints, first: Ints, telling: Ints) -> Ints:
    """Return, where an answer first comes, its place among the telling ones, from 1 on; else 0."""
    told = np.zeros(answers.shape, dtype=np.int64)
    for place, answer in enumerate(telling, start=1):
        told[answers == answer] = place
    new = first == np.arange(answers.shape[1])
    return np.where(new, told, 0)


def _features(first: Ints, told: Ints, extra: int) -> tuple[Floats, Bools]:
    """Return what speaks for each option, and which options there are; the last one is that nobody is right."""
    rows, count = first.shape
    features = np.zeros((rows, count + 1, count + 1 + extra))
    for column in range(count):
        votes = np.flatnonzero(first[:, column] < count)
        features[votes, first[votes, column], column] = 1.0
        tells = np.flatnonzero(told[:, column] > 0)
        features[tells, column, count + told[tells, column]] = 1.0
    features[:, count, count] = 1.0
    return features, np.asarray(features.any(axis=2))


def _right(records: Records, members: list[int], cases: _Cases) -> Floats:
    """Return how often each option was right, situation by situation; models with one answer share its score."""
    first = cases.first[cases.of_query]
    queries, count = first.shape
    score, votes = np.zeros((queries, count + 1)), np.zeros((queries, count + 1))
    rows = np.arange(queries)
    for column, member in enumerate(members):
        score[rows, first[:, column]] += records.score[:, member]
        votes[rows, first[:, column]] += 1
    score = (score / np.maximum(votes, 1))[:, :count]
    right = np.zeros((len(cases.key), count + 1))
    for column in range(count):
        right[:, column] = np.bincount(cases.of_query, weights=score[:, column], minlength=len(cases.key))
    queries_each = np.bincount(cases.of_query, minlength=len(cases.key))
    right[:, count] = np.maximum(queries_each - right[:, :count].sum(axis=1), 0.0)
    return right
