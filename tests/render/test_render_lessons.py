"""What an evaluation changed for routing is told in the report."""

import pytest

from nubem_jupyter.core import wire
from nubem_jupyter.core.evaluation import Evaluation, Lesson
from nubem_jupyter.render.bundle import bundle


def told(lesson):
    made = Evaluation(dataset="d", scorer="exact", capability="classify", samples=(), means=(), lesson=lesson)
    assert wire.load(wire.dump(made), Evaluation) == made
    return bundle(made)


@pytest.mark.parametrize("form", ["text/plain", "text/html"])
def test_what_counts_and_what_cascades_there_are_is_said(form):
    lesson = Lesson(cases={"x/a": 1, "x/b": 1200}, cascades=("x/a + x/b then x/c",))
    page = told(lesson)[form]
    assert "as evidence for classify: x/a (1 case), x/b (1,200 cases)." in page
    assert "may now choose a cascade for such steps: x/a + x/b then x/c." in page


def test_why_nothing_counts_and_why_there_is_no_cascade_is_said():
    page = told(Lesson(uncounted="no capability", no_cascade="too few"))["text/plain"]
    assert "Counts as evidence of no model: no capability." in page
    assert "No cascade is offered for such steps: too few." in page
    page = told(Lesson(uncounted="no capability"))["text/plain"]
    assert "cascade" not in page


def test_an_evaluation_of_an_earlier_version_says_nothing_of_it():
    assert "ounts" not in told(None)["text/plain"]


def test_of_many_models_some_are_named():
    page = told(Lesson(cases={f"x/{number}": 3 for number in range(9)}))["text/plain"]
    assert "x/5 (3 cases) and 3 more." in page
