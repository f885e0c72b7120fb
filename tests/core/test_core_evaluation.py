"""An evaluation shows its means and its samples as tables."""

import pytest
from hypothesis import given

from nubem_jupyter.core.evaluation import EvalCase, Evaluation, Sample
from nubem_jupyter.testing.strategies import evaluations

MEAN_COLUMNS = ["target", "mean", "standard_error", "low", "high", "n", "errors", "cost_usd", "latency_s"]


@given(evaluations())
def test_the_frame_has_one_row_a_target(made):
    assert list(made.frame.columns) == MEAN_COLUMNS
    assert list(made.frame["target"]) == [mean.target for mean in made.means]
    assert list(made.frame["mean"]) == [mean.mean for mean in made.means]


@given(evaluations())
def test_the_samples_frame_has_one_row_a_sample(made):
    frame = made.samples_frame
    assert list(frame.columns) == list(Sample.__struct_fields__)
    assert list(frame["case"]) == [sample.case for sample in made.samples]


def test_an_empty_evaluation_still_has_its_columns():
    empty = Evaluation(dataset="d", scorer="exact", samples=(), means=())
    assert list(empty.frame.columns) == MEAN_COLUMNS
    assert len(empty.samples_frame) == 0


def test_a_cases_inputs_cannot_be_changed():
    case = EvalCase(inputs={"input": "a"})
    with pytest.raises(TypeError, match="frozen value"):
        case.inputs["input"] = "b"
