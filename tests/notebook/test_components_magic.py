"""``%nubem components`` shows the tools that flows may use, completes, and says what is written wrongly."""

import pytest

WORDS = '''"""Words."""


def upper(text: str) -> str:
    """Write in capitals."""
    return text.upper()
'''


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "work" / "components"
    made.mkdir(parents=True)
    (made / "words.py").write_text(WORDS)
    (made / "broken.py").write_text("def f(:\n")
    return made


def test_components_are_a_table_that_can_be_searched(cell, shell, monkeypatch, folder):
    cell("import nubem_jupyter as nj")
    shown = []
    monkeypatch.setattr(shell.display_pub, "publish", shown.append)
    cell("%nubem components")
    assert "data-nubem-search" in shown[0]["text/html"]
    plain = shown[0]["text/plain"]
    assert all(word in plain for word in ("words.upper", "Write in capitals.", "math.compute", "broken.py"))
    assert "more cannot be used yet; see: %nubem components --all" in plain
    cell("%nubem components capitals")
    assert "digest" in shown[1]["text/plain"]
    assert "broken.py" not in shown[1]["text/plain"]
    cell("%nubem components refresh --allow code")
    assert "No component has changed." in shown[2]["text/plain"]
    cell("%nubem components --diff")
    assert "what a refresh finds" in shown[3]["text/plain"]
    cell("%nubem components --all")
    assert "SEARXNG_URL" in shown[4]["text/plain"]
    cell("%nubem components --limit 1")
    assert "more fit; choose by words, or raise --limit" in shown[5]["text/plain"]


def test_a_function_of_the_notebook_is_listed(cell, shell, capsys, folder):
    cell("%nubem status")
    shell._nubem_extension.workbench.session.add_component("my.tool", print)
    capsys.readouterr()
    cell("%nubem components")
    assert "my.tool" in capsys.readouterr().out


def test_names_and_permissions_are_completed(cell, complete, folder):
    cell("%nubem status")
    assert {"refresh", "words.upper", "math.compute"} <= complete("%nubem components ")
    assert complete("%nubem components wor") == {"words.upper"}
    assert complete("%nubem components refresh --allow n") == {"network"}
    assert "--allow" in complete("%nubem components --")
    assert "--provider" not in complete("%nubem components --")
    assert {"network", "files", "code"} <= complete("%orchestrate --allow ")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("%nubem components word.upper", "did you mean 'words.upper'"),
        ("%nubem components refresh --allow netwrok", "did you mean 'network'"),
        ("%nubem runs --allow code", "write %nubem components --allow"),
        ("%nubem components --provider x", "write %nubem models --provider"),
    ],
)
def test_a_mistake_is_a_sentence(cell, fails, folder, source, words):
    assert words in fails(source)[1]
