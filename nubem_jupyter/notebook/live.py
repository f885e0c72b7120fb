"""A run shown while it happens, where the front end can update what it has shown."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from nubem_jupyter.core.event import Event
from nubem_jupyter.core.run import Run
from nubem_jupyter.notebook.progress import Progress, advance, progress_page
from nubem_jupyter.render.blocks import Words
from nubem_jupyter.render.bundle import page_bundle

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def is_whole_cell(shell: InteractiveShell, line: str) -> bool:
    """Tell whether a cell has this one magic line and nothing else, so that all its output is the magic's."""
    cells = shell.history_manager.input_hist_raw if shell.history_manager else [""]
    cell = str(cells[-1]).strip()
    return "\n" not in cell and cell.startswith("%") and cell.endswith(line.strip())


class LiveView:
    """One output that follows a run. ``take`` is for the loop's thread, the rest for the cell's.

    ``alone`` says that the cell has no other output, so that this one can be taken away at the end.
    """

    def __init__(self, shell: InteractiveShell, *, shown: bool, alone: bool) -> None:
        self._shell = shell
        self._alone = alone
        # A terminal would print every update below the last one; only a kernel's front end replaces it.
        self._shown = shown and hasattr(shell, "kernel")
        self._progress = Progress()
        self._began_s = time.monotonic()
        self._display_id = uuid4().hex
        self._drawn_once = False
        self._drawn: dict[str, Any] = {}

    def take(self, event: Event) -> None:
        """Move on by one event; the state is replaced as a whole, so no lock is needed."""
        self._progress = advance(self._progress, event)

    def look(self) -> None:
        """Show what has changed since the last look."""
        if not self._shown:
            return
        drawn = page_bundle(progress_page(self._progress, time.monotonic() - self._began_s))
        if drawn == self._drawn:
            return
        self._drawn = drawn
        self._draw(drawn)

    def close(self, last: dict[str, Any] | None = None) -> None:
        """End with a last bundle, or without a trace where no other output is in the cell."""
        if last is not None:
            self._draw(last)
        elif self._drawn_once and self._alone:
            self._shell.display_pub.clear_output(wait=True)  # type: ignore[no-untyped-call]
        elif self._drawn_once:
            self._draw(page_bundle((Words("Nothing was run to its end.", "quiet"),)))

    def end(self, run: Run) -> None:
        """End for a run that the cell's value shows; among other outputs one line of it stays here."""
        from nubem_jupyter.render.pages import summary  # late: loading the extension shows nothing yet

        stays = self._drawn_once and not self._alone
        self.close(page_bundle((Words(summary(run), "quiet"),)) if stays else None)

    def _draw(self, bundle: dict[str, Any]) -> None:
        publish = self._shell.display_pub.publish
        update, self._drawn_once = self._drawn_once, True
        publish(bundle, transient={"display_id": self._display_id}, update=update)
