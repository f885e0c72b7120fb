"""What is kept for equal and similar calls is told in a few words."""

import re

import msgspec

from nubem_jupyter.core.cache import CacheStats
from nubem_jupyter.core.plan import Range
from nubem_jupyter.core.run import NodeRun, NodeState
from nubem_jupyter.core.similar import FalseHits, SimilarStep
from nubem_jupyter.render.badges import run_badges
from nubem_jupyter.render.bundle import bundle
from nubem_jupyter.render.cached import at_hand, cache_rows, forgotten, similar_note, similar_rows, wrong
from nubem_jupyter.render.outline import outline


def found(checked, wrong_ones, low=0.0, high=0.13):
    value = wrong_ones / checked if checked else 0.5
    return FalseHits(checked=checked, wrong=wrong_ones, rate=Range(low=low, value=value, high=high))


def step(similarity=None, false_hits=None):
    return NodeRun(
        path="a", kind="model", state=NodeState.FINISHED, cached=True, similarity=similarity, false_hits=false_hits
    )


def test_how_often_a_similar_answer_was_wrong_is_told_with_how_little_is_known():
    assert wrong(found(0, 0)) == "not checked yet"
    assert wrong(found(1, 1, 0.207, 1.0)) == "wrong in 1 of 1 check (21–100 %)"
    assert wrong(found(40, 1)) == "wrong in 1 of 40 checks (0–13 %)"


def test_a_step_says_how_alike_the_call_was_whose_answer_it_was_given():
    assert similar_note([step()]) == ""
    assert similar_note([step(0.941)]) == "at hand from a similar call, 0.94"
    one = step(0.94, found(40, 1))
    assert similar_note([step(), one]) == "at hand from a similar call, 0.94; wrong in 1 of 40 checks (0–13 %)"
    said = similar_note([one, step(0.9, found(41, 1))])
    assert said == "at hand from 2 similar calls, 0.90 or more; wrong in 1 of 41 checks (0–13 %)"


def test_a_run_says_it_in_its_table_and_its_outline(cached_run):
    change = {"similarity": 0.94, "false_hits": found(40, 1)}
    nodes = [msgspec.structs.replace(node, **change) if node.path == "review" else node for node in cached_run.nodes]
    run = msgspec.structs.replace(cached_run, nodes=tuple(nodes))
    note = "at hand from a similar call, 0.94; wrong in 1 of 40 checks (0–13 %)"
    assert note in " ".join(outline(run.plan.flow, run_badges(run)).split())
    assert f"saved; {note})" in re.sub(r"\s+", " ", bundle(run)["text/plain"])


def test_where_a_value_came_from_is_told_while_a_run_goes_on():
    assert (at_hand(None, 0.0), at_hand(None, 0.25)) == ("cached", "cached, $0.25 saved")
    assert at_hand(0.94, 0.25) == "cached from a similar call (0.94), $0.25 saved"


def test_steps_that_take_similar_answers_are_listed():
    steps = (
        SimilarStep(place="support/sort", entries=1234, false_hits=found(40, 1)),
        SimilarStep(place="", entries=1, false_hits=found(20, 9), trouble="too many are wrong"),
    )
    assert similar_rows(steps) == (
        ("support/sort", "1,234", "wrong in 1 of 40 checks (0–13 %)", "given"),
        ("not named", "1", "wrong in 9 of 20 checks (0–13 %)", "too many are wrong"),
    )


def test_the_size_is_told_with_its_limit_where_there_is_one():
    stats = CacheStats(entries=1234, bytes=5_000_000, limit_bytes=100_000_000, place="here")
    assert cache_rows(stats, "") == (("kept in", "here"), ("entries", "1,234"), ("size", "5.0 MB of 100 MB"))
    boundless = CacheStats(entries=0, bytes=0, place="there")
    assert cache_rows(boundless, "it is slow")[2:] == (("size", "0.0 MB"), ("trouble", "it is slow"))


def test_how_much_was_forgotten_is_told():
    assert (forgotten(0), forgotten(1)) == ("0 entries were forgotten.", "1 entry was forgotten.")
