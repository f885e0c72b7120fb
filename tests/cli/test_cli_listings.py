"""Every command that lists has a table for people and JSON for programs."""

import asyncio
import json
import re

from nubem_jupyter.core.cache import CacheEntry
from nubem_jupyter.core.call import Answer
from nubem_jupyter.core.evaluation import Evaluation
from nubem_jupyter.core.plan import Plan
from nubem_jupyter.core.run import Run
from nubem_jupyter.core.similar import SimilarStep
from nubem_jupyter.core.wire import read
from nubem_jupyter.engine.false_hits import counted
from nubem_jupyter.errors import StorageError
from nubem_jupyter.render.cached import WHEN_GIVEN_AGAIN
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
    assert "local/absent: pull it first" in said.err
    assert "1 more cannot be called yet" in said.err


def test_all_models_are_listed_when_asked_for(nubem):
    assert "$1.00 in, $2.00 out" in nubem("models", "--all").out
    listed = json.loads(nubem("models", "--all", "--json").out)
    assert [model["id"] for model in listed] == ["echo/echo", "local/absent", "far/away"]


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
