"""A flow may use components of every origin; each is loaded when used, and only with leave."""

import inspect
import json
import os
import pickle
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from nubem_jupyter.core.component import ComponentInfo, Origin
from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.run import Outcome
from nubem_jupyter.core.value import ValueType
from nubem_jupyter.engine.budget import Ledger
from nubem_jupyter.errors import BudgetError, InfeasibleError, SandboxUnavailableError, UsageError
from nubem_jupyter.session import leave
from nubem_jupyter.session.session import Session
from nubem_jupyter.session.settings import Settings, user_file

ECHO = ("echo/echo",)
RAN = "import pathlib\npathlib.Path({mark!r}).write_text('ran')\n"
CLEAN = '''"""Words."""

import asyncio
from dataclasses import dataclass

__version__ = "1.0"
TTL_S = 600


@dataclass
class Word:
    """A word."""

    text: str


def upper(text: str) -> str:
    """Write in capitals."""
    return Word(text).text.upper()


async def later(text: str, times: int = 2) -> str:
    """Repeat a text."""
    await asyncio.sleep(0)
    return text * times
'''


@pytest.fixture
def workspace(tmp_path) -> Path:
    (tmp_path / "work" / "components").mkdir(parents=True)
    return tmp_path / "work"


@pytest.fixture
async def session(tmp_path, workspace):
    made = Session(Settings(home=tmp_path / "home", workspace=workspace, providers=("echo",)), {})
    yield made
    await made.aclose()


def put(workspace: Path, name: str, text: str) -> Path:
    path = workspace / "components" / name
    path.write_text(text, encoding="utf-8")
    return path


def flow(name: str, args=None, **inputs):
    built = Flow.build()
    for one in inputs:
        built = built.input(one)
    step = {one: one for one in inputs}
    return built.component("step", name, capability="rewrite", args=args or {}, inputs=step).output("step")


async def use(session, name, args=None, *, allow=(), security="low", local=False, **inputs):
    constraints = Constraints(allow=allow, security_level=security, local_only=local)
    plan = await session.plan(flow(name, args, **inputs), constraints=constraints)
    return await session.run(plan, inputs)


async def refusal(session, *words, **options) -> UsageError:
    with pytest.raises(UsageError) as caught:
        await use(session, *words, **options)
    assert "nothing was run" in caught.value.message
    return caught.value


async def test_a_built_in_component_needs_no_leave_where_it_reaches_nothing(session):
    assert (await use(session, "math.compute", {"expression": "6 * 7"})).result == 42


async def test_files_are_read_with_leave_in_the_granted_folders_only(session, workspace):
    (workspace / "a.txt").write_text("hello")
    refused = await refusal(session, "files.read", {"path": "a.txt"})
    assert "step 'step' uses 'files.read', which needs leave for files" in refused.message
    assert refused.hint.startswith('add --allow files, in Python constraints=nj.Constraints(allow=["files"])')
    assert refused.hint.endswith(f'allow = ["files"] under [nubem] in {user_file()}')
    assert (await use(session, "files.read", {"path": "a.txt"}, allow=("files",))).result == "hello"
    outside = await use(session, "files.read", {"path": "/etc/hostname"}, allow=("files",))
    assert outside.outcome is Outcome.FAILED
    assert "outside" in outside.failure.message


async def test_the_settings_grant_for_all_runs(tmp_path, workspace):
    (workspace / "a.txt").write_text("hello")
    settings = Settings(home=tmp_path / "home", workspace=workspace, providers=("echo",), allow=("files",))
    session = Session(settings, {})
    assert (await use(session, "files.read", {"path": "a.txt"})).result == "hello"
    await session.aclose()


async def test_a_file_is_used_at_once_and_anew_when_it_changes(session, workspace):
    path = put(workspace, "words.py", CLEAN)
    assert (await use(session, "words.upper", allow=("code",), text="a")).result == "A"
    assert (await use(session, "words.later", allow=("code",), text="ab")).result == "abab"
    path.write_text(CLEAN.replace("upper()", "title() + '!'"))
    assert (await use(session, "words.upper", allow=("code",), text="a")).result == "A!"


