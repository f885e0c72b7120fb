"""The doctor says what is there and how to mend what is not, and never tells a secret."""

from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest

from nubem_jupyter.catalog.snapshot import Snapshot
from nubem_jupyter.core.constraint import Constraints, SecurityLevel
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import ModelInfo
from nubem_jupyter.session import doctor
from nubem_jupyter.session.session import Session
from nubem_jupyter.session.settings import Settings
from nubem_jupyter.storage.sqlite import SqliteRunStore
from nubem_jupyter.testing import FakeEmbedder
from nubem_jupyter.testing.conformance.store import keep
from nubem_jupyter.testing.runs import sample_run


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


def test_of_many_providers_only_those_that_can_be_called_are_named():
    """LiteLLM alone lists a hundred, which would bury what matters."""
    far = (model("a/x", missing="set K"), model("b/x", missing="set L"), model("c/x"))
    found = doctor.of_models(tuple(msgspec.structs.replace(info, via="litellm") for info in far))
    assert [finding.text for finding in found] == [
        "c: 1 of 1 models can be called",
        "2 models of 2 other providers are listed, and need a key",
    ]
    (_, one) = doctor.of_models((msgspec.structs.replace(far[0], via="litellm"),))
    assert (one.text, one.mend) == ("a: 0 of 1 models can be called", "set K")


def test_what_a_file_or_a_proxy_lists_is_counted_as_its_own():
    """The key of the provider behind it may serve no other model."""
    info = msgspec.structs.replace(model("config/m"), provider="openai", via="config")
    far = msgspec.structs.replace(model("openai/x", missing="set K"), via="litellm")
    first, *_ = doctor.of_models((info, far))
    assert first.text == "config: 1 of 1 models can be called"


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
    found = doctor.of_sandbox(levels, hidden=True)[0]
    assert (found.ok, found.text) == (ok, text)


@pytest.mark.parametrize(("hidden", "says"), [(True, "cannot read the environment"), (False, "keys included")])
def test_whether_code_can_read_keys_is_told(hidden, says):
    """Where this system allows no wall, that is said and not passed over."""
    _, found = doctor.of_sandbox({SecurityLevel.LOW}, hidden=hidden)
    assert found.ok is hidden
    assert says in found.text
    assert bool(found.mend) is not hidden


def test_pictures_name_what_draws_them():
    assert "/usr/bin/dot" in doctor.of_pictures(("/usr/bin/dot", "/x/graphviz-pure")).text
    assert doctor.of_pictures(()).mend == "pip install graphviz-pure"


def test_the_cache_tells_where_it_is_and_how_full(tmp_path):
    found = doctor.of_cache(settings(tmp_path), {})
    assert found.ok
    assert f"{tmp_path / 'home' / 'cache.db'}: 0 answers" in found.text
    assert "of 1,074 MB" in found.text


def test_a_cache_that_is_off_is_no_fault(tmp_path):
    found = doctor.of_cache(msgspec.structs.replace(settings(tmp_path), cache=False), {})
    assert (found.ok, found.mend) == (None, "")
    assert "off" in found.text


def test_a_cache_in_trouble_is_told_without_its_password(tmp_path):
    found = doctor.of_cache(settings(tmp_path), {"REDIS_URL": "redis://me:s3cret@127.0.0.1:1/0"})
    assert found.ok is False
    assert found.mend
    assert "s3cret" not in repr(found)


@pytest.fixture
def store(tmp_path):
    with closing(SqliteRunStore(tmp_path / "home" / "nubem.db")) as opened:
        yield opened


def test_storage_tells_place_and_size(tmp_path, store):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "weights").write_bytes(b"0" * 2_000_000)
    kept, flows = doctor.of_storage(settings(tmp_path), store)
    assert kept.ok
    assert str(tmp_path / "home") in kept.text
    assert "2 MB" in kept.text
    assert flows.ok


def test_a_folder_that_is_a_file_cannot_be_written(tmp_path, store):
    (tmp_path / "home").write_text("x")
    kept, flows = doctor.of_storage(settings(tmp_path), store)
    assert kept.ok is False
    assert "NUBEM_HOME" in kept.mend
    assert flows.ok


def test_runs_that_cannot_be_read_are_named(tmp_path, store):
    for number in range(5):
        keep(store, sample_run(f"r{number}"))
    with store.database.writing() as connection:
        connection.execute("UPDATE run SET plan = '{' WHERE id > 'r0'")
    _, found, _ = doctor.of_storage(settings(tmp_path), store)
    assert found.ok is False
    assert found.text.startswith("4 of the newest runs cannot be read: r")
    assert "nubem runs r" in found.mend


def _spoil_nothing(home):
    pass


def _spoil_text(home):
    home.mkdir()
    (home / "nubem.db").write_bytes(b"not a database, " * 1000)


