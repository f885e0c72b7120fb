"""A mistake on the command line is one sentence and a hint, status 2, and no traceback."""

import pytest

from nubem_jupyter.cli.main import main


@pytest.mark.parametrize(
    ("argv", "sentence", "hint"),
    [
        (["modls"], "there is no command 'modls'", "nubem models"),
        (["zzzzzz"], "there is no command 'zzzzzz'", "doctor"),
        (["run", "x", "--max-cst", "3"], "nubem run has no option '--max-cst'", "--max-cost"),
        (["run", "x", "--zzzzzz"], "nubem run has no option '--zzzzzz'", "--help"),
        (["--modles"], "nubem has no option '--modles'", "--help"),
        (["--max-cost", "1", "run", "x"], "'--max-cost' stands before the command 'run'", "nubem run --max-cost"),
        (["--local=yes", "plan", "x"], "'--local=yes' stands before the command 'plan'", "nubem plan --local=yes"),
        (["run", "one", "two"], "nothing to do with 'two'", "quotes"),
        (["run"], "a request or a saved flow is needed", "--flow"),
        (["run", "   "], "a request or a saved flow is needed", "--flow"),
        (["run", "x", "--flow", "kept", "-i", "text=y"], "0 open inputs", "leave the text out"),
        (["run", "x", "--seed", "one"], "--seed is 'one'", "--seed 7"),
        (["run", "--resume", "last", "--seed", "0"], "--seed is something new", "leave one of the two out"),
        (["run", "x", "--max-cost", "cheap"], "--max-cost is 'cheap'", "--max-cost 0.5"),
        (["run", "x", "--max-cost", "0"], "max_cost is 0", "--local"),
        (["plan", "x", "--prefer", "fastest"], "prefer cannot be 'fastest'", "latency"),
        (["run", "x", "-i", "novalue"], "'novalue' has no name and value", "name=text"),
        (["run", "x", "-i"], "expected one argument", "--help"),
        (["run", "--flow", "nowhere"], "no flow is saved as 'nowhere'", "nubem flows"),
        (["runs", "--limit", "0"], "--limit is 0", "--limit 20"),
        (["runs", "missing"], "no run 'missing'", "nubem runs"),
        (["evaluate", "--request", "x"], "--dataset", "--help"),
        (["evaluate", "--dataset", "nowhere.yaml", "--request", "x"], "nowhere.yaml cannot be read", "name"),
        (["plan", "x", "--html", "no/such/folder/x.html"], "cannot be written", "folder"),
    ],
)
def test_a_mistake_is_a_sentence_and_a_hint(nubem, argv, sentence, hint):
    said = nubem(*argv)
    assert said.status == 2
    assert said.out == ""
    assert "Traceback" not in said.err
    told, _, mend = said.err.partition("\nHint: ")
    assert sentence in told
    assert hint in mend


def test_what_is_evaluated_is_a_request_or_a_flow(nubem, tmp_path):
    (tmp_path / "cases.csv").write_text("text,expected\na,b\n")
    said = nubem("evaluate", "--dataset", str(tmp_path / "cases.csv"), "--request", "x", "--flow", "kept")
    assert said.status == 2
    assert "not both" in said.err


def test_without_a_command_the_help_is_shown(nubem):
    said = nubem()
    assert said.status == 2
    assert "doctor" in said.out


@pytest.mark.parametrize("command", ["doctor", "plan", "run", "runs", "models", "flows", "evaluate", "schema"])
def test_every_command_has_help(nubem, command):
    said = nubem(command, "--help")
    assert said.status == 0
    assert f"nubem {command}" in said.out


def test_the_version_is_told(nubem):
    from nubem_jupyter import __version__

    assert __version__ in nubem("--version").out


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (["runs", "--limit", "few"], "--limit is 'few', which is not a whole number"),
        (["evaluate", "--dataset", "x", "--repeat", "1.5"], "--repeat is '1.5', which is not a whole number"),
        (["evaluate", "--dataset", "x", "--budget", "low"], "--budget is 'low', which is not a number"),
    ],
)
def test_a_word_in_place_of_a_number_is_told_without_the_parsers_own_words(nubem, argv, sentence):
    said = nubem(*argv)
    assert said.status == 2
    assert said.err.startswith(sentence)
    assert "invalid" not in said.err


def test_the_doctor_tells_a_wrong_setting_and_looks_at_the_rest(tmp_path, monkeypatch, capsys):
    """It is the command for whom nothing else works."""
    (tmp_path / "nubem.toml").write_text("[nubem]\nparallell = 3\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NUBEM_HOME", str(tmp_path / "home"))
    assert main(["doctor"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("--  settings")
    assert "did you mean 'parallel'?" in said
    assert "python" in said