async def test_a_file_runs_nothing_before_it_is_used_with_leave(session, workspace, tmp_path):
    mark = tmp_path / "mark"
    put(workspace, "words.py", CLEAN + RAN.format(mark=str(mark)))
    refused = await refusal(session, "words.upper", text="a")
    assert "add --allow code" in refused.hint
    assert not mark.exists()
    await use(session, "words.upper", allow=("code",), text="a")
    assert mark.exists()


@pytest.mark.parametrize("level", ["medium", "high"])
async def test_code_outside_of_the_sandbox_is_refused_at_higher_levels(session, workspace, level):
    put(workspace, "words.py", CLEAN)
    refused = await refusal(session, "words.upper", allow=("code",), security=level, text="a")
    assert f"security level '{level}'" in refused.message
    assert "words.py" in refused.message


async def test_the_network_is_refused_where_data_stays_here_even_if_allowed(session):
    refused = await refusal(session, "web.fetch", {"url": "https://a.example"}, allow=("network",), local=True)
    assert "network" in refused.message


async def test_what_is_missing_is_said_before_anything_runs(session):
    refused = await refusal(session, "web.search", {"query": "x"}, allow=("network",))
    assert "SEARXNG_URL" in refused.hint


async def test_code_at_a_level_that_is_not_there_is_refused(session):
    absent = next((level for level in ("high", "medium") if level not in session.sandbox.levels), None)
    if absent is None:
        pytest.skip("this machine has every level")
    with pytest.raises(SandboxUnavailableError, match=r"'code.run'"):
        await use(session, "code.run", {"source": "1"}, allow=("code",), security=absent)


async def test_inputs_are_compared_before_anything_runs(session):
    unknown = await refusal(session, "math.compute", {"expresion": "1"})
    assert "'expresion'" in unknown.message
    assert "expression" in unknown.hint
    missing = await refusal(session, "math.compute")
    assert "does not give 'math.compute' its input 'expression'" in missing.message


async def test_an_unknown_component_is_named_with_the_nearest(session):
    refused = await refusal(session, "math.compte", {"expression": "1"})
    assert "no component 'math.compte' for step 'step'" in refused.message
    assert "math.compute" in refused.hint
    assert "nubem components" in (await refusal(session, "zzz.zzz")).hint


async def test_a_function_of_the_program_needs_no_leave_and_comes_first(session, workspace):
    put(workspace, "words.py", CLEAN)
    session.add_component("words.upper", lambda text: f"mine {text}")
    assert (await use(session, "words.upper", security="low", text="a")).result == "mine a"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('def f() -> str:\n    """Say."""\n    return ""\n\n\nraise ValueError("no")\n', 6),
        ('import no_such_module\n\n\ndef f() -> str:\n    """Say."""\n    return ""\n', 1),
        ('def f() -> str:\n    """Say."""\n    return ""\n\n\nraise SystemExit(3)\n', 6),
        ('def f() -> str:\n    """Say."""\n    return ""\n\n\nreturn 3\n', 6),
    ],
)
async def test_a_file_that_fails_while_it_is_loaded_fails_its_step_and_leaves_nothing(session, workspace, text, line):
    path = put(workspace, "odd.py", text)
    before = set(sys.modules)
    run = await use(session, "odd.f", allow=("code",))
    assert run.outcome is Outcome.FAILED
    assert f"'odd.f' cannot be loaded: {path}, line {line}" in run.failure.message
    assert not {name for name in set(sys.modules) - before if name.startswith("_nubem_component")}


async def test_a_name_that_is_no_function_in_the_end_is_told(session, workspace):
    put(workspace, "odd.py", 'def f() -> str:\n    """Say."""\n    return ""\n\n\nf = 3\n')
    run = await use(session, "odd.f", allow=("code",))
    assert "'odd.f' is no function" in run.failure.message


async def test_what_a_file_defines_can_be_inspected_and_pickled(session, workspace):
    put(workspace, "words.py", CLEAN)
    await use(session, "words.upper", allow=("code",), text="a")
    info = session.components.infos()["words.upper"]
    function = session.components.loader.function(info)
    assert inspect.getsource(function).startswith("def upper")
    word = sys.modules[function.__module__].Word("a")
    assert pickle.loads(pickle.dumps(word)) == word
    assert function.__globals__["__file__"] == info.origin.where


