"""What docs/components.md shows is what happens."""

import re
from pathlib import Path

import pytest

import nubem_jupyter
from nubem_jupyter.catalog.source import LIMIT_BYTES, Place, read_components
from nubem_jupyter.catalog.watching import Timing
from nubem_jupyter.session.leave import check_inputs
from nubem_jupyter.session.settings import load_settings

PAGE = (Path(__file__).parents[2] / "docs" / "components.md").read_text(encoding="utf-8")


FLOW, FILE, _SERVER = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
TABLES = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)


def test_the_example_offers_what_the_page_says():
    source = FILE
    reading = read_components(source.encode(), Place("weather.py", "weather"))
    (info,) = reading.components
    assert reading.troubles == ()
    assert (info.name, info.version, info.permissions) == ("weather.forecast", "1.2", ("network",))
    assert (info.capability, info.cost_usd, info.ttl_s, info.output) == ("search", 0.002, 600.0, "table")
    assert all(parameter.description for parameter in info.inputs)


def test_the_flow_uses_what_the_example_offers():
    built = re.search(r"flow = \((.*?)\n\)", FLOW, re.DOTALL)
    flow = eval(f"({built[1]})", {"nj": nubem_jupyter})
    (info,) = read_components(FILE.encode(), Place("weather.py", "weather")).components
    node = flow.node("days")
    assert node.component == info.name
    check_inputs("days", node, info)
    assert set(re.findall(r'allow=\("(\w+)", "(\w+)"\)', FLOW)[0]) == set(info.needs)


@pytest.mark.parametrize("text", [text for text in TABLES if "[nubem" in text])
def test_the_settings_that_the_page_tells_are_taken(text, tmp_path):
    mine = tmp_path / "user.toml"
    mine.write_text(text, encoding="utf-8")
    settings = load_settings({}, tmp_path, user_file=mine)
    assert settings.mcp or settings.network.allows_any


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
