import time
from contextlib import closing

import pytest

from nubem_jupyter.core.evaluation import Evaluation, Sample
from nubem_jupyter.core.ids import ModelId, RunId
from nubem_jupyter.core.model import Evidence
from nubem_jupyter.errors import StorageError
from nubem_jupyter.storage.evaluations import EvaluationStore
from nubem_jupyter.storage.evidence import EvidenceStore
from nubem_jupyter.storage.records import node_columns, run_columns
from nubem_jupyter.storage.rows import _KEEP_NODE, _KEEP_RUN
from nubem_jupyter.storage.sqlite import SqliteRunStore
from nubem_jupyter.testing.conformance.store import keep
from nubem_jupyter.testing.runs import sample_run


@pytest.fixture
def store(tmp_path):
    with closing(SqliteRunStore(tmp_path / "runs.db")) as opened:
        yield opened


def test_a_damaged_answer_is_told(store):
    keep(store, sample_run("a1"))
    with store.database.writing() as connection:
        connection.execute("INSERT INTO answer VALUES ('a1', 'd1', '{')")
    with pytest.raises(StorageError, match="damaged"):
        store.answers(RunId("a1"))


def test_evidence_is_kept_by_model_capability_source_and_date(store):
    """The same source on the same date replaces what it said; everything else is added."""
    evidence = EvidenceStore(store.database)
    first = Evidence(capability="answer", n=3, score_sum=2.0, source="suite", date="2030-01-01")
    again = Evidence(capability="answer", n=9, score_sum=7.5, source="suite", date="2030-01-01")
    later = Evidence(capability="answer", n=1, score_sum=1.0, source="suite", date="2030-01-02")
    other = Evidence(capability="translate", n=1, score_sum=0.0, source="suite", date="2030-01-01")
    for entry in (first, again, later, other):
        evidence.add(ModelId("a/b"), entry)
    evidence.add(ModelId("a/a"), first)
    assert evidence.all() == (
        (ModelId("a/a"), first),
        (ModelId("a/b"), again),
        (ModelId("a/b"), later),
        (ModelId("a/b"), other),
    )


def test_evaluations_come_back_by_dataset_and_date(store):
    evaluations = EvaluationStore(store.database)

    def made(dataset, date, answer):
        sample = Sample(target="t", case="1", answer=answer, score=1.0)
        return Evaluation(dataset=dataset, scorer="exact", date=date, samples=(sample,), means=())

    for one in (made("d", "2030-01-01", "a"), made("d", "2030-01-02", "b"), made("e", "2030-01-03", ["c"])):
        evaluations.save(one)
    evaluations.save(made("d", "2030-01-02", "again"))
    assert evaluations.load("d") == made("d", "2030-01-02", "again")
    assert evaluations.load("d", "2030-01-01") == made("d", "2030-01-01", "a")
    assert evaluations.load("d", "1999-01-01") is evaluations.load("x") is None
    assert evaluations.names() == (("e", "2030-01-03"), ("d", "2030-01-02"), ("d", "2030-01-01"))


def test_a_long_history_is_listed_quickly(store):
    """Listing and measuring look at what they return, not at ten thousand runs."""
    columns, node = run_columns(sample_run("any")), node_columns(sample_run("any").nodes[-1])
    with store.database.writing() as connection:
        for number in range(10_000):
            name = f"r{number:05}"
            started_at = f"2030-01-01T{number:05}"
            connection.execute(_KEEP_RUN, columns | {"id": name, "started_at": started_at})
            connection.execute(_KEEP_NODE, node | {"run": name, "seq": 0, "started_at": started_at})
    began_s = time.monotonic()
    assert [run.id for run in store.list(limit=2)] == ["r09999", "r09998"]
    assert len(store.speeds(limit=7)) == 7
    assert store.load(RunId("r00042")).nodes
    assert time.monotonic() - began_s < 5.0
    with store.database.reading() as connection:
        query = "SELECT * FROM timed_node WHERE model = 'x' ORDER BY started_at DESC, run DESC, seq DESC"
        assert "USING INDEX node_speed" in str(connection.execute("EXPLAIN QUERY PLAN " + query).fetchall())
