"""A request in another case, with other spaces or with a slip of the hand is done by the same models."""

import json
import re
import unicodedata
import zlib
from pathlib import Path

import msgspec
import pytest

from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Evidence, Figure, ModelInfo, Price
from nubem_jupyter.engine.planner import draft_flow
from nubem_jupyter.engine.planner.language import detect_language, read_in
from nubem_jupyter.engine.planner.spelling import is_word, meant, parts
from nubem_jupyter.engine.planner.tokens import fold
from nubem_jupyter.engine.planner.typos import find_slips, space
from nubem_jupyter.engine.planner.words import LEXICONS
from nubem_jupyter.engine.router import route

REQUESTS = [
    json.loads(line)["request"]
    for line in Path(__file__).with_name("plan_requests.jsonl").read_text(encoding="utf-8").splitlines()
]
OTHERS = Path(__file__).with_name("reworded_requests.txt").read_text(encoding="utf-8").splitlines()
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


KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def beside(letter):
    """The key to the right of a letter's, or to the left at the end of its row."""
    plain = fold(letter)[:1]
    row = next((keys for keys in KEYS if plain in keys), "")
    at = row.find(plain)
    return (row[at + 1 : at + 2] or row[at - 1 : at]) if row else "e"


def plain_letters(text):
    marks = unicodedata.normalize("NFD", text)
    return "".join(letter for letter in marks if not unicodedata.combining(letter))


def without_a_blank(request):
    """Join two words of which one is long, so that the longest sentences do not count most."""
    blanks = [found.start() for found in re.finditer(r"(?<=[^\W\d_]{3}) (?=[^\W\d_]{3})", request)]
    blanks = [at for at in blanks if request[:at].count('"') % 2 == 0]
    at = blanks[zlib.crc32(request.encode()) % len(blanks)] if blanks else len(request)
    return request[:at] + request[at + 1 :]


@pytest.mark.parametrize(
    "reword",
    [
        lambda text: slip(text, lambda two: two[1]),
        lambda text: slip(text, lambda two: beside(two[0]) + two[1]),
        lambda text: slip(text, lambda two: two[0] + beside(two[0]) + two[1]),
        lambda text: slip(text, lambda two: two[0] + " " + two[1]),
        without_a_blank,
        plain_letters,
        lambda text: text.rstrip(".!"),
        lambda text: text.rstrip(".!?") + ("??" if text.endswith("?") else "!!"),
        lambda text: text if text.endswith("?") else text.rstrip(".!") + " ...",
        lambda text: re.sub(r"([.;]) (?=[^\W\d])", r"\1  ", text),
    ],
    ids=[
        "a letter missing",
        "the key beside",
        "one more letter",
        "a blank inside",
        "no blank between",
        "no accents",
        "no full stop",
        "exclamation marks",
        "dots",
        "wide sentences",
    ],
)
@pytest.mark.parametrize("requests", [REQUESTS, OTHERS], ids=["cases", "others"])
def test_a_mistyped_request_keeps_its_route(reword, requests):
    changed = [request for request in requests if routed(request) != routed(reword(request))]
    assert len(changed) <= 0.05 * len(requests), changed


@pytest.mark.parametrize("request_", [*REQUESTS, *OTHERS])
def test_a_request_without_slips_is_planned_as_it_stands(request_):
    plain = detect_language(request_)
    assert space(request_, plain) == request_
    # A form of "höflicher" that the lexicon lacks, and means the same.
    assert find_slips(request_, plain).keys() <= {"hofliche"}


def test_only_what_is_not_known_is_read_otherwise_and_only_as_what_is():
    text = 'Sumamrize "this sumamrize" with {sumamrize} and Xqzvbk, then trannslate it.'
    assert find_slips(text, ENGLISH) == {"sumamrize": "summarize", "trannslate": "translate"}
    assert find_slips("rTanslate it", ENGLISH) == {"rtanslate": "translate"}
    assert find_slips("", ENGLISH) == {}


