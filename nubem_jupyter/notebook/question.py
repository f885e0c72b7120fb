"""A question in ``%orchestrate``'s line: its last ``?`` is the request's, where IPython would read a call of help."""

from __future__ import annotations

import re
from tokenize import DEDENT, INDENT, TokenInfo

from IPython.core.inputtransformer2 import EscapedCommand, HelpEnd, MagicAssign

_LINE = re.compile(r"\s*(?:[^\s=%][^=%]*=\s*)?%orchestrate\s+[^\s?]")
"""A request after the name; ``%orchestrate?`` has none and stays a call of help."""


_BEFORE_HELP = HelpEnd.priority - 1


class OrchestrateLine(EscapedCommand):
    """Reads ``%orchestrate TEXT?`` as the magic with its text."""

    priority = _BEFORE_HELP

    @classmethod
    def find(cls, tokens_by_line: list[list[TokenInfo]]) -> OrchestrateLine | None:
        """Find the first such line; IPython asks."""
        found: OrchestrateLine | None = super().find(_ours(tokens_by_line))  # type: ignore[no-untyped-call]
        return found


class OrchestrateAssign(MagicAssign):
    """Reads ``run = %orchestrate TEXT?`` as the magic with its text."""

    priority = _BEFORE_HELP

    def __init__(self, start: tuple[int, int]) -> None:
        super().__init__(start)  # type: ignore[no-untyped-call]
        # What starts first on a line goes first, and help starts with the line.
        self._magic_col, self.start_col = self.start_col, 0

    @classmethod
    def find(cls, tokens_by_line: list[list[TokenInfo]]) -> OrchestrateAssign | None:
        """Find the first such line; IPython asks."""
        found: OrchestrateAssign | None = super().find(_ours(tokens_by_line))  # type: ignore[no-untyped-call]
        return found

    def transform(self, lines: list[str]) -> list[str]:
        """Replace the line that was found; IPython asks."""
        self.start_col = self._magic_col
        replaced: list[str] = super().transform(lines)
        return replaced


QUESTIONS = (OrchestrateLine, OrchestrateAssign)
"""What IPython's token transformers lack."""


def _ours(tokens_by_line: list[list[TokenInfo]]) -> list[list[TokenInfo]]:
    return [line for line in tokens_by_line if _LINE.match(_start(line))]


def _start(line: list[TokenInfo]) -> str:
    """Return the source line on which a statement begins."""
    return next((token.line for token in line if token.type not in {INDENT, DEDENT}), "")
