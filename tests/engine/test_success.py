"""What a prompt tells of its task, and of what a call costs."""

import numpy as np
import pytest

from nubem_jupyter.engine.cascade import Outcome, Trade, learn, records_of
from nubem_jupyter.engine.success import (
    held_out_costs,
    held_out_tasks,
    learn_costs,
    learn_tasks,
    vectors,
)

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


def test_equal_texts_have_equal_vectors_whatever_their_case_and_spaces():
    first, second, other = vectors(["Add  two\nnumbers", "add two NUMBERS ", "translate this"])
    assert (first == second).all()
    assert first @ other < 0.3


def test_vectors_have_length_one_and_an_empty_text_has_none():
    found = vectors(["some words", "", "語"])
    assert np.linalg.norm(found, axis=1) == pytest.approx([1, 0, 1])


def test_of_a_long_text_the_end_counts():
    question = "what is the boiling point of water at sea level, in degrees?"
    first, second = vectors(["example one. " * 1000 + question * 80, "another case! " * 1000 + question * 80])
    assert first @ second > 0.99


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


def priced(texts, tasks):
    """A dear model that is paid by the length of the prompt, and one that costs nothing."""
    return records_of(
        Outcome(query=str(row), task=task, model=model, score=1.0, cost_usd=price * len(text))
        for row, (text, task) in enumerate(zip(texts, tasks, strict=True))
        for model, price in (("dear", 0.01), ("free", 0.0))
    )


def test_a_long_prompt_is_expected_to_cost_more_than_others_of_its_task():
    rng = np.random.default_rng(0)
    texts = ["Sum up: " + "word " * int(length) for length in rng.integers(5, 200, 200)]
    reader = learn_costs(priced(texts, ["sum up"] * 200), texts)
    long, short, elsewhere = reader.relative(
        ["Sum up: " + "word " * n for n in (180, 20, 20)], ["sum up", "sum up", ""]
    )
    assert long[0] > 1.2
    assert short[0] < 0.8
    assert long[1] == short[1] == pytest.approx(1.0)
    assert elsewhere[0] == pytest.approx(short[0], rel=0.01), "with one task, any other is like it"
    assert reader.relative(texts, ["sum up"] * 200).mean(axis=0) == pytest.approx([1.0, 1.0])


def test_costs_of_held_out_queries_are_read_from_the_others():
    rng = np.random.default_rng(1)
    texts = ["Sum up: " + "word " * int(length) for length in rng.integers(5, 200, 200)]
    records = priced(texts, ["sum up"] * 200)
    read = held_out_costs(records, texts)
    assert np.corrcoef(read[:, 0], records.cost_usd[:, 0])[0, 1] > 0.8
    assert read.mean(axis=0) == pytest.approx([1.0, 1.0])


def test_a_reworded_prompt_keeps_its_route_where_nobody_says_its_task():
    texts, tasks = zip(*prompts(120), strict=True)
    rng = np.random.default_rng(3)
    skill = {("cheap", "sums"): 0.9, ("dear", "sums"): 0.9, ("cheap", "places"): 0.2, ("dear", "places"): 0.9}
    records = records_of(
        Outcome(query=str(row), task=task, model=model, score=float(rng.random() < skill[model, task]), cost_usd=usd)
        for row, (text, task) in enumerate(zip(texts, tasks, strict=True))
        for model, usd in (("cheap", 0.001 * len(text)), ("dear", 0.01 * len(text)))
    )
    policy, reader, costs = learn(records), learn_tasks(texts, tasks), learn_costs(records, texts)

    def routes(asked):
        read = reader.read(asked)
        outlook = policy.outlook(np.array([policy.task_number(task) for task in read]), costs.relative(asked, read))
        return outlook.best(Trade(per_usd=0.9))

    fresh = [text for text, _ in prompts(200, seed=1)]
    first, second = routes(fresh), routes([reworded(text, rng) for text in fresh])
    assert set(first) == {0, 1}, "the cheap model for sums, the dear one for places"
    assert (first == second).mean() >= 0.95
