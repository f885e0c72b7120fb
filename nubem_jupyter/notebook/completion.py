"""Tab completion inside the magics' lines: options, their values, variables, flows and commands."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from IPython.core.completer import CompletionContext, SimpleCompletion, SimpleMatcherResult, context_matcher

from nubem_jupyter.core.run import Outcome
from nubem_jupyter.notebook.commands import COMMANDS
from nubem_jupyter.notebook.declare import Option
from nubem_jupyter.notebook.options import EVALUATE, NUBEM, OF_LISTS, OPTIMIZE, ORCHESTRATE, VALUES
from nubem_jupyter.notebook.targets import flow_in

if TYPE_CHECKING:
    from nubem_jupyter.notebook.workbench import Workbench

_MAGICS: dict[str, tuple[Option, ...]] = {
    "orchestrate": ORCHESTRATE,
    "optimize": OPTIMIZE,
    "evaluate": EVALUATE,
    "nubem": NUBEM,
}


def make_matcher(workbench: Workbench) -> Callable[[CompletionContext], SimpleMatcherResult]:
    """Make the matcher that IPython asks; it answers only inside our magics' lines."""

    @context_matcher()  # type: ignore[untyped-decorator]
    def nubem_matcher(context: CompletionContext) -> SimpleMatcherResult:
        """Complete a line of ours, and then let nobody else answer."""
        before = context.full_text.split("\n")[context.cursor_line][: context.cursor_position]
        name, words, fragment = _split(before)
        options = _MAGICS.get(name)
        if options is None:
            return {"completions": []}
        # In a comma list only the part after the last comma is being written.
        fragment = fragment.rpartition(",")[2]
        fitting = [word for word in _candidates(workbench, name, options, words, fragment) if word.startswith(fragment)]
        return {
            "completions": [SimpleCompletion(word, type="param") for word in dict.fromkeys(fitting)],
            "ordered": True,
            "matched_fragment": fragment,
            "suppress": bool(fitting),
        }

    matcher: Callable[[CompletionContext], SimpleMatcherResult] = nubem_matcher
    return matcher


def _split(before: str) -> tuple[str, list[str], str]:
    """Take a line apart: the magic's name, the words before the cursor, and the one that is being written."""
    _, percent, rest = before.partition("%")
    name, space, arguments = rest.lstrip("%").partition(" ")
    if not percent or not space:
        return "", [], ""
    words = arguments.split(" ")
    return name, [word for word in words[:-1] if word], words[-1]


def _candidates(
    workbench: Workbench, name: str, options: tuple[Option, ...], words: list[str], fragment: str
) -> Iterable[str]:
    last = words[-1] if words else ""
    if last in _SOURCES:
        return _SOURCES[last](workbench)
    if _takes_a_value(options, last):
        return ()
    if fragment.startswith("-") or name == "orchestrate":
        spelled = (spelling for option in options for spelling in option.flags if spelling.startswith("-"))
        return sorted(set(spelled) - (_of_others(words) if name == "nubem" else set()))
    return _positional(workbench, name, words)


def _positional(workbench: Workbench, name: str, words: list[str]) -> Iterable[str]:
    if name != "nubem":
        return _flows(workbench)
    match words:
        case []:
            return COMMANDS
        case ["models" | "components" as listing, *rest]:
            names = _models(workbench) if listing == "models" else list(workbench.session.components.infos())
            return names if rest else ["refresh", *names]
        case ["run", *rest]:
            return _run_words(workbench, rest)
        case ["why" | "what-if" | "front" as command, *rest]:
            return _weighed_words(workbench, command, len(rest))
        case _:
            return ()


def _of_others(words: list[str]) -> set[str]:
    """Return the options of listings that the command at the beginning of the words does not take."""
    own = OF_LISTS.get(words[0], ()) if words else ()
    return {name for names in OF_LISTS.values() for name in names if name not in own}


def _run_words(workbench: Workbench, words: list[str]) -> Iterable[str]:
    if words == ["resume"]:
        return _unfinished(workbench)
    return () if words else ["resume", *_runs(workbench)]


def _weighed_words(workbench: Workbench, command: str, given: int) -> Iterable[str]:
    if command == "why" and not given:
        return _steps(workbench)
    return _runs(workbench) if given == (command == "why") else ()


def _takes_a_value(options: tuple[Option, ...], word: str) -> bool:
    return any(word in option.flags and option.settings.get("action", "append") == "append" for option in options)


def _variables(workbench: Workbench) -> list[str]:
    hidden: dict[str, Any] = workbench.shell.user_ns_hidden
    return sorted(name for name in workbench.shell.user_ns if not name.startswith("_") and name not in hidden)


def _flows(workbench: Workbench) -> list[str]:
    held = [name for name in _variables(workbench) if flow_in(workbench.shell.user_ns[name]) is not None]
    return sorted([*workbench.session.flows.names(), *held])


def _steps(workbench: Workbench) -> Iterable[str]:
    newest = None if workbench.last_plan else next(iter(workbench.session.store.list(1)), None)
    plan = workbench.last_plan or (newest and newest.plan)
    return plan.route if plan else ()


def _models(workbench: Workbench) -> list[str]:
    return [model.id for model in workbench.session.models() if model.available]


def _providers(workbench: Workbench) -> list[str]:
    return sorted({model.provider for model in workbench.session.models()})


def _features(workbench: Workbench) -> list[str]:
    return sorted({feature for model in workbench.session.models() for feature in model.features})


def _runs(workbench: Workbench) -> list[str]:
    return ["last", *(run.id for run in workbench.session.store.list())]


def _unfinished(workbench: Workbench) -> list[str]:
    return [run.id for run in workbench.session.store.list() if run.outcome is not Outcome.FINISHED]


_SOURCES: dict[str, Callable[[Workbench], Iterable[str]]] = {
    "-i": _variables,
    "-o": _variables,
    "--dataset": _variables,
    "--flow": _flows,
    "--save": _flows,
    "--models": _models,
    "--provider": _providers,
    "--replay": _runs,
    "--require": _features,
    **{name: lambda _, words=words: words for name, words in VALUES.items()},  # type: ignore[misc]
}
"""Option -> where its values come from."""
