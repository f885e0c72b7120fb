"""Words for sentences: the nearest known word, and texts cut to a length."""

from hypothesis import given
from hypothesis import strategies as st

from nubem_jupyter.core.text import nearest, shorten


def test_the_nearest_word_is_found_and_a_far_one_is_not():
    assert nearest("sumarize", ("translate", "summarize")) == "summarize"
    assert nearest("qqq", ("translate", "summarize")) is None


@given(st.text(), st.integers(1, 20))
def test_a_shortened_text_is_never_longer_than_its_limit_and_is_one_line(text, limit):
    short = shorten(text, limit)
    assert len(short) <= limit
    assert "\n" not in short


def test_a_short_text_stays_and_a_cut_one_says_so():
    assert shorten("a  b\nc", 5) == "a b c"
    assert shorten("hello world", 7) == "hello…"
