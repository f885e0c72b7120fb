"""Texts as vectors: what is written alike lies close together."""

import numpy as np
import pytest

from nubem_jupyter.engine.success import vectors


def test_equal_texts_have_equal_vectors_whatever_their_case_and_spaces():
    first, second, other = vectors(["Add  two\nnumbers", "add two NUMBERS ", "translate this"])
    assert (first == second).all()
    assert first @ other < 0.3


def test_vectors_have_length_one_and_an_empty_text_has_none():
    found = vectors(["some words", "", "語"])
    assert np.linalg.norm(found, axis=1) == pytest.approx([1, 0, 1])


def test_of_a_long_text_the_end_counts():
    question = "what is the boiling point of water at sea level, in degrees?"
    first, second = vectors(["example one. " * 1000 + question * 80, "another case! " * 1000 + question * 80])
    assert first @ second > 0.99
