"""A program cannot look into other processes, where the user's keys are, and loses nothing else by that."""

import subprocess
import sys
import textwrap

import pytest

from nubem_jupyter.ports import CodeRequest
from nubem_jupyter.sandbox import process
from nubem_jupyter.sandbox.process import ProcessSandbox, hides_environment

PATIENCE_S = 60.0
SECRET = "sk-wall-0123456789"
LOOK = """
    import glob
    found = []
    for path in glob.glob("/proc/[0-9]*/environ") + glob.glob("/proc/[0-9]*/task/*/environ"):
        try:
            found += [path for line in [open(path, "rb").read()] if secret.encode() in line]
        except OSError:
            pass
    result = found
"""


@pytest.fixture
def holder():
    """A process of the same user with a key in its environment, as the kernel's own would be."""
    words = [sys.executable, "-c", "import sys; print('up', flush=True); sys.stdin.read()"]
    with subprocess.Popen(words, env={"KEY": SECRET}, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout.readline()
        yield child
        child.stdin.close()


async def done(source, **variables):
    request = CodeRequest(source=textwrap.dedent(source), variables=variables, timeout_s=PATIENCE_S)
    return await ProcessSandbox().run(request)


async def test_no_environment_of_another_process_can_be_read(holder):
    """Neither by the program nor by one that it starts; what the doctor says of this machine is what happens."""
    child = """
        import subprocess, sys
        result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout
    """
    look = textwrap.dedent(LOOK)
    seen = [
        (await done(LOOK, secret=SECRET)).result,
        (await done(child, program=f"secret = {SECRET!r}\n{look}print(result)")).result,
    ]
    hidden = f"/proc/{holder.pid}/environ" not in str(seen)
    assert hidden == hides_environment()
    if sys.platform == "linux" and hidden:
        assert seen == [[], "[]\n"]


async def test_files_are_used_as_before(tmp_path):
    """Moving between folders, the program's own environment, and starting programs all work behind the wall."""
    source = """
        import os, shutil, subprocess
        os.mkdir("a"), os.mkdir("b")
        open("a/x", "w").write("moved")
        os.rename("a/x", "b/x")
        shutil.move("b/x", folder)
        result = [open(folder + "/x").read(), os.path.exists("/proc/self/environ"), subprocess.run(["true"]).returncode]
    """
    answer = await done(source, folder=str(tmp_path))
    assert answer.result == ["moved", True, 0], answer.error


@pytest.mark.parametrize("way", ["_enter_landlock", "_enter_user_namespace"])
def test_each_way_alone_keeps_the_user_and_lets_files_be_written(tmp_path, way):
    """Where a kernel lacks one of the ways, the other leaves the program the same user with the same files."""
    other = {"_enter_landlock", "_enter_user_namespace"} - {way}
    program = f"""
        import os
        from pathlib import Path
        from nubem_jupyter.sandbox.inside import limits, wall
        before = (os.getuid(), os.getgid())
        limits.give_up_privileges()
        wall.{other.pop()} = lambda: False
        hidden = wall.hide_others()
        Path({str(tmp_path / "x")!r}).write_text("x")
        assert (os.getuid(), os.getgid()) == before
        print(hidden)
    """
    words = [sys.executable, "-c", textwrap.dedent(program)]
    told = subprocess.run(words, capture_output=True, text=True, check=True, timeout=PATIENCE_S).stdout
    assert told in {"True\n", "False\n"}
    assert (tmp_path / "x").stat().st_uid == tmp_path.stat().st_uid


def test_where_it_cannot_be_tried_nothing_is_promised(monkeypatch):
    monkeypatch.setattr(process, "interpreter", lambda _module: ["/does/not/exist"])
    assert hides_environment() is False
