"""No message shows a key, however it was written into it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nubem_jupyter.core.redaction import fault_of_key, without_secrets

KEY = "sk-proj-1234567890"


@pytest.mark.parametrize(
    "text",
    [
        f"key {KEY}.",
        "Authorization: Bearer abc.def",
        "https://host/v1?key=AbC123&x=1",
        "hidden-value here",
        "gsk_abcdefgh",
        "Input should be a number [type=float, input_value='AbC1...ef', input_type=str]",
    ],
)
def test_what_looks_like_a_key_is_taken_out(text):
    shown = without_secrets(text, {"MY_SECRET": "hidden-value", "SHORT_KEY": "a", "HOME": "here"})
    assert "***" in shown
    assert not any(part in shown for part in (KEY, "abc.def", "AbC1", "hidden-value", "abcdefgh"))


def test_what_is_no_secret_stays():
    text = "the model is here, and a key is needed"
    assert without_secrets(text, {"SHORT_KEY": "a", "HOME": "the model is here"}) == text


def test_a_variable_that_was_named_is_hidden_whatever_its_name():
    assert without_secrets("bad entry-4711", {"DOOR": "entry-4711"}, ("DOOR",)) == "bad ***"


@given(value=st.text(min_size=8), write=st.sampled_from([str, repr, ascii, json.dumps]))
def test_a_value_is_hidden_however_it_is_written(value, write):
    """Also with line breaks, quotes and foreign letters in it."""
    text = write(value)
    quote = "" if write is str else text[0]
    assert without_secrets(text, {"MY_KEY": value}) == f"{quote}***{quote}"


def test_each_line_of_a_key_of_several_is_hidden():
    assert without_secrets("odd: second-line", {"MY_KEY": "first-line\n second-line\n"}) == "odd: ***"


@pytest.mark.parametrize("key", ["bad\nkey", "two words", "schlüssel", "tab\tkey", "nul\0key"])
def test_what_no_header_can_carry_is_no_key_and_is_not_shown(key):
    fault = fault_of_key("ACME_API_KEY", key)
    assert fault.startswith("set ACME_API_KEY anew")
    assert key not in fault
    assert not fault_of_key("ACME_API_KEY", KEY)
