"""Component files are read with Python's parser: nothing of them runs, and what is wrong is told by name."""

import subprocess
import sys

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nubem_jupyter.catalog.source import LIMIT_BYTES, Place, read_components
from nubem_jupyter.catalog.source.docs import parse_docs
from nubem_jupyter.core.component import Parameter
from nubem_jupyter.core.value import ValueType

WEATHER = '''
"""Weather of the national service."""

from typing import Literal, TypedDict

__version__ = "1.2"
PERMISSIONS = ("network",)
TTL_S = 60


class Day(TypedDict):
    high: float


async def today(city: str, units: Literal["C", "F"] = "C", *, days: int = 1) -> list[Day]:
    """Tell the forecast.

    It is for the coming days.

    Args:
        city: Which city, as people
            write it.
        days (int): How many days.

    Component:
        capability: search
        ttl_s: 3600
        cost_usd: 0.002

    Returns:
        A row a day.
    """


def stations() -> list[str]:
    """List the stations."""


def _ask(): ...
'''


def read(source, **place):
    encoded = source.encode() if isinstance(source, str) else source
    return read_components(encoded, Place(**{"where": "weather.py", "vendor": "weather", **place}))


def only(source, **place):
    reading = read(source, **place)
    assert reading.troubles == ()
    (found,) = reading.components
    return found


def trouble(source, **place):
    reading = read(source, **place)
    (found,) = reading.troubles
    assert found.where == "weather.py"
    assert found.hint
    return found.message


def function(arguments="", returns="str", **more):
    return f'def run({arguments}) -> {returns}:\n    """Do it."""\n'


def test_public_functions_are_components_named_by_their_file():
    reading = read(WEATHER)
    assert [info.name for info in reading.components] == ["weather.today", "weather.stations"]
    assert not reading.troubles
    assert not reading.broken


def test_a_signature_and_its_docstring_say_what_is_taken_and_given():
    info = read(WEATHER).components[0]
    assert info.description == "Tell the forecast.\n\nIt is for the coming days."
    assert info.output is ValueType.TABLE
    assert info.inputs == (
        Parameter(name="city", type=ValueType.TEXT, description="Which city, as people write it."),
        Parameter(name="units", type=ValueType.LABEL, required=False, default="C"),
        Parameter(name="days", type=ValueType.NUMBER, required=False, default=1, description="How many days."),
    )


def test_a_function_tells_its_own_terms_and_has_the_files_otherwise():
    today, stations = read(WEATHER).components
    assert (today.version, today.permissions, today.capability) == ("1.2", ("network",), "search")
    assert (today.ttl_s, today.cost_usd) == (3600.0, 0.002)
    assert (stations.ttl_s, stations.capability) == (60.0, "weather.stations")


def test_a_cost_that_nobody_tells_is_unknown_and_not_zero():
    assert read(WEATHER).components[1].cost_usd is None
    assert only("COST_USD = 0\n" + function()).cost_usd == 0.0


def test_every_byte_of_the_source_counts_for_its_digest():
    one, other = only(function()), only(function() + "\n# more")
    assert len(one.origin.digest) == 64
    assert one.origin.digest != other.origin.digest


def test_the_vendor_may_be_told_and_folders_stand_before_it():
    assert only("VENDOR = 'acme.tools'\n" + function()).name == "acme.tools.run"
    assert only(function(), vendor="acme.weather").name == "acme.weather.run"


def test_a_version_that_only_the_distribution_knows_is_taken_from_there():
    source = "import importlib.metadata\n__version__ = importlib.metadata.version('acme')\n" + function()
    assert only(source, version="3.1", kind="entry point").version == "3.1"


def test_a_byte_order_mark_is_no_fault():
    assert only(b"\xef\xbb\xbf" + function().encode()).name == "weather.run"


def test_what_is_listed_in_all_is_offered_and_nothing_else():
    source = "__all__ = ['run']\n" + function() + "def helper(x): ...\n"
    assert only(source).name == "weather.run"


