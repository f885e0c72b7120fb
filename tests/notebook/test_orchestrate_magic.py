"""``%%orchestrate`` takes variables in, gives the run out, and a mistake is one sentence."""

import _thread
import asyncio

import pandas as pd
import pytest

from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.plan import Plan
from nubem_jupyter.core.run import Outcome, Run
from nubem_jupyter.errors import (
    CancelledRunError,
    ConstraintError,
    FormatError,
    InfeasibleError,
    NubemError,
    PlanError,
    UnknownModelError,
    UsageError,
)
from nubem_jupyter.session.session import Session


def test_a_request_runs_and_the_run_is_the_cells_value(cell, shell):
    result = cell("%orchestrate -o answer Say hello to the world")
    assert isinstance(result.result, Run)
    assert result.result.outcome is Outcome.FINISHED
    assert shell.user_ns["answer"] == "Say hello to the world"
    assert shell.user_ns["_"] is result.result


def test_quotes_and_apostrophes_in_a_line_stay_as_they_were_written(cell):
    assert cell("""%orchestrate What's a "flow"?""").result.result == """What's a "flow"?"""


@pytest.mark.parametrize("question", ["What is the capital of Portugal?", "What's {{a: 1}}, is it 2??", "(Who ?"])
def test_a_question_on_the_line_is_asked_with_its_question_mark(cell, shell, question):
    """IPython reads a last ``?`` as a call of help; ours is the request's, also where the run is assigned."""
    assert cell(f"%orchestrate {question}").result.plan.request == question
    cell(f"if True:\n    run = %orchestrate {question}\n    %orchestrate -o answer {question}")
    assert shell.user_ns["run"].plan.request == question
    assert shell.user_ns["answer"]


@pytest.mark.parametrize("source", ["%orchestrate?", "%%orchestrate?", "1\n%orchestrate?"])
def test_a_question_mark_right_after_the_name_still_prints_help(cell, shell, capsys, opener, source):
    cell(source)
    assert "--max-cost" in capsys.readouterr().out
    assert not opener.opened


def test_questions_to_other_magics_and_in_strings_are_left_to_ipython(shell):
    for source in ("%nubem run?\n", "text = '''\n%orchestrate Who?\n'''\n", "x = 5 %orchestrate\n"):
        assert "orchestrate', '" not in shell.transform_cell(source)
    assert "pinfo" in shell.transform_cell("%orchestrate Who?\nlen?\n")


@pytest.mark.parametrize("option", ["--plan", "--max-cost 0.1", "--max-cost=0.1", "--max-cots 0.1", "-o x", "--local"])
@pytest.mark.parametrize("source", ["%orchestrate What's the capital? {}", "%orchestrate --seed 1 Say {} hello"])
def test_an_option_in_the_text_is_refused_and_nothing_runs(fails, opener, option, source):
    """A limit or ``--plan`` after the text would otherwise be ignored in silence."""
    error, _ = fails(source.format(option))
    assert isinstance(error, UsageError)
    assert error.message.startswith(option.partition(" ")[0].partition("=")[0])
    assert "options come first" in error.hint
    assert not opener.opened


@pytest.mark.parametrize("text", ['What does "--plan" do', "What do git commit --amend and ls -l do", "1 - 2 -- 3"])
def test_text_may_quote_our_options_and_speak_of_others(cell, text):
    assert cell(f"%orchestrate {text}").result.result == text


def test_options_in_a_cell_s_text_stay_text(cell):
    assert cell("%%orchestrate\nWhat does --plan do").result.result == "What does --plan do"


def test_a_variable_comes_in_by_name_by_expression_and_by_braces(cell, shell):
    cell("word = 'apple'\nnumber = 41")
    run = cell(
        '%%orchestrate -i word -i more="number + 1" -i spaced="word.upper() + \' pie\'"\nTell {word} {more}'
    ).result
    assert run.result.startswith("Tell apple 42")
    assert run.inputs["spaced"] == "APPLE pie"


def test_braces_that_name_no_variable_stay_text(cell):
    cell("word = 'apple'")
    run = cell('%orchestrate Fill {word} into {{"a": 1}}').result
    assert run.inputs == {"word": "apple"}