def _spoil_end(home):
    with closing(SqliteRunStore(home / "nubem.db")) as whole:
        for number in range(40):
            keep(whole, sample_run(f"r{number}"))
    (home / "nubem.db").write_bytes((home / "nubem.db").read_bytes()[:-8192])


def _spoil_place(home):
    (home / "nubem.db").mkdir(parents=True)


def _spoil_home(home):
    home.write_text("x")


@pytest.mark.parametrize("spoil", [_spoil_nothing, _spoil_text, _spoil_end, _spoil_place, _spoil_home])
async def test_a_store_that_cannot_be_used_is_one_finding_of_many(tmp_path, spoil):
    """The doctor is called when things are broken, so it and the list of models still answer, and planning warns."""
    spoil(tmp_path / "home")
    session = Session(Settings(home=tmp_path / "home", workspace=tmp_path, providers=("local", "echo")), {})
    found = session.doctor()
    bad = [finding for finding in found if finding.area == "storage" and not finding.ok]
    assert len(bad) == (spoil is not _spoil_nothing)
    assert all(finding.mend for finding in bad)
    assert {"models", "sandbox", "python"} <= {finding.area for finding in found}
    assert "echo/echo" in {info.id for info in session.models()}
    plan = await session.plan("hello", constraints=Constraints(models=("echo/echo",)))
    warned = any("measured on this machine is left out" in warning for warning in plan.warnings)
    assert warned == (spoil is not _spoil_nothing)
    await session.aclose()


def test_a_mistyped_variable_is_told_with_what_was_meant():
    found = doctor.of_settings((), {"NUBEM_PROVIDRS": "echo", "NUBEM_SHARED_DATA": "x"})
    assert "defaults" in found[0].text
    assert [(finding.text, finding.mend) for finding in found[1:]] == [
        ("NUBEM_PROVIDRS sets nothing", "did you mean NUBEM_PROVIDERS?")
    ]


def test_every_variable_that_is_read_is_known():
    """``NUBEM_HUB`` is read where weights are fetched, so it is no mistake."""
    (found,) = doctor.of_settings((), {"NUBEM_HUB": "off"})
    assert "NUBEM_HUB" in found.text


def test_settings_that_come_from_files_and_variables_are_named(tmp_path):
    (found,) = doctor.of_settings((tmp_path / "nubem.toml",), {"NUBEM_HOME": "/x"})
    assert "nubem.toml" in found.text
    assert "NUBEM_HOME" in found.text


def test_python_and_packages_are_told_with_versions():
    text = doctor.of_python({"ipython": "9.1", "litellm": None}).text
    assert "Python 3." in text
    assert "ipython 9.1" in text
    assert "litellm" not in text


def test_a_whole_session_is_looked_at(tmp_path, monkeypatch, store):
    """With the environment that the session itself was given, and not with this program's."""
    monkeypatch.setenv("MISTRAL_API_KEY", "of this program")
    session = SimpleNamespace(
        settings=settings(tmp_path),
        environ={"OPENAI_API_KEY": "hidden", "NUBEM_HUB": "off", "REDIS_URL": "redis://127.0.0.1:1/0"},
        sandbox=SimpleNamespace(levels=frozenset({SecurityLevel.LOW})),
        store=store,
        models=lambda: (model("local/a", local=True),),
        components=SimpleNamespace(snapshot=Snapshot),
        embedder=FakeEmbedder(),
    )
    found = doctor.findings(session)
    areas = [finding.area for finding in found]
    assert list(dict.fromkeys(areas)) == [
        "models", "keys", "litellm", "sandbox", "pictures", "storage", "cache", "components", "settings", "python",
    ]  # fmt: skip
    assert any(finding.text == "openai: OPENAI_API_KEY set" for finding in found)
    assert not any("mistral" in finding.text for finding in found)
    assert any("NUBEM_HUB" in finding.text for finding in found if finding.area == "settings")
    assert not any("cache.db" in finding.text for finding in found if finding.area == "cache")
    assert "hidden" not in repr(found)


def test_how_passages_are_found_is_told_with_what_to_install_for_more():
    there = doctor.of_meaning(FakeEmbedder(name="small 1"))
    assert (there.ok, there.mend) == (True, "")
    assert "small 1" in there.text
    absent = doctor.of_meaning(FakeEmbedder(missing="run: pip install more"))
    assert (absent.ok, absent.mend) == (None, "pip install more")
    assert "words alone" in absent.text


def test_a_folder_that_components_may_read_and_that_is_not_there_is_told(tmp_path):
    said = Settings(home=tmp_path, workspace=tmp_path / "unmade", folders=(tmp_path, tmp_path / "gone"))
    (found,) = doctor.of_places(said)
    assert str(tmp_path / "gone") in found.text
    assert doctor.of_places(Settings(home=tmp_path, workspace=tmp_path / "unmade")) == ()