async def test_a_file_that_is_broken_now_is_not_used_though_its_last_good_version_is_listed(session, workspace):
    path = put(workspace, "words.py", CLEAN)
    info = session.components.infos()["words.upper"]
    path.write_text("def upper(")
    with pytest.raises(Exception, match=r"is not what the catalog has read"):
        session.components.loader.function(info)


async def test_an_edited_component_never_gives_a_kept_value(session, workspace):
    path = put(workspace, "words.py", CLEAN)
    first = await use(session, "words.upper", allow=("code",), text="a")
    again = await use(session, "words.upper", allow=("code",), text="a")
    assert [node.cached for node in again.nodes if node.path == "step"] == [True]
    path.write_text(CLEAN.replace(".upper()", ".lower()"))
    assert (first.result, again.result) == ("A", "A")
    assert (await use(session, "words.upper", allow=("code",), text="a")).result == "a"


async def test_an_installed_component_is_imported_when_used(session, tmp_path, monkeypatch):
    site = tmp_path / "site"
    (site / "nubem_acme_words-1.0.dist-info").mkdir(parents=True)
    (site / "nubem_acme_words.py").write_text(CLEAN)
    folder = site / "nubem_acme_words-1.0.dist-info"
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: nubem-acme-words\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text("[nubem_jupyter.components]\nacme = nubem_acme_words\n")
    (folder / "RECORD").write_text("nubem_acme_words.py,,\n")
    monkeypatch.syspath_prepend(str(site))
    assert "code" in (await refusal(session, "acme.upper", text="a")).hint
    assert "nubem_acme_words" not in sys.modules
    try:
        assert (await use(session, "acme.upper", allow=("code",), text="a")).result == "A"
        (site / "nubem_acme_words.py").write_text(CLEAN.replace("upper()", "lower()"))
        changed = await use(session, "acme.upper", allow=("code",), text="b")
        assert "has changed since it was imported" in changed.failure.message
        assert changed.failure.hint == "restart the kernel"
    finally:
        sys.modules.pop("nubem_acme_words", None)


async def test_files_that_cannot_be_read_are_reported_by_name_and_the_rest_works(session, workspace, tmp_path):
    """The acceptance of the catalog, through a session: nothing is executed before it is used."""
    mark = tmp_path / "mark"
    put(workspace, "good.py", CLEAN)
    put(workspace, "syntax.py", "def f(:\n")
    put(workspace, "runs.py", RAN.format(mark=str(mark)) + CLEAN)
    put(workspace, "huge.py", "#" * 300_000)
    (workspace / "components" / "latin.py").write_bytes(b'"""caf\xe9"""\n')
    (workspace / "components" / "twin").mkdir()
    put(workspace, "twin/one.py", 'VENDOR = "good"\n' + CLEAN)
    os.symlink(workspace / "components", workspace / "components" / "loop")
    troubles = session.components.snapshot().troubles
    told = {Path(trouble.where).name: trouble.message for trouble in troubles if trouble.hint}
    assert {"syntax.py", "huge.py", "latin.py", "one.py", "loop"} <= set(told)
    assert "UTF-8" in told["latin.py"]
    assert "KiB" in told["huge.py"]
    assert (await use(session, "good.upper", allow=("code",), text="a")).result == "A"
    assert not mark.exists()


async def test_a_file_saved_a_moment_ago_is_used_though_nobody_has_looked_since(session, workspace):
    path = put(workspace, "words.py", CLEAN)
    session.catalog.watch()
    try:
        assert (await use(session, "words.upper", allow=("code",), text="a")).result == "A"
        path.write_text(CLEAN.replace("upper()", "title() + '!'"))
        assert (await use(session, "words.upper", allow=("code",), text="a")).result == "A!"
        put(workspace, "fresh.py", CLEAN)
        assert (await use(session, "fresh.upper", allow=("code",), text="a")).result == "A"
    finally:
        session.catalog.close()


