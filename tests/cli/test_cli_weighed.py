"""``nubem why``, ``what-if`` and ``front`` on a real session whose one model repeats what it is told."""

import json

import pytest

from nubem_jupyter.cli.main import main
from nubem_jupyter.session.session import Session
from nubem_jupyter.session.settings import Settings


@pytest.fixture
def nubem(tmp_path, capsys):
    settings = Settings(home=tmp_path / "home", workspace=tmp_path / "work", providers=("echo",))

    def call(*argv):
        status = main(argv, open_session=lambda: Session(settings, {}))
        said = capsys.readouterr()
        return status, said.out, said.err

    assert call("run", "What is the capital of Spain?", "--models", "echo/echo")[0] == 0
    return call


def test_why_names_each_model_of_the_newest_run_with_the_reason(nubem):
    status, out, _ = nubem("why")
    assert status == 0
    assert "echo/echo" in out
    choices = json.loads(nubem("why", "--json")[1])
    (place,) = choices
    assert choices[place]["chosen"]["model"] == "echo/echo"
    assert json.loads(nubem("why", place, "last", "--json")[1]) == choices
    status, _, err = nubem("why", "zzz")
    assert status == 2
    assert f"models are chosen for: {place}" in err


def test_what_if_says_what_would_change(nubem):
    status, out, _ = nubem("what-if", "--max-latency", "60", "--prefer", "cost")
    assert status == 0
    assert out.startswith("No step would change hands")
    found = json.loads(nubem("what-if", "--max-cost", "0.5", "--json")[1])
    assert found["constraints"]["max_cost_usd"] == 0.5
    assert nubem("what-if", "--max-cost", "none")[0] == 2


def test_a_front_marks_what_the_run_took(nubem):
    status, out, _ = nubem("front", "last")
    assert status == 0
    assert "✓ is what the plan takes" in out
    assert len(json.loads(nubem("front", "--json")[1])["points"]) == 1
