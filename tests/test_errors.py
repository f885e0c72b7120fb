"""Every error has one stable code, stands in the drawn tree, and is shown as a sentence and a hint."""

import pickle
import re
import subprocess
import sys

import pytest

from nubem_jupyter import errors
from nubem_jupyter.errors import CallFailedError, CycleError, DeploymentGoneError, NubemError

CLASSES = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, NubemError)]


def made(kind: type[NubemError]) -> NubemError:
    return kind(("a", "b", "a")) if kind is CycleError else kind("it broke", hint="mend it")


def drawn_tree() -> dict[str, str]:
    """Read the tree in the module's docstring: each class and its parent, by how far it is indented."""
    parents: dict[str, str] = {}
    open_at: list[tuple[int, str]] = []
    for line in errors.__doc__.splitlines():
        found = re.search(r"\b[A-Z][A-Za-z]+Error\b", line.partition("  a ")[0])
        if not found or not line.startswith("    "):
            continue
        open_at = [(indent, name) for indent, name in open_at if indent < found.start()]
        parents[found[0]] = open_at[-1][1] if open_at else "Exception"
        open_at.append((found.start(), found[0]))
    return parents


def test_the_tree_in_the_docstring_is_the_tree_of_the_classes():
    assert drawn_tree() == {kind.__name__: kind.__base__.__name__ for kind in CLASSES}


def test_every_class_has_a_code_of_its_own_that_starts_with_its_parents():
    codes = [kind.code for kind in CLASSES]
    assert len(set(codes)) == len(codes)
    for kind in CLASSES:
        assert kind.__base__ in {Exception, NubemError} or kind.code.startswith(f"{kind.__base__.code}.")


def test_only_a_failed_call_is_worth_another_try():
    assert [kind for kind in CLASSES if kind.retryable] == [CallFailedError, DeploymentGoneError]


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_an_error_shows_its_sentence_and_its_hint(kind):
    error = made(kind)
    assert error._render_traceback_() == [error.message, f"Hint: {error.hint}"]
    assert str(error) == f"{error.message}\nHint: {error.hint}"


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_an_error_survives_pickling_on_its_way_out_of_another_process(kind):
    error = made(kind)
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), vars(again)) == (kind, str(error), vars(error))


def test_an_error_without_a_hint_is_its_sentence():
    assert NubemError("it broke")._render_traceback_() == ["it broke"]


def test_a_cycle_is_named_along_its_edges():
    assert str(CycleError(("a", "b", "a"))) == "nodes form a cycle: a -> b -> a\nHint: remove one of these edges"


def test_a_failed_call_says_what_the_provider_said_of_retrying():
    error = CallFailedError("busy", status=429, retry_after_s=1.5)
    assert (error.status, error.retry_after_s, error.hint) == (429, 1.5, "")


def test_an_ipython_cell_fails_with_two_lines_and_no_traceback():
    program = (
        "from nubem_jupyter.errors import FlowError, NubemError\n"
        "try:\n    raise KeyError('inner')\n"
        "except KeyError as error:\n    raise FlowError('the flow is odd', hint='mend it') from error\n"
    )
    shell = (
        "from IPython.core.interactiveshell import InteractiveShell\n"
        f"done = InteractiveShell().run_cell({program!r})\n"
        "print('failed:', type(done.error_in_exec).__name__)\n"
    )
    done = subprocess.run([sys.executable, "-c", shell], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["the flow is odd", "Hint: mend it", "failed: FlowError"]
    assert "Traceback" not in done.stdout + done.stderr
