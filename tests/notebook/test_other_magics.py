"""``%optimize``, ``%evaluate`` and ``%nubem`` do what their help says."""

import asyncio
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import msgspec
import pandas as pd
import pytest

from nubem_jupyter.catalog.difference import Difference, Entry
from nubem_jupyter.catalog.history import Changed
from nubem_jupyter.core.cache import CacheEntry
from nubem_jupyter.core.call import Answer
from nubem_jupyter.core.component import Trouble
from nubem_jupyter.core.evaluation import Evaluation
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Figure, ModelInfo, Price
from nubem_jupyter.core.plan import Rewrite
from nubem_jupyter.core.run import Run
from nubem_jupyter.core.similar import SimilarStep
from nubem_jupyter.engine.evaluator import scorer_names
from nubem_jupyter.engine.false_hits import counted
from nubem_jupyter.errors import ConstraintError, EvaluationError, UsageError
from nubem_jupyter.notebook.options import SCORERS
from nubem_jupyter.notebook.workbench import open_session
from nubem_jupyter.render.cached import WHEN_GIVEN_AGAIN
from nubem_jupyter.session.catalog import Refreshed
from nubem_jupyter.session.recall import Recall
from nubem_jupyter.testing import MemoryCache

CASES = "- {input: yes, target: yes}\n- {input: no, target: yes}\n"


@pytest.fixture
def wasteful(shell, monkeypatch):
    """A flow with a step that nobody reads, and an optimizer that takes it out."""
    lean = Flow.build("lean").input("a").model("keep", "{a}").output("keep")
    flow = Flow.build("lean").input("a").model("keep", "{a}").model("spare", "{a}!").output("keep")
    session = shell._nubem_extension.workbench.session
    rewrite = Rewrite(rule="dead_nodes", description="'spare' had no reader", removed=("spare",))
    monkeypatch.setattr(session, "optimize", lambda given: (lean, (rewrite,)) if given == flow else (given, ()))
    shell.user_ns["flow"] = flow
    return flow, lean


def test_optimize_shows_before_and_what_went_with_counts_and_returns_after(cell, wasteful, capsys):
    result = cell("%optimize flow").result
    seen = capsys.readouterr().out
    assert result == wasteful[1]
    assert "− spare" in seen
    assert "4 steps with 2 model calls before, 3 steps with 1 model call after" in seen


def test_optimize_writes_back_only_when_asked(cell, shell, wasteful):
    cell("%optimize flow")
    assert shell.user_ns["flow"] == wasteful[0]
    cell("%optimize flow --apply --save lean")
    assert shell.user_ns["flow"] == wasteful[1]
    assert cell("%optimize lean --apply").result == wasteful[1]


def test_optimize_takes_the_newest_flow_and_says_when_there_is_nothing_to_do(cell, fails, capsys, monkeypatch, shell):
    assert "no flow yet" in fails("%optimize")[0].message
    run = cell("%orchestrate --quiet -o said Say hello") and shell._nubem_extension.workbench.last_run
    monkeypatch.setattr(shell._nubem_extension.workbench.session, "optimize", lambda flow: (flow, ()))
    capsys.readouterr()
    assert cell("%optimize").result == run.plan.flow
    assert "Nothing to change" in capsys.readouterr().out
    assert isinstance(fails("%optimize --apply")[0], UsageError)


def test_evaluate_scores_cases_of_the_cell_on_a_request(cell):
    result = cell(f'%%evaluate "Say {{input}}" --scorer contains\n{CASES}').result
    assert isinstance(result, Evaluation)
    assert [mean.mean for mean in result.means] == [0.5]
    assert [sample.score for sample in result.samples] == [1.0, 0.0]


def test_evaluate_reads_variables_and_files_and_tries_models(cell, shell, tmp_path):
    shell.user_ns["cases"] = pd.DataFrame({"input": ["a", "b"], "target": ["a", "x"]})
    by_variable = cell("%evaluate --models echo/echo --dataset cases --scorer exact").result
    assert by_variable.means[0].mean == 0.5
    path = tmp_path / "cases.csv"
    path.write_text("input,target\na,a\nb,x\n")
    shell.user_ns["where"] = str(path)
    for name in (str(path), "where"):
        assert cell(f"%evaluate --models echo/echo --dataset {name} --repeat 2").result.means[0].n == 4


def test_evaluate_scores_flows_by_name(cell, shell):
    shell.user_ns["direct"] = Flow.build("direct").input("text").model("m", "{text}").output("m")
    result = cell(f"%%evaluate direct\n{CASES.replace('yes', 'ja')}").result
    assert result.means[0].target.startswith("direct")


