"""Small suites of our own that measure what a model can do, one file a capability."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import msgspec

from nubem_jupyter.core.wire import convert

RUN = "run"
"""In place of a scorer's name: the answer is a program, and the target lists expressions with what they must give."""


class SuiteCase(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One case: a text and what a right answer is; its form depends on the task's scorer."""

    input: str
    """What the request is about."""
    target: Any
    """What a right answer is."""


class Task(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Cases under one request."""

    request: str
    """What is asked for, as a user would write it; the planner makes the prompt of it."""
    scorer: str
    """Which scorer tells what is right, or ``run``."""
    cases: tuple[SuiteCase, ...]
    """The cases."""


class Suite(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What measures one capability."""

    capability: str
    """Which capability."""
    tasks: tuple[Task, ...]
    """What is asked."""

    @property
    def n(self) -> int:
        """How many cases it has."""
        return sum(len(task.cases) for task in self.tasks)


def suite_names() -> tuple[str, ...]:
    """List the capabilities that have a suite."""
    return tuple(
        sorted(entry.name.removesuffix(".yaml") for entry in _folder().iterdir() if entry.name.endswith(".yaml"))
    )


def load_suite(capability: str) -> Suite:
    """Read one suite.

    Raises:
        FileNotFoundError: there is none for this capability.
        FormatError: its file is damaged.
    """
    import yaml  # imported late: only measuring reads suites

    return convert(yaml.safe_load((_folder() / f"{capability}.yaml").read_text(encoding="utf-8")), Suite)


def _folder() -> Any:
    return files("nubem_jupyter.catalog.suites")
