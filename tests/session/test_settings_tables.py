"""Tables of settings are read with their mistakes named; a workspace's own file can grant itself nothing."""

from pathlib import Path

import pytest

from nubem_jupyter.components.web.policy import NetworkPolicy
from nubem_jupyter.core.call import Message, ModelCall
from nubem_jupyter.errors import ModelUnavailableError, SettingsError
from nubem_jupyter.session.adapters import make_providers
from nubem_jupyter.session.settings import Settings, load_settings
from nubem_jupyter.session.settings_tables import EndpointSettings, McpSettings
from nubem_jupyter.testing import Reply, gather
from nubem_jupyter.testing.openai_server import OpenAIServer, Page

KEY = "sk-proj-abcDEF0123456789"
LIST = {"data": [{"id": "m1"}]}
MINE = """
[nubem.endpoints.acme]
url = "https://models.example"
key = "ACME_API_KEY"
local = true
[nubem.mcp.tools]
command = ["tools"]
"""


@pytest.fixture
def user_file(tmp_path: Path) -> Path:
    return tmp_path / "user" / "nubem.toml"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return tmp_path / "work"


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def refusal(cwd: Path, user_file: Path) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        load_settings({}, cwd, user_file=user_file)
    return caught.value


def test_the_users_file_grants_and_names_servers(workspace, user_file):
    text = """
    [nubem]
    allow = ["files"]
    folders = ["notes", "/srv/shared"]
    [nubem.network]
    hosts = ["*.example.org"]
    ports = [443]
    [nubem.endpoints.acme]
    url = "https://llm.acme.example/v1"
    key = "ACME_API_KEY"
    local = true
    [nubem.mcp.tools]
    command = ["acme-tools", "--stdio"]
    env = ["ACME_API_KEY"]
    [nubem.mcp.far]
    url = "https://tools.acme.example/mcp"
    """
    write(user_file, text)
    settings = load_settings({}, workspace, user_file=user_file)
    assert settings.allow == ("files",)
    assert settings.folders == (user_file.parent / "notes", Path("/srv/shared"))
    assert settings.network == NetworkPolicy(hosts=("*.example.org",), ports=(443,))
    assert settings.endpoints == {
        "acme": EndpointSettings(url="https://llm.acme.example/v1", key="ACME_API_KEY", local=True)
    }
    assert settings.mcp["tools"] == McpSettings(
        command=("acme-tools", "--stdio"), env=("ACME_API_KEY",), permissions=("network", "files", "code")
    )
    assert settings.mcp["far"].permissions == ("network",)


def test_with_nothing_said_the_workspace_may_be_read_and_no_host_reached(workspace, user_file):
    settings = load_settings({}, workspace, user_file=user_file)
    assert (settings.folders, settings.allow, settings.network.allows_any) == ((workspace,), (), False)


def test_the_environment_and_the_caller_grant_too(workspace, user_file):
    environ = {"NUBEM_ALLOW": "files, network", "NUBEM_FOLDERS": "a,b"}
    settings = load_settings(environ, workspace, user_file=user_file)
    assert settings.allow == ("files", "network")
    assert settings.folders == (workspace / "a", workspace / "b")
    assert load_settings(environ, workspace, {"allow": ["code"]}, user_file=user_file).allow == ("code",)