@pytest.mark.parametrize(
    ("source", "kind", "sentence"),
    [
        ("%evaluate --dataset x", UsageError, "nothing to evaluate"),
        ("%evaluate flow", UsageError, "needs its cases once"),
        ("%%evaluate flow --dataset x\n- {input: 1, target: 1}", UsageError, "needs its cases once"),
        ("%evaluate --models echo/echo --dataset nowhere.csv", UsageError, "no dataset 'nowhere.csv'"),
        ("%%evaluate flwo\n- {input: 1, target: 1}", UsageError, "no flow 'flwo'"),
        ("%%evaluate --models echo/echo --repeat 0\n- {input: 1, target: 1}", ConstraintError, "--repeat is 0"),
        ("%%evaluate --models echo/echo --budget 0\n- {input: 1, target: 1}", ConstraintError, "allows nothing"),
        ("%%evaluate --models echo/echo --scorer exakt\n- {input: 1, target: 1}", EvaluationError, "exakt"),
        ("%%evaluate --models echo/echo\n \n", EvaluationError, "is empty"),
        ("%evaluate --data x", UsageError, "no option --data"),
    ],
)
def test_a_wrong_evaluation_is_one_sentence(fails, source, kind, sentence):
    error, seen = fails(source)
    assert isinstance(error, kind)
    assert sentence in error.message
    assert "Traceback" not in seen


def test_an_evaluation_is_shown_with_its_standard_error(cell, shell):
    result = cell(f'%%evaluate "Say {{input}}" --scorer contains\n{CASES}').result
    data, _ = shell.display_formatter.format(result)
    assert "±" in data["text/plain"]
    assert "application/vnd.nubem.evaluation+json" in data


@pytest.mark.parametrize("command", ["", "status", "doctor", "models", "flows", "runs", "help"])
def test_every_listing_is_shown_as_text(cell, capsys, command):
    cell("%orchestrate --quiet --save hello Say hello")
    capsys.readouterr()
    result = cell(f"%nubem {command}")
    assert result.success
    assert len(capsys.readouterr().out.splitlines()) >= 2


def test_lists_that_are_empty_say_how_to_fill_them(cell, capsys):
    for command, word in (("runs", "No run"), ("flows", "--save NAME")):
        capsys.readouterr()
        cell(f"%nubem {command}")
        assert word in capsys.readouterr().out


def test_run_gives_the_newest_run_or_one_by_id(cell):
    first = cell("%orchestrate Say one").result
    second = cell("%orchestrate Say two").result
    assert cell("%nubem run").result == second
    assert cell(f"%nubem run {first.id}").result.id == first.id
    assert isinstance(cell("%nubem run last").result, Run)


def test_why_gives_the_reasons_of_the_newest_plan(cell, capsys, fails):
    assert isinstance(fails("%nubem why")[0], UsageError)
    cell("%orchestrate --plan --quiet Say hello")
    capsys.readouterr()
    cell("%nubem why reply")
    assert "reply: echo/echo, the only one" in capsys.readouterr().out
    assert "did you mean 'reply'" in fails("%nubem why replay")[0].hint


@pytest.mark.parametrize(
    ("source", "hint"),
    [
        ("%nubem stauts", "did you mean 'status'"),
        ("%nubem xyzzy", "there are: status"),
        ("%nubem runs 3", "leave '3' out"),
        ("%nubem run nothing", "runs"),
        ("%nubem run one two", "leave 'two' out"),
        ("%nubem models pull gpt-7", "there: nubem models pull gpt-7"),
        ("%nubem models pull", "there: nubem models pull NAME"),
    ],
)
def test_a_wrong_command_is_one_sentence(fails, source, hint):
    error, seen = fails(source)
    assert hint in error.hint
    assert "Traceback" not in seen


@pytest.mark.parametrize("name", ["orchestrate", "optimize", "evaluate", "nubem"])
def test_help_shows_examples_and_every_option(shell, name):
    told = shell.find_line_magic(name).__doc__
    assert f"%{name}" in told
    assert "examples:" in told or "commands:" in told
    for option in shell.find_line_magic(name).parser._actions:
        assert not option.option_strings or option.option_strings[-1] in told


def test_runs_can_be_limited_as_in_a_terminal(cell, capsys, fails):
    for word in ("one", "two", "three"):
        cell(f"%orchestrate --quiet Say {word}")
    capsys.readouterr()
    cell("%nubem runs --limit 2")
    seen = capsys.readouterr().out
    assert "Say three" in seen
    assert "Say one" not in seen
    assert fails("%nubem runs --limit 0")[0].hint == "write --limit 20"


