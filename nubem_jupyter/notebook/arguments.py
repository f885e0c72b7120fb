"""Options of a magic and the text after them; a mistake names the nearest option."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from IPython.core.error import UsageError as IPythonUsageError

from nubem_jupyter.core.text import nearest
from nubem_jupyter.errors import UsageError

_WORD = re.compile(r"""\s*((?:"(?:\\.|[^"\\])*"|'[^']*'|[^\s"'])+)""")
_PIECE = re.compile(r""""((?:\\.|[^"\\])*)"|'([^']*)'|([^"']+)""")


class Parsed(NamedTuple):
    """A magic's line, read."""

    options: argparse.Namespace
    """Options and positional words."""
    text: str
    """What follows the options, as it was written."""


def parse_options_and_text(parser: argparse.ArgumentParser, line: str) -> Parsed:
    """Read leading options; the first word that belongs to none begins the text, quotes and all.

    Raises:
        UsageError: an option is unknown, lacks its value, has one that it cannot take, or stands in the text.
    """
    words: list[str] = []
    position = 0
    while line[position:].lstrip().startswith("-"):
        option, position = _next_word(line, position)
        words.append(option)
        if _takes_value(parser, option) and line[position:].strip():
            value, position = _next_word(line, position)
            # Joined, so that a value that begins with a dash is not read as an option.
            words[-1:] = [f"{option}={value}"] if option.startswith("--") else [f"{option}{value}"]
    options, text = _parse(parser.parse_args, parser, words), line[position:].strip()
    _refuse_options_in(parser, text)
    return Parsed(options, text)


def parse_words(parser: argparse.ArgumentParser, line: str) -> argparse.Namespace:
    """Read options and positional words in any order; quotes hold a word together.

    Raises:
        UsageError: as ``parse_options_and_text``.
    """
    words = list(_all_words(line))
    for word in words:
        if word.startswith("-"):
            _takes_value(parser, word)
    return _parse(parser.parse_intermixed_args, parser, words)


def option_names(parser: argparse.ArgumentParser) -> tuple[str, ...]:
    """Return every spelling of every option."""
    return tuple(parser._option_string_actions)


def takes_value(parser: argparse.ArgumentParser, option: str) -> bool:
    """Tell whether a word follows the option; an unknown option takes none."""
    action = parser._option_string_actions.get(option)
    return action is not None and action.nargs != 0


def _refuse_options_in(parser: argparse.ArgumentParser, text: str) -> None:
    """Refuse an option, also a misspelled one, among the text's words: a limit there would be ignored in silence."""
    known = option_names(parser)
    for word in text.split():
        name = word.partition("=")[0]
        meant = name if name in known else _misspelled(name, known)
        if meant:
            raise UsageError(
                f"{name} stands in the text, where no option is read",
                hint=f'options come first: %{parser.prog} {meant} … TEXT; a text that speaks of it quotes it: "{name}"',
            )


def _misspelled(name: str, known: Iterable[str]) -> str | None:
    if not name.startswith("--"):
        return None
    # Compared without dashes, which would make any two options look alike.
    close = nearest(name[2:], (option[2:] for option in known if option.startswith("--")))
    return close and f"--{close}"


def _parse(
    read: Callable[[list[str]], argparse.Namespace], parser: argparse.ArgumentParser, words: list[str]
) -> argparse.Namespace:
    try:
        return read(words)
    except IPythonUsageError as error:
        raise UsageError(str(error).strip(), hint=f"%{parser.prog}? shows every option") from None


def _takes_value(parser: argparse.ArgumentParser, word: str) -> bool:
    attached = not word.startswith("--") and len(word) > 2  # -ocode is -o code
    name, equals = (word[:2], "=") if attached else word.partition("=")[:2]
    known = option_names(parser)
    if name not in known:
        close = nearest(name, known)
        hint = f"did you mean {close}?" if close else f"%{parser.prog}? shows every option"
        raise UsageError(f"%{parser.prog} has no option {name}", hint=hint)
    return not equals and takes_value(parser, name)


def _all_words(line: str) -> Iterator[str]:
    position = 0
    while line[position:].strip():
        word, position = _next_word(line, position)
        yield word


def _next_word(line: str, position: int) -> tuple[str, int]:
    found = _WORD.match(line, position)
    if found is None or (found.end() < len(line) and not line[found.end()].isspace()):
        raise UsageError(f"a quote is not closed in: {line[position:].strip()}", hint="close it with the same \" or '")
    return "".join(_unquoted(found[1])), found.end()


def _unquoted(word: str) -> Iterator[str]:
    """Yield the pieces of a word without the quotes that hold it together.

    Those inside brackets belong to the text: ``df["price"]`` is how Python writes a column.
    """
    depth = 0
    for piece in _PIECE.finditer(word):
        double, single, plain = piece.groups()
        if plain is not None:
            depth += sum(plain.count(sign) for sign in "[({") - sum(plain.count(sign) for sign in "])}")
            yield plain
        elif depth > 0:
            yield piece[0]
        else:
            yield single if single is not None else re.sub(r"\\(.)", r"\1", double)