def test_a_workspace_names_servers_beside_the_users(workspace, user_file):
    write(user_file, '[nubem.endpoints.mine]\nurl = "https://a.example"\n')
    write(workspace / "nubem.toml", '[nubem.endpoints.ours]\nurl = "http://127.0.0.1:8000"\n')
    settings = load_settings({}, workspace, user_file=user_file)
    assert set(settings.endpoints) == {"mine", "ours"}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('[nubem]\nallow = ["code"]\n', "'allow'"),
        ('[nubem]\nfolders = [".."]\n', "'folders'"),
        ('[nubem]\nfolders = ["/etc"]\n', "'folders'"),
        ('[nubem]\nworkspace = ".."\n', "'workspace'"),
        ('[nubem]\nlitellm_config = "mine.yaml"\n', "'litellm_config'"),
        ('[nubem]\nhome = "runs"\n', "'home'"),
        ('[nubem]\nplanner_model = "acme/large"\n', "'planner_model'"),
        ('[nubem]\nproviders = ["local", "ollama"]\n', "'providers' with 'ollama'"),
        ('[nubem]\nregion = "us"\n', "'region'"),
        ('[nubem]\ntrust = ["."]\n', "'trust'"),
        ('[nubem.network]\nhosts = ["*"]\n', "[nubem.network]"),
        ('[nubem.endpoints.x]\nurl = "https://a.example"\nkey = "OPENAI_API_KEY"\n', "'key' of [nubem.endpoints.x]"),
        ('[nubem.endpoints.x]\nurl = "https://a.example"\nlocal = true\n', "'local' of [nubem.endpoints.x]"),
        ('[nubem.endpoints.x]\nurl = "https://a.example"\npool = "acme"\n', "'pool' of [nubem.endpoints.x]"),
        ('[nubem.endpoints.x]\nurl = "https://a.example"\nregion = "eu"\n', "'region' of [nubem.endpoints.x]"),
        (
            '[nubem.endpoints.acme]\nurl = "https://a.example"\n',
            "[nubem.endpoints.acme], which your own settings have,",
        ),
        ('[nubem.mcp.tools]\nurl = "https://a.example"\n', "[nubem.mcp.tools], which your own settings have,"),
        ('[nubem.mcp.x]\ncommand = ["x"]\nenv = ["OPENAI_API_KEY"]\n', "'env' of [nubem.mcp.x]"),
    ],
)
def test_a_workspace_grants_itself_nothing(workspace, user_file, text, what):
    write(user_file, MINE)
    path = write(workspace / "nubem.toml", text)
    error = refusal(workspace, user_file)
    assert str(path) in error.message
    assert what in error.message
    assert f'trust = ["{workspace}"]' in error.hint
    assert str(user_file) in error.hint


@pytest.mark.parametrize(
    "text", ['[nubem]\nregion = "the EU"\n', f"{MINE}[nubem.endpoints.b]\nurl='http://b'\nregion='?'"]
)
def test_what_names_no_region_is_refused(workspace, user_file, text):
    write(user_file, text)
    error = refusal(workspace, user_file)
    assert "which names no region" in error.message
    assert "eu-central-1" in error.hint


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('pool = "My pool"', "'pool' of [nubem.endpoints.b] is 'My pool'"),
        ("weight = -1.0", "'weight' of [nubem.endpoints.b] is -1, which is no share"),
        ("weight = inf", "which is no share"),
        ("calls_per_min = 0.5", "'calls_per_min' of [nubem.endpoints.b] is 0.5, which lets nothing through"),
        ("tokens_per_min = 0", "'tokens_per_min' of [nubem.endpoints.b] is 0, which lets nothing through"),
    ],
)
def test_a_share_or_a_limit_that_means_nothing_is_refused(workspace, user_file, line, told):
    write(user_file, f"[nubem.endpoints.b]\nurl = 'http://b'\n{line}\n")
    error = refusal(workspace, user_file)
    assert told in error.message
    assert error.hint