def test_a_header_without_a_target_fails_before_any_model_is_asked(fails):
    error, _ = fails("%%evaluate --models echo/echo --scorer contains\nquestion,answer\nWho?,Ana")
    assert "no column 'target'" in error.message
    assert "question, answer" in error.hint


def test_help_and_tab_know_every_scorer(shell):
    assert set(SCORERS) == set(scorer_names())
    assert ", ".join(SCORERS) in shell.find_line_magic("evaluate").__doc__


def test_a_saved_flow_goes_by_its_name(cell):
    cell("%orchestrate --quiet --save tone Say hello")
    assert cell("%orchestrate --flow tone").result.plan.flow.name == "tone"


@pytest.fixture
def recall(shell, monkeypatch):
    """What the session remembers."""
    session, thread = shell._nubem_extension.workbench.session, ThreadPoolExecutor(1)
    made = Recall(MemoryCache, thread, wall_clock=lambda: 2e9)
    monkeypatch.setattr(session, "recall", made, raising=False)
    kept = [SimilarStep(place="support/sort", entries=7, false_hits=counted(40, 1))]
    similar = SimpleNamespace(scopes=lambda: tuple(kept), clear=kept.clear)
    monkeypatch.setattr(session, "similar", similar, raising=False)
    yield made
    thread.shutdown()


def test_cache_tells_what_is_kept_and_when_it_is_given_again(cell, capsys, recall):
    cell("%nubem cache")
    seen = capsys.readouterr().out
    assert re.search(r"kept in +memory", seen)
    assert "wrong in 1 of 40 checks (0–13 %)" in seen
    assert WHEN_GIVEN_AGAIN in seen
    cell("%nubem cache --clear")
    cell("%nubem cache")
    assert "checks" not in capsys.readouterr().out


def test_cache_forgets_on_demand(cell, capsys, recall, fails):
    async def keep():
        recall.keep("a", CacheEntry(content=Answer(text="x"), stored_s=0.0))
        recall.flush()

    asyncio.run(keep())
    cell("%nubem cache --clear")
    assert "1 entry was forgotten." in capsys.readouterr().out
    assert recall.at_hand("a") is None
    error, _ = fails("%nubem runs --clear")
    assert isinstance(error, UsageError)
    assert "%nubem cache --clear" in error.hint


def test_no_cache_asks_anew(cell, shell, monkeypatch):
    session = shell._nubem_extension.workbench.session
    begin, asked = session.begin, []

    async def noted(plan, inputs, *, cache=None, **options):
        asked.append(cache)
        return await begin(plan, inputs, **options)

    monkeypatch.setattr(session, "begin", noted)
    cell("%orchestrate --quiet -o said Say hello")
    cell("%orchestrate --quiet --no-cache -o said Say hello")
    assert asked == [None, False]


FAR = ModelInfo(
    id=ModelId("far/seer"),
    provider="far",
    via="echo",
    features=("vision",),
    price=Price(input_usd=Figure(value=1e-6, source="listed: x"), output_usd=Figure(value=2e-6, source="listed: x")),
)


@pytest.fixture
def far_models(cell, shell, monkeypatch):
    """Have three hundred models that can be called, and one that cannot."""
    cell("%nubem status")
    many = tuple(msgspec.structs.replace(FAR, id=ModelId(f"far/seer-{place}")) for place in range(300))
    closed = msgspec.structs.replace(FAR, id=ModelId("far/closed"), available=False, missing="set FAR_KEY")
    monkeypatch.setattr(shell._nubem_extension.workbench.session, "models", lambda: (*many, closed))


def test_models_are_a_table_that_can_be_searched_and_filtered(cell, capsys, shell, monkeypatch, far_models):
    """A page has at most two hundred rows; words and options reach the rest."""
    shown = []
    monkeypatch.setattr(shell.display_pub, "publish", shown.append)
    cell("%nubem models")
    assert shown[0]["text/html"].count("<tr>") == 201
    assert "data-nubem-search" in shown[0]["text/html"]
    assert "100 more fit" in shown[0]["text/plain"]
    assert "1 more cannot be called yet; see: %nubem models --all" in shown[0]["text/plain"]
    cell("%nubem models seer-1* --provider far --require vision --max-price 2 --limit 3")
    assert "108 more fit" in shown[1]["text/plain"]
    cell("%nubem models --all closed")
    assert "set FAR_KEY" in shown[2]["text/plain"]


