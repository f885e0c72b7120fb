"""Which language a request is written in."""

from __future__ import annotations

from nubem_jupyter.engine.planner.lexicon import Lexicon
from nubem_jupyter.engine.planner.tokens import tokenize
from nubem_jupyter.engine.planner.words import LEXICONS


def detect_language(text: str) -> Lexicon:
    """Return the lexicon with the most frequent words, letters of its own and verbs in the text; English on a tie."""
    words = tuple(token for token in tokenize(text) if not token.is_quote)
    folded = text.casefold()

    def score(lexicon: Lexicon) -> int:
        common = sum(token.word in lexicon.common for token in words)
        letters = sum(letter in folded for letter in lexicon.letters)
        verbs = sum(bool(lexicon.verbs_at(words, at)) for at in range(len(words)))
        question = bool(lexicon.match("question", words, 0) or lexicon.match("question", words, 1))
        return common + letters + verbs + question

    return max(LEXICONS, key=score)
