"""Every command that lists has a table for people and JSON for programs."""

import asyncio
import json
import re

import msgspec
import pytest

from nubem_jupyter.catalog.difference import Change, Difference, Entry
from nubem_jupyter.catalog.history import Changed
from nubem_jupyter.core.cache import CacheEntry
from nubem_jupyter.core.call import Answer
from nubem_jupyter.core.component import Trouble
from nubem_jupyter.core.evaluation import Evaluation
from nubem_jupyter.core.plan import Plan
from nubem_jupyter.core.run import Run
from nubem_jupyter.core.similar import SimilarStep
from nubem_jupyter.core.wire import read
from nubem_jupyter.engine.false_hits import counted
from nubem_jupyter.errors import StorageError
from nubem_jupyter.render.cached import WHEN_GIVEN_AGAIN
from nubem_jupyter.session.catalog import Refreshed
from nubem_jupyter.testing.runs import sample_run


def test_doctor_marks_what_is_missing_and_how_to_mend_it(nubem):
    said = nubem("doctor")
    assert said.status == 0
    assert "ok  models" in said.out
    assert "--  pictures" in said.out
    assert "-> pip install graphviz-pure" in said.out
    assert [finding["ok"] for finding in json.loads(nubem("doctor", "--json").out)] == [True, False, None, True]


def test_models_lists_what_can_be_called_and_every_local_one(nubem):
    said = nubem("models")
    assert "echo/echo" in said.out
    assert "free" in said.out
    assert "answer 0.80 of 10" in said.out
    assert "local/absent" in said.out
    assert "far/away" not in said.out
    assert "pull it first" in said.out
    assert "1 more cannot be called yet; see: nubem models --all" in said.out


def test_all_models_are_listed_when_asked_for(nubem):
    assert "$1.00 in, $2.00 out" in nubem("models", "--all").out
    listed = json.loads(nubem("models", "--all", "--json").out)
    assert [model["id"] for model in listed] == ["echo/echo", "local/absent", "far/away"]


def test_a_program_is_told_exactly_what_can_be_called_now(nubem):
    (model,) = json.loads(nubem("models", "--json").out)
    assert (model["id"], model["provider"], model["available"], model["missing"]) == ("echo/echo", "echo", True, "")
    assert model["price"]["input_usd"] == {"value": 0.0, "source": "listed (a test)"}


def test_a_program_is_told_every_field_and_null_where_nothing_is_known(nubem):
    far = json.loads(nubem("models", "--all", "--json").out)[-1]
    assert (far["available"], far["missing"], far["via"]) == (False, "set FAR_API_KEY", "litellm")
    assert (far["context_tokens"], far["speed"], far["error_rate"], far["evidence"]) == (None, None, None, [])
    assert {"features", "regions", "retires", "max_output_tokens"} <= set(far)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["AWAY"], ["far/away"]),
        (["far/*"], ["far/away"]),
        (["*away", "far"], ["far/away"]),
        (["away", "echo"], []),
        (["echo/*", "--provider", "far"], []),
        (["--provider", "far,echo"], ["echo/echo", "far/away"]),
        (["--provider", "far", "--provider", "local"], ["local/absent", "far/away"]),
        (["--max-price", "2"], ["echo/echo", "far/away"]),
        (["--max-price", "1.99"], ["echo/echo"]),
        (["--require", "vision"], ["far/away"]),
        (["--limit", "2"], ["echo/echo", "local/absent"]),
    ],
    ids=" ".join,
)
def test_models_are_filtered_by_name_provider_feature_and_price(nubem, words, found):
    said = nubem("models", "--all", "--json", *words)
    assert (said.status, [model["id"] for model in json.loads(said.out)]) == (0, found)


