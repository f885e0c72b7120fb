"""What tests of the built-in components share."""

from collections.abc import Callable
from pathlib import Path

import pytest

from nubem_jupyter.components.folders import Folders
from nubem_jupyter.components.offer import ComponentFunction, Offer


@pytest.fixture
def workspace(tmp_path) -> Path:
    folder = tmp_path / "workspace"
    folder.mkdir()
    return folder


@pytest.fixture
def folders(workspace) -> Folders:
    return Folders((workspace,))


@pytest.fixture
def functions() -> Callable[[tuple[Offer, ...]], dict[str, ComponentFunction]]:
    return lambda offers: {known.name: function for known, function in offers}