def test_a_table_comes_in_as_rows(cell, shell):
    shell.user_ns["df"] = pd.DataFrame({"a": [1, 2], "b": ["x", None]})
    assert cell("%orchestrate Look at {df}").result.inputs == {"df": [{"a": 1, "b": "x"}, {"a": 2, "b": None}]}


def test_a_plan_runs_nothing(cell, opener):
    result = cell("%%orchestrate --plan --max-cost 0.10 --prefer cost --security high\nSay hello").result
    assert isinstance(result, Plan)
    assert result.constraints.max_cost_usd == 0.10
    assert result.constraints.security_level == "high"
    assert not opener.opened[0].store.list()


def test_the_output_has_result_picture_and_reasons_once(shell, cell):
    run = cell("%orchestrate Say hello").result
    data, _ = shell.display_formatter.format(run)
    assert data["text/html"].count("<img") == 1
    assert data["text/html"].count("Say hello</pre>") == 1
    assert "the only one" in data["text/html"]
    assert data["text/plain"].startswith("Say hello\n")
    assert data["application/vnd.nubem.run+json"]["body"]["id"] == run.id


def test_nothing_is_displayed_twice_and_quiet_displays_nothing(cell, capsys):
    cell("run = %orchestrate Say hello")
    assert capsys.readouterr().out == ""
    assert cell("%orchestrate --quiet -o x Say hello").result is None
    assert capsys.readouterr().out == ""


def test_a_flow_is_saved_and_used_again_with_the_text_as_its_open_input(cell, shell):
    cell("word = 'apple'\nrun = %orchestrate --save praise Praise {word}")
    again = cell("%orchestrate --flow praise pears").result
    assert again.result == "Praise pears"
    assert cell("%orchestrate --flow run -i word").result.result == "Praise apple"


def test_a_recorded_run_is_replayed(cell):
    first = cell("%orchestrate Say hello").result
    again = cell(f"%orchestrate --replay {first.id}").result
    assert again.result == first.result
    assert again.id != first.id


@pytest.mark.parametrize(
    ("source", "kind", "sentence", "hint"),
    [
        ("%orchestrate --max-cots 0.1 hello", UsageError, "no option --max-cots", "did you mean --max-cost"),
        ("%%orchestrate --max-cost\nhello", UsageError, "expected one argument", "%orchestrate?"),
        ("%orchestrate --max-cost 0 hello", ConstraintError, "max_cost is 0", "--local"),
        ("%orchestrate --max-cost much hello", UsageError, "not a number", "--max-cost 0.5"),
        ("%orchestrate --security hgih hello", ConstraintError, "hgih", "'high'"),
        ("%orchestrate --models echo/ecko hello", UnknownModelError, "echo/ecko", "echo/echo"),
        ("colour = 1\n%orchestrate -i color hello", UsageError, "no variable 'color'", "'colour'"),
        ("%orchestrate -i nope hello", UsageError, "no variable 'nope'", "run the cell that defines it"),
        ("%orchestrate --security ultra hello", ConstraintError, "cannot be 'ultra'", "use one of: low medium high"),
        ("%orchestrate -i x=1/0 hello", UsageError, "ZeroDivisionError", "cell"),
        ("%orchestrate -i 1x hello", UsageError, "cannot name a variable", "letters"),
        ("%orchestrate -o 1x hello", UsageError, "cannot name a variable", "letters"),
        ("%orchestrate -i x=print hello", UsageError, "builtin_function", "data frames"),
        ("%orchestrate", PlanError, "no request", "write"),
        ("%%orchestrate\n  \n", PlanError, "no request", "write"),
        ("%%orchestrate hello\nthere", UsageError, "first line", "below"),
        ('%orchestrate -i "x hello', UsageError, "quote is not closed", "close"),
        ("%orchestrate --flow prais hello", UsageError, "no flow 'prais'", "%nubem flows"),
        ("%orchestrate --replay nothing", UsageError, "no run 'nothing'", "runs"),
        ("%orchestrate --seed one hello", UsageError, "--seed is 'one', which is not a whole number", "--seed 7"),
        ("%orchestrate --temperature hot hello", UsageError, "--temperature is 'hot'", "--temperature 0.5"),
    ],
)
def test_a_mistake_is_one_sentence_with_a_hint_and_the_cell_fails(fails, source, kind, sentence, hint):
    error, seen = fails(source)
    assert type(error) is kind
    assert sentence in str(error)
    assert hint in error.hint
    assert "Traceback" not in seen
    assert error.message in seen


