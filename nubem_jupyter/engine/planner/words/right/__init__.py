"""Usual words that are spelt right although a slip could make them of one that the planner knows; a module a language.

``tools/write_right_words.py`` finds them; run it again when words are added to a lexicon. How usual a word is comes
from the data of wordfreq (R. Speer), whose licence is CC BY-SA 4.0.
"""
