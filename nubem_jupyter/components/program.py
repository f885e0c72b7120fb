"""``code.run``: a program in the sandbox."""

from __future__ import annotations

from typing import Annotated, Any

from nubem_jupyter.components.offer import Offer, offer
from nubem_jupyter.core.constraint import SecurityLevel
from nubem_jupyter.core.value import ValueType
from nubem_jupyter.errors import NodeError, UsageError
from nubem_jupyter.ports import CodeRequest, Sandbox

_LONGEST_S = 300.0
_STRICTEST_FIRST = (SecurityLevel.HIGH, SecurityLevel.MEDIUM, SecurityLevel.LOW)


class Programs:
    """Running code in a sandbox, at the strictest level that it gives."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def run(
        self,
        *,
        source: Annotated[str, "Python; what it leaves in 'result' is its value"],
        variables: Annotated[dict[str, Any] | None, "variables that it finds, plain JSON"] = None,
        timeout_s: Annotated[float, "seconds that it may take, 300 at most"] = 10.0,
    ) -> dict[str, Any]:
        """Run a Python program apart from everything else; a program that fails is told of, and fails nothing.

        Raises:
            UsageError: a variable's name or ``timeout_s`` cannot be one.
            NodeError: no sandbox is there.
        """
        given = variables or {}
        wrong = next((name for name in given if not name.isidentifier()), None)
        if wrong is not None:
            raise UsageError(f"'{wrong}' cannot name a variable", hint="use letters, digits and underscores")
        if not 0 < timeout_s <= _LONGEST_S:
            raise UsageError(f"timeout_s is {timeout_s:g}", hint=f"give seconds up to {_LONGEST_S:g}")
        level = next((level for level in _STRICTEST_FIRST if level in self._sandbox.levels), None)
        if level is None:
            raise NodeError("there is no sandbox on this machine, so the code was not run", hint="code runs on Linux")
        request = CodeRequest(source=source, variables=given, timeout_s=float(timeout_s), level=level)
        done = await self._sandbox.run(request)
        return {
            "ok": done.ok,
            "result": done.result,
            "stdout": done.stdout,
            "stderr": done.stderr,
            "error": done.error,
            "limit": done.limit,
        }


def program_offers(sandbox: Sandbox) -> tuple[Offer, ...]:
    """Offer ``code.run``, where the sandbox has a level at all."""
    missing = "" if sandbox.levels else "code runs on Linux 5.3 or later with /proc mounted"
    return (
        offer(
            "code.run",
            Programs(sandbox).run,
            capability="run_code",
            output=ValueType.JSON,
            permissions=("code",),
            missing=missing,
        ),
    )
