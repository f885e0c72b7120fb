"""Equal calls have equal digests, however they were made; usage adds up."""

import subprocess
import sys

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nubem_jupyter.core.call import Answer, Chunk, Message, ModelCall, TextDelta, Usage
from nubem_jupyter.errors import FlowError

USAGES = st.builds(Usage, **dict.fromkeys(Usage.__struct_fields__, st.integers(0, 10**6)))
ASKED = (Message(role="user", content="hi"),)


def test_a_call_has_one_digest_however_its_fields_were_made():
    made = ModelCall(model="local/a", messages=list(ASKED), max_tokens=int("512"), temperature=0)
    same = ModelCall(model="local/a", messages=ASKED)
    assert (made.digest, made, hash(made)) == (same.digest, same, hash(same))
    assert made.digest == msgspec.json.decode(msgspec.json.encode(made), type=ModelCall).digest


def test_a_calls_digest_is_the_same_in_another_process():
    program = (
        "from nubem_jupyter.core.call import ModelCall, Message\n"
        "asked = (Message(role='user', content='hi'),)\n"
        "print(ModelCall(model='local/a', messages=asked, schema={'b': 1, 'a': 2}).digest)"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip()
    assert shown == ModelCall(model="local/a", messages=ASKED, schema={"b": 1, "a": 2}).digest


@pytest.mark.parametrize(
    "change",
    [{"model": "local/b"}, {"max_tokens": 3}, {"temperature": 0.5}, {"seed": 1}, {"schema": {}}, {"messages": ()}],
    ids=str,
)
def test_every_field_decides_the_digest(change):
    call = ModelCall(model="local/a", messages=ASKED)
    assert msgspec.structs.replace(call, **change).digest != call.digest


def test_a_calls_schema_is_frozen_and_must_be_json():
    call = ModelCall(model="local/a", messages=ASKED, schema={"required": ["a"]})
    with pytest.raises(TypeError, match="frozen value"):
        call.schema["required"].append("b")
    with pytest.raises(FlowError, match="a call's schema holds a value of type set"):
        ModelCall(model="local/a", messages=ASKED, schema={"enum": {1}})


@given(USAGES, USAGES, USAGES)
def test_usage_adds_up_in_any_grouping(a, b, c):
    assert (a + b) + c == a + (b + c)
    assert a + Usage() == a
    assert a + b == b + a


def test_only_tokens_with_names_of_their_own_are_parts():
    assert not Usage(input_tokens=3, output_tokens=4).has_parts
    assert all(Usage(**{name: 1}).has_parts for name in ("cached_tokens", "cache_write_tokens", "reasoning_tokens"))


def test_the_chunks_of_a_stream_are_told_apart_in_json():
    for chunk in (TextDelta(text="a"), Answer(text="ab", usage=Usage(input_tokens=1))):
        assert msgspec.json.decode(msgspec.json.encode(chunk), type=Chunk) == chunk