@pytest.fixture
def searxng():
    """A search engine on loopback that remembers what it was asked."""
    asked = []

    class Engine(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(parse_qs(urlsplit(self.path).query)["q"][0])
            hit = {"url": "https://tea.example/", "title": "Tea", "content": "Tea came from Yunnan."}
            body = json.dumps({"results": [hit]}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Engine)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


async def test_a_request_to_search_uses_the_search_engine_with_leave(tmp_path, workspace, searxng):
    url, asked = searxng
    settings = Settings(home=tmp_path / "home", workspace=workspace, providers=("echo",))
    session = Session(settings, {"SEARXNG_URL": url})
    try:
        request = "Research the history of tea"
        withheld = await session.plan(request, constraints=Constraints(models=ECHO))
        assert any("--allow network" in warning for warning in withheld.warnings)
        assert not any(node.component for _, node in withheld.flow.walk())
        kept_here = await session.plan(
            request, constraints=Constraints(models=ECHO, allow=("network",), local_only=True)
        )
        assert not any(node.component for _, node in kept_here.flow.walk())
        plan = await session.plan(request, constraints=Constraints(models=ECHO, allow=("network",)))
        assert not plan.warnings
        run = await session.run(plan, {})
        assert asked == ["the history of tea"]
        assert "Tea came from Yunnan." in run.result
    finally:
        await session.aclose()


PRICED = CLEAN.replace("TTL_S = 600", "COST_USD = 0.25")


async def test_what_a_use_costs_is_foreseen_counted_and_kept_within_the_budget(session, workspace):
    put(workspace, "words.py", PRICED)
    built = Flow.build().input("texts", type="list")
    body = Flow.build("b").input("item").component("up", "words.upper", capability="rewrite", inputs={"text": "item"})
    mapped = built.map("each", body.output("up"), "texts").output("each")
    free = Constraints(allow=("code",))
    plan = await session.plan(mapped, inputs={"texts": ["a", "b"]}, constraints=free)
    assert plan.estimate.cost_usd.value == 0.5
    assert plan.warnings == ()
    run = await session.run(plan, {"texts": ["a", "b"]})
    assert (run.result, run.cost_usd) == (["A", "B"], 0.5)
    tight = Constraints(allow=("code",), max_cost_usd=0.6)
    over = await session.run(await session.plan(mapped, constraints=tight), {"texts": ["a", "b", "c"]})
    assert over.outcome is Outcome.OVER_BUDGET
    assert over.cost_usd <= 0.6
    assert over.failure.hint == "raise --max-cost, or leave the step out"


async def test_a_component_of_unknown_cost_is_refused_under_a_budget_and_never_counted_as_free(session, workspace):
    put(workspace, "words.py", CLEAN)
    tight = Constraints(allow=("code",), max_cost_usd=1.0)
    plan = await session.plan(flow("words.upper", text="text"), constraints=tight)
    assert plan.estimate.cost_usd is None
    assert "the budget cannot be kept: say COST_USD in" in plan.warnings[0]
    with pytest.raises(BudgetError, match=r"what a use of it costs is not known.*nothing was run") as caught:
        await session.run(plan, {"text": "a"})
    assert "leave out --max-cost" in caught.value.hint
    run = await use(session, "words.upper", allow=("code",), text="a")
    assert (run.outcome, run.cost_usd, run.unpriced) == (Outcome.FINISHED, 0.0, 1)
    plan = await session.plan(flow("words.upper", text="text"), constraints=Constraints(allow=("code",)))
    shared = await session.start(plan, {"text": "other"}, ledger=Ledger(1.0)).wait()
    assert shared.outcome is Outcome.OVER_BUDGET
    assert "what a use of 'words.upper' costs is not known" in shared.failure.message
    put(workspace, "words.py", CLEAN.replace("TTL_S = 600", "COST_USD = 0"))
    plan = await session.plan(flow("words.upper", text="text"), constraints=tight)
    assert (plan.warnings, plan.estimate.cost_usd.value) == ((), 0.0)
    assert (await session.run(plan, {"text": "a"})).outcome is Outcome.FINISHED


async def test_a_function_of_the_program_costs_what_was_said_of_it(session):
    def paid(text):
        return text.upper()

    session.add_component("own.free", paid)
    session.add_component("own.paid", paid, cost_usd=0.25)
    session.add_component("own.unknown", paid, cost_usd=None)
    tight = Constraints(max_cost_usd=0.2)
    assert (await use(session, "own.free", text="a")).cost_usd == 0.0
    assert (await use(session, "own.paid", text="a")).cost_usd == 0.25
    assert (await session.plan(flow("own.paid", text="text"))).estimate.cost_usd.value == 0.25
    with pytest.raises(InfeasibleError, match=r"the least is \$0.25"):
        await session.plan(flow("own.paid", text="text"), constraints=tight)
    plan = await session.plan(flow("own.unknown", text="text"), constraints=tight)
    assert plan.estimate.cost_usd is None
    assert "give cost_usd to add_component" in plan.warnings[0]
    with pytest.raises(BudgetError, match=r"'own\.unknown', and what a use of it costs is not known"):
        await session.run(plan, {"text": "a"})
    assert (await use(session, "own.unknown", text="a")).unpriced == 1


@pytest.mark.parametrize("cost_usd", [-1.0, float("nan"), float("inf")])
async def test_a_cost_that_cannot_be_is_refused(session, cost_usd):
    with pytest.raises(UsageError, match=r"a use of 'own\.tool' cannot cost"):
        session.add_component("own.tool", str, cost_usd=cost_usd)


async def test_a_built_in_component_is_held_to_what_it_tells_that_it_gives(session, monkeypatch):
    known, _ = session.components._builtin["math.compute"]

    async def odd(**arguments):
        return "four"

    monkeypatch.setattr(session.components, "_builtin", {known.name: (known, odd)})
    run = await use(session, "math.compute", {"expression": "2 + 2"})
    assert run.failure.message == "the component 'math.compute' gave text at 'step', and tells that it gives number"


def test_what_to_do_about_an_unknown_cost_goes_by_where_a_component_is_from():
    given = leave.Leave(constraints=Constraints(max_cost_usd=1.0), allowed=("code",))

    def hint(kind):
        origin = Origin(kind=kind, where="words.py", digest="")
        info = ComponentInfo(
            name="words.upper", version="", description="", capability="x", inputs=(), output=ValueType.TEXT,
            permissions=(), cost_usd=None, ttl_s=None, origin=origin,
        )  # fmt: skip
        return leave.refusal("step", info, given).hint

    assert hint("builtin") == "leave out --max-cost"
    assert hint("mcp").startswith("say cost_usd in [nubem.mcp.words] of nubem.toml, or")
    assert hint("file").startswith("say COST_USD in words.py (0 if it costs nothing), or")


async def test_looking_for_components_holds_up_no_other_run(session, workspace, monkeypatch):
    put(workspace, "words.py", CLEAN)
    scan, threads = session.catalog._folders.scan, []
    monkeypatch.setattr(session.catalog._folders, "scan", lambda: threads.append(threading.current_thread()) or scan())
    plan = await session.plan(flow("words.upper", text="text"), constraints=Constraints(allow=("code",)))
    listing = threads.count(threading.main_thread())
    put(workspace, "words.py", CLEAN + "\n")
    run = await session.run(plan, {"text": "a"})
    assert run.result == "A"
    assert threads.count(threading.main_thread()) == listing, "no file was looked at on the event loop"
    assert threading.main_thread() is not threads[-1]


async def test_a_plan_warns_of_what_will_be_refused_and_of_what_is_not_known(session, workspace):
    put(workspace, "words.py", CLEAN)
    plan = await session.plan(flow("words.upper", text="text"))
    assert len(plan.warnings) == 2
    assert "add --allow code" in plan.warnings[0]
    assert "What 'words.upper' costs a use is not known" in plan.warnings[1]
    absent = await session.plan(flow("absent.tool"))
    (warning,) = absent.warnings
    assert warning.startswith("There is no component 'absent.tool' for step 'step': nubem components lists")
    misspelled = await session.plan(flow("math.compte", {"expression": "1"}))
    assert misspelled.warnings == ("There is no component 'math.compte' for step 'step': did you mean 'math.compute'?",)
    wanting = await session.plan(flow("math.compute"))
    assert "does not give 'math.compute' its input 'expression'" in wanting.warnings[0]
    session.add_component("absent.tool", print)
    assert (await session.plan(flow("absent.tool"))).warnings == ()


async def test_a_kept_value_costs_nothing_again(session, workspace):
    put(workspace, "words.py", PRICED.replace("COST_USD", "TTL_S = 600\nCOST_USD"))
    await use(session, "words.upper", allow=("code",), text="a")
    again = await use(session, "words.upper", allow=("code",), text="a")
    assert again.cost_usd == 0
