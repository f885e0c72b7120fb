"""Models alone and in cascades as candidates for a step, learned from what they did on the same queries.

Needs NumPy, which is imported with it: import this room late.
"""

from nubem_jupyter.engine.cascade.cascade import Accept, Ask, Cascade, advance
from nubem_jupyter.engine.cascade.learned import learn_cascades
from nubem_jupyter.engine.cascade.operating import Limits, Point, operating_point, points, trades
from nubem_jupyter.engine.cascade.policy import Option, Policy, Trade, learn
from nubem_jupyter.engine.cascade.records import NOTHING, Outcome, Records, records_of
from nubem_jupyter.engine.sharing import LEAST_CASES

__all__ = [
    "LEAST_CASES",
    "NOTHING",
    "Accept",
    "Ask",
    "Cascade",
    "Limits",
    "Option",
    "Outcome",
    "Point",
    "Policy",
    "Records",
    "Trade",
    "advance",
    "learn",
    "learn_cascades",
    "operating_point",
    "points",
    "records_of",
    "trades",
]
