"""One module a language, each with a ``WORDS``; to add a language, add a module and name it here."""

from __future__ import annotations

from nubem_jupyter.engine.planner.lexicon import Lexicon
from nubem_jupyter.engine.planner.words import de, en, es, fr, pt

LEXICONS: tuple[Lexicon, ...] = (en.WORDS, es.WORDS, fr.WORDS, de.WORDS, pt.WORDS)
"""English first: it is taken when nothing tells the language."""
