"""Where figures come from: short marks beside them, and what each mark stands for below; or the whole of it."""

from __future__ import annotations

from collections.abc import Callable

from nubem_jupyter.core.model import Figure
from nubem_jupyter.render.blocks import Words

_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class Sources:
    """The sources of one table's figures, numbered as they come."""

    def __init__(self) -> None:
        self._newest: dict[str, str] = {}

    def mark(self, figure: Figure) -> str:
        """Return the raised number of the figure's source."""
        self._newest[figure.source] = max(self._newest.get(figure.source, ""), figure.date)
        return _raised(1 + list(self._newest).index(figure.source))

    def legend(self) -> tuple[Words, ...]:
        """Say what the marks stand for."""
        told = (
            f"{_raised(place)} {_dated(source, date)}" for place, (source, date) in enumerate(self._newest.items(), 1)
        )
        return (Words("   ".join(told), "quiet"),) if self._newest else ()


def known_from(figure: Figure) -> str:
    """Say where a figure comes from: ``listed``, by whom and when, or ``measured``, where, how often and when."""
    counted = f", {figure.n:,} measured" if figure.n else ""
    return _dated(figure.source, figure.date) + counted


def ends(figure: Figure, write: Callable[[float], str]) -> str:
    """Write the figure's 90 % range; empty where it has none."""
    if figure.low is None or figure.high is None:
        return ""
    return f"{write(figure.low)}–{write(figure.high)}"


def _dated(source: str, date: str) -> str:
    return ", ".join(filter(None, (source.replace(": ", ", ", 1), date)))


def _raised(number: int) -> str:
    return str(number).translate(_RAISED)
