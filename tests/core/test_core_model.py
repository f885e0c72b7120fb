"""What is known of a model is kept with its source, and found by capability."""

import msgspec
from hypothesis import given

from nubem_jupyter.core.model import Evidence, ModelInfo
from nubem_jupyter.testing.strategies import model_infos


@given(model_infos())
def test_a_model_survives_a_round_trip(model):
    again = msgspec.json.decode(msgspec.json.encode(model), type=ModelInfo)
    assert (again, hash(again)) == (model, hash(model))


@given(model_infos())
def test_evidence_is_found_by_capability_and_none_is_lost(model):
    found = [entry for name in {entry.capability for entry in model.evidence} for entry in model.evidence_for(name)]
    assert sorted(map(repr, found)) == sorted(map(repr, model.evidence))


def test_a_capability_that_nobody_measured_has_no_evidence():
    entry = Evidence(capability="translate", n=1, score_sum=1.0, source="suite", date="2026-01-02")
    assert ModelInfo(id="local/a", provider="local", evidence=(entry,)).evidence_for("answer") == ()
