"""How far a download is."""

from __future__ import annotations

from nubem_jupyter.cli.terminal import Terminal

_CELLS = 30
_PLAIN_STEP = 0.1
"""Share between two lines where there is no bar."""


class Progress:
    """Draws a bar on a terminal, and a line every tenth of the way anywhere else."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._is_tty = terminal.err.isatty()
        self._shown = -1.0
        self._open = False

    def take(self, done_bytes: int, total_bytes: int | None) -> None:
        """Show how much has come; called often."""
        if not total_bytes:
            return
        share = min(done_bytes / total_bytes, 1.0)
        if self._is_tty:
            self._bar(share, done_bytes, total_bytes)
        elif share >= self._shown + _PLAIN_STEP or (share == 1.0 and self._shown < 1.0):
            self._shown = share
            self._terminal.note(_amounts(share, done_bytes, total_bytes))

    def end(self) -> None:
        """Leave the bar's line."""
        if self._open:
            self._terminal.note("")
            self._open = False

    def _bar(self, share: float, done_bytes: int, total_bytes: int) -> None:
        filled = round(share * _CELLS)
        bar = "#" * filled + "." * (_CELLS - filled)
        self._terminal.redraw(f"[{bar}] {_amounts(share, done_bytes, total_bytes)}")
        self._open = True


def _amounts(share: float, done_bytes: int, total_bytes: int) -> str:
    return f"{share:4.0%}  {done_bytes / 1e6:.0f} of {total_bytes / 1e6:.0f} MB"
