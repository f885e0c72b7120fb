"""What a prompt tells of how likely each model is to do it right.

Needs NumPy, which is imported with it: import this room late.
"""

from nubem_jupyter.engine.success.excerpts import read_texts
from nubem_jupyter.engine.success.packed import packed, unpacked
from nubem_jupyter.engine.success.prediction import PromptFit, learn_prompts
from nubem_jupyter.engine.success.vectors import vectors

__all__ = [
    "PromptFit",
    "learn_prompts",
    "packed",
    "read_texts",
    "unpacked",
    "vectors",
]