def test_a_filter_that_nothing_ready_fits_says_what_would_be_there(nubem):
    said = nubem("models", "away")
    assert "No model that can be called fits." in said.out
    assert "1 more cannot be called yet; see: nubem models --all away" in said.out
    filters = ("*way", "--provider", "far", "--require", "vision", "--max-price", "2")
    command = "nubem models --all '*way' --provider far --require vision --max-price 2"
    assert command in nubem("models", *filters).out
    assert "1 more fit; filter by words, or raise --limit" in nubem("models", "--limit", "1").out


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["--provider", "fra"], "did you mean 'far'?"),
        (["--provider", "qqqq"], "there are: echo far local"),
        (["--require", "vsion"], "did you mean 'vision'?"),
        (["--max-price", "cheap"], "--max-price 0.5"),
        (["--limit", "0"], "--limit 20"),
        (["pull", "a", "b"], "nubem models pull"),
    ],
    ids=" ".join,
)
def test_a_filter_that_is_a_mistake_says_how_to_write_it(nubem, words, hint):
    said = nubem("models", *words)
    assert said.status == 2
    assert hint in said.err


def test_each_figure_has_a_mark_that_says_where_it_is_from(nubem):
    said = nubem("models", "--all").out
    assert "$1.00 in, $2.00 out ¹" in said
    assert "¹ listed (a test)" in said
    assert "unknown" in said


@pytest.mark.parametrize("word", ["echo/echo", "ECHO"])
def test_one_model_has_a_page_of_its_own(nubem, word):
    """With every figure, where it is from, and how sure it is."""
    said = nubem("models", word).out
    assert re.search(r"tokens a second +40 +listed \(a test\)", said)
    assert re.search(r"answer +0\.80 +0\.\d\d–0\.\d\d +t, 2030-01-01, 10 cases", said)
    assert re.search(r"calls that fail +unknown", said)


def test_a_page_of_a_model_that_cannot_be_called_says_what_is_missing(nubem):
    said = nubem("models", "far/away").out
    assert re.search(r"ready +no: set FAR_API_KEY", said)
    assert re.search(r"provider +far, called through litellm", said)
    assert re.search(r"1M prompt tokens that it has read before +unknown", said)


def change(field: str, old: object, new: object, *names: str) -> tuple[Change, ...]:
    return tuple(Change(kind="model", id=name, field=field, old=old, new=new) for name in names)


def test_what_has_changed_is_told_newest_first_with_its_time(nubem, session):
    newer = Difference(added=(Entry(kind="model", id="a/new"), Entry(kind="component", id="x.y")))
    many = change("available", False, True, *(f"a/{place}" for place in range(9)))
    older = Difference(
        removed=(Entry(kind="model", id="a/old"),),
        changed=(*many, *change("retires", "", "2031", "a/b"), *change("version", "0f" * 32, "a1" * 32, "a/c")),
    )
    session.catalog.changed = (
        Changed(at="2030-01-02T10:00:00+00:00", difference=newer),
        Changed(at="2030-01-01T10:00:00+00:00", difference=older),
    )
    lines = nubem("models", "--diff").out.splitlines()[2:]
    assert [re.split(r"  +", line) for line in lines] == [
        ["2030-01-02 10:00", "a/new", "added"],
        ["2030-01-01 10:00", "a/old", "removed"],
        ["2030-01-01 10:00", "a/0, a/1, a/2 and 6 more", "available changed", "no → yes"],
        ["2030-01-01 10:00", "a/b", "retires changed", "nothing → 2031"],
        ["2030-01-01 10:00", "a/c", "version changed", "0f0f0f0f… → a1a1a1a1…"],
    ]
    told = json.loads(nubem("models", "--diff", "--json").out)
    assert told[0] == {"at": "2030-01-02T10:00:00+00:00", "added": ["a/new"], "removed": [], "changed": []}
    assert {"id": "a/b", "field": "retires", "old": "", "new": "2031"} in told[1]["changed"]


def test_without_a_change_that_is_said(nubem):
    assert "No change of a model is known yet" in nubem("models", "--diff").out
    assert json.loads(nubem("models", "--diff", "--json").out) == []


