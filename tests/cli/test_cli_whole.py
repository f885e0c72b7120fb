"""The installed program from end to end, in processes of its own, with the echo model."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from nubem_jupyter.core.flow import Flow
from nubem_jupyter.storage.flow_files import FlowFiles

PROGRAM = [sys.executable, "-m", "nubem_jupyter.cli"]


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """An environment with no key, no settings of the user's, and only the echo model."""
    kept = {name: value for name, value in os.environ.items() if not name.endswith("_KEY")}
    own = {"NUBEM_HOME": str(tmp_path / "home"), "NUBEM_PROVIDERS": "echo", "XDG_CONFIG_HOME": str(tmp_path / "config")}
    return {**kept, **own, "PYTHONUTF8": "1"}


@pytest.fixture
def nubem(tmp_path, environ):
    def call(*argv: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [*PROGRAM, *argv], cwd=tmp_path, env=environ, capture_output=True, timeout=120, check=False
        )
        return subprocess.CompletedProcess(argv, done.returncode, done.stdout.decode(), done.stderr.decode())

    return call


def test_a_request_runs_and_is_on_record(nubem):
    """The same job as the cell: ``nubem run "…" --max-cost 0.01``."""
    done = nubem("run", "What is the capital of Spain?", "--max-cost", "0.01", "--models", "echo/echo")
    assert done.returncode == 0, done.stderr
    assert "capital of Spain" in done.stdout
    (run,) = json.loads(nubem("runs", "--json").stdout)
    assert run["outcome"] == "finished"
    again = nubem("run", "What is the capital of Spain?", "--models", "echo/echo", "--replay", run["id"], "--quiet")
    assert again.stdout == done.stdout


def test_an_unknown_model_is_a_sentence(nubem):
    done = nubem("run", "What is the capital of Spain?", "--models", "echo/ecco")
    assert done.returncode == 2
    assert "Hint: " in done.stderr
    assert "Traceback" not in done.stderr


def test_a_flow_file_cut_in_half_is_a_sentence(nubem, tmp_path):
    assert (
        nubem("plan", "Summarise {text}", "-i", "text=long", "--models", "echo/echo", "--save", "half").returncode == 0
    )
    (path,) = (tmp_path / "flows").iterdir()
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    done = nubem("run", "--flow", "half", "-i", "text=long", "--models", "echo/echo")
    assert done.returncode == 1
    assert "Hint: " in done.stderr
    assert "Traceback" not in done.stderr


def test_settings_that_cannot_be_used_are_a_sentence(nubem, environ):
    environ["NUBEM_IDLE_UNLOAD_S"] = "soon"
    done = nubem("runs")
    assert done.returncode == 2
    assert "'idle_unload_s' is 'soon'" in done.stderr
    assert "'idle_unload_s' is 'soon'" in nubem("doctor").stdout


@pytest.mark.parametrize("command", ["doctor", "models", "runs", "flows"])
def test_every_listing_of_a_fresh_machine_works(nubem, command):
    assert nubem(command).returncode == 0
    json.loads(nubem(command, "--json").stdout)


def test_the_doctor_looks_and_makes_nothing(nubem, tmp_path):
    assert "echo/echo is ready" in nubem("doctor").stdout


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no SIGINT to one process")
def test_ctrl_c_ends_with_130_and_keeps_what_finished(nubem, environ, tmp_path):
    sleeper = (
        Flow.build("sleeper")
        .model("first", "Say this", capability="answer")
        .code("wait", "import time\ntime.sleep(600)", timeout_s=600)
        .join("both", ["first", "wait"])
        .output("both")
    )
    FlowFiles(tmp_path / "flows").save(sleeper, "sleeper")
    program = [*PROGRAM, "run", "--flow", "sleeper", "--models", "echo/echo"]
    with subprocess.Popen(program, cwd=tmp_path, env=environ, stderr=subprocess.PIPE, text=True) as started:
        while "first" not in finished(nubem):
            assert started.poll() is None, "the program ended before it was stopped"
        started.send_signal(signal.SIGINT)
        _, told = started.communicate(timeout=120)
    assert started.returncode == 130
    assert "Traceback" not in told
    assert "are kept; go on with: nubem run --resume" in told
    (run,) = json.loads(nubem("runs", "--json").stdout)
    assert run["outcome"] == "cancelled"
    assert "first" in finished(nubem)
    quick = Flow.build().input("x").model("a", "Say {x}").output("a")
    FlowFiles(tmp_path / "flows").save(quick, "quick")
    refused = nubem("run", "--flow", "quick", "--resume", "last")
    assert refused.returncode == 2
    assert "--resume goes on with what was asked then, and --flow is something new" in refused.stderr
    late = nubem("run", "--resume", run["id"], "--max-latency", "2")
    assert "2 seconds are over" in late.stderr, "it went on with the step that waits, and with the new deadline"
    assert "first" in finished(nubem)


def finished(nubem) -> list[str]:
    """Name the steps of the newest run that are on record as finished."""
    newest = nubem("runs", "last", "--json").stdout
    nodes = json.loads(newest)["body"].get("nodes", ()) if newest else ()
    return [node["path"] for node in nodes if node["state"] == "finished"]


def test_without_a_model_the_plan_shows_and_saves_its_flow(nubem, environ, tmp_path):
    """Drafting needs no model; what is missing is a sentence that names no hosted model, and how to get one."""
    environ["NUBEM_PROVIDERS"] = "local,litellm"
    done = nubem("plan", "Summarise {text}", "-i", "text=long", "--save", "later")
    assert done.returncode == 1
    assert "summarize" in done.stdout
    assert "no model can be called yet" in done.stderr
    assert "litellm" not in done.stderr
    assert len(done.stderr) < 500
    assert FlowFiles(tmp_path / "flows").load("later").nodes


def test_the_doctor_answers_where_the_store_is_damaged(nubem, environ, tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "nubem.db").write_bytes(b"not a database, " * 1000)
    done = nubem("doctor")
    assert done.returncode == 0, done.stderr
    assert "nubem.db is damaged" in done.stdout
    assert nubem("models").returncode == 0
    planned = nubem("plan", "hello", "--models", "echo/echo")
    assert planned.returncode == 0, planned.stderr
    assert "left out" in planned.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="Windows kills in another way")
def test_a_killed_run_is_listed_as_interrupted_and_goes_on(nubem, environ, tmp_path):
    """kill -9 in the middle: what finished is kept, and is not done again."""
    log = tmp_path / "log"
    # The file is made at once or not at all: a kill between an open and a write would look like no start.
    source = (
        "import os, time\n"
        f"again = os.path.exists({str(log)!r})\n"
        f"open({str(log)!r}, 'a').close()\n"
        "time.sleep(0 if again else 600)"
    )
    flow = Flow.build("killed").model("first", "Say this").code("wait", source, timeout_s=600, inputs={"said": "first"})
    FlowFiles(tmp_path / "flows").save(flow.join("both", ["first", "wait"]).output("both"), "killed")
    program = [*PROGRAM, "run", "--flow", "killed", "--models", "echo/echo"]
    with subprocess.Popen(program, cwd=tmp_path, env=environ, stderr=subprocess.DEVNULL) as started:
        while not log.exists():
            assert started.poll() is None, "the program ended before it was killed"
        started.kill()
    assert "interrupted" in nubem("runs").stdout
    done = nubem("run", "--resume", "last")
    assert done.returncode == 0, done.stderr
    assert "going on; 1 step finished before" in done.stderr
    assert "finished" in nubem("runs").stdout
