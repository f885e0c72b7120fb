"""Settings come in layers, the later winning, and a mistake in one names file, key and what was meant."""

from pathlib import Path

import pytest

from nubem_jupyter.components.web.policy import NetworkPolicy
from nubem_jupyter.errors import SettingsError
from nubem_jupyter.session.settings import Settings, load_settings, settings_files, variable_names, workspace_of
from nubem_jupyter.session.settings_tables import EndpointSettings, McpSettings


@pytest.fixture
def user_file(tmp_path: Path) -> Path:
    return tmp_path / "user" / "nubem.toml"


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_with_nothing_set_the_defaults_hold(tmp_path, user_file):
    settings = load_settings({}, tmp_path, user_file=user_file)
    assert settings.workspace == tmp_path
    assert settings.providers == ("local", "litellm", "servers")
    assert settings.planner_model == ""
    assert settings.idle_unload_s == 300.0
    assert settings.cache


def test_the_later_layer_wins(tmp_path, user_file):
    write(user_file, '[nubem]\nplanner_model = "user"\nidle_unload_s = 1\nproviders = ["echo"]\n')
    write(tmp_path / "nubem.toml", "[nubem]\nidle_unload_s = 2.5\n")
    environ = {"NUBEM_PLANNER_MODEL": "environment"}
    loaded = load_settings(environ, tmp_path, user_file=user_file)
    assert (loaded.providers, loaded.idle_unload_s, loaded.planner_model) == (("echo",), 2.5, "environment")
    overridden = load_settings(environ, tmp_path, {"planner_model": "cell", "home": None}, user_file=user_file)
    assert overridden.planner_model == "cell"
    assert overridden.home == loaded.home


def test_the_environment_gives_lists_numbers_and_paths(tmp_path, user_file):
    environ = {
        "NUBEM_PROVIDERS": "echo, replay",
        "NUBEM_IDLE_UNLOAD_S": "7",
        "NUBEM_HOME": "kept",
        "NUBEM_PLANNER_MODEL": "",
    }
    settings = load_settings(environ, tmp_path, user_file=user_file)
    assert settings == Settings(
        home=tmp_path / "kept", workspace=tmp_path, providers=("echo", "replay"), idle_unload_s=7.0
    )


def test_variables_of_other_programs_are_left_alone(tmp_path, user_file):
    settings = load_settings({"NUBEM_SHARED_DATA": "x", "OPENAI_API_KEY": "secret"}, tmp_path, user_file=user_file)
    assert "secret" not in repr(settings)


def test_a_path_in_a_file_starts_from_the_files_folder(tmp_path, user_file):
    write(user_file, '[nubem]\nhome = "runs"\n')
    write(tmp_path / "nubem.toml", '[nubem]\nfolders = ["sheets"]\n')
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    settings = load_settings({}, inner, user_file=user_file)
    assert settings.home == user_file.parent / "runs"
    assert settings.folders == (tmp_path / "sheets",)


def test_the_workspace_is_the_nearest_folder_with_settings(tmp_path):
    write(tmp_path / "nubem.toml", "")
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    assert workspace_of(inner) == tmp_path
    write(inner / "nubem.toml", "")
    assert workspace_of(inner) == inner


def test_only_files_that_exist_are_listed(tmp_path, user_file):
    assert settings_files(tmp_path, user_file=user_file) == ()
    ours = write(tmp_path / "nubem.toml", "")
    mine = write(user_file, "")
    assert settings_files(tmp_path, user_file=user_file) == (mine, ours)
    assert settings_files(tmp_path, user_file=ours) == (ours,)


def test_an_unknown_key_names_file_key_and_nearest(tmp_path, user_file):
    path = write(tmp_path / "nubem.toml", '[nubem]\nplaner_model = "x"\n')
    with pytest.raises(SettingsError) as caught:
        load_settings({}, tmp_path, user_file=user_file)
    assert str(path) in caught.value.message
    assert "'planer_model'" in caught.value.message
    assert "planner_model" in caught.value.hint


