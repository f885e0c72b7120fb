"""Slips of the hand in a request: misspelt words, which are read as meant, and blanks that are missing or too many.

Only words that the planner does not know are read as others, and only as ones that it knows. Quotations, names in
braces, paths, acronyms and names of people stay as they are, and so do usual words that are merely like a known one.
Letters are never changed in the text: prompts keep the words that were written.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from nubem_jupyter.engine.planner.lexicon import Lexicon
from nubem_jupyter.engine.planner.spelling import is_word, meant, parts
from nubem_jupyter.engine.planner.tokens import Token, tokenize

_BEFORE = "('’¿¡"
_AFTER = re.compile(r"\s|[,;:.!?)…]+(\s|$)|[-‐][^\W\d_]{1,4}\b")
_READ_CHARS = 3000
"""How much of either end of a text is read: instructions stand there."""
_NAME = 5
"""Letters of the longest word that a capital inside of a sentence makes a name."""
_SHORTEST_SPLIT = 5
"""Letters of a word that is put together where a blank parts it."""


def find_slips(text: str, lexicon: Lexicon, others: Sequence[Lexicon] = ()) -> dict[str, str]:
    """Return the misspelt words of a text, folded, each with what was meant; two in one, with the one that tells more.

    What is a word of one of the ``others`` is no slip.
    """
    ends = (text,) if len(text) <= 2 * _READ_CHARS else (text[:_READ_CHARS], text[-_READ_CHARS:])
    found = {}
    for part in ends:
        for token in _plain(part, lexicon):
            if any(is_word(token.word, other) or token.word in other.right for other in others):
                continue
            right = meant(token.word, lexicon)
            joined = "" if right else max(parts(token.word, lexicon), key=len, default="")
            if right or joined:
                found[token.word] = right or joined
    return found


def space(text: str, lexicon: Lexicon) -> str:
    """Return a text with blanks between words that are written as one, and none inside of one that is parted."""
    done, pieces = 0, []
    lexicon = lexicon.whole or lexicon
    tokens = _plain(text, lexicon)
    for token, after in pairwise((*tokens, Token("", "", len(text), len(text)))):
        cut = _cut(token, lexicon)
        if cut:
            pieces += [text[done : token.start + cut], " "]
            done = token.start + cut
        elif after.word and text[token.end : after.start] == " " and _is_parted(token.word, after.word, lexicon):
            pieces.append(text[done : token.end])
            done = after.start
    return "".join([*pieces, text[done:]])


def _cut(token: Token, lexicon: Lexicon) -> int:
    """Return after how many letters a blank is missing; 0 where none is."""
    if len(token.word) != len(token.text):
        return 0
    if token.text.isupper() or token.text[1:] == token.text[1:].lower():
        return len((*parts(token.word, lexicon), "")[0])
    at = next(place for place, letter in enumerate(token.text) if place and letter.isupper())
    both = is_word(token.word[:at], lexicon) and is_word(token.word[at:], lexicon)
    return at if at > 1 and both and token.text[:at].islower() and not is_word(token.word, lexicon) else 0


def _is_parted(left: str, right: str, lexicon: Lexicon) -> bool:
    known = (is_word(left, lexicon) or left in lexicon.right) and (is_word(right, lexicon) or right in lexicon.right)
    return not known and len(left + right) >= _SHORTEST_SPLIT and is_word(left + right, lexicon)


def _plain(text: str, lexicon: Lexicon) -> tuple[Token, ...]:
    """Return the words of a text that may hold a slip."""
    whole = text.isupper()
    return tuple(
        token
        for token in tokenize(text)
        if token.text.isalpha() and _stands_alone(text, token) and not _is_name(text, token, lexicon, shouts=whole)
    )


def _stands_alone(text: str, token: Token) -> bool:
    """Tell whether a word is no part of a path, an address or a name with marks in it."""
    before, after = text[token.start - 1 : token.start], text[token.end : token.end + 6]
    return (not before or before in _BEFORE or before.isspace()) and (not after.strip() or bool(_AFTER.match(after)))


def _is_name(text: str, token: Token, lexicon: Lexicon, *, shouts: bool) -> bool:
    """Tell whether a word's capitals make it an acronym, or a short one inside of a sentence a name."""
    if shouts or token.text.islower() or len(token.text) > _NAME:
        return False
    begins = not text[: token.start].rstrip(" ('’¿¡")[-1:].strip(".!?:\n")
    return token.text.isupper() or not (begins or lexicon.verb_last)
