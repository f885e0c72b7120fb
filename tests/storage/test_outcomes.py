"""Outcomes are kept by what they are about, the newest of each, and as many as are worth keeping."""

import msgspec
import pytest

from nubem_jupyter.core.cascade import CascadePlan, LearnedCascade, Member
from nubem_jupyter.core.model import Evidence
from nubem_jupyter.core.outcome import CaseOutcome
from nubem_jupyter.storage.database import Database
from nubem_jupyter.storage.outcomes import OutcomeStore

LEARNED = {
    "classify": (
        LearnedCascade(
            cascade=CascadePlan(members=(Member(model="x/a"), Member(model="x/b"))),
            asked=(1.0, 0.5),
            evidence=Evidence(capability="classify", n=3, score_sum=2.0, source="here", date="2030-01-01"),
        ),
    ),
}


@pytest.fixture
def store(tmp_path):
    database = Database(tmp_path / "nubem.db")
    yield OutcomeStore(database, most_queries=3)
    database.close()


def outcome(query, model="x/a", **fields):
    return CaseOutcome(
        **{"capability": "classify", "kind": "label", "query": query, "model": model, "score": 1.0} | fields
    )


def test_they_come_back_as_they_were_kept_the_oldest_first(store):
    kept = [outcome("q1"), outcome("q1", "x/b", form="d", cost_usd=0.5), outcome("q2", sample=1)]
    store.add(kept)
    assert list(store.of("classify", "label")) == kept
    assert store.of("classify", "number") == ()


def test_the_newest_of_each_stands(store):
    store.add([outcome("q1", score=0.0), outcome("q1", "x/b")])
    store.add([outcome("q1", score=1.0)])
    assert [(one.model, one.score) for one in store.of("classify", "label")] == [("x/b", 1.0), ("x/a", 1.0)]


def test_of_too_many_queries_the_oldest_go_with_all_that_was_said_to_them(store):
    store.add([outcome(f"q{number}", model) for number in range(5) for model in ("x/a", "x/b")])
    store.add([outcome("q9", capability="judge")])
    assert [one.query for one in store.of("classify", "label")] == ["q2", "q2", "q3", "q3", "q4", "q4"]
    assert len(store.of("judge", "label")) == 1


def test_a_stamp_changes_with_each_that_is_kept(store):
    assert store.stamps() == ()
    store.add([outcome("q1"), outcome("q2", kind="number")])
    first = store.stamps()
    assert [(one.kind, one.count) for one in first] == [("label", 1), ("number", 1)]
    store.add([outcome("q1")])
    assert store.stamps()[0] != first[0]
    assert store.stamps()[1] == first[1]


def test_what_was_learned_stands_for_just_these_outcomes_and_models(store):
    store.add([outcome("q1"), outcome("q2", capability="judge")])
    stamps = store.stamps()
    assert store.fitted(stamps, "m") is None
    store.keep_fit(stamps, "m", LEARNED)
    store.keep_fit(stamps, "n", {})
    assert (store.fitted(stamps, "m"), store.fitted(stamps, "n")) == (LEARNED, {})
    assert store.fitted(stamps[::-1], "m") == LEARNED, "their order says nothing"
    newer = (stamps[0], msgspec.structs.replace(stamps[1], newest=stamps[1].newest + 1))
    assert store.fitted(newer, "m") is None, "another capability's outcomes took part too"
    store.keep_fit(newer, "m", {})
    assert store.fitted(stamps, "m") is None


SURE = msgspec.json.encode(LEARNED).replace(b'"members":', b'"sure":[0.5,0.5,0.5,0.5],"members":')


@pytest.mark.parametrize("record", [b'{"classify": [{"cascade": 1}]}', SURE, b'{"\xff": []}'])
def test_what_another_version_learned_or_is_damaged_is_learned_anew(store, record):
    store.add([outcome("q1")])
    stamps = store.stamps()
    store.keep_fit(stamps, "m", LEARNED)
    with store._database.writing() as connection:
        connection.execute("UPDATE cascade_fit SET record = ?", (record,))
    assert store.fitted(stamps, "m") is None


@pytest.mark.parametrize("record", [b'{"capability":', b'{"score": null}', b"\xff", b'"\xff"', 7, ""])
def test_one_that_cannot_be_read_hides_no_other(store, record):
    store.add([outcome("q1"), outcome("q2"), outcome("q3")])
    with store._database.writing() as connection:
        connection.execute("UPDATE outcome SET record = ? WHERE query = 'q2'", (record,))
    assert [one.query for one in store.of("classify", "label")] == ["q1", "q3"]


@pytest.mark.parametrize("figure", ["score", "cost_usd", "latency_s", "first_token_s"])
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_one_whose_figures_are_none_is_not_kept(store, figure, value):
    store.add([outcome("q1"), outcome("q2", **{figure: value})])
    assert [one.query for one in store.of("classify", "label")] == ["q1"]
    assert store.stamps()[0].count == 1
