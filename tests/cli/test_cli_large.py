"""Very much is shown by its beginning, and what is left out is said."""

from nubem_jupyter.cli.stream import EventText
from nubem_jupyter.core.event import MapProgress, Tokens
from nubem_jupyter.render.value import cut, form


def test_a_long_value_is_cut_with_a_word():
    assert cut("abc", 3) == "abc"
    assert cut("abcdef", 3) == "abc… (3 more characters are left out here)"
    assert len(form("x" * 1_000_000)) < 300_000
    assert len(form({"labels": list(range(200_000))})) < 300_000


def test_cells_of_a_long_table_share_the_room_and_those_of_a_short_one_are_whole():
    assert sum(len(cell) for row in form(["x" * 10_000] * 1_000).rows for cell in row) < 300_000
    assert form(["x" * 10_000] * 3).rows[0][1] == "x" * 10_000


def test_on_a_terminal_a_long_map_tells_how_far_it_is_and_not_what_each_item_says():
    written = []
    text = EventText(written.append)
    for item in (0, 63, 64, 90_000):
        text.take(Tokens(run="r", at_s=0, node=f"each[{item}]/label", text=f"text{item} "))
    text.take(MapProgress(run="r", at_s=0, node="each", done=90_000, total=100_000, failed=3))
    said = "".join(written)
    assert "text0" in said
    assert "text63" in said
    assert "text64" not in said
    assert "text90000" not in said
    assert "each: 90,000 of 100,000, 3 failed" in said