@pytest.mark.parametrize("way", ["file", "variable", "link"])
def test_the_file_of_a_workspace_that_the_user_trusts_counts_as_the_users_own(workspace, user_file, way):
    theirs = """
    [nubem]
    allow = ["code"]
    home = "runs"
    providers = ["ollama"]
    [nubem.endpoints.acme]
    url = "https://other.example"
    key = "ACME_API_KEY"
    local = true
    """
    write(workspace / "nubem.toml", theirs)
    named = workspace
    if way == "link":
        named = workspace.with_name("linked")
        named.symlink_to(workspace)
    write(user_file, MINE + (f'[nubem]\ntrust = ["{named}"]\n' if way != "variable" else ""))
    environ = {"NUBEM_TRUST": str(named)} if way == "variable" else {}
    settings = load_settings(environ, workspace, user_file=user_file)
    assert (settings.allow, settings.home, settings.providers) == (("code",), workspace / "runs", ("ollama",))
    assert settings.endpoints["acme"] == EndpointSettings(url="https://other.example", key="ACME_API_KEY", local=True)
    assert settings.trusts_workspace


def test_trust_is_for_the_very_folder_and_what_is_said_last_holds(workspace, user_file):
    write(workspace / "inner" / "nubem.toml", '[nubem]\nallow = ["code"]\n')
    write(user_file, f'[nubem]\ntrust = ["{workspace}"]\n')
    refusal(workspace / "inner", user_file)
    write(user_file, f'[nubem]\ntrust = ["{workspace / "inner"}"]\n')
    assert load_settings({}, workspace / "inner", user_file=user_file).allow == ("code",)
    with pytest.raises(SettingsError, match="'allow'"):
        load_settings({"NUBEM_TRUST": str(workspace)}, workspace / "inner", user_file=user_file)


def test_a_workspace_may_leave_providers_out(workspace, user_file):
    write(workspace / "nubem.toml", '[nubem]\nproviders = ["local"]\n')
    assert load_settings({}, workspace, user_file=user_file).providers == ("local",)


async def test_an_endpoint_that_only_a_workspace_names_is_asked_nothing(workspace, user_file):
    """Not even for its list; what was kept of it is not offered."""
    async with OpenAIServer(
        lambda _: Reply(text="heard"), pages={"/v1/models": Page(content=LIST)}
    ).running() as server:
        write(workspace / "nubem.toml", f'[nubem.endpoints.theirs]\nurl = "{server.url}"\n')
        home = {"home": user_file.parent, "providers": ("servers",)}
        environ = {"NUBEM_TRUST": str(workspace)}
        trusting = make_providers(load_settings(environ, workspace, home, user_file=user_file), {})["theirs"]
        assert [info.available for info in await trusting.refresh()] == [True]
        asked = len(server.asked)
        wary = make_providers(load_settings({}, workspace, home, user_file=user_file), {})["theirs"]
        (kept,) = wary.models()
        assert (kept.id, kept.available) == ("theirs/m1", False)
        call = ModelCall(model=kept.id, messages=(Message(role="user", content="private"),))
        for asking in (wary.refresh(), gather(wary, call)):
            with pytest.raises(ModelUnavailableError, match="the endpoint 'theirs' is not asked") as caught:
                await asking
            assert f'trust = ["{workspace}"]' in caught.value.hint
        assert not (await wary.health()).ok
        assert len(server.asked) == asked
        for provider in (trusting, wary):
            await provider.aclose()


def test_a_workspace_may_narrow_what_is_read(workspace, user_file):
    write(workspace / "nubem.toml", '[nubem]\nfolders = ["sheets"]\n')
    assert load_settings({}, workspace, user_file=user_file).folders == (workspace / "sheets",)


