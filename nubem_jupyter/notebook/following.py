"""A listing that follows the catalog, in the cell that shows it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from nubem_jupyter.errors import NubemError
from nubem_jupyter.render.blocks import Page, Table, Words
from nubem_jupyter.render.bundle import page_bundle

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from nubem_jupyter.catalog.difference import Difference, Kind
    from nubem_jupyter.session.catalog import SessionCatalog

_MOST_NEWS = 5
"""Lines of what has changed; ``--diff`` has the rest."""

_NOTHING_YET = Words("This list follows what changes; nothing has since it was opened.", "quiet")


class Following:
    """One output that is drawn anew when the catalog has changed, until it is closed.

    It has no thread: whoever found the change draws and publishes, which no cell has to wait for.
    """

    def __init__(self, shell: InteractiveShell, kind: Kind, draw: Callable[[], Page]) -> None:
        self._shell = shell
        self._kind: Kind = kind
        self._draw = draw
        self._display_id = uuid4().hex
        self._lock = threading.Lock()
        self._news: deque[tuple[str, str, str, str]] = deque(maxlen=_MOST_NEWS)
        self._page: Page = ()
        self._shown: dict[str, Any] = {}
        self._stop: Callable[[], None] | None = None

    def begin(self, catalog: SessionCatalog) -> None:
        """Show it, and follow from now on; raises as drawing does."""
        with self._lock:
            self._stop = catalog.listen(self._heard)
            try:
                self._page = (_NOTHING_YET, *self._draw())
                self._publish(self._page, update=False)
            except BaseException:
                self._end()
                raise

    def close(self, why: str = "") -> None:
        """Follow no longer, and say why below what is shown last; without a reason nothing is shown any more."""
        with self._lock:
            if self._stop is None:
                return
            self._end()
            if why:
                self._publish((*self._page, Words(why, "quiet")), update=True)

    def _end(self) -> None:
        stop, self._stop = self._stop, None
        if stop is not None:
            stop()

    def _heard(self, found: Difference) -> None:
        from nubem_jupyter.session.change_pages import difference_rows  # late: loading the extension shows nothing yet

        with self._lock:
            if self._stop is None:  # it was closed while this was on its way
                return
            when = f"{datetime.now(UTC):%H:%M:%S}"
            self._news.extendleft((when, *row) for row in difference_rows(found, self._kind))
            self._page = self._drawn()
            self._publish(self._page, update=True)

    def _drawn(self) -> Page:
        try:
            page = self._draw()
        except NubemError as error:  # what was chosen is gone, say; it may come back
            page = (Words(error.message, "warning"),)
        news = Table(("UTC", self._kind, "what", "old → new"), tuple(self._news), "Changed since this was opened")
        return (news if self._news else _NOTHING_YET, *page)

    def _publish(self, page: Page, *, update: bool) -> None:
        drawn = page_bundle(page)
        if drawn == self._shown:
            return
        self._shown = drawn
        self._shell.display_pub.publish(drawn, transient={"display_id": self._display_id}, update=update)
