"""An IPython shell with the extension loaded over a real session whose one model repeats what it is told."""

import asyncio
import atexit

import msgspec
import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell

from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.plan import Candidate, Choice, Plan
from nubem_jupyter.core.template import placeholders
from nubem_jupyter.errors import PlanError, UnknownModelError
from nubem_jupyter.notebook.extension import load_ipython_extension, unload_ipython_extension
from nubem_jupyter.session.session import Session
from nubem_jupyter.session.settings import Settings


class OneStepSession(Session):
    """A session whose plans have one model call, so that these tests do not depend on the planner's words."""

    opened = 0

    async def plan(self, request, *, inputs=None, constraints=None, **_):
        await asyncio.sleep(0)
        if isinstance(request, Plan):
            request, constraints = request.flow, constraints or request.constraints
        wanted = constraints or Constraints()
        unknown = [model for model in wanted.models if model != "echo/echo"]
        if unknown:
            raise UnknownModelError(f"there is no model '{unknown[0]}'", hint="did you mean 'echo/echo'?")
        flow = request if isinstance(request, Flow) else one_step(request, inputs or {})
        if not isinstance(request, Flow) and not request.strip():
            raise PlanError("there is no request", hint="write one")
        chosen = Choice(chosen=Candidate(model="echo/echo", reason="the only one"))
        route = {place: chosen for place, node in flow.walk() if node.prompt is not None}
        return Plan(request=request if isinstance(request, str) else "", flow=flow, route=route, constraints=wanted)


def one_step(request, inputs):
    built = Flow.build("step")
    for name in dict.fromkeys([*placeholders(request), *inputs]):
        built.input(name)
    return built.model("reply", request, inputs={name: name for name in inputs}).output("reply")


@pytest.fixture
def opener(tmp_path):
    opened = []

    def open_session(overrides):
        settings = Settings(home=tmp_path / "home", workspace=tmp_path / "work", providers=("echo",))
        opened.append(OneStepSession(msgspec.structs.replace(settings, **overrides), {}))
        return opened[-1]

    open_session.opened = opened
    return open_session


def end(shell):
    """Let go of a shell; left to the program's end, each would then collect all garbage once, for half a second."""
    shell.history_manager.end_session()
    shell.history_manager.save_thread.stop()
    atexit.unregister(shell.atexit_operations)


@pytest.fixture
def shell(opener):
    shell = InteractiveShell()
    shell.Completer.use_jedi = False
    load_ipython_extension(shell, opener)
    yield shell
    unload_ipython_extension(shell)
    end(shell)


@pytest.fixture
def cell(shell):
    """Run a cell; return its result as IPython reports it."""
    return lambda source: shell.run_cell(source, store_history=False)


@pytest.fixture
def fails(shell, capsys):
    """Run a cell that must fail; return its error and what the user sees."""

    def run(source):
        capsys.readouterr()
        result = shell.run_cell(source, store_history=False)
        error = result.error_in_exec
        assert error is not None, "the cell did not fail"
        seen = capsys.readouterr()
        return error, seen.out + seen.err

    return run


@pytest.fixture
def complete(shell):
    """What the line's last word may become."""

    def run(source):
        with provisionalcompleter():
            return {found.text for found in shell.Completer.completions(source, len(source))}

    return run
