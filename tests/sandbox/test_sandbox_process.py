"""What the process sandbox promises beyond the port: values, limits of the tree, ends, cancelling, secrets."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from nubem_jupyter.core.constraint import SecurityLevel
from nubem_jupyter.errors import SandboxError, SandboxUnavailableError
from nubem_jupyter.ports import CodeRequest
from nubem_jupyter.sandbox import attempt
from nubem_jupyter.sandbox.process import ProcessSandbox

PATIENCE_S = 60.0


@pytest.fixture
def sandbox(tmp_path):
    yield ProcessSandbox(tmp_path / "scratch", scratch_bytes=16 << 20)
    folder = tmp_path / "scratch"
    assert not folder.exists() or not list(folder.iterdir()), "scratch folders are deleted"


async def done(sandbox, source, **fields):
    request = CodeRequest(source=textwrap.dedent(source), **({"timeout_s": PATIENCE_S} | fields))
    return await asyncio.wait_for(sandbox.run(request), PATIENCE_S + 20)


def named(token):
    """Return the processes whose command line has the token."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes()
            state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if token.encode() in words and state != "Z":
            found.append(int(folder.name))
    return found


async def gone(token):
    until_s = time.monotonic() + PATIENCE_S
    while named(token):
        assert time.monotonic() < until_s, f"still there: {named(token)}"
        await asyncio.sleep(0.02)


DAEMON = """
    import os, subprocess, sys, time
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.execv(sys.executable, [sys.executable, "-c", "import time; time.sleep(600)", token])
        os._exit(0)
    os.wait()
    while not os.path.exists("never"):
        time.sleep(0.05)
        found = [p for p in os.listdir("/proc") if p.isdigit() and token.encode() in read(p)]
        if found:
            break
"""
READ = """
    def read(pid):
        try:
            return open(f"/proc/{pid}/cmdline", "rb").read()
        except OSError:
            return b""
"""


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("result = {'a': (1, 2), 'b': {3}}", {"a": [1, 2], "b": [3]}),
        ("import datetime; result = [datetime.date(2030, 1, 2), datetime.time(3, 4)]", ["2030-01-02", "03:04:00"]),
        ("import decimal, pathlib; result = [decimal.Decimal('1.5'), pathlib.Path('a/b')]", [1.5, "a/b"]),
        ("import dataclasses as d\n@d.dataclass\nclass P:\n    x: int\nresult = P(1)", {"x": 1}),
        ("import numpy as np; result = [np.int64(1), np.float32(0.5), np.arange(3), np.bool_(True)]",
         [1, 0.5, [0, 1, 2], True]),
        ("import pandas as pd; result = pd.DataFrame({'a': [1, None], 'b': ['x', 'ü']})",
         [{"a": 1.0, "b": "x"}, {"a": None, "b": "ü"}]),
        ("import pandas as pd; result = {'col': pd.Series([1, 2])}", {"col": [1, 2]}),
        ("result = 10 ** 30", 10**30),
        ("result = 1\nimport sys\nsys.exit()", 1),
    ],
)  # fmt: skip
async def test_values_become_plain_json(sandbox, source, result):
    """Tables become lists of rows, numbers of numpy become numbers."""
    answer = await done(sandbox, source)
    assert (answer.ok, answer.result) == (True, result), answer.error


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("result = object()", "type object"),
        ("result = float('nan')", "not plain JSON"),
        ("result = {(1, 2): 3}", "not plain JSON"),
        ("result = '\\ud800'", "not plain JSON"),
        ("x = []\nx.append(x)\nresult = x", "not plain JSON"),
        ("result = b'bytes'", "type bytes"),
        ("class Odd(set):\n    def __iter__(self): raise KeyError('odd')\nresult = Odd()", "odd"),
    ],
)
async def test_a_result_that_is_not_json_says_why(sandbox, source, says):
    answer = await done(sandbox, source)
    assert not answer.ok
    assert says in answer.error


async def test_a_traceback_has_only_the_programs_own_lines(sandbox):
    """Neither the sandbox's frames nor a library's stand between the user and the mistake."""
    source = """
        import json
        def f():
            return json.loads("{")
        try:
            f()
        except ValueError as error:
            raise RuntimeError("no") from error
    """
    answer = await done(sandbox, source)
    files = {line.split('"')[1] for line in answer.error.splitlines() if line.startswith("  File ")}
    assert files == {"<code>"}
    assert 'return json.loads("{")' in answer.error
    assert answer.error.endswith("RuntimeError: no")
    assert "direct cause" in answer.error


