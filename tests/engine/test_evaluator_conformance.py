"""Every scorer is held to what evaluations ask of scorers."""

from nubem_jupyter.core.evaluation import EvalCase
from nubem_jupyter.engine.evaluator import scorer
from nubem_jupyter.testing.conformance import ScorerConformance


def case(target):
    return EvalCase(inputs={"input": "x"}, target=target, id="one")


class TestExact(ScorerConformance):
    def make(self):
        return scorer("exact")

    def right(self):
        return [("Yes ", case("yes")), ([1], case([1]))]

    def wrong(self):
        return [("no", case("yes")), (None, case("yes"))]


class TestContains(ScorerConformance):
    def make(self):
        return scorer("contains:share,max_words=9")

    def right(self):
        return [("the red door", case(["red", ["door", "gate"]]))]

    def wrong(self):
        return [("the red wall", case(["red", "door"])), ("red door " * 9, case("red"))]


class TestNumber(ScorerConformance):
    def make(self):
        return scorer("number:tolerance=0.5")

    def right(self):
        return [("about 42.2", case(42)), (42, case("42"))]

    def wrong(self):
        return [("43", case(42)), ({}, case(42))]


class TestRegex(ScorerConformance):
    def make(self):
        return scorer("regex")

    def right(self):
        return [("a1", case(r"\d"))]

    def wrong(self):
        return [("a", case(r"\d"))]


class TestJson(ScorerConformance):
    def make(self):
        return scorer("json:partial")

    def right(self):
        return [('{"a": [1, "x"]}', case({"a": [1, "X"]}))]

    def wrong(self):
        return [('{"a": [1]}', case({"a": [1, "x"]})), ("", case({"a": 1}))]