def test_starting_a_program_always_needs_leave_for_code(workspace, user_file):
    text = '[nubem.mcp.x]\ncommand = ["x"]\npermissions = ["files"]\n[nubem.mcp.y]\nurl = "https://y.example"\n'
    write(workspace / "nubem.toml", text + 'permissions = ["files"]\n')
    mcp = load_settings({}, workspace, user_file=user_file).mcp
    assert (mcp["x"].permissions, mcp["y"].permissions) == (("files", "code"), ("network", "files"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[nubem]\nendpoints = 3\n", ["'endpoints' is 3"]),
        ("[nubem.endpoints]\nx = 3\n", ["[nubem.endpoints.x] is not a table"]),
        ("[nubem.endpoints.x]\n", ["[nubem.endpoints.x] has no 'url'"]),
        ('[nubem.endpoints."a/b"]\nurl = "https://a.example"\n', ["[nubem.endpoints.a/b]"]),
        ('[nubem.endpoints.x]\nurll = "https://a.example"\n', ["[nubem.endpoints.x] has no field 'urll'"]),
        ("[nubem.endpoints.x]\nurl = 3\n", ["'url' of [nubem.endpoints.x] is 3, not a text"]),
        ('[nubem.endpoints.x]\nurl = "ftp://a"\n', ["'url' of [nubem.endpoints.x] is no web address"]),
        ('[nubem.endpoints.x]\nurl = "http://[a"\n', ["'url' of [nubem.endpoints.x] is no web address"]),
        ('[nubem.mcp.x]\nurl = "https://a.example"\ntimeout_s = 0\n', ["'timeout_s' of [nubem.mcp.x] is 0"]),
        ('[nubem.mcp.x]\nurl = "https://a.example"\ntimeout_s = nan\n', ["'timeout_s' of [nubem.mcp.x] is nan"]),
        ('[nubem.mcp.x]\nurl = "https://a.example"\ncost_usd = -1\n', ["'cost_usd' of [nubem.mcp.x] is -1"]),
        ('[nubem.mcp.x]\nurl = "https://a.example"\ncost_usd = "x"\n', ["'cost_usd' of [nubem.mcp.x] is 'x'"]),
        ('[nubem.mcp.x]\nenv = ["A"]\n', ["[nubem.mcp.x] needs either a command or a url"]),
        ('[nubem.mcp.x]\nurl = "https://a.example"\npermissions = ["netwrok"]\n', ["the unknown 'netwrok'"]),
        ('[nubem]\nallow = ["fils"]\n', ["unknown permission 'fils'"]),
        ("[nubem]\nfolders = [3]\n", ["'folders' is [3], not a list of paths"]),
        ('[nubem.network]\nhosts = ["https://a.example"]\n', ["'https://a.example', which is no host"]),
        ('[nubem.network]\nports = ["80"]\n', ["'ports' of [nubem.network]"]),
    ],
)
def test_a_mistake_is_named_with_file_table_and_field(workspace, user_file, text, words):
    write(user_file, text)
    error = refusal(workspace, user_file)
    for word in (str(user_file), *words):
        assert word in error.message
    assert error.hint


@pytest.mark.parametrize(
    "text",
    [
        f'[nubem.endpoints.x]\nurl = "https://a.example"\nkey = "{KEY}"\n',
        '[nubem.endpoints.x]\nurl = "https://a.example"\nkey = "AKIA0123456789ABCDEF0123"\n',
        f'[nubem.endpoints.x]\nurl = "https://me:{KEY}@a.example"\n',
        f'[nubem.mcp.x]\ncommand = ["x"]\nenv = ["{KEY}"]\n',
    ],
)
def test_a_key_in_a_file_is_refused_and_not_repeated(workspace, user_file, text):
    write(user_file, text)
    error = refusal(workspace, user_file)
    assert "environment" in error.hint or "files" in error.hint
    assert KEY not in str(error)
    assert "AKIA" not in str(error)


def test_values_made_in_python_are_taken_as_they_are(workspace, user_file):
    given = {"endpoints": {"x": EndpointSettings(url="http://127.0.0.1:1")}, "folders": [workspace / "a"]}
    settings = load_settings({}, workspace, given, user_file=user_file)
    assert settings.endpoints["x"].url == "http://127.0.0.1:1"
    assert settings.folders == (workspace / "a",)


def test_settings_made_by_hand_refuse_an_unknown_permission(tmp_path):
    with pytest.raises(SettingsError, match="'netwrok'") as caught:
        Settings(home=tmp_path, workspace=tmp_path, allow=("netwrok",))
    assert "network" in caught.value.hint