def test_a_list_that_must_be_worked_out_is_no_list():
    assert only("__all__ = sorted(x)\n" + function()).name == "weather.run"


def test_one_function_may_be_asked_for():
    assert only(WEATHER, only="stations").name == "weather.stations"
    assert "no public function 'nothing'" in trouble(WEATHER, only="nothing")


def test_a_function_with_neither_types_nor_words_is_no_component_and_no_trouble():
    assert only(function() + "def helper(x, /, y, *, z): ...\n").name == "weather.run"


def test_overloads_are_not_offered():
    source = "@typing.overload\ndef run(a: int) -> str: ...\n" + function("a: int | str")
    assert only(source).inputs[0].type is ValueType.ANY


def test_nothing_is_run(tmp_path):
    mark = tmp_path / "ran"
    source = f"open({str(mark)!r}, 'w')\nimport nothing_of_this_name\n" + function(f"x: int = open({str(mark)!r}, 'w')")
    info = only(source)
    assert not mark.exists()
    assert info.inputs == (Parameter(name="x", type=ValueType.NUMBER, required=False),)


TYPES = [
    ("str", "text"),
    ("'str'", "text"),
    ("int", "number"),
    ("int | float", "number"),
    ("bool", "boolean"),
    ("dict", "json"),
    ("dict[str, int]", "json"),
    ("Mapping[str, Any]", "json"),
    ("list", "list"),
    ("typing.Sequence[str]", "list"),
    ("tuple[int, str]", "list"),
    ("list[dict[str, int]]", "table"),
    ("list[Row]", "table"),
    ("Rows", "table"),
    ("Any", "any"),
    ("object", "any"),
    ("int | str", "any"),
    ("Literal['a', 'b']", "label"),
    ("Literal[1, -2]", "number"),
    ("Literal[True]", "boolean"),
    ("Literal['a', 1]", "any"),
    ("Annotated[str, 'a name']", "text"),
    ("Union[int, float]", "number"),
]
ALIASES = "class Row(TypedDict):\n    a: int\nRows = list[Row]\nTwice = Twice | int\n"


@pytest.mark.parametrize(("annotation", "kind"), TYPES)
def test_annotations_are_types_of_values(annotation, kind):
    info = only(ALIASES + function(f"x: {annotation}", annotation))
    assert (info.inputs[0].type, info.output) == (kind, kind)


@pytest.mark.parametrize("annotation", ["str | None", "Optional[str]", "None | str", "Literal['a', None]"])
def test_an_input_that_may_be_left_out_has_its_type_and_such_an_output_may_be_anything(annotation):
    info = only(function(f"x: {annotation} = None", annotation))
    assert info.inputs[0].type in ("text", "label")
    assert not info.inputs[0].required
    assert info.output is ValueType.ANY


def test_a_function_that_gives_nothing_gives_anything():
    assert only(function(returns="None")).output is ValueType.ANY


@pytest.mark.parametrize(
    "annotation",
    ["Path", "list[Path]", "str | Path", "bytes", "Twice", "'a b'", "Literal[b'x']", "str[int]", "1", "Other[int]"],
)
def test_a_type_that_json_cannot_carry_leaves_the_function_out_by_name(annotation):
    assert "'run' has the type" in trouble(ALIASES + function(f"x: {annotation}"))


@pytest.mark.skipif(sys.version_info < (3, 12), reason="the type statement came with Python 3.12")
def test_a_type_statement_gives_a_name_too():
    assert only("type Rows = list[dict]\n" + function("x: Rows")).inputs[0].type is ValueType.TABLE


def test_names_of_names_of_names_are_followed_once_each():
    """Two of each would be a million looks at the last one."""
    names = "A0 = str\n" + "".join(f"A{n} = Union[A{n - 1}, list[A{n - 1}]]\n" for n in range(1, 60))
    assert only(names + function("x: A59")).inputs[0].type is ValueType.ANY


