"""Vectors of prompts go with the outcomes of their queries, and what was learned stands until there are new ones."""

from __future__ import annotations

import pytest

from nubem_jupyter.core.outcome import CaseOutcome, PromptVector
from nubem_jupyter.storage.outcomes import OutcomeStore
from nubem_jupyter.storage.prompts import PromptStore
from nubem_jupyter.storage.sqlite import SqliteRunStore


@pytest.fixture
def stores(tmp_path):
    runs = SqliteRunStore(tmp_path / "nubem.db")
    yield OutcomeStore(runs.database, 3), PromptStore(runs.database)
    runs.close()


def outcome(query, capability="classify", kind="label"):
    return CaseOutcome(capability=capability, kind=kind, query=query, model="m", score=1.0)


def vector(query, packed=b"\x01\x02", space="words"):
    return PromptVector(query=query, space=space, packed=packed)


def test_a_vector_is_found_with_its_capability_and_the_newest_stands(stores):
    outcomes, prompts = stores
    outcomes.add([outcome("q1"), outcome("q2", kind=""), outcome("q3", capability="judge")])
    prompts.add([vector("q1"), vector("q2"), vector("q3", space="other")])
    prompts.add([vector("q1", b"\x03\x04", "other")])
    assert prompts.of("classify") == (vector("q1", b"\x03\x04", "other"), vector("q2"))
    assert prompts.spaces("classify") == {"other": 1, "words": 1}
    assert prompts.spaces("answer") == {}


def test_a_vector_goes_with_the_outcomes_of_its_query(stores):
    outcomes, prompts = stores
    outcomes.add([outcome(f"q{number}") for number in range(3)])
    prompts.add([vector(f"q{number}") for number in range(3)] + [vector("nobody's")])
    assert [one.query for one in prompts.of("classify")] == ["q0", "q1", "q2"]
    outcomes.add([outcome("q9")])
    prompts.add([vector("q9")])
    assert [one.query for one in prompts.of("classify")] == ["q1", "q2", "q9"]


def test_outcomes_that_cannot_be_compared_are_told_of_and_are_none_for_cascades(stores):
    outcomes, _ = stores
    outcomes.add([outcome("q1"), outcome("q2", kind="")])
    assert [one.kind for one in outcomes.stamps()] == ["label"]
    assert [one.query for one in outcomes.about("classify")] == ["q1", "q2"]


def test_what_was_learned_stands_until_there_are_new_outcomes_or_vectors(stores):
    outcomes, prompts = stores
    assert prompts.stamp("classify")[0] == 0
    outcomes.add([outcome("q1")])
    count, first = prompts.stamp("classify")
    assert count == 1
    prompts.keep_fit("classify", "words", first, b"learned")
    prompts.keep_fit("classify", "other", first, b"else")
    assert (prompts.fitted("classify", "words", first), prompts.fitted("classify", "other", first)) == (
        b"learned",
        b"else",
    )
    prompts.add([vector("q1")])
    _, second = prompts.stamp("classify")
    assert prompts.fitted("classify", "words", second) is None
    prompts.keep_fit("classify", "words", second, b"anew")
    assert prompts.fitted("classify", "other", first) is None
    outcomes.add([outcome("q1")])
    assert prompts.stamp("classify")[1] not in (first, second)


def test_a_damaged_row_hides_no_other(stores):
    outcomes, prompts = stores
    outcomes.add([outcome("q1"), outcome("q2")])
    prompts.add([vector("q1"), vector("q2")])
    with prompts._database.writing() as connection:
        connection.execute("UPDATE prompt_vector SET vector = 'text' WHERE query = 'q1'")
    assert prompts.of("classify") == (vector("q2"),)
