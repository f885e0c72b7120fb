"""What the magics of one kernel share: its shell, one loop, one session, and the newest plan and run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from nubem_jupyter.core.plan import Plan
from nubem_jupyter.core.run import Run
from nubem_jupyter.errors import UsageError
from nubem_jupyter.notebook.loop import BackgroundLoop
from nubem_jupyter.render.blocks import Page
from nubem_jupyter.render.bundle import page_bundle

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from nubem_jupyter.catalog.difference import Kind
    from nubem_jupyter.notebook.following import Following
    from nubem_jupyter.session.session import Session

T = TypeVar("T")

OpenSession = Callable[[Mapping[str, Any]], "Session"]
"""Settings given in the notebook -> a session."""


def open_session(overrides: Mapping[str, Any]) -> Session:
    """Return the session that the package's own functions use too, with the notebook's settings where it has some."""
    from nubem_jupyter.session import default  # imported late: %load_ext is to cost nothing

    if not overrides:
        return default.default_session()
    session = default.open_session(**overrides)
    default.replace_default(session)
    return session


class Workbench:
    """Opens the session on first use and closes it with the extension."""

    def __init__(self, shell: InteractiveShell, opener: OpenSession = open_session) -> None:
        self.shell = shell
        self.last_plan: Plan | None = None
        self.last_inputs: Mapping[str, Any] = {}
        self.last_run: Run | None = None
        self._opener = opener
        self._overrides: dict[str, Any] = {}
        self._session: Session | None = None
        self._following: dict[str, Following] = {}
        self._loop = BackgroundLoop()

    @property
    def session(self) -> Session:
        """The session; opened now if it was not yet, and its catalog watched from then on.

        Raises:
            SettingsError: a setting cannot be used.
        """
        if self._session is None:
            self._session = self._opener(self._overrides)
            self._session.catalog.watch()
        return self._session

    def call(self, coroutine: Coroutine[Any, Any, T], *, look: Callable[[], None] | None = None) -> T:
        """Run a coroutine of the session and wait for it; see ``BackgroundLoop.call``."""
        return self._loop.call(coroutine, look=look)

    def keep(self, run: Run) -> None:
        """Remember the newest run, for ``%nubem run`` and ``%nubem why``."""
        self.last_run = run
        self.keep_plan(run.plan, run.inputs)

    def keep_plan(self, plan: Plan, inputs: Mapping[str, Any]) -> None:
        """Remember the newest plan with the values that its flow was given."""
        self.last_plan, self.last_inputs = plan, inputs

    def show(self, page: Page) -> None:
        """Show a page below the cell."""
        self.shell.display_pub.publish(page_bundle(page))

    def follow(self, kind: Kind, draw: Callable[[], Page]) -> None:
        """Show a page that follows the catalog, in place of the one of its kind that did so until now.

        Raises:
            UsageError: nothing can replace what this front end has shown.
        """
        from nubem_jupyter.notebook.following import Following  # late: seldom needed

        if not hasattr(self.shell, "kernel"):
            raise UsageError("a terminal cannot follow what changes", hint="leave --live out; in a notebook it can")
        view = Following(self.shell, kind, draw)
        view.begin(self.session.catalog)
        old, self._following[kind] = self._following.get(kind), view
        if old is not None:
            old.close("Another list follows the catalog now; this one has stopped.")

    @property
    def overrides(self) -> Mapping[str, Any]:
        """The settings given in the notebook."""
        return self._overrides

    def override(self, name: str, value: Any) -> None:
        """Change a setting; the next use opens a session that has it."""
        self._close_session()
        self._overrides[name] = value

    def close(self) -> None:
        """Close session and loop; may be called twice."""
        self._close_session()
        self._loop.close()

    def close_at_exit(self) -> None:
        """Close while the interpreter ends, when no thread can be started any more, not even the loop's."""
        for view in self._following.values():
            view.close()
        if self._loop.is_running:
            self.close()
            return
        session = self._let_go()
        if session is not None:
            asyncio.run(session.aclose())

    def recorded(self, name: str) -> Run:
        """Return a run on record; see ``Session.recorded``.

        Raises:
            UsageError: there is none, or more than one begins so.
        """
        try:
            return self.session.recorded(name)
        except UsageError as error:
            # The session's hint is the terminal's command.
            hint = error.hint.replace("nubem runs", "%nubem runs")
            raise UsageError(error.message, hint=hint) from None

    def _close_session(self) -> None:
        for view in self._following.values():
            view.close("The session was closed; run this cell again to follow what changes.")
        session = self._let_go()
        if session is not None:
            self._loop.call(session.aclose())

    def _let_go(self) -> Session | None:
        self._following.clear()
        session, self._session = self._session, None
        if session is not None:
            from nubem_jupyter.session.default import forget_default

            forget_default(session)
        return session
