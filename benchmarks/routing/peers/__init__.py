"""Other ways to route: each reads a prompt, predicts every model's score, and takes one model."""

from benchmarks.routing.peers.learners import LEARNERS, Learner

__all__ = ["LEARNERS", "Learner"]
