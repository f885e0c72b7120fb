"""Planning stays quick on long requests: what is pasted is taken out, and look-ups are bounded."""

import pytest

from nubem_jupyter.core.value import ValueType
from nubem_jupyter.core.work import Input
from nubem_jupyter.engine.planner import draft_flow
from nubem_jupyter.engine.planner.lexicon import Lexicon

CODE = "import os\n\n\ndef area(width, height):\n    return width * height\n"
PROSE = "the river rose and the people of the town moved the boats to the hill "
UNITS = ["a, ", "{", ", ", "check: ", "and ", "please ", "for each text with ", "summarise it. ", PROSE, CODE, "that "]


def lookups(monkeypatch, text):
    """Count the look-ups that drafting a request takes."""
    count = 0
    plain = Lexicon.match

    def counted(self, group, words, at):
        nonlocal count
        count += 1
        return plain(self, group, words, at)

    with monkeypatch.context() as patch:
        patch.setattr(Lexicon, "match", counted)
        draft_flow(text)
    return count


def default_of(found, name="text"):
    return next(node.work.default for node in found.flow.nodes if node.id == name and isinstance(node.work, Input))


def stretched(unit, size):
    return (unit * (size // len(unit) + 1))[:size]


class TestWork:
    @pytest.mark.parametrize("unit", UNITS)
    def test_lookups_grow_no_faster_than_the_request(self, unit, monkeypatch):
        small = lookups(monkeypatch, stretched(unit, 1_500))
        assert lookups(monkeypatch, stretched(unit, 3_000)) <= 3 * small + 1000

    @pytest.mark.parametrize("unit", UNITS)
    def test_beyond_the_bound_lookups_hardly_grow(self, unit, monkeypatch):
        at_bound = lookups(monkeypatch, "Explain this:\n\n" + stretched(unit, 4_000))
        assert lookups(monkeypatch, "Explain this:\n\n" + stretched(unit, 200_000)) <= 2 * at_bound + 1000

    @pytest.mark.parametrize("unit", UNITS)
    def test_no_request_is_looked_up_without_bound(self, unit, monkeypatch):
        assert lookups(monkeypatch, stretched(unit, 200_000)) < 1_000_000


class TestPasted:
    @pytest.mark.parametrize(
        ("request_", "language"),
        [
            ("Explain this code:", "en"),
            ("Explica este código:", "es"),
            ("Explique ce code :", "fr"),
            ("Erkläre diesen Code:", "de"),
            ("Explique este código em português:", "pt"),
        ],
    )
    def test_code_below_is_what_is_explained(self, request_, language):
        found = draft_flow(f"{request_}\n\n{CODE * 900}")
        assert found.language == language
        assert default_of(found) == (CODE * 900).strip()
        assert [node.capability for node in found.flow.nodes if node.capability] == ["answer"]

    def test_fences_are_taken_out_wherever_they_stand(self):
        found = draft_flow("Translate this into French:\n```text\nGood morning.\n```\nand then summarise it")
        assert default_of(found) == "Good morning."
        assert [node.capability for node in found.flow.nodes if node.capability] == ["translate", "summarize"]

    @pytest.mark.parametrize("request_", ["```\nprint(1)\n```", "Review this code:\n```\nprint(1)"])
    def test_a_fence_alone_or_unclosed_is_no_fence(self, request_):
        assert draft_flow(request_).flow.nodes

    def test_an_instruction_below_a_long_text_is_found(self):
        found = draft_flow(
            "El río subió por la noche y nadie durmió. " * 200 + "\n\nSummarise the text in one sentence"
        )
        assert (found.language, found.warnings) == ("en", ())
        assert default_of(found).startswith("El río")

    def test_an_instruction_above_a_long_text_is_found(self):
        found = draft_flow("Write a poem for my sister\n" + PROSE * 100)
        assert default_of(found).startswith("the river")
        assert found.warnings == ()

    @pytest.mark.parametrize("unit", ["bla bla. ", "x"])
    def test_a_long_text_without_any_mark_is_cut_with_a_warning(self, unit):
        found = draft_flow(unit * 4000)
        assert "long" in found.warnings[0]
        assert default_of(found)

    def test_a_long_text_beside_inputs_is_an_input_of_its_own(self):
        found = draft_flow("Summarise {t}\n" + PROSE * 100, {"t": ValueType.TEXT})
        assert {"t", "text"} <= set(found.flow.node("summarize").inputs)
