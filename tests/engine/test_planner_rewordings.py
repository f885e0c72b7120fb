"""A request in another case, with other spaces or with a slip of the hand is done by the same models."""

import json
import re
import zlib
from pathlib import Path

import pytest

from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Evidence, Figure, ModelInfo, Price
from nubem_jupyter.engine.planner import draft_flow
from nubem_jupyter.engine.planner.typos import mend
from nubem_jupyter.engine.planner.words import LEXICONS
from nubem_jupyter.engine.router import route

REQUESTS = [
    json.loads(line)["request"]
    for line in Path(__file__).with_name("plan_requests.jsonl").read_text(encoding="utf-8").splitlines()
]
ENGLISH = next(one for one in LEXICONS if one.code == "en")
_LONG = re.compile(r"[^\W\d_]{6,}")


def routed(request):
    """Each kind of step has a model that is good at nothing else."""
    flow = draft_flow(request).flow
    kinds = sorted({node.capability for _, node in flow.walk() if node.prompt is not None})
    price = Figure(value=0.0, source="listed in a test")
    models = [
        ModelInfo(
            id=ModelId(f"a/{kind}"),
            provider="a",
            features=("json_schema",),
            price=Price(input_usd=price, output_usd=price),
            evidence=(Evidence(capability=kind, n=20, score_sum=19, source="suite", date="2026-01-01"),),
        )
        for kind in kinds
    ]
    return [choice.model for choice in route(flow, models, Constraints()).values()]


def slip(request, change):
    """Change one long word, chosen by what the request says, somewhere inside."""
    words = [
        found
        for found in _LONG.finditer(request)
        if request[: found.start()].count("{") == request[: found.start()].count("}")
    ]
    if not words:
        return request
    word = words[zlib.crc32(request.encode()) % len(words)]
    at = word.start() + 1 + zlib.crc32(word.group().encode()) % (len(word.group()) - 3)
    return request[:at] + change(request[at : at + 2]) + request[at + 2 :]


def outside_braces(change):
    return lambda text: re.sub(r"[^{}]+(?![^{}]*\})", lambda found: change(found.group()), text)


@pytest.mark.parametrize(
    "reword",
    [
        outside_braces(str.upper),
        outside_braces(str.lower),
        lambda text: "  " + "  ".join(text.split(" ")) + " \n",
        lambda text: slip(text, lambda two: two[::-1]),
        lambda text: slip(text, lambda two: two[0] + two),
    ],
    ids=["upper case", "lower case", "spaces", "letters that changed places", "a letter twice"],
)
def test_a_reworded_request_keeps_its_route(reword):
    kept = [routed(request) == routed(reword(request)) for request in REQUESTS]
    assert sum(kept) >= 0.95 * len(kept)


def test_only_what_is_not_known_is_mended_and_only_to_what_is():
    text = 'Sumamrize "this sumamrize" with {sumamrize} and Xqzvbk, then trannslate it.'
    assert mend(text, ENGLISH) == 'Summarize "this sumamrize" with {sumamrize} and Xqzvbk, then translate it.'
    assert mend("rTanslate it", ENGLISH) == "Translate it"
    assert mend("", ENGLISH) == ""


@pytest.mark.parametrize("name", ["./sumamrize", "sumamrize/x", "sumamrize.txt", "a@sumamrize", "sumamrize-2"])
def test_what_is_part_of_a_path_or_an_address_stays(name):
    assert mend(f"read {name} now", ENGLISH) == f"read {name} now"
