"""The best choice for every step of a flow at once, proved; and what would be enough where there is none.

Importing it imports numpy, so those who need it do so late.
"""

from nubem_jupyter.engine.assign.front import Front, front
from nubem_jupyter.engine.assign.graph import calls
from nubem_jupyter.engine.assign.limits import Limits
from nubem_jupyter.engine.assign.problem import Assignment, Problem
from nubem_jupyter.engine.assign.relaxation import Relaxation, relaxations

__all__ = ["Assignment", "Front", "Limits", "Problem", "Relaxation", "calls", "front", "relaxations"]
