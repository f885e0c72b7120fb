import pytest
from hypothesis import given
from hypothesis import strategies as st

from nubem_jupyter.core.evaluation import EvalCase
from nubem_jupyter.engine.evaluator import scorer
from nubem_jupyter.errors import EvaluationError

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.text("ab", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("xy", max_size=2), inner, max_size=3),
    max_leaves=8,
)


def score(spec, answer, target):
    return scorer(spec).score(answer, EvalCase(inputs={"input": ""}, target=target, id="one"))


@pytest.mark.parametrize(
    ("spec", "answer", "target", "expected"),
    [
        ("exact", "  Positive\n", "positive", 1),
        ("exact", "Positive.", "positive", 0),
        ("exact:case", "Positive", "positive", 0),
        ("exact", "yes", ["y", "yes"], 1),
        ("exact", ["y"], ["y"], 1),
        ("exact", 4, 4, 1),
        ("contains", "It is PARIS, of course", "paris", 1),
        ("contains:case", "It is PARIS", "paris", 0),
        ("contains", "dog in the kitchen", ["dog", ["kitchen", "cookhouse"]], 1),
        ("contains", "dog in the garden", ["dog", ["kitchen", "cookhouse"]], 0),
        ("contains:share", "dog in the garden", ["dog", "kitchen"], 0.5),
        ("contains:share,max_words=3", "dog in the kitchen", ["dog"], 0),
        ("contains", {"a": 5}, 5, 1),
        ("number", "12 + 30 is 42.", 42, 1),
        ("number", "It is 1,024 bytes", "1024", 1),
        ("number", "41.995", 42, 0),
        ("number:tolerance=0.01", "41.995", 42, 1),
        ("number", 42, 42, 1),
        ("number", "no idea", 42, 0),
        ("regex", "call 555-1234", r"\d{3}-\d{4}", 1),
        ("regex", "call me", r"\d", 0),
        ("regex:^[a-z]+$", "abc", None, 1),
        ("json", '{"a": 1, "b": [true, null]}', {"b": [True, None], "a": 1.0}, 1),
        ("json", '```json\n{"a": 1}\n```', '{"a": 1}', 1),
        ("json", '{"a": 1, "b": 2}', {"a": 1}, 0),
        ("json", '{"a": "  X y"}', {"a": "x Y"}, 1),
        ("json:case", '{"a": "X"}', {"a": "x"}, 0),
        ("json", '{"a": true}', {"a": 1}, 0),
        ("json:tolerance=0.5", [1.4, 2], [1, 2], 1),
        ("json:partial", '{"a": 1, "b": 3}', {"a": 1, "b": 2}, 0.5),
        ("json:partial", '{"a": 1}', {"a": 1, "b": {}}, 0.5),
        ("json", "not JSON at all", {"a": 1}, 0),
        ("json", "word", "WORD", 1),
    ],
)
def test_scores(spec, answer, target, expected):
    found = score(spec, answer, target)
    assert found.value == pytest.approx(expected)
    assert bool(found.explanation) == (expected < 1)


def test_an_explanation_names_what_is_wrong():
    assert score("json:partial", '{"a": {"b": 1}}', {"a": {"b": 2}, "c": 3}).explanation == (
        "wrong: a.b is 1, not 2, c is missing, not 3"
    )
    assert score("contains", "x", ["dog", ["cat", "kitten"]]).explanation == "lacks 'dog', 'cat' or 'kitten'"


def test_a_scorer_is_called_by_its_specification():
    assert scorer("json:partial").name == "json:partial"


@pytest.mark.parametrize(
    ("spec", "message", "hint"),
    [
        ("exakt", "no scorer 'exakt'", "did you mean 'exact'"),
        ("???", "no scorer", "use one of: exact contains number json regex"),
        ("json:partal", "no option 'partal'", "did you mean 'partial'"),
        ("exact:zzzz", "no option 'zzzz'", "it has: case"),
        ("json:partial=1", "written wrongly", "write partial"),
        ("json:tolerance", "written wrongly", "write tolerance=NUMBER"),
        ("json:tolerance=few", "tolerance is 'few'", ""),
        ("json:tolerance=nan", "tolerance is 'nan'", ""),
        ("json:tolerance=-1", "not a number of 0 or more", ""),
        ("regex:(", "not a regular expression", ""),
    ],
)
def test_a_wrong_specification_is_refused(spec, message, hint):
    with pytest.raises(EvaluationError) as caught:
        scorer(spec)
    assert message in caught.value.message
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("spec", "target", "message"),
    [("regex", "(", "case 'one' is not a regular"), ("number", "many", "case 'one' is not a number")],
)
def test_a_target_that_cannot_be_used_names_its_case(spec, target, message):
    with pytest.raises(EvaluationError, match=message):
        score(spec, "1", target)


@given(json_values, json_values)
def test_json_scores_are_whole_exactly_when_they_are_full(answer, target):
    whole, partial = score("json", answer, target).value, score("json:partial", answer, target).value
    assert 0 <= partial <= 1
    assert (whole == 1) == (partial == 1)


@given(json_values)
def test_a_value_is_right_by_itself(value):
    assert score("json", value, value).value == 1
