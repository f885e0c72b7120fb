"""Texts that are written a little otherwise are found alike; what decides an answer keeps them apart."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nubem_jupyter.core.constraint import SecurityLevel
from nubem_jupyter.core.work import Prompt
from nubem_jupyter.engine.false_hits import counted, must_check, too_many
from nubem_jupyter.engine.nearest import Match, Nearest, most_differing
from nubem_jupyter.engine.similar_marks import fold, read
from nubem_jupyter.engine.similarity import (
    BITS,
    LONGEST,
    Signature,
    agree,
    filled,
    likeness,
    scope_of,
    signature,
    similarity,
)
from nubem_jupyter.errors import FlowError
from nubem_jupyter.testing.strategies import json_values, model_ids
from nubem_jupyter.testing.strategies.works import prompts

LOW = SecurityLevel.LOW
SLOW = settings(deadline=None, max_examples=60)
TEXTS = st.text(max_size=60) | st.text(alphabet="ab .'\"1n-你不", max_size=30)


def alike(first, second):
    return similarity(signature(first), signature(second))


# How alike.


@SLOW
@given(TEXTS, TEXTS)
def test_similarity_is_symmetric_and_1_for_equal_texts(first, second):
    assert alike(first, first) == 1
    assert alike(first, second) == alike(second, first)
    assert 0 <= alike(first, second) <= 1


@SLOW
@given(st.text(alphabet="abcdef ", max_size=40))
def test_case_at_a_sentences_end_and_spaces_do_not_count(text):
    assert alike(text, f"  {text}.") == 1


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("how do i reset the password of my account", "how can i reset the password of my account"),
        ("I would like to change the address of my order", "I would like to change the adress of my order"),
        ("¿Cómo puedo cambiar la dirección de mi pedido?", "Cómo puedo cambiar la dirección del pedido"),
        ("wo finde ich die rechnung zu meiner bestellung", "wo finde ich die rechnung für meine bestellung"),
        ("comment puis-je modifier mon adresse de livraison", "comment je peux modifier mon adresse de livraison"),
        ("como posso mudar o endereço de entrega", "como eu posso mudar o endereço da entrega"),
        ("请问怎么修改我的收货地址", "请问怎样修改我的收货地址"),
        ("أريد إلغاء طلبي من فضلك وشكرا", "أريد إلغاء طلبي من فضلكم وشكرا"),
    ],
)
def test_the_same_in_other_words_is_more_alike_than_something_else(first, second):
    assert alike(first, second) > 0.6
    assert alike(first, "zzz " + first[::-1]) < 0.5


@SLOW
@given(st.integers(0, BITS), st.integers(0, BITS))
def test_the_more_bits_differ_the_less_alike(one, other):
    assert (likeness(one) >= likeness(other)) or one > other
    assert (likeness(0), likeness(BITS)) == (1, 0)


def test_a_text_that_is_too_long_has_no_signature():
    assert signature("a" * LONGEST) is not None
    assert signature("a" * (LONGEST + 1)) is None


def test_half_a_character_is_a_character_like_any_other():
    assert alike("a \ud800", "a \ud800") == 1
    assert alike("1\ud800", "1\ud801") == 0


# What keeps texts apart.


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("refund 5 of my items please", "refund 6 of my items please"),
        ("three days late", "four days late"),
        ("tres cajas rotas", "cuatro cajas rotas"),
        ("it costs 3.5 in all", "it costs 35 in all"),
        ("it is -5 outside now", "it is 5 outside now"),
        (".5 of it", "5 of it"),
        ("due on 2024-05-01 at noon", "due on 2024-05-02 at noon"),
        ("due in may at noon", "due in june at noon"),
        ("llega el lunes a casa", "llega el martes a casa"),
        ("order AB-12 is late", "order AB-13 is late"),
        ("call foo_bar here", "call foo_baz here"),
        ("see a.b/c for more", "see a.b/d for more"),
        ("x > y holds here", "x < y holds here"),
        ('what does "set" mean here', 'what does "sets" mean here'),
        ("what does «oui» mean here", "what does «non» mean here"),
        ("说「好」的人", "说「坏」的人"),
        ("it is working well", "it is not working well"),
        ("it does work well", "it doesn't work well"),
        ("I can come over", "I cannot come over"),
        ("funciona bien hoy", "no funciona bien hoy"),
        ("ça marche bien", "ça ne marche pas bien"),
        ("c'est bon et il a fini", "c'est bon et il n'a fini"),
        ("es geht gut", "es geht nicht gut"),
        ("funciona bem aqui", "não funciona bem aqui"),
        ("我想退货了", "我不想退货了"),
        ("أريد إلغاء الطلب", "لا أريد إلغاء الطلب"),
        ("run 5 km a week", "run 5 miles a week"),
        ("how far is that in miles", "how far is that in metres"),
        ("跑了5公里", "跑了5公斤"),
        ("跑了5", "跑了6"),
        ("٥ كتب جديدة", "٦ كتب جديدة"),
        ("the flight to Paris was late", "the flight to London was late"),
        ("Paris was sunny and warm", "London was sunny and warm"),
        ("IBM is doing well", "AMD is doing well"),
        ("did France beat Spain then", "did Spain beat France then"),
        ("where is my iPhone now", "where is my iPad now"),
        ("open it before lunch", "open it after lunch"),
    ],
)
def test_what_decides_an_answer_forbids_a_match_however_alike_the_rest(first, second):
    assert alike(first, second) == 0
    assert alike(f"{first} " * 10, f"{first} " * 9 + second) == 0


@SLOW
@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_texts_with_other_numbers_never_match(one, other):
    assert (alike(f"pay {one} euros", f"pay {other} euros") == 1) == (one == other)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("I've 2 cats", "I've two cats"),
        ("٥ apples", "5 apples"),
        ("it isn’t here", "It isn't here"),
        ("it's done: well", "it's done – well..."),
        ("Where is it", "where is it?"),
        ("five! apples", "5; apples"),
    ],
)
def test_what_is_only_written_otherwise_is_the_same(first, second):
    assert alike(first, second) == 1


def test_marks_are_told_from_words_in_their_order():
    reading = read("Ask Ana for 5 kg, not 'six', n'est.")
    assert reading.marks == ["name:ask", "name:ana", "code:5", "unit:kg", "word:not", "quote:six", "word:ne"]
    assert reading.words == ["", "", "for", "", "", "", "", "", "est"]


def test_what_one_input_says_another_does_not():
    """Inputs that change places are another question, and so are words that move from one input to another."""
    prompt = Prompt(prompt="Which is larger, {a} or {b.c}? {a}", system="Be {tone}.")

    def text(a, b, tone="dry"):
        return filled(prompt, {"a": a, "b": {"c": b, "d": "unused"}, "tone": tone})

    assert "unused" not in text("x", "y")
    assert alike(text("the red house", "a small dog"), text("a small dog", "the red house")) < 0.5
    assert alike(text("5", "cats"), text("", "5 cats")) == 0
    assert alike(text("x", "y", "dry"), text("x", "dry", "y")) < 0.9
    with pytest.raises(FlowError, match="no value"):
        filled(prompt, {"a": "x"})


# What must be equal.


@SLOW
@given(prompts(), prompts(), model_ids, st.sampled_from(SecurityLevel))
def test_a_scope_is_one_prompt_model_and_level(first, second, model, level):
    wire = msgspec.json.encode
    same = wire(first) == wire(second)
    assert (scope_of(first, model, level) == scope_of(second, model, level)) == same
    assert scope_of(first, model, level) != scope_of(first, model + "x", level)
    others = set(SecurityLevel) - {level}
    assert all(scope_of(first, model, level) != scope_of(first, model, other) for other in others)


def test_every_field_of_a_prompt_is_in_its_scope():
    prompt = Prompt(prompt="{a}")
    changes = {"max_tokens": 9, "temperature": 1.0, "seed": 1, "schema": {}, "similar": 0.9, "output": "label"}
    changes |= {"check": "assert answer", "system": "s", "prompt": "{a}!", "examples": ({"given": "a", "answer": "b"},)}
    assert set(changes) == set(Prompt.__struct_fields__)
    changed = [
        msgspec.convert({"prompt": "{a}", name: value, "kind": "model"}, Prompt) for name, value in changes.items()
    ]
    assert len({scope_of(one, "m/a", LOW) for one in (prompt, *changed)}) == len(changes) + 1


# The nearest.


def bits(count):
    return (1 << count) - 1


def test_the_nearest_of_the_same_marks_is_found_if_it_is_alike_enough():
    calls = Nearest(10)
    for count, key in ((0, "none"), (40, "some"), (200, "many")):
        calls.put(Signature(b"m", bits(count)), key)
    calls.put(Signature(b"other", bits(45)), "other marks")
    assert calls.find(Signature(b"m", bits(45)), 0.9) == Match("some", likeness(5))
    assert calls.find(Signature(b"m", bits(700)), 0.9) is None
    assert calls.find(Signature(b"unknown", 0), 0.1) is None
    assert calls.find(Signature(b"m", bits(40)), 1) == Match("some", 1.0)


@SLOW
@given(st.integers(0, BITS // 2))
def test_a_likeness_allows_the_bits_that_it_comes_from(count):
    assert most_differing(likeness(count)) == count


def test_the_oldest_go_and_what_is_dropped_is_found_no_more():
    calls = Nearest(3)
    for number in range(5):
        calls.put(Signature(b"m", number << 300), f"k{number}")
    calls.put(Signature(b"m", 3 << 300), "k3 again")
    assert len(calls) == 3
    assert calls.find(Signature(b"m", 3 << 300), 1) == Match("k3 again", 1.0)
    assert calls.find(Signature(b"m", 0), 1) is None
    for key in ("k2", "k4", "k3 again", "never there"):
        calls.drop(key)
    assert len(calls) == 0
    assert calls.find(Signature(b"m", 0), 0.1) is None


# Whether answers agree, and what their checks say.


@SLOW
@given(json_values(6))
def test_every_value_agrees_with_itself(value):
    assert agree(value, value)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("Positive.", " positive", True),
        ("New  York!", "new york", True),
        ("positive", "negative", False),
        ("3.5", "35", False),
        ("-5", "5", False),
        (".5", "5", False),
        (1, 1.0, True),
        (1, True, False),
        (True, True, True),
        (1, "1", False),
        (None, None, True),
        (["A", 2], ("a", 2.0), True),
        (["a", "b"], ["b", "a"], False),
        (["a"], ["a", "a"], False),
        ({"x": "A", "y": [1]}, {"y": [1], "x": "a"}, True),
        ({"x": 1}, {"x": 2}, False),
        ({"x": 1}, {"y": 1}, False),
        ({"x": 1}, [1], False),
    ],
)
def test_values_agree_where_only_case_spaces_and_punctuation_of_texts_differ(first, second, expected):
    assert agree(first, second) is agree(second, first) is expected


def test_folding_keeps_the_words():
    assert fold(" «Ja», … (nein)! ") == ["ja", "nein"]


def test_the_first_hits_are_checked_and_then_a_share():
    assert all(must_check(checked, draw) for checked in range(20) for draw in (0.0, 0.5, 0.99))
    assert must_check(20, 0.049)
    assert not must_check(20, 0.05)


def test_answers_are_given_no_more_when_too_many_are_wrong_for_sure():
    assert not too_many(counted(0, 0))
    assert not too_many(counted(19, 19)), "none was given yet"
    assert not too_many(counted(20, 2))
    assert too_many(counted(20, 3))
    assert not too_many(counted(1000, 50))
    found = counted(40, 1)
    assert (found.checked, found.wrong, found.rate.value) == (40, 1, 0.025)
    assert found.rate.low == pytest.approx(0.0044, abs=1e-4)
    assert found.rate.high == pytest.approx(0.1288, abs=1e-4)
