"""The task of a prompt is read where nobody says it, and a rewording keeps it."""

import numpy as np

from benchmarks.routing.choosing import Chooser
from benchmarks.routing.ours import candidates
from benchmarks.routing.tables import Table
from benchmarks.routing.tasks import held_out_tasks, learn_tasks

ARITHMETIC = "Work out {} plus {} and write only the number."
CAPITALS = "Which city is the capital of country {} beside {}?"


def prompts(count, seed=0):
    rng = np.random.default_rng(seed)
    for number in range(count):
        text = (ARITHMETIC, CAPITALS)[number % 2].format(*rng.integers(10, 99, 2))
        yield text, ("sums", "places")[number % 2]


def reworded(text, rng):
    """Another case, more spaces, and one pair of letters that changed places."""
    letters = list(text.upper() if rng.random() < 0.5 else text.lower())
    at = int(rng.integers(0, len(letters) - 1))
    letters[at], letters[at + 1] = letters[at + 1], letters[at]
    return "  ".join("".join(letters).split(" ")) + "\n"


def test_the_task_is_read_from_the_prompt_and_a_rewording_keeps_it():
    texts, tasks = zip(*prompts(80), strict=True)
    reader = learn_tasks(texts, tasks)
    fresh, expected = zip(*prompts(100, seed=1), strict=True)
    assert reader.read(fresh) == expected
    rng = np.random.default_rng(2)
    kept = sum(reader.read([reworded(text, rng)]) == (task,) for text, task in zip(fresh, expected, strict=True))
    assert kept >= 95


def test_tasks_that_were_held_out_are_mistaken_as_a_reader_mistakes_them():
    texts, tasks = zip(*prompts(120), strict=True)
    assert held_out_tasks(texts, tasks) == tasks
    rng = np.random.default_rng(4)
    anything = tuple(str(task) for task in rng.choice(["one", "other"], len(texts)))
    assert np.mean([read == task for read, task in zip(held_out_tasks(texts, anything), anything, strict=True)]) < 0.7


def test_a_reworded_prompt_keeps_its_route_where_nobody_says_its_task():
    texts, tasks = zip(*prompts(120), strict=True)
    rng = np.random.default_rng(3)
    skill = {("cheap", "sums"): 0.9, ("dear", "sums"): 0.9, ("cheap", "places"): 0.2, ("dear", "places"): 0.9}
    score = np.array([[float(rng.random() < skill[model, task]) for model in ("cheap", "dear")] for task in tasks])
    table = Table(
        models=("cheap", "dear"),
        query_ids=tuple(map(str, range(len(texts)))),
        datasets=tasks,
        prompts=texts,
        score=score,
        cost=np.array([[0.001, 0.01]] * len(texts)),
        latency=None,
        out_tokens=None,
        answers=((None, None),) * len(texts),
    )
    reader = learn_tasks(texts, tasks)
    chosen = Chooser(candidates(table, {}), tasks).within(0.006, None)

    def routes(asked):
        return np.array([chosen[task].model for task in reader.read(asked)])

    fresh = [text for text, _ in prompts(200, seed=1)]
    first, second = routes(fresh), routes([reworded(text, rng) for text in fresh])
    assert set(first) == {"cheap", "dear"}, "the cheap model for sums, the dear one for places"
    assert (first == second).mean() >= 0.95
