"""Digests name content, the same in every process."""

import os
import subprocess
import sys

import pytest
from hypothesis import given

from nubem_jupyter.core.digest import canonical_json, digest, encode, short_digest
from nubem_jupyter.errors import FormatError
from nubem_jupyter.testing.strategies import json_values

PROGRAM = """
from nubem_jupyter.core.flow import Flow
flow = (Flow.build("f").input("code", type="code", default="x = 1").model("review", "Review {code} now",
    capability="review_code", schema={"type": "object", "properties": {"b": {}, "a": {}}})
    .join("both", ["review", "code"]).output("both", "code"))
print(flow.digest, hash(flow) == hash(Flow.from_json(flow.to_json())))
"""


def test_a_flows_digest_is_the_same_in_every_process():
    def in_a_process_with(seed: str) -> str:
        environ = {**os.environ, "PYTHONHASHSEED": seed}
        return subprocess.run(
            [sys.executable, "-c", PROGRAM], env=environ, capture_output=True, text=True, check=True
        ).stdout

    first, second = in_a_process_with("1"), in_a_process_with("4242")
    assert first == second
    assert first.endswith("True\n")


@given(json_values())
def test_canonical_json_does_not_depend_on_the_order_of_fields(value):
    assert canonical_json(value) == canonical_json(_reversed(value))


def _reversed(value):
    match value:
        case dict():
            return {key: _reversed(value[key]) for key in reversed(value)}
        case list():
            return [_reversed(item) for item in value]
        case _:
            return value


def test_a_digest_depends_on_the_order_of_fields_since_a_model_reads_them_in_order():
    assert digest({"a": 1, "b": 2}) != digest({"b": 2, "a": 1})


def test_a_digest_is_64_hexadecimal_digits():
    assert digest({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


def test_half_a_character_is_refused_in_a_sentence():
    with pytest.raises(FormatError, match="half of a character"):
        encode({"text": "\ud83d"})


@given(json_values())
def test_a_short_digest_begins_the_whole_one_and_tells_values_apart_as_well(value):
    assert digest(value).startswith(short_digest(value))
    assert len(short_digest(value)) * 4 >= 96, "bits: a million of them share none by chance"
    assert short_digest([value]) != short_digest([value, value])
