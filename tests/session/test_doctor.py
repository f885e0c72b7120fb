"""The doctor says what is there and how to mend what is not, and never tells a secret."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from nubem_jupyter.core.constraint import SecurityLevel
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import ModelInfo
from nubem_jupyter.session import doctor
from nubem_jupyter.session.settings import Settings


def model(name: str, *, local: bool = False, missing: str = "") -> ModelInfo:
    return ModelInfo(
        id=ModelId(name), provider=name.partition("/")[0], local=local, available=not missing, missing=missing
    )


def settings(folder: Path) -> Settings:
    return Settings(home=folder / "home", workspace=folder)


def test_local_models_are_told_one_by_one_and_others_counted():
    found = doctor.of_models(
        (model("local/a", local=True), model("local/b", local=True, missing="pull b"), model("far/x", missing="set K"))
    )
    assert [(finding.ok, finding.mend) for finding in found] == [(True, ""), (False, "pull b"), (None, "set K")]
    assert "far: 0 of 1" in found[-1].text


def test_many_models_that_miss_different_keys_are_told_in_one_step():
    (_, found) = doctor.of_models((model("far/x", missing="set K"), model("far/y", missing="set L")))
    assert "nubem models --all" in found.mend


def test_with_no_model_the_first_word_is_how_to_get_one():
    first = doctor.of_models((model("far/x", missing="set K"),))[0]
    assert first.ok is False
    assert "nubem models pull" in first.mend


def test_keys_are_told_by_name_only():
    (found,) = doctor.of_keys({"bedrock": ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")})
    assert found.text == "bedrock: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY set"
    assert doctor.of_keys({})[0].ok is None


def test_a_missing_litellm_says_what_to_install():
    assert "nubem-jupyter[litellm]" in doctor.of_litellm(None).mend
    assert "1.2" in doctor.of_litellm("1.2").text


@pytest.mark.parametrize(
    ("levels", "ok", "text"),
    [
        (set(SecurityLevel), True, "code runs at level low, medium, high"),
        ({SecurityLevel.LOW}, True, "code runs at level low; medium and high are refused"),
        ({SecurityLevel.LOW, SecurityLevel.MEDIUM}, True, "code runs at level low, medium; high is refused"),
        (set(), False, "code cannot be run here: no level of isolation is there"),
    ],
)
def test_sandbox_levels_that_are_not_there_are_said_to_be_refused(levels, ok, text):
    found = doctor.of_sandbox(levels)
    assert (found.ok, found.text) == (ok, text)


def test_pictures_name_what_draws_them():
    assert "/usr/bin/dot" in doctor.of_pictures(("/usr/bin/dot", "/x/graphviz-pure")).text
    assert doctor.of_pictures(()).mend == "pip install graphviz-pure"


def test_storage_tells_place_and_size(tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "weights").write_bytes(b"0" * 2_000_000)
    kept, flows = doctor.of_storage(settings(tmp_path))
    assert kept.ok
    assert str(tmp_path / "home") in kept.text
    assert "2 MB" in kept.text
    assert flows.ok


def test_a_folder_that_is_a_file_cannot_be_written(tmp_path):
    (tmp_path / "home").write_text("x")
    kept = doctor.of_storage(settings(tmp_path))[0]
    assert kept.ok is False
    assert "NUBEM_HOME" in kept.mend


def test_a_mistyped_variable_is_told_with_what_was_meant():
    found = doctor.of_settings((), {"NUBEM_PROVIDRS": "echo", "NUBEM_SHARED_DATA": "x"})
    assert "defaults" in found[0].text
    assert [(finding.text, finding.mend) for finding in found[1:]] == [
        ("NUBEM_PROVIDRS sets nothing", "did you mean NUBEM_PROVIDERS?")
    ]


def test_settings_that_come_from_files_and_variables_are_named(tmp_path):
    (found,) = doctor.of_settings((tmp_path / "nubem.toml",), {"NUBEM_HOME": "/x"})
    assert "nubem.toml" in found.text
    assert "NUBEM_HOME" in found.text


def test_python_and_packages_are_told_with_versions():
    text = doctor.of_python({"ipython": "9.1", "litellm": None}).text
    assert "Python 3." in text
    assert "ipython 9.1" in text
    assert "litellm" not in text


def test_a_whole_session_is_looked_at(tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "hidden")
    session = SimpleNamespace(
        settings=settings(tmp_path),
        sandbox=SimpleNamespace(levels=frozenset({SecurityLevel.LOW})),
        models=lambda: (model("local/a", local=True),),
    )
    found = doctor.findings(session)
    areas = [finding.area for finding in found]
    assert list(dict.fromkeys(areas)) == [
        "models", "keys", "litellm", "sandbox", "pictures", "storage", "settings", "python",
    ]  # fmt: skip
    assert any(finding.text == "openai: OPENAI_API_KEY set" for finding in found)
    assert "hidden" not in repr(found)
    assert os.environ["OPENAI_API_KEY"] == "hidden"
