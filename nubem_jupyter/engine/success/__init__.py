"""What a prompt tells of itself: which task it is, how likely each model is to do it right, and what that costs.

Needs NumPy, which is imported with it: import this room late.
"""

from nubem_jupyter.engine.success.costs import CostReader, held_out_costs, learn_costs
from nubem_jupyter.engine.success.excerpts import read_texts
from nubem_jupyter.engine.success.packed import packed, unpacked
from nubem_jupyter.engine.success.prediction import PromptFit, learn_prompts
from nubem_jupyter.engine.success.tasks import TaskReader, held_out_tasks, learn_tasks
from nubem_jupyter.engine.success.vectors import vectors

__all__ = [
    "CostReader",
    "PromptFit",
    "TaskReader",
    "held_out_costs",
    "held_out_tasks",
    "learn_costs",
    "learn_prompts",
    "learn_tasks",
    "packed",
    "read_texts",
    "unpacked",
    "vectors",
]
