import pytest

from nubem_jupyter.catalog import measured
from nubem_jupyter.catalog.measured import shipped_evidence, shipped_record, shipped_speeds
from nubem_jupyter.catalog.suites import load_suite, suite_names
from nubem_jupyter.core.capability import CAPABILITIES
from nubem_jupyter.errors import FormatError


def test_the_shipped_record_covers_both_models_of_the_quickstart():
    assert {"local/smollm2-135m", "local/qwen2.5-coder-0.5b"} <= {entry.model for entry in shipped_record().models}


def test_shipped_evidence_counts_every_case_of_a_suite_that_there_is():
    found = shipped_evidence()
    assert found
    for _, entry in found:
        assert entry.capability in CAPABILITIES
        assert 0 <= entry.score_sum <= entry.n == load_suite(entry.capability).n
        assert entry.source
        assert len(entry.date) == len("2026-11-22")


def test_shipped_speeds_say_that_they_come_from_another_machine():
    for speed in shipped_speeds().values():
        for figure in (speed.first_token_s, speed.tokens_per_s):
            assert figure.source == "measured on another machine"
            assert 0 < figure.low <= figure.value <= figure.high
            assert figure.n > 0


def test_a_damaged_record_is_a_sentence(monkeypatch, tmp_path):
    (tmp_path / measured.FILE).write_text('{"date": ')
    monkeypatch.setattr(measured, "files", lambda _: tmp_path)
    with pytest.raises(FormatError, match="install nubem-jupyter again"):
        shipped_record()


def test_the_record_names_no_machine():
    machine = shipped_record().machine
    assert machine.cores > 0
    assert "/" not in machine.note


def test_every_suite_is_of_a_capability_that_planners_use():
    assert set(suite_names()) <= set(CAPABILITIES)
