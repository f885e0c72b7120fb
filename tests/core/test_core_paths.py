"""What a path in a run says of where it lies."""

import pytest

from nubem_jupyter.core.paths import without_numbers


@pytest.mark.parametrize(
    ("path", "plain"),
    [("say", "say"), ("each[3]/say", "each/say"), ("each[3]/again[0]/way/say", "each/again/way/say")],
)
def test_each_item_and_round_of_a_step_has_one_plain_path(path, plain):
    assert without_numbers(path) == plain
