"""``%nubem``: what is there and what happened."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from IPython.core.magic import Magics, magics_class

from nubem_jupyter.core.run import Run
from nubem_jupyter.core.text import nearest
from nubem_jupyter.errors import UsageError
from nubem_jupyter.notebook.arguments import parse_words
from nubem_jupyter.notebook.components import EXAMPLES as COMPONENT_EXAMPLES
from nubem_jupyter.notebook.components import components_command
from nubem_jupyter.notebook.declare import magic, parser_of
from nubem_jupyter.notebook.live import LiveView, is_whole_cell
from nubem_jupyter.notebook.models import EXAMPLES as MODEL_EXAMPLES
from nubem_jupyter.notebook.models import models_command
from nubem_jupyter.notebook.options import NUBEM, OF_LISTS
from nubem_jupyter.notebook.running import run_shown
from nubem_jupyter.notebook.variables import check_name
from nubem_jupyter.notebook.weighed import EXAMPLES as WEIGHED_EXAMPLES
from nubem_jupyter.notebook.weighed import front_command, what_if_command, why_command
from nubem_jupyter.render.blocks import Page
from nubem_jupyter.session.options import constraints_from

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from nubem_jupyter.notebook.workbench import Workbench
    from nubem_jupyter.session.handle import RunHandle

COMMANDS: dict[str, str] = {
    "status": "models, settings and the newest run in a few lines",
    "doctor": "what works here, what does not, and how to mend it",
    "models": "the models that can be called and what is known of them; one of them in full; what has changed",
    "components": "the tools that flows may use; one of them in full; what has changed",
    "flows": "the saved flows of this workspace",
    "runs": "the runs on record, newest first",
    "run": "one run in full: the newest, or the one with this id; run resume goes on with one that did not finish",
    "cache": "the answers that are kept for equal calls; with --clear they are forgotten",
    "why": "why each model was chosen for the newest plan, or for one step; a run's id after the step",
    "what-if": "what other limits would change of the newest plan, or of a run's; no model is called",
    "front": "what can be had for what: choices of models that no other beats in cost, time and quality",
    "help": "this list",
}

_EXAMPLES = "commands:\n" + "\n".join(f"  {name:11}{about}" for name, about in COMMANDS.items())
_EXAMPLES += f"\nexamples:{MODEL_EXAMPLES}{COMPONENT_EXAMPLES}{WEIGHED_EXAMPLES}"
_LISTS: dict[str, Callable[[Workbench, argparse.Namespace, Sequence[str]], Page | None]] = {
    "models": models_command,
    "components": components_command,
    "why": why_command,
    "what-if": what_if_command,
    "front": front_command,
}
_WEIGHED = ("what-if", "front")
_MOST_RUNS = 50


@magics_class
class NubemMagic(Magics):
    """The magic ``%nubem``."""

    def __init__(self, shell: InteractiveShell, workbench: Workbench) -> None:
        super().__init__(shell)
        self._workbench = workbench

    def _pages(self, options: argparse.Namespace) -> dict[str, Callable[[], Page]]:
        from nubem_jupyter.notebook import listings  # late: loading the extension shows nothing yet

        workbench = self._workbench
        return {
            "status": lambda: listings.status_page(workbench.session, workbench.last_run),
            "doctor": lambda: listings.examined_page(workbench),
            "flows": lambda: listings.flows_page(workbench.session.flows),
            "runs": lambda: listings.runs_page(
                workbench.session.store.list(options.limit or _MOST_RUNS), workbench.session.store.under_way()
            ),
            "cache": lambda: listings.cache_page(workbench.session, clear=options.clear),
            "help": lambda: listings.commands_page(COMMANDS),
        }

    @magic("line", "Show what is there and what happened.", examples=_EXAMPLES, options=NUBEM)
    def nubem(self, line: str) -> Run | None:
        """Show one thing; ``run`` returns the run."""
        options = parse_words(parser_of(self.nubem), line)
        names = _check(options)
        if _resumes(options):
            return self._resume(line, options, *names[1:])
        if options.command == "run":
            return self._run(*names)
        if options.command in _LISTS:
            page = _LISTS[options.command](self._workbench, options, names)
            if page is not None:
                self._workbench.show(page)
            return None
        pages = self._pages(options)
        if options.command not in pages:
            close = nearest(options.command, COMMANDS)
            hint = f"did you mean '{close}'?" if close else f"there are: {' '.join(COMMANDS)}"
            raise UsageError(f"%nubem has no command '{options.command}'", hint=hint)
        if names:
            instead = f"; one run: %nubem run {names[0]}" if options.command == "runs" else ""
            raise UsageError(f"%nubem {options.command} takes no name", hint=f"leave '{names[0]}' out{instead}")
        self._workbench.show(pages[options.command]())
        return None

    def _run(self, name: str | None = None) -> Run:
        if name is None and self._workbench.last_run is not None:
            return self._workbench.last_run
        return self._workbench.recorded(name or "last")

    def _resume(self, line: str, options: argparse.Namespace, name: str = "last") -> Run:
        session = self._workbench.session
        limits = constraints_from(vars(options))
        output = check_name(options.output) if options.output else None

        async def begin() -> RunHandle:
            return await session.resume(name, limits, cache=False if options.no_cache else None)

        shell = self._workbench.shell
        run = run_shown(self._workbench, begin, LiveView(shell, shown=True, alone=is_whole_cell(shell, line)))
        if output:
            shell.user_ns[output] = run.result
        return run


def _check(options: argparse.Namespace) -> list[str]:
    """Return the names after the command.

    Raises:
        UsageError: there is more than one name, the limit lists nothing, or an option is another command's.
    """
    names: list[str] = options.names
    _check_options(options)
    if len(names) > 1 + _resumes(options) and options.command not in _LISTS:
        raise UsageError(f"%nubem {options.command} takes one name at most", hint=f"leave '{names[-1]}' out")
    if options.limit is not None and options.limit < 1:
        raise UsageError(f"--limit is {options.limit}, which lists nothing", hint="write --limit 20")
    return names


def _check_options(options: argparse.Namespace) -> None:
    values = vars(options)
    for command, names in OF_LISTS.items():
        for name in names:
            given = values[name[2:].replace("-", "_")] not in (None, False, [])
            if given and name not in OF_LISTS.get(options.command, ()):
                hint = f"write %nubem {command} {name} …"
                raise UsageError(f"{name} says nothing to %nubem {options.command}", hint=hint)
    if options.clear and options.command != "cache":
        raise UsageError(f"%nubem {options.command} has nothing to clear", hint="write %nubem cache --clear")
    limited = (options.max_cost or options.max_latency) and options.command not in _WEIGHED
    if (limited or options.no_cache or options.output) and not _resumes(options):
        raise UsageError(
            f"%nubem {options.command} starts nothing that could be limited, asked anew or given a name",
            hint="write %nubem run resume ID with -o NAME, --max-cost 0.5, --max-latency 60 or --no-cache",
        )


def _resumes(options: argparse.Namespace) -> bool:
    return [options.command, *options.names[:1]] == ["run", "resume"]