def test_a_refresh_tells_what_changed_and_fails_where_somebody_does_not_answer(nubem, session):
    session.catalog.refreshed = Refreshed(difference=Difference(added=(Entry(kind="model", id="a/new"),)))
    said = nubem("models", "refresh")
    assert (said.status, said.err) == (0, "")
    assert re.search(r"a/new +added", said.out)
    silent = Trouble(where="proxy", message="it does not answer", hint="start it")
    session.catalog.refreshed = msgspec.structs.replace(session.catalog.refreshed, troubles=(silent,))
    said = nubem("models", "refresh", "--json")
    assert (said.status, json.loads(said.out)["added"]) == (1, ["a/new"])
    assert [one["where"] for one in json.loads(said.out)["troubles"]] == ["proxy"]
    assert said.err == "proxy: it does not answer (start it)\n"


def test_pull_tells_its_progress_in_lines_where_there_is_no_terminal(nubem, session):
    said = nubem("models", "pull", "small")
    assert session.asked["pull"] == "small"
    assert said.out == "/models/small.gguf\n"
    lines = said.err.splitlines()
    assert 10 <= len(lines) <= 14
    assert lines[-1] == "100%  100 of 100 MB  verifying"
    assert "\r" not in said.err


def test_pull_without_a_name_is_a_mistake(nubem):
    assert nubem("models", "pull").status == 2


def test_runs_are_listed_newest_first_and_shown_one_by_one(nubem, session):
    assert "nothing was run yet" in nubem("runs").err
    run = sample_run("20300101-7")
    session.store.begin(run)
    assert "20300101-7" in nubem("runs").out
    assert json.loads(nubem("runs", "--json").out)[0]["id"] == "20300101-7"
    assert "Olé" in nubem("runs", "20300101").out
    assert read(json.loads(nubem("runs", "20300101-7", "--json").out), Run) == run


def test_flows_are_listed(nubem, session):
    assert nubem("flows").out == "kept\n"
    assert json.loads(nubem("flows", "--json").out) == ["kept"]
    session.saved.clear()
    assert "no flow is saved" in nubem("flows").err


def test_a_plan_is_shown_and_has_a_stored_form(nubem, tmp_path):
    assert "echo/echo" in nubem("plan", "Shorten this").out
    page = tmp_path / "plan.html"
    said = nubem("plan", "Shorten this", "--json", "--html", str(page))
    assert isinstance(read(json.loads(said.out), Plan), Plan)
    assert page.exists()


def test_the_schema_covers_every_stored_form(nubem):
    schema = json.loads(nubem("schema").out)
    formats = {form["properties"]["format"]["const"] for form in schema["oneOf"]}
    assert {"nubem.flow", "nubem.plan", "nubem.run", "nubem.evaluation"} <= formats


def test_an_evaluation_reads_its_cases_and_scores_models(nubem, session, tmp_path):
    cases = tmp_path / "sums.csv"
    cases.write_text("input,target\n1+1,2\n", encoding="utf-8")
    said = nubem(
        "evaluate", "--dataset", str(cases), "--scorer", "contains", "--request", "Add", "--models", "a/b,c/d",
        "--max-cost", "1", "--capability", "compute",
    )  # fmt: skip
    assert said.status == 0
    assert "sample" in said.out
    assert session.asked["dataset"].name == "sums"
    assert session.asked["scorer"] == "contains"
    assert session.asked["models"] == ("a/b", "c/d")
    assert list(session.asked["targets"]) == ["sample"]
    assert session.asked["capability"] == "compute"


def test_an_evaluation_has_a_stored_form_and_a_page(nubem, tmp_path):
    cases = tmp_path / "sums.jsonl"
    cases.write_text('{"input": "1+1", "target": "2"}\n', encoding="utf-8")
    page = tmp_path / "page.html"
    said = nubem("evaluate", "--dataset", str(cases), "--flow", "kept", "--json", "--html", str(page))
    assert read(json.loads(said.out), Evaluation).dataset == "sums"
    assert page.exists()


