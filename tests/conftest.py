"""What tests of several rooms share."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

import platformdirs
import pytest

from nubem_jupyter.errors import NubemError
from nubem_jupyter.providers.local.pull import pull

SMALLEST = "smollm2-135m"


@pytest.fixture(scope="session")
def model_home() -> Path:
    """A home that holds the weights of the smallest model: the user's own, where they are kept between runs."""
    if find_spec("xllamacpp") is None:
        pytest.skip("the model runtime is not installed: pip install 'nubem-jupyter[local]'")
    home = Path(os.environ.get("NUBEM_HOME") or platformdirs.user_data_path("nubem"))
    try:
        pull(SMALLEST, home)
    except NubemError as error:
        pytest.skip(f"the real model cannot be had: {error.message}")
    return home