async def test_a_mistake_of_spelling_is_shown(sandbox):
    answer = await done(sandbox, "x = (1,\ny = 2")
    assert "SyntaxError" in answer.error
    assert 'File "<code>", line 1' in answer.error


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("import os; os._exit(0)", "before its end"),
        ("import os; os.kill(os.getpid(), 11)", "SIGSEGV"),
        ("raise SystemExit('enough')", "enough"),
        ("import os; os.kill(os.getppid(), 9); import time; time.sleep(60)", "warden"),
        ("import atexit, os; atexit.register(os._exit, 3)\nresult = 1", "exit code 3"),
        ("import os; os.closerange(3, 4096)\nresult = 1", "before its end"),
    ],
)
async def test_an_end_before_the_end_is_no_success(sandbox, source, says):
    answer = await done(sandbox, source)
    assert (answer.ok, answer.result) == (False, None)
    assert says in answer.error


async def test_a_forged_report_is_no_success(sandbox):
    """A program that writes to every descriptor cannot turn its failure into a success."""
    source = """
        import os
        for fd in (fd for fd in map(int, os.listdir("/proc/self/fd")) if fd > 2):
            try:
                os.write(fd, b'{"ok":true,"result":42}')
            except OSError:
                pass
        raise RuntimeError("failed")
    """
    answer = await done(sandbox, source)
    assert (answer.ok, answer.result) == (False, None)


async def test_a_fork_that_reaches_the_end_does_not_speak(sandbox):
    answer = await done(sandbox, "import os\npid = os.fork()\nif pid: os.waitpid(pid, 0)\nresult = 'once'")
    assert (answer.ok, answer.result) == (True, "once"), answer.error


async def test_threads_are_waited_for_as_in_any_script(sandbox):
    source = """
        import threading, time
        threading.Thread(target=lambda: (time.sleep(0.3), print("late"))).start()
        result = 1
    """
    answer = await done(sandbox, source)
    assert (answer.ok, answer.stdout, answer.result) == (True, "late\n", 1)


async def test_warnings_are_not_the_printed_text(sandbox):
    answer = await done(sandbox, "import sys\nprint('out')\nprint('err', file=sys.stderr)")
    assert (answer.ok, answer.stdout, answer.stderr) == (True, "out\n", "err\n")


async def test_what_a_program_defines_has_a_module(sandbox):
    """Pickle and dataclasses look classes up in ``__main__``."""
    source = "import pickle\nclass A: pass\nresult = type(pickle.loads(pickle.dumps(A()))).__name__ + __name__"
    assert (await done(sandbox, source)).result == "A__main__"


async def test_the_environment_is_made_from_nothing(sandbox, monkeypatch, tmp_path):
    """No variable of this process's gets through, and home and temporary folder are the scratch folder."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("PYTHONSTARTUP", "secret")
    source = "import os, tempfile\nresult = [dict(os.environ), os.getcwd(), tempfile.gettempdir()]"
    environment, cwd, temporary = (await done(sandbox, source)).result
    assert "secret" not in str(environment)
    assert {"PATH", "LANG", "HOME", "TMPDIR"} <= set(environment)
    assert environment["HOME"] == environment["TMPDIR"] == cwd == temporary
    assert Path(cwd).is_relative_to(tmp_path)


async def test_nothing_of_ours_slows_the_start(sandbox):
    """The child imports the standard library alone, whatever the package's other rooms need."""
    answer = await done(sandbox, "import sys\nresult = sorted({name.split('.')[0] for name in sys.modules})")
    assert not {"msgspec", "numpy", "pandas", "IPython", "yaml"} & set(answer.result)


async def test_no_privileges_can_be_gained(sandbox):
    answer = await done(sandbox, "result = 'NoNewPrivs:\\t1' in open('/proc/self/status').read()")
    assert answer.result is True


