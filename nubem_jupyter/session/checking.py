"""Checks of models' answers: a program of the step's author, run in the sandbox, tells whether one may be taken."""

from __future__ import annotations

from typing import Any

import msgspec

from nubem_jupyter.core.constraint import SecurityLevel
from nubem_jupyter.core.template import as_text
from nubem_jupyter.core.value import ValueType
from nubem_jupyter.core.work import Prompt
from nubem_jupyter.engine.command import Start
from nubem_jupyter.errors import NodeError
from nubem_jupyter.ports import CodeRequest, CodeResult, Sandbox


class Checker(msgspec.Struct, frozen=True, kw_only=True):
    """Checks the answers of one run."""

    sandbox: Sandbox
    """Where checks run."""
    level: SecurityLevel
    """How strictly isolated they are."""

    async def check(self, start: Start, prompt: Prompt, value: Any) -> None:
        """See that an answer passes its step's check.

        Raises:
            NodeError: it does not.
            SandboxError: the check could not be run.
        """
        source = f"{value}\n\n{prompt.check}" if prompt.output is ValueType.CODE else prompt.check
        given = {name: one for name, one in start.values.items() if name.isidentifier()}
        request = CodeRequest(source=source, variables={**given, "answer": value}, level=self.level)
        done = await self.sandbox.run(request)
        if done.ok and done.result is not False:
            return
        raise NodeError(
            f"the answer of '{start.path}' did not pass its check{_why(done)}",
            hint="choose a stronger model, or look whether the check is right",
            detail=done.error,
        )


def _why(done: CodeResult) -> str:
    lines = as_text(done.error).strip().splitlines()
    return f": {lines[-1]}" if lines else ""
