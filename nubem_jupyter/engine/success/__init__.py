"""What a prompt tells of itself: which task it is, and how likely each model is to do it right.

Needs NumPy, which is imported with it: import this room late.
"""

from nubem_jupyter.engine.success.prediction import Success, learn_success
from nubem_jupyter.engine.success.tasks import TaskReader, learn_tasks
from nubem_jupyter.engine.success.vectors import vectors

__all__ = ["Success", "TaskReader", "learn_success", "learn_tasks", "vectors"]