@pytest.mark.parametrize("ends", ["", "1 / 0", "while True: pass"], ids=["well", "error", "time"])
async def test_a_process_that_detached_itself_dies_with_its_program(sandbox, ends):
    """A double fork in a session of its own does not outlive the program, however that ends."""
    token = f"daemon-{os.getpid()}-{time.monotonic_ns()}"
    source = textwrap.dedent(READ) + textwrap.dedent(DAEMON) + ends
    answer = await done(
        sandbox,
        source + "\nresult = len(found)",
        variables={"token": token},
        timeout_s=PATIENCE_S if not ends.startswith("while") else 3.0,
    )
    if not ends:
        assert answer.result == 1, answer.error
    await gone(token)


async def test_cancelling_kills_what_detached_itself_too(sandbox):
    token = f"cancel-{os.getpid()}-{time.monotonic_ns()}"
    source = textwrap.dedent(READ) + textwrap.dedent(DAEMON) + "time.sleep(600)"
    running = asyncio.create_task(done(sandbox, source, variables={"token": token}))
    while not named(token):
        assert not running.done()
        await asyncio.sleep(0.02)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert not named(token), "they are gone when the cancelled task is"


async def test_cancelling_before_the_start_starts_nothing(sandbox):
    running = asyncio.create_task(sandbox.run(CodeRequest(source="result = 1")))
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_processes_in_disguise_are_counted(sandbox):
    """Processes that the interpreter does not know of, here a shell's, are counted as well."""
    source = """
        import os
        os.execv("/bin/sh", ["sh", "-c", "for i in 1 2 3 4 5 6 7 8 9; do sleep 60 & done; wait"])
    """
    answer = await done(sandbox, source, processes=5)
    assert (answer.ok, answer.limit) == (False, "processes")


async def test_dead_children_that_nobody_waits_for_are_counted(sandbox):
    """Each holds a process number, of which the machine has not many."""
    source = "import os, time\nfor _ in range(50):\n    if os.fork() == 0: os._exit(0)\ntime.sleep(60)"
    answer = await done(sandbox, source, processes=5)
    assert (answer.ok, answer.limit) == (False, "processes")


async def test_children_that_end_are_not_counted(sandbox):
    source = "import subprocess\nfor _ in range(12): subprocess.run(['true'], check=True)\nresult = 'fine'"
    answer = await done(sandbox, source, processes=4)
    assert answer.result == "fine", answer.error


async def test_memory_of_all_processes_together_is_limited(sandbox):
    """Each is within the limit; together they are not."""
    source = """
        import os, time
        for _ in range(3):
            if os.fork() == 0:
                block = bytearray(90 << 20)
                time.sleep(60)
        time.sleep(60)
    """
    answer = await done(sandbox, source, memory_bytes=200 << 20)
    assert (answer.ok, answer.limit) == (False, "memory"), answer.error


@pytest.mark.parametrize(
    "source",
    [
        "while True: open('one', 'ab').write(bytes(1 << 20))",
        "n = 0\nwhile True:\n    n += 1\n    open(str(n), 'wb').write(bytes(1 << 20))",
        "n = 0\nwhile True:\n    n += 1\n    open(str(n), 'wb').close()",
    ],
    ids=["one file", "many files", "empty files"],
)
async def test_the_scratch_folder_is_limited(sandbox, source):
    """Neither large files nor many fill the disk."""
    answer = await done(sandbox, source)
    assert not answer.ok
    assert answer.limit == "output" or "File too large" in answer.error


async def test_endless_output_does_not_fill_this_process(sandbox):
    """The program is killed at the limit; what is kept is its beginning."""
    answer = await done(sandbox, "print('begin')\nwhile True: print('x' * 100000)", output_bytes=1000)
    assert (answer.ok, answer.limit, len(answer.stdout)) == (False, "output", 1000)
    assert answer.stdout.startswith("begin\n")
    errors = await done(sandbox, "import os\nwhile True: os.write(2, b'x' * 100000)", output_bytes=1000)
    assert (errors.limit, len(errors.stderr)) == ("output", 1000)


async def test_a_flood_instead_of_a_report_is_cut(sandbox):
    source = """
        import os, stat
        for fd in (fd for fd in map(int, os.listdir("/proc/self/fd")) if fd > 2):
            try:
                if stat.S_ISFIFO(os.fstat(fd).st_mode):
                    while True: os.write(fd, b'x' * 65536)
            except OSError:
                pass
    """
    answer = await done(sandbox, source, output_bytes=1000)
    assert (answer.ok, answer.limit) == (False, "output")


