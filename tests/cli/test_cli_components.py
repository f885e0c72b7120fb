"""``nubem components`` lists tools of every origin, says what could not be read, and runs nothing of any."""

import json
import os
import sys
from pathlib import Path

import pytest

from nubem_jupyter.cli.main import main
from nubem_jupyter.session.session import Session
from nubem_jupyter.session.settings import Settings
from nubem_jupyter.session.settings_tables import McpSettings

WORDS = '''"""Words."""

__version__ = "1.0"
COST_USD = 0.002


def upper(text: str, times: int = 1) -> str:
    """Write in capitals. Twice where told.

    Args:
        text: What to write.
    """
    return text.upper() * times
'''


@pytest.fixture
def folder(tmp_path) -> Path:
    (tmp_path / "work" / "components").mkdir(parents=True)
    return tmp_path / "work" / "components"


@pytest.fixture
def nubem(tmp_path, folder, capsys):
    """The program over a real session, one a call."""

    def call(*argv, **settings):
        made = Settings(home=tmp_path / "home", workspace=tmp_path / "work", providers=("echo",), **settings)
        status = main(argv, open_session=lambda: Session(made, {}))
        said = capsys.readouterr()
        return status, said.out, said.err

    return call


def test_components_are_listed_with_what_they_take_need_and_cost(nubem, folder):
    (folder / "words.py").write_text(WORDS)
    status, out, _ = nubem("components")
    assert status == 0
    line = next(line for line in out.splitlines() if line.startswith("words.upper"))
    for part in ("Write in capitals.", "text [times]", "code", "$0.002", "1.0", "words.py"):
        assert part in line
    assert "Twice" not in line
    assert "math.compute" in out
    assert "web.search" not in out
    assert "more cannot be used yet; see: nubem components --all" in out
    assert "SEARXNG_URL" in nubem("components", "--all")[1]


def test_words_choose_and_a_name_alone_is_shown_in_full(nubem, folder):
    (folder / "words.py").write_text(WORDS)
    out = nubem("components", "capitals")[1]
    assert "What to write." in out
    assert "digest" in out
    several = nubem("components", "read")[1]
    assert "files.read" in several
    assert "math.compute" not in several
    status, _, err = nubem("components", "math.compte")
    assert (status, "math.compute" in err) == (2, True)


def test_a_program_reads_components_and_troubles_as_json(nubem, folder):
    (folder / "words.py").write_text(WORDS)
    (folder / "broken.py").write_text("def f(:\n")
    told = json.loads(nubem("components", "--json")[1])
    words = next(one for one in told["components"] if one["name"] == "words.upper")
    assert words["inputs"][0] == {
        "name": "text",
        "type": "text",
        "required": True,
        "description": "What to write.",
        "default": None,
    }
    assert (words["needs"], words["available"], words["cost_usd"]) == (["code"], True, 0.002)
    assert words["origin"]["kind"] == "file"
    assert [Path(trouble["where"]).name for trouble in told["troubles"]] == ["broken.py"]
    assert all(trouble["hint"] for trouble in told["troubles"])
    everything = json.loads(nubem("components", "--all", "--json")[1])["components"]
    absent = next(one for one in everything if one["name"] == "web.search")
    assert not absent["available"]
    assert absent["missing"]


def test_what_cannot_be_read_is_reported_by_name_and_nothing_is_run(nubem, folder, tmp_path):
    mark = tmp_path / "mark"
    (folder / "good.py").write_text(WORDS)
    (folder / "syntax.py").write_text("def f(:\n")
    (folder / "runs.py").write_text(
        f"import pathlib\npathlib.Path({str(mark)!r}).write_text('')\nimport absent\n" + WORDS
    )
    (folder / "huge.py").write_text("#" * 300_000)
    (folder / "latin.py").write_bytes(b'"""caf\xe9"""\n')
    (folder / "twin.py").write_text('VENDOR = "good"\n' + WORDS)
    os.symlink(folder, folder / "loop")
    status, out, _ = nubem("components", "--json")
    told = json.loads(out)
    assert status == 0
    assert {"good.upper", "runs.upper"} <= {one["name"] for one in told["components"]}
    named = {Path(trouble["where"]).name for trouble in told["troubles"]}
    assert named == {"syntax.py", "huge.py", "latin.py", "twin.py", "loop"}
    table = nubem("components")[1]
    assert "Could not be read; the rest works" in table
    assert all(name in table for name in named)
    assert not mark.exists()


def test_refresh_starts_servers_with_leave_only(nubem):
    script = Path(__file__).parents[1] / "components" / "mcp_tools.py"
    mcp = {"tools": McpSettings(command=(sys.executable, str(script)), permissions=("code",))}
    status, out, _ = nubem("components", "refresh", mcp=mcp)
    assert (status, "add --allow code if you trust it" in out) == (1, True)
    status, out, _ = nubem("components", "refresh", "--allow", "code", mcp=mcp)
    assert (status, "tools.add" in out, "math.compute" in out) == (0, True, False)
    assert "tools.add" in nubem("components", mcp=mcp)[1]


@pytest.mark.parametrize(
    "words",
    [("components", "refresh", "web"), ("components", "--allow", "code"), ("components", "refresh", "--allow", "cod")],
)
def test_what_is_written_wrongly_is_said(nubem, words):
    status, _, err = nubem(*words)
    assert status == 2
    assert "Hint" in err


def test_what_has_changed_is_told_after_a_refresh(nubem, folder):
    nubem("components", "refresh")
    (folder / "words.py").write_text(WORDS)
    nubem("components", "refresh")
    assert "words.upper" in nubem("components", "--diff")[1]
    assert json.loads(nubem("components", "--diff", "--json")[1])[0]["added"] == ["words.upper"]