@pytest.mark.parametrize(
    ("default", "value"),
    [("'a'", "a"), ("-1.5", -1.5), ("(1, [2])", [1, [2]]), ("{'a': None}", {"a": None}), ("None", None)]
    + [(text, None) for text in ("LATER", "b'x'", "{1, 2}", "1e999", "os.getcwd()", "[f'{x}']")],
)
def test_a_default_that_is_written_out_as_plain_json_is_told(default, value):
    (parameter,) = only(function(f"x: Any = {default}")).inputs
    assert not parameter.required
    assert parameter.default == value


def test_what_cannot_be_given_by_name_is_not_listed_or_refused():
    assert only(function("*args: int, a: int, **more: int")).inputs == (Parameter(name="a", type=ValueType.NUMBER),)
    assert "before '/'" in trouble(function("a: int, /"))


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("def run() -> str: ...", "'run' has no docstring"),
        ('def run(x) -> str: "Do."', "'run' has the argument 'x' without a type"),
        ('def run(): "Do."', "'run' does not say what it gives"),
        ('def Run() -> str: "Do."', "'Run' cannot name a component"),
        (function() + function("x: int"), "'run' is there twice"),
    ],
)
def test_a_function_that_cannot_be_offered_is_told_by_name(source, message):
    assert message in trouble(source)


def test_of_two_functions_of_one_name_the_later_is_offered_as_python_would_call_it():
    (info,) = read(function() + function("x: int")).components
    assert len(info.inputs) == 1


def test_one_function_that_cannot_be_offered_leaves_the_others():
    reading = read(function() + "def other(x: int): ...\n")
    assert [info.name for info in reading.components] == ["weather.run"]
    assert len(reading.troubles) == 1
    assert not reading.broken


@pytest.mark.parametrize(
    ("constant", "message"),
    [
        ("PERMISSIONS = ('internet',)", "permissions ('internet',)"),
        ("PERMISSIONS = 3", "permissions 3"),
        ("PERMISSIONS = read()", "PERMISSIONS is not written out"),
        ("CAPABILITY = 'serch'", "unknown capability 'serch'"),
        ("CAPABILITY = 3", "unknown capability 3"),
        ("COST_USD = -1", "cost_usd -1"),
        ("COST_USD = True", "cost_usd True"),
        ("TTL_S = 'soon'", "ttl_s 'soon'"),
        ("TTL_S = 1e999", "ttl_s inf"),
        ("VENDOR = 'A-b'", "vendor 'A-b'"),
        ("__version__ = 2", "version 2"),
    ],
)
def test_a_constant_that_cannot_be_used_leaves_out_the_file_since_its_leave_is_not_known(constant, message):
    assert message in trouble(f"{constant}\n{function()}")
    assert read(constant).broken


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("cost: 3", "'run' tells 'cost', which is no term"),
        ("vendor: other", "'run' tells a vendor of its own"),
        ("permissions: network, moon", "'run' asks for the permissions 'network, moon'"),
        ("ttl_s: a day", "'run' has the ttl_s 'a day'"),
        ("whatever: 1", "'run' tells 'whatever'"),
    ],
)
def test_a_term_of_a_function_that_cannot_be_used_leaves_it_out(line, message):
    source = f'def run() -> str:\n    """Do it.\n\n    Component:\n        {line}\n    """\n'
    assert message in trouble(source)


def test_permissions_are_words_in_one_order_and_none_is_none():
    whole = 'PERMISSIONS = ["network"]\n'
    source = whole + 'def run() -> str:\n    """Do it.\n\n    Component:\n        permissions: {}\n    """'
    assert only(source.format("code, network")).permissions == ("network", "code")
    assert only(source.format("none")).permissions == ()


def test_unknown_cost_may_be_said_in_so_many_words():
    assert only("COST_USD: float | None = None\n" + function()).cost_usd is None


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("def run(:\n", "line 1: "),
        (b"caf\xe9 = 1", "not UTF-8 text (byte 4)"),
        (b"a = 1\0", "null bytes"),
        (b"#" * (LIMIT_BYTES + 1), "longer than 256 KiB"),
    ],
)
def test_a_file_that_makes_no_sense_is_broken_as_a_whole(source, message):
    assert message in trouble(source)
    assert read(source).broken


