"""Prompts that begin alike go where their beginning was read, as long as that may save something."""

from hypothesis import given
from hypothesis import strategies as st

from nubem_jupyter.engine.affinity import BLOCK_CHARS, Affinity, Known, marks_of, within_share

LONG = "x" * BLOCK_CHARS


@given(st.text(max_size=3000), st.text(max_size=3000), st.text(max_size=3000))
def test_equal_beginnings_have_equal_marks_and_others_have_not(begin, one, other):
    marks, others = marks_of([begin + one]), marks_of([begin + other])
    shared = len(begin) // BLOCK_CHARS
    assert marks[:shared] == others[:shared]
    assert len(marks) == len(begin + one) // BLOCK_CHARS
    for place, (mine, theirs) in enumerate(zip(marks, others, strict=False), 1):
        assert (mine == theirs) == ((begin + one)[: place * BLOCK_CHARS] == (begin + other)[: place * BLOCK_CHARS])


def test_texts_are_told_apart_by_where_they_end():
    assert marks_of(["a", LONG]) != marks_of(["", f"a{LONG}"])
    assert marks_of(["short"]) == ()


def test_the_longest_beginning_counts_and_who_was_sent_it_first_comes_first():
    affinity = Affinity()
    short, long = marks_of([LONG]), marks_of([LONG, LONG, LONG])
    affinity.sent("a", short, 0.0)
    affinity.sent("b", long, 1.0)
    affinity.sent("c", long, 2.0)
    found = affinity.known(long, 3.0)
    assert [(one.name, one.blocks, one.is_read) for one in found] == [("b", 3, False), ("c", 3, False)]
    assert [one.name for one in affinity.known(short, 3.0)] == ["a", "b", "c"]
    assert affinity.known(marks_of(["y" * 5000]), 3.0) == ()


def test_a_beginning_is_read_when_a_call_with_it_was_answered_and_forgotten_when_it_is_long_ago():
    affinity, marks = Affinity(), marks_of([LONG])
    affinity.sent("a", marks, 0.0)
    affinity.answered("a", marks, 1.0, None, 0)
    affinity.sent("a", marks, 2.0)
    assert affinity.known(marks, 3.0) == (Known("a", 1, True),)
    assert affinity.known(marks, 3600.0) == ()
    affinity.sent("a", marks, 3600.0)
    assert affinity.known(marks, 3600.0) == (Known("a", 1, False),)


def test_what_is_read_anew_again_and_again_is_not_waited_for_any_more():
    affinity, marks = Affinity(), marks_of([LONG])
    read, unread = Known("a", 1, True), Known("a", 1, False)
    for _ in range(20):
        affinity.answered("a", marks, 0.0, unread, 0)
    assert affinity.pays(read), "calls that were sent together tell nothing"
    for _ in range(4):
        affinity.answered("a", marks, 0.0, read, 0)
    assert affinity.pays(read)
    affinity.answered("a", marks, 0.0, read, 512)
    for _ in range(5):
        assert affinity.pays(read)
        affinity.answered("a", marks, 0.0, read, 0)
    assert not affinity.pays(read)
    assert affinity.pays(Known("a", 8, True)), "a longer beginning may be kept all the same"
    assert affinity.pays(Known("b", 1, True)), "and another deployment may keep this one"


def test_what_is_remembered_has_a_bound():
    affinity = Affinity()
    first = marks_of([f"first{LONG}"])
    affinity.sent("a", first, 0.0)
    for number in range(10_000):
        affinity.sent("a", (number,), 0.0)
    assert affinity.known(first, 0.0) == ()
    assert affinity.known((9_999,), 0.0)


LOADS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 9).map(float)), min_size=1, max_size=5)


@given(LOADS)
def test_somebody_is_always_within_their_share_and_nobody_far_above_it(loads):
    under_way = {str(place): load for place, (load, _) in enumerate(loads)}
    weights = {str(place): weight for place, (_, weight) in enumerate(loads)}
    total, whole = sum(under_way.values()) + 1, sum(weights.values())
    within = [name for name in weights if within_share(name, under_way, weights)]
    assert bool(within) == bool(whole)
    for name in within:
        assert under_way[name] + 1 <= 1.25 * total * weights[name] / whole + 1


def test_calls_one_after_the_other_all_stay():
    assert within_share("a", {"a": 0, "b": 0}, {"a": 1.0, "b": 9.0})
    assert within_share("a", {}, {"a": 1.0})
