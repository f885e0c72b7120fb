"""Write the usual words that the planner must not take for slips of its own (``planner/words/right``).

Which words are usual comes from wordfreq (R. Speer, https://doi.org/10.5281/zenodo.7199437), which has to be installed
for this: ``pip install wordfreq==3.1.1``.
"""

from __future__ import annotations

import ast
import os
import re
import textwrap
from collections import Counter
from pathlib import Path

import msgspec
import wordfreq

from nubem_jupyter.engine.planner.lexicon import Lexicon
from nubem_jupyter.engine.planner.spelling import meant, parts
from nubem_jupyter.engine.planner.tokens import fold
from nubem_jupyter.engine.planner.words import LEXICONS

FOLDER = Path(__file__).parents[1] / "nubem_jupyter" / "engine" / "planner" / "words" / "right"
USUAL = 30_000
"""Words of each language, the most frequent ones, that are looked at."""
USUAL_SHORT = 20_000
"""The same, of words so short that many of the rarer ones are slips and acronyms."""
SHORT = 4
ORDINARY = 3.3
"""Logarithm (base 10) of how often in a billion words a word stands that is always right."""
ORDINARY_SHORT = 3.6
"""The same of a short word."""
MUCH_RARER = 1.5
"""The same of how much rarer others may be than the word that a slip makes of them."""
OFTEN, VERY_OFTEN = 4, 20
"""How often a technical word has to be said, and a short one."""
TECHNICAL = ("dataclasses", "digests", "ipython", "jupyter", "worklist")
"""Words that are added."""
MISSPELT = (
    "amd anc wha fro thi ther abd som hae jus ust ont mor het hou teh psa dns pou nou quil dei porq dela alos cona "
    "oque atleast recieve beacuse seperate definately becuase untill alot"
)
"""Frequent slips themselves."""


def right_words(words: Lexicon) -> list[str]:
    """Return the usual words, folded and sorted, that would be read as others."""
    bare = msgspec.structs.replace(words, right=frozenset())
    often: dict[str, float] = {}
    for place, written in enumerate(wordfreq.top_n_list(words.code, USUAL)):
        word = fold(written)
        if word.isalpha() and (len(word) > SHORT or place < USUAL_SHORT):
            often[word] = max(often.get(word, 0.0), wordfreq.zipf_frequency(written, words.code))
    if words.code == "en":
        often = technical_words() | often
    return sorted(word for word in often if parts(word, bare) or _is_right(word, meant(word, bare), often))


def technical_words() -> dict[str, float]:
    """Return the words that the standard library's documentation says more than a few times, and how usual they are."""
    said = Counter[str]()
    library = Path(os.__file__).parent
    for file in sorted([*library.glob("*.py"), *library.glob("[a-z]*/*.py")]):
        if "site-packages" in file.parts or "test" in file.parts:
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8", errors="replace"))):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                said.update(re.findall(r"[a-z]{3,}", (ast.get_docstring(node) or "").casefold()))
    found = {
        word: ORDINARY_SHORT if times >= VERY_OFTEN else ORDINARY for word, times in said.items() if times >= OFTEN
    }
    return dict.fromkeys(TECHNICAL, ORDINARY_SHORT) | found


def _is_right(word: str, other: str, often: dict[str, float]) -> bool:
    """Tell whether a word is to be kept from being read as another, which is hardly more frequent."""
    if not other or word in MISSPELT.split():
        return False
    ordinary = ORDINARY if len(word) > SHORT else ORDINARY_SHORT
    return often[word] >= ordinary or often[word] + MUCH_RARER >= often.get(other, 0.0)


def text(words: Lexicon) -> str:
    """Return a module's text."""
    lines = "\n".join(textwrap.wrap(" ".join(right_words(words)), 119))
    title = next(name for name, code in LEXICONS[0].languages.items() if code == words.code)
    return f'"""{title}."""\n\nRIGHT = """\n{lines}\n"""\n'


if __name__ == "__main__":
    for words in LEXICONS:
        (FOLDER / f"{words.code}.py").write_text(text(words), encoding="utf-8")
