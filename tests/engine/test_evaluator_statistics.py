import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nubem_jupyter.core.evaluation import Evaluation, Sample
from nubem_jupyter.engine.evaluator import evidence_from, paired_difference, summarize
from nubem_jupyter.engine.evaluator.statistics import clustered_error, score_interval
from nubem_jupyter.errors import EvaluationError

scores = st.lists(st.floats(0, 1), min_size=2, max_size=30)


def samples(target, values, clusters=None):
    return [
        Sample(target=target, case=str(index), cluster=clusters[index] if clusters else "", score=value)
        for index, value in enumerate(values)
    ]


class TestErrors:
    @given(scores)
    def test_without_clusters_it_is_the_ordinary_standard_error(self, values):
        ordinary = statistics.stdev(values) / math.sqrt(len(values))
        assert clustered_error([[value] for value in values]) == pytest.approx(ordinary, abs=1e-9)

    @given(scores)
    def test_copies_of_every_case_make_nothing_surer(self, values):
        once, thrice = [[value] for value in values], [[value] * 3 for value in values]
        assert clustered_error(thrice) == pytest.approx(clustered_error(once), abs=1e-9)

    def test_one_cluster_tells_nothing(self):
        assert clustered_error([[0.0, 1.0]]) is None
        found = score_interval([[0.0, 1.0]])
        assert (found.low, found.value, found.high) == (0.0, 0.5, 1.0)

    def test_right_or_wrong_scores_have_wilsons_interval(self):
        """Newcombe 1998, table I: 15 of 148 at 95 %."""
        found = score_interval([[1.0]] * 15 + [[0.0]] * 133)
        assert (found.low, found.high) == (pytest.approx(0.0624, abs=1e-4), pytest.approx(0.1605, abs=1e-4))

    def test_where_nothing_varies_a_few_clusters_still_leave_doubt(self):
        found = score_interval([[1.0] * 5, [1.0] * 5])
        assert found.high == 1
        assert found.low < 0.5

    def test_partial_scores_have_students_interval(self):
        found = score_interval([[0.2], [0.4], [0.6]])
        half = 4.302653 * statistics.stdev([0.2, 0.4, 0.6]) / math.sqrt(3)
        assert (found.low, found.high) == (0.0, pytest.approx(0.4 + half, abs=1e-5))


class TestSummary:
    def test_the_best_target_is_first_and_missing_answers_count_as_wrong(self):
        found = summarize([*samples("a", [1, None, 1, None]), *samples("b", [1, 1, 1, 0])])
        assert [mean.target for mean in found] == ["b", "a"]
        assert (found[1].n, found[1].errors, found[1].mean) == (2, 2, 0.5)
        assert found[0].low < found[0].mean < found[0].high

    def test_costs_are_summed_and_times_averaged(self):
        (found,) = summarize(
            [Sample(target="a", case=str(i), score=1.0, cost_usd=0.5, latency_s=float(i)) for i in range(3)]
        )
        assert (found.cost_usd, found.latency_s) == (1.5, 1.0)

    def test_repeats_of_a_case_are_one_cluster(self):
        once = summarize(samples("a", [1, 0, 1]))[0]
        repeated = summarize(samples("a", [1, 0, 1]) * 4)[0]
        assert repeated.standard_error == pytest.approx(once.standard_error)

    def test_clusters_widen_the_error(self):
        values, clusters = [1, 1, 1, 0, 0, 0], ["x", "x", "x", "y", "y", "y"]
        assert (
            summarize(samples("a", values, clusters))[0].standard_error
            > summarize(samples("a", values))[0].standard_error
        )

    def test_nothing_gives_nothing(self):
        assert summarize([]) == ()


class TestPaired:
    def test_what_makes_a_case_hard_cancels_out(self):
        base = [0.1, 0.9, 0.2, 0.8, 0.5]
        found = paired_difference([*samples("a", [value + 0.1 for value in base]), *samples("b", base)], "a", "b")
        assert (found.n, found.difference) == (5, pytest.approx(0.1))
        assert found.standard_error == pytest.approx(0, abs=1e-9)
        assert found.low == pytest.approx(found.high, abs=1e-6)

    def test_only_shared_cases_count_and_repeats_are_averaged(self):
        mine = [*samples("a", [1, 1, 0, 1]), *samples("a", [0, 1, 0, 1]), *samples("b", [0, None])]
        found = paired_difference(mine, "a", "b")
        assert (found.n, found.difference) == (2, 0.75)

    def test_a_single_cluster_tells_nothing(self):
        found = paired_difference([*samples("a", [1]), *samples("b", [0])], "a", "b")
        assert (found.standard_error, found.low, found.high) == (None, -1.0, 1.0)

    def test_nothing_in_common_is_refused(self):
        with pytest.raises(EvaluationError, match="no case in common"):
            paired_difference(samples("a", [1]), "a", "b")


class TestEvidence:
    def test_a_case_counts_once_and_only_answers_of_models_do(self):
        evaluation = Evaluation(
            dataset="mine",
            scorer="exact",
            date="2026-11-22T10:00:00+00:00",
            samples=(
                *samples("local/x", [1, 0, None]),
                *samples("local/x", [1, 1, None]),
                *samples("my flow", [1]),
                *samples("my flow on local/x", [1]),
                *samples("local/none", [None]),
            ),
            means=(),
        )
        ((model, found),) = evidence_from(evaluation, "classify")
        assert (model, found.capability, found.n, found.score_sum) == ("local/x", "classify", 2, 1.5)
        assert (found.source, found.date) == ("evaluation of mine", "2026-11-22")

    def test_an_answer_that_nobody_can_use_is_wrong_and_a_call_without_one_tells_nothing(self):
        given = (
            *samples("local/x", [1.0]),
            Sample(target="local/x", case="unusable", unusable=True),
            Sample(target="local/x", case="failed"),
        )
        ((_, found),) = evidence_from(Evaluation(dataset="mine", scorer="exact", samples=given, means=()), "compute")
        assert (found.n, found.score_sum) == (2, 1.0)