def test_one_model_has_a_page_of_its_own(cell, capsys, far_models):
    capsys.readouterr()
    cell("%nubem models far/seer-7")
    said = capsys.readouterr().out
    assert re.search(r"1M prompt tokens +\$1\.00 +listed, x", said)
    assert "calls that fail" in said


def test_a_component_that_is_saved_while_the_kernel_runs_is_told_by_its_status(cell, capsys, shell, tmp_path):
    cell("%nubem status")
    catalog = shell._nubem_extension.workbench.session.catalog
    told = threading.Event()
    catalog.listen(lambda found: told.set())
    assert catalog.wait_ready(20)
    (tmp_path / "work" / "components").mkdir(parents=True)
    (tmp_path / "work" / "components" / "text.py").write_text('def shout(x: str) -> str:\n    """Shout."""\n')
    assert told.wait(20)
    capsys.readouterr()
    cell("%nubem status")
    assert re.search(r"catalog +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC: 1 new;", capsys.readouterr().out)


def test_changes_and_a_refresh_are_shown(cell, capsys, shell, monkeypatch):
    cell("%nubem status")
    catalog = shell._nubem_extension.workbench.session.catalog
    found = Difference(added=(Entry(kind="model", id="far/new"),))
    monkeypatch.setattr(catalog, "changes", lambda: (Changed(at="2030-01-02T10:00:00+00:00", difference=found),))

    async def refresh():
        silent = Trouble(where="proxy", message="it is silent", hint="start it")
        return Refreshed(difference=found, troubles=(silent,))

    monkeypatch.setattr(catalog, "refresh", refresh)
    capsys.readouterr()
    cell("%nubem models --diff")
    assert re.search(r"2030-01-02 10:00 +far/new +added", capsys.readouterr().out)
    cell("%nubem models refresh")
    said = capsys.readouterr().out
    assert re.search(r"far/new +added", said)
    assert "proxy: it is silent (start it)" in said


@pytest.mark.parametrize(
    ("source", "hint"),
    [
        ("%nubem models --provider ecko", "did you mean 'echo'"),
        ("%nubem models --limit 0", "--limit 20"),
        ("%nubem runs --all", "write %nubem models --all"),
        ("%nubem doctor --diff", "write %nubem models --diff"),
    ],
)
def test_a_wrong_filter_is_one_sentence(fails, source, hint):
    error, seen = fails(source)
    assert hint in error.hint
    assert "Traceback" not in seen


def test_the_doctor_tells_settings_that_cannot_be_used_and_looks_at_the_rest(
    cell, capsys, shell, monkeypatch, tmp_path
):
    (tmp_path / "nubem.toml").write_text("[nubem]\nparallell = 3\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NUBEM_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(shell._nubem_extension.workbench, "_opener", open_session)
    cell("%nubem doctor")
    said = capsys.readouterr().out
    assert "did you mean 'parallel'?" in said
    assert "python" in said


def test_why_takes_a_run_after_the_step(cell, capsys, fails):
    run = cell("%orchestrate --quiet -o one --models echo/echo Say one")
    assert run.success
    cell("%orchestrate --plan --quiet Say two")
    capsys.readouterr()
    cell("%nubem why reply last")
    assert "reply: echo/echo, the only one" in capsys.readouterr().out
    assert "leave 'more' out" in fails("%nubem why reply last more")[0].hint


def test_other_limits_are_weighed_without_a_run(cell, capsys, fails):
    cell("%orchestrate --plan --quiet --models echo/echo Say hello")
    capsys.readouterr()
    cell("%nubem what-if --max-latency 60 --prefer cost")
    assert "No step would change hands" in capsys.readouterr().out
    cell("%nubem front --max-cost 1")
    assert "✓ is what the plan takes" in capsys.readouterr().out
    for source, hint in (
        ("%nubem what-if one two", "leave 'two' out"),
        ("%nubem front --prefer cost", "write %nubem what-if --prefer …"),
        ("%nubem runs --max-cost 1", "run resume"),
    ):
        assert hint in fails(source)[0].hint


def test_values_that_are_weighed_are_shown_as_pages(cell, shell):
    cell("%orchestrate --plan --quiet --models echo/echo Say hello")
    weighed = shell._nubem_extension.workbench
    kept = weighed.call(weighed.session.weigh(weighed.last_plan))
    for value, word in ((kept.what_if(), "change hands"), (kept.front(), "What can be had for what")):
        data, _ = shell.display_formatter.format(value)
        assert word in data["text/plain"]
        assert word in data["text/html"]