async def test_large_values_go_in_and_out(sandbox):
    text = "é" * (2 << 20)
    answer = await done(sandbox, "result = text", variables={"text": text}, output_bytes=8 << 20)
    assert answer.result == text


async def test_no_time_limit_is_no_mistake(sandbox):
    answer = await sandbox.run(CodeRequest(source="result = 1", timeout_s=float("inf")))
    assert answer.result == 1, answer.error


async def test_variables_that_are_not_json_are_told(sandbox):
    answer = await done(sandbox, "result = 1", variables={"a": object()})
    assert not answer.ok
    assert "not plain JSON" in answer.error


@pytest.mark.parametrize("level", [SecurityLevel.MEDIUM, SecurityLevel.HIGH])
async def test_a_stronger_level_is_refused_and_the_code_not_run(sandbox, level, tmp_path):
    mark = tmp_path / "ran"
    with pytest.raises(SandboxUnavailableError, match=rf"'{level}'.*there: low") as caught:
        await sandbox.run(CodeRequest(source=f"open({str(mark)!r}, 'w')", level=level))
    assert "--security low" in caught.value.hint
    assert not mark.exists()


async def test_a_machine_without_the_means_offers_no_level(sandbox, monkeypatch):
    monkeypatch.delattr(os, "pidfd_open")
    assert sandbox.levels == frozenset()
    with pytest.raises(SandboxUnavailableError, match="there: none"):
        await sandbox.run(CodeRequest(source="result = 1"))


async def test_a_scratch_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SandboxError) as caught:
        await ProcessSandbox(tmp_path / "file").run(CodeRequest(source="result = 1"))
    assert caught.value.hint


async def test_an_interpreter_that_does_not_start_is_told(sandbox, monkeypatch):
    monkeypatch.setattr(attempt.sys, "executable", "/nowhere/python")
    with pytest.raises(SandboxError, match="no process could be started"):
        await sandbox.run(CodeRequest(source="result = 1"))


async def test_the_event_loop_goes_on_meanwhile(sandbox):
    beats = 0
    running = asyncio.create_task(done(sandbox, "import time; time.sleep(0.5)"))
    while not running.done():
        await asyncio.sleep(0.01)
        beats += 1
    assert beats > 10


def test_any_loop_in_any_thread_will_do(sandbox):
    """A loop outside of the main thread has no child watcher; none is needed."""
    answers = []
    thread = threading.Thread(target=lambda: answers.append(asyncio.run(done(sandbox, "result = 1"))))
    thread.start()
    thread.join()
    assert answers[0].result == 1


async def test_no_descriptor_or_process_is_left_in_this_process(sandbox):
    await done(sandbox, "result = 1")
    before = len(os.listdir("/proc/self/fd"))
    for source in ("result = 1", "1 / 0", "import os; os._exit(1)"):
        await done(sandbox, source)
    assert len(os.listdir("/proc/self/fd")) <= before


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
async def test_programs_die_with_the_kernel(tmp_path, how):
    """When the process that started them is killed, the program and what it detached are gone, its folder too."""
    token = f"orphan-{os.getpid()}-{time.monotonic_ns()}"
    program = f"""
        import asyncio, pathlib
        from nubem_jupyter.ports import CodeRequest
        from nubem_jupyter.sandbox.process import ProcessSandbox
        source = {textwrap.dedent(READ) + textwrap.dedent(DAEMON) + "time.sleep(600)"!r}
        request = CodeRequest(source=source, variables={{"token": {token!r}}}, timeout_s=600)
        asyncio.run(ProcessSandbox(pathlib.Path({str(tmp_path / "scratch")!r})).run(request))
    """
    kernel = await asyncio.to_thread(subprocess.Popen, [sys.executable, "-c", textwrap.dedent(program)])
    until_s = time.monotonic() + PATIENCE_S
    while len(named(token)) < 2:  # the kernel's own command line has it too
        assert time.monotonic() < until_s
        await asyncio.sleep(0.05)
    kernel.send_signal(how)
    kernel.wait()
    await gone(token)
    while list((tmp_path / "scratch").iterdir()):
        assert time.monotonic() < until_s
        await asyncio.sleep(0.05)
