from nubem_jupyter.catalog.book import compile_models, newest_of_each
from nubem_jupyter.catalog.speed import loosened
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Evidence, Figure, ModelInfo, Speed

ONE, TWO = ModelId("local/one"), ModelId("local/two")


def entry(capability="classify", source="suite", date="2026-01-01", right=5.0):
    return Evidence(capability=capability, n=10, score_sum=right, source=source, date=date)


def info(name=ONE, **fields):
    return ModelInfo(id=name, provider="local", **fields)


def listed_speed(source="listed"):
    return Speed(
        first_token_s=Figure(value=1.0, source=source),
        tokens_per_s=Figure(value=20.0, source=source, low=10.0, high=40.0),
    )


class TestCompile:
    def test_each_model_gets_its_own_evidence_beside_what_was_listed(self):
        own = entry("answer")
        found = compile_models([info(evidence=(own,)), info(TWO)], [(ONE, entry()), (TWO, entry(right=9.0))])
        assert [one.id for one in found] == [ONE, TWO]
        assert found[0].evidence == (own, entry())
        assert found[1].evidence == (entry(right=9.0),)

    def test_a_model_listed_twice_counts_once_and_unlisted_ones_not_at_all(self):
        found = compile_models([info(local=True), info(local=False)], [(TWO, entry())])
        assert [(one.id, one.local) for one in found] == [(ONE, True)]

    def test_a_listed_speed_comes_before_one_measured_elsewhere(self):
        elsewhere = {ONE: listed_speed("measured on another machine")}

        def speed_of(listed):
            return compile_models([listed], [], elsewhere)[0].speed.tokens_per_s.source

        assert speed_of(info(speed=listed_speed())) == "listed"
        assert speed_of(info()) == "measured on another machine"

    def test_of_a_model_that_nobody_measured_the_listed_value_itself_is_kept(self):
        """Thousands are listed; a copy of each would cost a run's start."""
        plain = info()
        assert compile_models([plain], [(TWO, entry())])[0] is plain

    def test_without_any_timing_the_speed_stays_unknown(self):
        assert compile_models([info()], [])[0].speed is None

    def test_the_same_cases_measured_again_are_not_counted_twice(self):
        old, new = entry(date="2026-01-01", right=4.0), entry(date="2026-02-01", right=6.0)
        assert newest_of_each([new, old]) == (new,)
        assert newest_of_each([entry(right=1.0), entry(right=2.0)]) == (entry(right=2.0),)
        assert len(newest_of_each([entry(source="a"), entry(source="b"), entry("answer", "a")])) == 3


class TestSpeed:
    def test_another_machines_speed_is_known_less_well_here(self):
        found = loosened(listed_speed())
        assert (found.tokens_per_s.low, found.tokens_per_s.value, found.tokens_per_s.high) == (2.5, 20.0, 160.0)
        assert (found.first_token_s.low, found.first_token_s.high) == (0.25, 4.0)
