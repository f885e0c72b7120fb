"""Cascades of models as candidates for a step, learned from what they did on the same queries.

Needs NumPy, which is imported with it: import this room late.
"""

from nubem_jupyter.engine.cascade.learned import learn_cascades
from nubem_jupyter.engine.cascade.records import Outcome, Records, records_of

__all__ = ["Outcome", "Records", "learn_cascades", "records_of"]