def test_a_file_whose_name_cannot_be_a_vendor_is_told_only_if_it_offers_something():
    assert "'My-File' cannot stand" in trouble(function(), vendor="My-File")
    assert read("x = 1", vendor="My-File").troubles == ()


@pytest.mark.parametrize(
    "source",
    [
        'def run() -> str:\n    "Do \\ud800."\n',
        function("x: str = '\\ud800'"),
        function("x: list = [{'\\ud800': 1}]"),
        function("x: int = 1 << 70").replace("1 << 70", str(1 << 70)),
        "__version__ = '\\ud800'\n" + function(),
    ],
)
def test_what_no_file_can_carry_leaves_the_function_out_and_not_the_whole_catalog(source):
    assert "'run' holds half of a character, or" in trouble(source)


@given(st.binary(max_size=300))
def test_whatever_bytes_there_are_they_are_read_or_told(source):
    msgspec.msgpack.encode(read(source))


@given(st.data())
def test_a_source_with_a_piece_cut_out_or_put_in_is_read_or_told(data):
    start = data.draw(st.integers(0, len(WEATHER)))
    end = data.draw(st.integers(start, min(start + 40, len(WEATHER))))
    piece = data.draw(st.sampled_from(["", "\n", '"""', "(", ":", "None", "-", "'\\ud800'", "*", "[", "Component:\n"]))
    reading = read(WEATHER[:start] + piece + WEATHER[end:])
    msgspec.msgpack.encode(reading)
    assert not (reading.broken and reading.components)


@given(st.text(alphabet="a:\n (Args)*"))
def test_whatever_a_docstring_looks_like_it_is_taken_apart(text):
    docs = parse_docs(text)
    assert all(isinstance(words, str) for words in docs.arguments.values())


MONSTERS = {
    "signs": "x = " + "-" * 100_000 + "1",
    "sums": "x = " + "1+" * 100_000 + "1",
    "brackets": "[" * 100_000,
    "attributes": "TTL_S = a" + ".b" * 100_000,
    "union": "def run(x: " + "int|" * 50_000 + 'int) -> str: "Do."',
    "lists": "def run(x: " + "list[" * 150 + "int" + "]" * 150 + ') -> str: "Do."',
    "shallow sums": "def run(x: a" + ".b" * 900 + ') -> str: "Do."',
    "decorator": "@a" + ".b" * 900 + '\ndef run() -> str: "Do."',
    "default": "def run(x: int = " + "-" * 900 + '1) -> str: "Do."',
    "text": "def run(x: '" + "-" * 90_000 + "1') -> str: 'Do.'",
    "blocks": "".join(" " * depth + "if x:\n" for depth in range(200)),
}


@pytest.mark.parametrize("monster", MONSTERS.values(), ids=MONSTERS)
def test_a_monster_ends_neither_the_reading_nor_the_process(monster):
    program = (
        "import sys, threading\n"
        "from nubem_jupyter.catalog.source import Place, read_components\n"
        "source = sys.stdin.buffer.read()\n"
        "read = lambda: print(type(read_components(source, Place('a.py', 'a'))).__name__)\n"
        "thread = threading.Thread(target=read); thread.start(); thread.join()"
    )
    done = subprocess.run([sys.executable, "-c", program], input=monster.encode(), capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (0, b"Reading\n"), done.stderr.decode()[-500:]


def test_sections_of_a_docstring_that_are_not_known_belong_to_nothing():
    docs = parse_docs("Do it.\n\nNotes:\n    a: b\n\nArgs:\n    x: One.\n\n    y: Two.\n  \nThe end: x\n")
    assert docs == ("Do it.", {"x": "One.", "y": "Two."}, {})
    assert parse_docs("Args:\n    nothing to tell\n").arguments == {}