def test_an_unknown_override_lists_what_there_is(tmp_path, user_file):
    with pytest.raises(SettingsError) as caught:
        load_settings({}, tmp_path, {"zzz": 1}, user_file=user_file)
    assert "idle_unload_s" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[nubem]\nplanner_model = 3\n", ["'planner_model' is 3", "a text"]),
        ('[nubem]\nproviders = "local"\n', ["'providers'", "a list of names"]),
        ("[nubem]\nidle_unload_s = true\n", ["'idle_unload_s'", "a number"]),
        ('[nubem]\ncache = "on"\n', ["'cache' is 'on'", "true or false"]),
        ("[nubem]\ncache_bytes = 1.5\n", ["'cache_bytes' is 1.5", "a whole number"]),
        ("[nubem]\ncache_bytes = 0\n", ["cache_bytes is 0"]),
        ("[nubem]\nhome = 1\n", ["'home' is 1", "a path"]),
        ("[nubem]\nidle_unload_s = 0\n", ["idle_unload_s is 0"]),
        ("[nubem]\nidle_unload_s = inf\n", ["idle_unload_s is inf"]),
        ("nubem = 3\n", ["'nubem' is 3"]),
        ("[numbem]\n", ["no table 'numbem'"]),
        ("[nubem\n", ["cannot be read"]),
    ],
)
def test_a_wrong_file_is_refused_with_what_is_wrong(tmp_path, user_file, text, words):
    write(user_file, text)
    with pytest.raises(SettingsError) as caught:
        load_settings({}, tmp_path, user_file=user_file)
    for word in words:
        assert word in caught.value.message
    assert caught.value.hint


def test_a_wrong_variable_is_refused(tmp_path, user_file):
    with pytest.raises(SettingsError, match="'idle_unload_s' is 'soon', not a number"):
        load_settings({"NUBEM_IDLE_UNLOAD_S": "soon"}, tmp_path, user_file=user_file)


def test_every_setting_has_its_variable():
    assert "NUBEM_IDLE_UNLOAD_S" in variable_names()
    tables = {"network", "endpoints", "mcp"}
    assert len(variable_names()) == len(Settings.__struct_fields__) - len(tables)


@pytest.mark.parametrize(
    ("text", "on"), [("0", False), ("off", False), ("False", False), ("no", False), ("1", True), ("ON", True)]
)
def test_the_environment_turns_the_cache_on_and_off(tmp_path, user_file, text, on):
    environ = {"NUBEM_CACHE": text, "NUBEM_CACHE_BYTES": "4096"}
    settings = load_settings(environ, tmp_path, user_file=user_file)
    assert (settings.cache, settings.cache_bytes) == (on, 4096)


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [("NUBEM_CACHE", "perhaps", "true or false"), ("NUBEM_CACHE_BYTES", "1 GB", "a whole number")],
)
def test_a_variable_that_is_no_such_value_is_refused(tmp_path, user_file, name, text, wanted):
    with pytest.raises(SettingsError, match=f"'{text}', not {wanted}"):
        load_settings({name: text}, tmp_path, user_file=user_file)


def test_what_is_wrong_can_be_left_out_and_the_rest_holds(tmp_path, user_file):
    write(user_file, '[nubem]\nparallel = -1\nprovidrs = []\ncache = "odd"\nplanner_model = "a/b"\n')
    write(tmp_path / "nubem.toml", "[nubem\n")
    refused: list[SettingsError] = []
    loaded = load_settings({"NUBEM_CACHE_BYTES": "much"}, tmp_path, user_file=user_file, refused=refused)
    assert (loaded.planner_model, loaded.parallel, loaded.cache) == ("a/b", 0, True)
    told = "\n".join(error.message for error in refused)
    for word in ("providrs", "'cache'", "parallel is -1", f"{tmp_path / 'nubem.toml'} cannot be read", "cache_bytes"):
        assert word in told
    assert len(refused) == 5


def test_the_page_of_settings_names_every_one():
    page = (Path(__file__).parents[2] / "docs" / "settings.md").read_text("utf-8")
    tables = (NetworkPolicy, EndpointSettings, McpSettings)
    names = {name for kind in (Settings, *tables) for name in kind.__struct_fields__} - {"foreign"}
    absent = [name for name in names if f"`{name}`" not in page and f"[nubem.{name}" not in page]
    assert not absent
