"""What a command is, and what it is given to work with."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, NamedTuple

from nubem_jupyter.cli.terminal import Terminal

if TYPE_CHECKING:
    from nubem_jupyter.session.session import Session

OK = 0
FAILED = 1
USAGE = 2
INTERRUPTED = 130


class Context:
    """A command's surroundings: the terminal, and a session that is opened when first asked for."""

    def __init__(self, terminal: Terminal, open_session: Callable[[], Session]) -> None:
        self.terminal = terminal
        self._open_session = open_session
        self._session: Session | None = None

    @property
    def session(self) -> Session:
        """The one session of this command."""
        if self._session is None:
            self._session = self._open_session()
        return self._session

    def take(self, session: Session) -> Session:
        """Have this session from now on, to be closed with the command."""
        self._session = session
        return session

    async def aclose(self) -> None:
        """Close the session, if there is one."""
        if self._session is not None:
            await self._session.aclose()


class Command(NamedTuple):
    """One command of the program."""

    name: str
    """The word on the command line."""
    summary: str
    """One line of help."""
    configure: Callable[[argparse.ArgumentParser], None]
    """Adds its arguments to its parser."""
    act: Callable[[argparse.Namespace, Context], Awaitable[int]]
    """Does it; returns the exit status."""
