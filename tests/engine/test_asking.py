"""What a cascade asks next follows from who agrees, and from nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nubem_jupyter.core.cascade import CascadePlan, Member, Verdict
from nubem_jupyter.engine.asking import AskMembers, NoAnswer, Said, Take, following, pattern_of, so_far, told

FAILED = Said(False)
forms = st.lists(st.none() | st.sampled_from("xyz"), min_size=1, max_size=4)


def cascade(count, at_once=1, **verdicts):
    members = tuple(Member(model=f"m/{letter}") for letter in "abcd"[:count])
    found = {pattern: Verdict(member=member, chance=0.9) for pattern, member in verdicts.items()}
    return CascadePlan(members=members, at_once=at_once, verdicts=found)


def said(*answers):
    return [Said(True, answer) for answer in answers]


def test_the_first_ones_are_asked_together_and_the_others_one_by_one():
    three = cascade(3, at_once=2, aa=0)
    assert following(three, []) == AskMembers(0, 2)
    assert following(three, said("x")) == AskMembers(1, 2)
    assert following(three, said("x", "y")) == AskMembers(2, 3)
    assert following(three, said("x", "x")) == Take(0, (0, 1), 0.9)


def test_at_the_end_the_verdict_decides():
    assert following(cascade(3, abb=2), said("x", "y", "y")) == Take(2, (1, 2), 0.9)


def test_who_failed_has_nothing_to_take_and_the_last_who_answered_is_taken_instead():
    two = cascade(2, **{"--": 1})
    assert following(two, [Said(True), FAILED]) == Take(0, (0,), 0.0)
    assert following(two, [FAILED, FAILED]) == NoAnswer()


def test_without_a_verdict_the_last_who_answered_is_taken():
    assert following(cascade(2), said("x", "y")) == Take(1, (1,), 0.0)


def test_where_time_is_up_the_verdict_on_what_was_said_counts_and_else_the_last_who_answered():
    three = cascade(3, **{"a-": 0})
    assert so_far(three, [Said(True, "x"), FAILED]) == Take(0, (0,), 0.9)
    assert so_far(three, said("x", "y")) == Take(1, (1,), 0.0)
    taken = so_far(three, [FAILED, Said(True, "x"), FAILED])
    assert taken == Take(1, (1,), 0.0)
    assert told(three, taken, 3, is_late=True) == "time was up, m/b was taken"
    assert so_far(three, [FAILED]) == NoAnswer()


def test_where_time_is_up_without_a_verdict_the_answer_that_most_gave_is_taken():
    four = cascade(4)
    assert so_far(four, said("x", "x", "y")) == Take(1, (0, 1), 0.0)
    assert so_far(four, [*said("x", "y"), FAILED, Said(True, "x")]) == Take(3, (0, 3), 0.0)
    assert so_far(four, said("x", "x", "y", "y")) == Take(3, (2, 3), 0.0)
    assert so_far(four, said(None, "x", None)) == Take(2, (2,), 0.0)


def test_answers_that_cannot_be_compared_agree_with_none():
    assert pattern_of([None, None, "x"], {}) == "--a"
    assert following(cascade(2), said(None, None)).agreeing == (1,)


@given(forms)
def test_a_pattern_tells_who_agrees_and_not_what_is_said(answers):
    renamed = [None if answer is None else answer * 2 for answer in answers]
    assert pattern_of(renamed, {}) == pattern_of(answers, {})
    again = pattern_of(answers, {})
    for one, first in zip(again, answers, strict=True):
        for other, second in zip(again, answers, strict=True):
            assert (one == other != "-") == (first == second is not None)


@given(forms, st.integers(1, 4))
def test_a_cascade_always_comes_to_an_end(answers, at_once):
    members = cascade(len(answers), at_once=min(at_once, len(answers)))
    done = 0
    while isinstance(decided := following(members, said(*answers[:done])), AskMembers):
        assert done == decided.begin < decided.end <= len(answers)
        done = decided.end
    assert isinstance(decided, Take)


@pytest.mark.parametrize(
    ("taken", "asked", "words"),
    [
        (Take(0, (0, 1), 0.94), 2, "m/a + m/b agreed (right with a chance of 94%)"),
        (Take(0, (0,), 0.9), 1, "m/a was sure enough (right with a chance of 90%)"),
        (Take(2, (2,), 0.0), 3, "nobody agreed with another, m/c was taken"),
    ],
)
def test_it_says_how_the_answer_came_about(taken, asked, words):
    assert told(cascade(3), taken, asked) == words