def test_a_mistake_leaves_no_run_and_no_file(fails, opener, tmp_path):
    fails("%orchestrate --save x --models echo/ecko hello")
    assert not opener.opened[0].store.list()
    assert not list((tmp_path / "work").rglob("*.*"))


def test_a_flow_file_cut_in_half_is_refused(fails, cell, tmp_path):
    cell("%orchestrate --save half Say hello")
    (saved,) = (path for path in (tmp_path / "work").rglob("half*") if path.is_file())
    saved.write_text(saved.read_text()[: saved.stat().st_size // 2])
    error, _ = fails("%orchestrate --flow half")
    assert isinstance(error, FormatError)


def test_text_for_a_flow_with_several_open_inputs_is_refused(fails, shell):
    shell.user_ns["two"] = Flow.build().input("a").input("b").model("m", "{a}{b}").output("m")
    error, _ = fails("%orchestrate --flow two hello")
    assert "2 open inputs" in error.message
    assert error.hint == "give them with -i: a b"


def test_a_failed_run_shows_what_finished_and_then_fails(fails, shell):
    shell.user_ns["broken"] = Flow.build().input("a").code("boom", "1/0", inputs={"a": "a"}).output("boom")
    error, seen = fails("%orchestrate --flow broken -i a=1")
    assert isinstance(error, NubemError)
    assert "boom" in seen
    assert shell.user_ns.get("_") is None or not isinstance(shell.user_ns["_"], Run)


def test_a_stop_while_planning_is_one_sentence_and_nothing_runs(fails, opener, shell, monkeypatch):
    async def plan(*_, **__):
        _thread.interrupt_main()
        await asyncio.sleep(60)

    monkeypatch.setattr(Session, "plan", plan)
    monkeypatch.delattr(type(opener({})), "plan")
    error, seen = fails("%orchestrate hello")
    assert isinstance(error, CancelledRunError)
    assert error.message == "planning was stopped; no step was run"
    assert "Traceback" not in seen
    assert not opener.opened[-1].store.list()


def test_an_interrupted_run_keeps_what_finished(fails, shell, monkeypatch):
    """The stop button raises KeyboardInterrupt in the thread that waits for the loop."""
    from nubem_jupyter.notebook.live import LiveView

    looks = []

    def stop(view):
        looks.append(view)
        if len(looks) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(LiveView, "look", stop)
    shell.user_ns["slow"] = Flow.build().code("wait", "import time; time.sleep(30)", timeout_s=60.0).output("wait")
    error, seen = fails("%orchestrate --flow slow")
    assert isinstance(error, CancelledRunError)
    assert "Traceback" not in seen
    kept = shell.run_cell("%nubem run").result
    assert kept.outcome is Outcome.CANCELLED
    assert "%nubem run resume" in error.hint


def test_a_run_that_did_not_finish_goes_on(cell, fails, shell, tmp_path):
    """The newest that is unfinished, or the one that is named; what it had is not made again."""
    door = tmp_path / "open"
    source = f"import os\nif not os.path.exists({str(door)!r}):\n    raise OSError('closed')\nresult = said"
    flow = Flow.build().model("said", "hello").code("go", source, inputs={"said": "said"})
    shell.user_ns["knock"] = flow.output("go")
    fails("%orchestrate --flow knock")
    door.touch()
    cell("%orchestrate something else")
    run = cell("%nubem run resume -o said").result
    assert run.outcome is Outcome.FINISHED
    assert run.result == shell.user_ns["said"] == "hello"
    error, _ = fails("%nubem run -o said")
    assert "-o NAME" in error.hint
    error, _ = fails(f"%nubem runs {run.id}")
    assert error.hint.endswith(f"%nubem run {run.id}")
    error, _ = fails(f"%nubem run resume {run.id}")
    assert "finished" in error.message
    error, _ = fails("%nubem run resume one two")
    assert "takes one name at most" in error.message


def test_a_run_that_its_deadline_stopped_goes_on_with_a_later_one(cell, fails, shell, complete):
    """The hint is the line to write, but for the figure; a limit is refused where nothing is started."""
    source = "import os, time\ntime.sleep(30 if said == 'slow' else 0)\nresult = said"
    flow = Flow.build().model("said", "slow").code("go", source, inputs={"said": "said"}, timeout_s=60.0)
    shell.user_ns["slow"] = flow.output("go")
    error, _ = fails("%orchestrate --flow slow --max-latency 0.5")
    run = shell.run_cell("%nubem run").result
    assert run.outcome is Outcome.OVER_TIME
    assert error.hint.endswith(f"; go on with: %nubem run resume {run.id} --max-latency S")
    assert complete("%nubem run resume ") == {run.id}
    late, _ = fails(f"%nubem run resume {run.id} --max-latency 0.7")
    assert "0.7 seconds are over" in late.message
    assert shell.run_cell("%nubem run").result.plan.constraints.max_latency_s == 0.7
    for wrong in ("%nubem runs --max-latency 3", f"%nubem run {run.id} --max-cost 3"):
        error, _ = fails(wrong)
        assert "--max-cost 0.5" in error.hint
    error, _ = fails("%nubem run resume --max-cost much")
    assert "not a number" in error.message


@pytest.mark.parametrize("source", ["%orchestrate Translate {revieww}", "%%orchestrate\n{reviw}"])
def test_braces_that_are_nearly_a_variable_are_taken_for_a_slip(fails, shell, source):
    shell.user_ns["review"] = "good"
    error, _ = fails(source)
    assert "no variable 'rev" in error.message
    assert "did you mean {review}?" in error.hint


def test_braces_that_are_like_no_variable_or_doubled_stay_text(cell, shell):
    shell.user_ns["review"] = "good"
    assert cell("%orchestrate Say {{revieww}} to {review}").result.inputs == {"review": "good"}


@pytest.mark.parametrize(
    ("source", "hint"),
    [
        ("%%orchestrate -i review, reviews\nhello", "write -i review -i reviews"),
        ("%orchestrate -i review,reviews hello", "write -i review -i reviews"),
        ("%orchestrate -i df.text hello", "give it one: -i text=df.text"),
    ],
)
def test_several_or_nameless_values_are_told_how_to_be_given(fails, source, hint):
    assert fails(source)[0].hint == hint


def test_a_hint_names_the_notebook_s_own_command(fails, cell):
    for source in ("%orchestrate --replay 2099", "%nubem run 2099", "%orchestrate --replay 2099 hello"):
        assert "%nubem runs" in fails(source)[0].hint


def test_a_run_of_another_request_is_not_replayed_silently(fails, cell):
    first = cell("%orchestrate Say hello").result
    error, _ = fails("%orchestrate --replay last Say something else")
    assert f"the request differs from that of run {first.id}" in error.message


def test_help_shows_the_forms_without_a_text_with_one_percent_sign(shell):
    told = shell.find_line_magic("orchestrate").__doc__
    assert "  %orchestrate --replay last" in told
    assert "%%orchestrate --replay" not in told
    assert "unless --quiet" in told


def test_without_a_model_the_plan_shows_and_saves_its_flow(cell, shell, fails, opener, monkeypatch):
    """Drafting needs no model; the cell still fails, with what to do about it."""
    cell("run = %orchestrate hello")
    (session,) = opener.opened

    async def plan(request, **_):
        error = InfeasibleError("no model can be called yet for step 'reply'", hint="run: nubem models pull NAME")
        error.flow = Flow.build("drafted").input("text").model("reply", "{text}").output("reply")
        raise error

    monkeypatch.setattr(session, "plan", plan)
    shown = []
    monkeypatch.setattr(shell.display_pub, "publish", lambda data, **_: shown.append(data))
    error, said = fails("%orchestrate --plan --save later hello")
    assert isinstance(error, InfeasibleError)
    assert "nubem models pull" in said
    assert "reply" in shown[0]["text/plain"]
    assert session.flows.load("later").node("reply")


def test_an_option_in_the_text_of_a_cell_is_not_taken_for_words(fails):
    """Whoever wrote it believes in a limit."""
    error, _ = fails("%%orchestrate\n--max-cost 0.01 Summarise this: cats sleep")
    assert error.message.startswith("--max-cost stands in the cell's text")
    assert "first line" in error.hint
