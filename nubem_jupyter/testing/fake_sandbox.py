"""A sandbox that runs nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from nubem_jupyter.core.constraint import SecurityLevel
from nubem_jupyter.errors import SandboxUnavailableError
from nubem_jupyter.ports import CodeRequest, CodeResult


class FakeSandbox:
    """A ``Sandbox`` that asks a function what a program does, and keeps what it was asked."""

    def __init__(
        self,
        answer: Callable[[CodeRequest], CodeResult],
        *,
        levels: frozenset[SecurityLevel] = frozenset({SecurityLevel.LOW}),
        wall_s: float = 0.0,
    ) -> None:
        self._answer = answer
        self._levels = levels
        self._wall_s = wall_s
        self.requests: list[CodeRequest] = []

    @property
    def levels(self) -> frozenset[SecurityLevel]:
        """The levels that it says it gives."""
        return self._levels

    async def run(self, request: CodeRequest) -> CodeResult:
        """Wait ``wall_s`` seconds and give the function's answer.

        Raises:
            SandboxUnavailableError: the level asked for is not among its own.
        """
        self.requests.append(request)
        if request.level not in self._levels:
            raise SandboxUnavailableError(f"this fake sandbox has no level '{request.level}'")
        await asyncio.sleep(self._wall_s)
        return self._answer(request)
