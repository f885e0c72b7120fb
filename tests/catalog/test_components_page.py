"""What docs/components.md shows is what happens."""

import re
from pathlib import Path

import pytest

from nubem_jupyter.catalog.source import LIMIT_BYTES, Place, read_components
from nubem_jupyter.catalog.watching import Timing

PAGE = (Path(__file__).parents[2] / "docs" / "components.md").read_text(encoding="utf-8")


def test_the_example_offers_what_the_page_says():
    (source,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    reading = read_components(source.encode(), Place("weather.py", "weather"))
    (info,) = reading.components
    assert reading.troubles == ()
    assert (info.name, info.version, info.permissions) == ("weather.forecast", "1.2", ("network",))
    assert (info.capability, info.cost_usd, info.ttl_s, info.output) == ("search", 0.002, 600.0, "table")
    assert all(parameter.description for parameter in info.inputs)


@pytest.mark.parametrize("constant", re.findall(r"`((?:[A-Z_]+|__version__) = [^`]+)`", PAGE))
def test_the_constants_that_the_page_tells_are_taken(constant):
    source = f'{constant}\ndef run() -> str:\n    """Do it."""\n'
    assert read_components(source.encode(), Place("a.py", "a")).troubles == ()


@pytest.mark.parametrize("line", re.findall(r"`([a-z_]+: [^`]+)`", PAGE))
def test_the_lines_that_the_page_tells_are_taken(line):
    source = f'def run() -> str:\n    """Do it.\n\n    Component:\n        {line}\n    """\n'
    assert read_components(source.encode(), Place("a.py", "a")).troubles == ()


def test_the_limits_that_the_page_tells_hold():
    assert f"{LIMIT_BYTES // 1024} KiB" in PAGE
    assert f"{Timing().quiet_s * 1000:.0f} ms" in PAGE
    assert f"{Timing().sweep_s} s" in PAGE
