"""The table of weights makes sense, and names are found in it."""

from __future__ import annotations

import string
from pathlib import Path

import pytest

from nubem_jupyter.errors import UnknownModelError
from nubem_jupyter.providers.local.cores import _quota_cores, share_cores, usable_cores
from nubem_jupyter.providers.local.weights import Weights, find, hub_address, installed_path, known_weights, model_path

by_name = pytest.mark.parametrize("weights", known_weights(), ids=lambda weights: weights.name)


def test_the_smallest_come_first_and_names_differ() -> None:
    sizes = [weights.size_bytes for weights in known_weights()]
    assert sizes == sorted(sizes)
    assert len({weights.name for weights in known_weights()}) == len(sizes) >= 3
    assert hub_address().startswith("https://")


@by_name
def test_the_parts_add_up_to_the_file(weights: Weights) -> None:
    sizes = [weights.bytes_of(part) for part in range(1, weights.parts + 1)]
    assert sum(sizes) == weights.size_bytes
    assert all(0 < size <= weights.part_bytes for size in sizes)
    assert len({weights.package_of(part) for part in range(1, weights.parts + 1)}) == weights.parts
    assert len({weights.member_of(part) for part in range(1, weights.parts + 1)}) == weights.parts


@by_name
def test_each_entry_is_whole(weights: Weights) -> None:
    assert len(weights.sha256) == 64
    assert set(weights.sha256) <= set(string.hexdigits.lower())
    assert weights.hub_file.endswith(".gguf")
    assert weights.context_tokens > 0
    assert weights.parameters > 1e8
    assert weights.licence


@by_name
def test_names_are_found_with_and_without_their_provider(weights: Weights) -> None:
    assert find(weights.name) is find(f"local/{weights.name}") is weights


def test_an_unknown_name_gets_the_nearest_as_hint() -> None:
    with pytest.raises(UnknownModelError) as caught:
        find("smollm2-135")
    assert "smollm2-135m" in caught.value.hint
    with pytest.raises(UnknownModelError) as caught:
        find("!!")
    assert "smollm2-135m" in caught.value.hint


def test_only_a_file_of_the_right_size_is_installed(tmp_path: Path) -> None:
    weights = known_weights()[0]
    assert installed_path(tmp_path, weights) is None
    path = model_path(tmp_path, weights)
    path.parent.mkdir()
    path.write_bytes(b"short")
    assert installed_path(tmp_path, weights) is None


@pytest.mark.parametrize(("cores", "generate", "read"), [(1, 1, 1), (2, 1, 2), (8, 4, 8), (128, 16, 16)])
def test_engines_share_the_cores(cores: int, generate: int, read: int) -> None:
    threads = share_cores(cores, 2)
    assert (threads.generate, threads.read) == (generate, read)


@pytest.mark.parametrize(
    ("text", "cores"), [("max 100000", None), ("150000 100000", 1), ("400000 100000", 4), ("", None)]
)
def test_a_containers_share_counts(text: str, cores: int | None) -> None:
    assert _quota_cores(text) == cores
    assert usable_cores() >= 1
