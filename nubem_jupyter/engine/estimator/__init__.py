"""What a step, and a whole flow, is expected to take; predictions are ranges, and an unknown stays unknown."""

from nubem_jupyter.engine.estimator.cascades import predict_cascade
from nubem_jupyter.engine.estimator.prediction import predict
from nubem_jupyter.engine.estimator.sizes import Sizes, known_sizes
from nubem_jupyter.engine.estimator.total import estimate, least_chance, most_cost

__all__ = ["Sizes", "estimate", "known_sizes", "least_chance", "most_cost", "predict", "predict_cascade"]