@pytest.mark.parametrize("name", ["./sumamrize", "sumamrize/x", "sumamrize.txt", "a@sumamrize", "sumamrize-2"])
def test_what_is_part_of_a_path_or_an_address_stays(name):
    assert find_slips(f"read {name} now", ENGLISH) == {}
    assert space(f"read {name}ofthis now", ENGLISH) == f"read {name}ofthis now"


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ("form", ""),
        ("trail", ""),
        ("send", ""),
        ("digests", ""),
        ("xq", ""),
        ("transalte", "translate"),
        ("transltae", "translate"),
        ("clasifies", "classifies"),
        ("trnslaet", "translat"),
        ("sumarise", "summarise"),
        ("sumnarise", "summarise"),
        ("fr", ""),
        ("thn", "then"),
        ("brancsh", ""),
        ("x" * 5000, ""),
    ],
)
def test_a_word_is_read_as_a_known_one_that_is_a_slip_away_unless_it_is_right(word, other):
    assert meant(word, ENGLISH) == other


@pytest.mark.parametrize("lexicon", LEXICONS, ids=[one.code for one in LEXICONS])
def test_no_usual_word_is_read_as_another(lexicon):
    assert lexicon.right
    assert not [word for word in sorted(lexicon.right) if meant(word, lexicon) or parts(word, lexicon)]


@pytest.mark.parametrize(
    ("written", "apart"),
    [
        ("Summarizethis text", "Summarize this text"),
        ("Sum marize this", "Summarize this"),
        ("SUMMARIZETHIS TEXT", "SUMMARIZE THIS TEXT"),
        ("Optimise thisSQL query", "Optimise this SQL query"),
        ("Ask OpenRouter, JavaScript, DataFrame and iPhone", "Ask OpenRouter, JavaScript, DataFrame and iPhone"),
        ("name the shopand rank it", "name the shop and rank it"),
        ("Corrige el códigoy ejecútalo", "Corrige el código y ejecútalo"),
        ("Corrige el código yejecútalo", "Corrige el código y ejecútalo"),
        ("become the thousand husbands at the factory", "become the thousand husbands at the factory"),
        ("a b c of x", "a b c of x"),
        ("Nenne die Straßeund das Haus", "Nenne die Straßeund das Haus"),
        ("Übersetze diesen Text undverbessere ihn", "Übersetze diesen Text und verbessere ihn"),
    ],
)
def test_blanks_stand_where_words_end(written, apart):
    assert space(written, detect_language(written)) == apart


def test_prompts_keep_the_words_that_were_written():
    flow = draft_flow("Sumamrise this text brefly and then transalte it into Frnech").flow
    asked = [node.prompt for node in flow.nodes if node.prompt]
    assert [node.capability for node in flow.nodes if node.capability] == ["summarize", "translate"]
    assert "Sumamrise this text brefly" in asked[0]


@pytest.mark.parametrize("written", ["Ask Tge and THN about it", "What does Amd sell?"])
def test_a_short_word_with_a_capital_inside_of_a_sentence_is_a_name(written):
    assert find_slips(written, ENGLISH) == {}


def test_a_short_word_that_opens_a_sentence_or_stands_among_capitals_is_none():
    assert find_slips("Wrte it. Fnid it", ENGLISH) == {"wrte": "write", "fnid": "find"}
    assert find_slips("WRTE IT", ENGLISH) == {"wrte": "write"}


def test_an_english_word_is_no_slip_in_another_language():
    assert "text" not in read_in("Traduis ce text en anglais puis résume-le").slips


def test_only_the_ends_of_a_long_text_are_read():
    middle = "zzz " * 3000
    assert find_slips(f"Sumamrize {middle} sumarise {middle} transalte", ENGLISH).keys() == {"sumamrize", "transalte"}


def test_two_words_in_one_are_read_as_the_one_that_tells_more():
    assert find_slips("Summarizethis: a text", ENGLISH) == {"summarizethis": "summarize"}


def test_words_are_known_with_the_endings_of_their_language():
    bare = msgspec.structs.replace(ENGLISH, endings=frozenset({"s"}))
    assert is_word("translates", ENGLISH)
    assert is_word("translats", bare)
    assert not is_word("translatex", ENGLISH)
