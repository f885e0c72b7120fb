"""How far a download is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nubem_jupyter.cli.terminal import Terminal

if TYPE_CHECKING:
    from nubem_jupyter.providers.local.pull import PullProgress

_CELLS = 30
_PLAIN_STEP = 0.1
"""Share between two lines where there is no bar."""
_STAGES = {"waiting": "waiting", "hub": "from the hub", "packages": "from packages", "verifying": "verifying"}


class StoppedError(Exception):
    """Ends the thread that downloads, which nothing else can reach."""


class Progress:
    """Draws a bar on a terminal, and a line every tenth of the way anywhere else."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._is_tty = terminal.err.isatty()
        self._shown: tuple[str, float] = ("", 0.0)
        self._is_open = False
        self._is_stopped = False

    def take(self, progress: PullProgress) -> None:
        """Show how much has come; called often, from the thread that downloads.

        Raises:
            StoppedError: ``stop`` was called.
        """
        if self._is_stopped:
            raise StoppedError
        if progress.stage not in _STAGES:
            return
        share = progress.done_bytes / progress.total_bytes
        if self._is_tty:
            self._terminal.redraw(f"[{_bar(share)}] {_amounts(progress)}")
            self._is_open = True
        elif self._is_news(progress.stage, share):
            self._shown = (progress.stage, share)
            self._terminal.note(_amounts(progress))

    def stop(self) -> None:
        """Let the next report end the download; what has come stays for the next try."""
        self._is_stopped = True

    def end(self) -> None:
        """Leave the bar's line."""
        if self._is_open:
            self._terminal.note("")
            self._is_open = False

    def _is_news(self, stage: str, share: float) -> bool:
        shown_stage, shown_share = self._shown
        return stage != shown_stage or share >= shown_share + _PLAIN_STEP


def _bar(share: float) -> str:
    filled = round(share * _CELLS)
    return "#" * filled + "." * (_CELLS - filled)


def _amounts(progress: PullProgress) -> str:
    share = progress.done_bytes / progress.total_bytes
    amount = f"{progress.done_bytes / 1e6:.0f} of {progress.total_bytes / 1e6:.0f} MB"
    # Padded, so that a shorter line covers a longer one.
    return f"{share:4.0%}  {amount}  {_STAGES[progress.stage]:<13}"
