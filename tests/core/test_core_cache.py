"""A cache entry survives its form as bytes, and knows how long it may be given."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nubem_jupyter.core.cache import CacheEntry, ToolValue, read_record, to_record
from nubem_jupyter.core.call import Answer, Usage
from nubem_jupyter.errors import StorageError
from nubem_jupyter.testing.strategies import amounts, json_values, model_ids, words

ANSWERS = st.builds(
    Answer,
    text=words,
    finish_reason=st.sampled_from(("stop", "length", "other")),
    usage=st.builds(Usage, input_tokens=st.integers(0, 10**6), output_tokens=st.integers(0, 10**6)),
    first_token_s=st.none() | amounts,
    total_s=st.none() | amounts,
)
ENTRIES = st.builds(
    CacheEntry,
    content=ANSWERS | st.builds(ToolValue.of, json_values()),
    stored_s=amounts,
    ttl_s=st.none() | amounts,
    cost_usd=amounts,
    model=st.none() | model_ids,
)


@given(ENTRIES)
def test_an_entry_survives_its_record(entry):
    record = to_record(entry)
    assert read_record(record) == entry
    assert to_record(read_record(record)) == record, "the order of fields and the kinds of numbers survive too"


@given(stored_s=amounts, ttl_s=amounts, now_s=amounts)
def test_an_entry_is_fresh_from_when_it_was_made_until_its_time_is_over(stored_s, ttl_s, now_s):
    mortal = CacheEntry(content=ToolValue.of(1), stored_s=stored_s, ttl_s=ttl_s)
    assert mortal.fresh(now_s) == (0 <= now_s - stored_s < ttl_s)
    assert msgspec.structs.replace(mortal, ttl_s=None).fresh(now_s)


@given(st.binary(max_size=40))
def test_bytes_that_are_no_entry_are_a_miss(noise):
    assert read_record(noise) is None


@given(ENTRIES, st.data())
def test_a_record_that_was_cut_off_is_a_miss(entry, data):
    record = to_record(entry)
    assert read_record(record[: data.draw(st.integers(0, len(record) - 1))]) is None


@pytest.mark.parametrize(
    "record",
    [
        b"{}",
        b'{"content":{"type":"song","value":1},"stored_s":1}',
        b'{"content":{"type":"tool"},"stored_s":1}',
        b"\xff",
    ],
)
def test_a_record_of_another_version_is_a_miss(record):
    assert read_record(record) is None


def _deep():
    value = []
    for _ in range(100_000):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (object(), "type object"),
        (float("nan"), "nan"),
        ({1: "a"}, "type dict"),
        ("\ud800", "half of a character"),
        ([{"a": {1, 2}}], "type set"),
        (_deep(), "recursion"),
    ],
    ids=["object", "nan", "key", "surrogate", "set", "deep"],
)
def test_a_value_that_would_come_back_as_another_one_is_refused(value, told):
    with pytest.raises(StorageError, match=told) as caught:
        ToolValue.of(value)
    assert "text" in caught.value.hint


def test_a_text_that_no_file_can_carry_has_no_record():
    assert to_record(CacheEntry(content=Answer(text="\ud800"), stored_s=0.0)) is None


@given(json_values())
def test_a_tools_value_comes_out_as_it_went_in_and_belongs_to_who_asked(value):
    kept = ToolValue.of(value)
    assert kept.value == value
    assert msgspec.json.encode(kept.value) == msgspec.json.encode(value)
    if isinstance(value, list | dict) and value:
        kept.value.clear()
        assert kept.value == value


def test_tuples_come_out_as_lists():
    assert ToolValue.of(({"a": (1, 2)},)).value == [{"a": [1, 2]}]
