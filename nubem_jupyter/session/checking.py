"""Checks of models' answers: a program of the step's author, run in the sandbox, tells whether one may be taken."""

from __future__ import annotations

import ast
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
        check = with_verdict(prompt.check)
        source = f"{value}\n\n{check}" if prompt.output is ValueType.CODE else check
        given = {name: one for name, one in start.values.items() if name.isidentifier()}
        variables = {**given, "answer": value}
        # Code that ends itself, as scripts do, has not been checked.
        request = CodeRequest(source=source, variables=variables, level=self.level, may_exit=False)
        done = await self.sandbox.run(request)
        if done.ok and done.result:
            return
        raise NodeError(
            f"the answer of '{start.path}' did not pass its check{_why(done)}",
            hint="choose a stronger model, or look whether the check is right",
            detail=done.error,
        )


def with_verdict(check: str) -> str:
    """Return a check's program with its verdict in ``result``, as true or false.

    The verdict is what the check itself puts into ``result``, else the value of its last line where that is an
    expression, else that it came to its end. What the answer's own code left in ``result`` is none.
    """
    try:
        program = ast.parse(check)
    except (SyntaxError, ValueError):
        return check  # running it tells what is wrong with it
    names = [node for node in ast.walk(program) if isinstance(node, ast.Name) and node.id == "result"]
    last = program.body[-1] if program.body else None
    if any(isinstance(name.ctx, ast.Store) for name in names):
        is_read = any(isinstance(name.ctx, ast.Load) for name in names)
        clean = "" if is_read else "globals().pop('result', None)\n"
        return f"{clean}{check}\nresult = not not globals().get('result', True)"
    if isinstance(last, ast.Expr):
        program.body[-1] = ast.parse(f"result = not not ({ast.unparse(last.value)})").body[0]
        return ast.unparse(program)
    return f"{check}\nresult = True"


def _why(done: CodeResult) -> str:
    lines = as_text(done.error).strip().splitlines()
    return f": {lines[-1]}" if lines else ""
