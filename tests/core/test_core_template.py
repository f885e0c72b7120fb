"""Templates: placeholders are filled, escapes are undone, and every other brace is text."""

import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nubem_jupyter.core.run import NodeState
from nubem_jupyter.core.template import as_text, escape, filled_in, placeholders, render
from nubem_jupyter.errors import FlowError
from nubem_jupyter.testing.strategies import json_values

BRACED = st.text(alphabet="{}ab. -\n\"'é", max_size=24)


@pytest.mark.parametrize(
    ("template", "shown"),
    [
        ("Hello {name}!", "Hello Ana!"),
        ("{name}{name}", "AnaAna"),
        ("{{name}}", "{name}"),
        ("{{}}", "{}"),
        ('{{"a": 1}}', '{"a": 1}'),
        ('{"a": {"b": 1}}', '{"a": {"b": 1}}'),
        ('{"a": {"b": {name}}}', '{"a": {"b": Ana}}'),
        ("{ name }", "{ name }"),
        ("{name", "{name"),
        ("}} {{", "}} {{"),
        ("{people.0.first-name}", "Eva"),
        ("{people.0.tags.1}", "y"),
        ("{people.9.first-name}|{people.0.nope}", "|"),
        ("{people.0.age}", "7"),
        ("{user-id}", "42"),
        ("{nothing}", ""),
        ("def f(): return {1: 2}", "def f(): return {1: 2}"),
        ("{a.}", "{a.}"),
    ],
)
def test_a_template_is_filled(template, shown):
    people = [{"first-name": "Eva", "age": 7, "tags": ["x", "y"]}]
    assert render(template, {"name": "Ana", "people": people, "user-id": 42, "nothing": None}) == shown


def test_values_that_are_not_text_are_written_as_json():
    assert json.loads(render("{value}", {"value": {"a": [1, "é"]}})) == {"a": [1, "é"]}


def test_a_value_is_never_read_as_a_template():
    assert render("{a}", {"a": "{b} {{c}}"}) == "{b} {{c}}"


def test_placeholders_are_listed_once_in_order_of_first_use():
    assert placeholders('{b.x} {a} {b} {{c}} {"d": {e}}') == ("b", "a", "e")


@given(BRACED)
def test_an_escaped_text_uses_nothing_and_renders_to_itself(text):
    assert placeholders(escape(text)) == ()
    assert render(escape(text), {}) == text


@given(BRACED, BRACED)
def test_an_escaped_text_stands_in_a_larger_template_as_it_is(before, after):
    template = f"{escape(before)}\n---\n{{name}}\n---\n{escape(after)}"
    assert render(template, {"name": "Ana"}) == f"{before}\n---\nAna\n---\n{after}"


@given(json_values())
def test_nested_json_in_a_prompt_is_left_alone(value):
    text = json.dumps({"value": value, "more": {"x": {"y": [{}]}}})
    assume(not placeholders(text) and "{{" not in text)
    assert render(text, {}) == text


def test_a_placeholder_without_a_value_is_named():
    with pytest.raises(FlowError, match=r"the prompt uses \{code\}, which has no value"):
        render("Review {code}", {})


def test_as_text_shows_text_plainly_none_as_nothing_and_the_rest_as_json():
    assert (as_text("a"), as_text(None), as_text(True), as_text(1.5)) == ("a", "", "true", "1.5")


def test_what_is_filled_in_is_told_once_a_placeholder_without_what_stands_around_it():
    values = {"a": {"b": [1, "x"]}, "c": "Ana"}
    assert filled_in("{c} likes {a.b.1}, {{c}} and {a.b.0}; {c}!", values) == ("Ana", "x", "1")
    assert filled_in("{c} and {c.d}", {"c": {"d": "x"}})[1] == "x"
    assert filled_in("nothing", {}) == ()
    with pytest.raises(FlowError, match=r"uses \{d\}, which has no value"):
        filled_in("{d}", values)


def test_text_of_a_kind_of_its_own_is_shown_as_it_is():
    """A value of an enum of texts is text, and no JSON in quotes."""
    assert as_text(NodeState.FINISHED) == "finished"