def test_a_dataset_that_is_no_text_is_named(nubem, tmp_path):
    cases = tmp_path / "cases.bin"
    cases.write_bytes(b"\xff\xfe")
    said = nubem("evaluate", "--dataset", str(cases), "--request", "x")
    assert said.status == 2
    assert "not UTF-8 text" in said.err


def test_cache_tells_what_is_kept_and_forgets_it_on_demand(nubem, session):
    """Without a word of what was asked or answered."""
    kept = {f"k{number}": CacheEntry(content=Answer(text="told"), stored_s=0.0) for number in range(2)}
    asyncio.run(keep(session.recall, kept))
    said = nubem("cache")
    assert said.status == 0
    assert re.search(r"kept in +memory", said.out)
    assert re.search(r"entries +2", said.out)
    assert "told" not in said.out
    assert json.loads(nubem("cache", "--json").out)["entries"] == 2
    assert json.loads(nubem("cache", "--clear", "--json").out) == {"forgotten": 2}
    assert nubem("cache", "--clear").out == "0 entries were forgotten.\n"


def test_cache_says_of_each_step_how_often_a_similar_calls_answer_was_wrong(nubem, session):
    session.kept = (SimilarStep(place="support/sort", entries=7, false_hits=counted(40, 1)),)
    assert re.search(r"support/sort +7 +wrong in 1 of 40 checks \(0–13 %\) +given", nubem("cache").out)
    (step,) = json.loads(nubem("cache", "--json").out)["similar"]
    assert (step["place"], step["false_hits"]["rate"]["value"]) == ("support/sort", 0.025)
    nubem("cache", "--clear")
    assert json.loads(nubem("cache", "--json").out)["similar"] == []


async def keep(recall, entries):
    for key, entry in entries.items():
        recall.keep(key, entry)


def test_the_help_of_cache_says_when_an_answer_is_given_again(nubem):
    shown = " ".join(nubem("cache", "--help").out.split())
    assert WHEN_GIVEN_AGAIN in shown


def test_a_cache_that_cannot_be_read_is_one_sentence(nubem, session, monkeypatch):
    def broken():
        raise StorageError("the cache is locked", hint="wait a moment")

    monkeypatch.setattr(session.recall, "stats", broken)
    said = nubem("cache")
    assert (said.status, said.err) == (1, "the cache is locked\nHint: wait a moment\n")


def test_who_could_not_tell_its_models_is_told_below_the_table(nubem, session):
    session.catalog.troubles = (Trouble(where="config", message="the file is no YAML", hint="mend it"),)
    assert nubem("models").out.endswith("config: the file is no YAML (mend it)\n")


def test_a_model_that_cannot_be_called_is_told_to_a_program_that_asks_for_it_by_its_whole_name(nubem):
    (far,) = json.loads(nubem("models", "--json", "far/away").out)
    assert (far["id"], far["available"]) == ("far/away", False)


@pytest.mark.parametrize(
    ("words", "hint"), [(["refresh", "openai"], "leave 'openai' out"), (["far/awya"], "did you mean 'far/away'?")]
)
def test_words_that_mean_nothing_are_refused(nubem, words, hint):
    said = nubem("models", *words)
    assert said.status == 2
    assert hint in said.err


def test_the_doctor_asks_servers_before_it_counts_their_models(nubem, session, monkeypatch):
    asked = []

    async def health():
        asked.append("servers")
        return ()

    monkeypatch.setattr(session, "health", health)
    monkeypatch.setattr(session, "doctor", lambda: asked.append("models") or ())
    nubem("doctor")
    assert asked == ["servers", "models"]


def test_what_a_table_says_of_its_models_is_not_said_again_below_it(nubem, session):
    session.catalog.troubles = (Trouble(where="local", message="pull it", hint="first"),)
    assert "pull it (first)" not in nubem("models").out
