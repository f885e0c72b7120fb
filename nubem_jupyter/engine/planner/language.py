"""Which language a request is written in."""

from __future__ import annotations

from nubem_jupyter.engine.planner.grammar import greets
from nubem_jupyter.engine.planner.lexicon import Lexicon
from nubem_jupyter.engine.planner.tokens import tokenize
from nubem_jupyter.engine.planner.typos import find_slips
from nubem_jupyter.engine.planner.words import LEXICONS

_GREETING = 2
"""What a greeting weighs: hardly another word of a short text is so sure a sign."""
_CLOSE = 1
"""By how much another language may fall behind and still be it, once misspelt words are read."""
_SAMPLE_CHARS = 1500
"""How much of either end of a long text tells its language."""
_SHORT_LINE = 400
"""Longest first or last line that is taken for the instruction of a long text."""


def detect_language(text: str) -> Lexicon:
    """Return the lexicon with the most frequent words, letters of its own and verbs in the text; English on a tie."""
    sample = _sample(text)
    words = tuple(token for token in tokenize(sample) if not token.is_quote)
    folded = sample.casefold()

    def score(lexicon: Lexicon) -> int:
        common = sum(lexicon.read(token) in lexicon.common for token in words)
        letters = sum(letter in folded for letter in lexicon.letters)
        verbs = sum(bool(lexicon.verbs_at(words, at)) for at in range(len(words)))
        question = bool(lexicon.match("question", words, 0) or lexicon.match("question", words, 1))
        greeting = _GREETING * greets(words, lexicon)
        return common + letters + verbs + question + greeting

    scores = {lexicon: score(lexicon) for lexicon in LEXICONS}
    best = max(scores.values())
    close = [lexicon for lexicon, found in scores.items() if found >= best - _CLOSE]
    likeliest = max(close, key=scores.__getitem__)
    if len(close) == 1:
        return likeliest

    def reads(lexicon: Lexicon) -> int:
        others = [other for other in LEXICONS if other is not lexicon]
        return score(lexicon.reading(find_slips(sample, lexicon, others))) + (lexicon is likeliest)

    return max(close, key=lambda lexicon: (reads(lexicon), scores[lexicon]))


def read_in(text: str) -> Lexicon:
    """Return the lexicon of a text's language that reads its misspelt words as they were meant.

    What is an English word is no slip in any language: code and tools speak English.
    """
    plain = detect_language(text)
    return plain.reading(find_slips(text, plain, [LEXICONS[0]] if plain is not LEXICONS[0] else []))


def _sample(text: str) -> str:
    """Return what tells the language: of a long text its short first or last line, else both ends."""
    if len(text) <= 2 * _SAMPLE_CHARS:
        return text
    start, end = text[:_SAMPLE_CHARS], text[-_SAMPLE_CHARS:]
    lines = (start.strip().partition("\n")[0], end.strip().rpartition("\n")[2])
    short = [line for line in lines if len(line) <= _SHORT_LINE]
    return "\n".join(short or (start, end))
