"""Figures of quality, price and speed are measured or listed by somebody; none is typed into the source."""

import ast
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import nubem_jupyter

PACKAGE = Path(nubem_jupyter.__file__).parent
FIGURE = re.compile(
    r"price|cost|usd|dollar|quality|accuracy|latency|score_sum|prior"
    r"|(tokens?|words?|chars?|calls?)_(per|a)_s|per_(token|second|call)|first_token|speed|throughput",
    re.IGNORECASE,
)
FIGURE_TYPES = {"Figure", "Price", "Speed", "Evidence", "Range", "SpeedSample"}
"""Values that are figures whatever their fields are called."""

ALLOWED = {
    ("engine/assign/table.py", "(LOSS, COST, TIME, DOUBT)"): "which row of a table holds which quantity",
    ("engine/estimator/tokens.py", "Range"): "an answer has at least 1 token; the other end is the node's max_tokens",
    ("engine/estimator/total.py", "Range"): "1 is the certainty that an empty product of chances starts from",
    ("engine/evaluator/statistics.py", "Range"): "0 and 1 are the ends of every share",
    ("engine/planner/limits.py", "dollars"): "what a unit in the user's own words is worth in US dollars",
}
"""(file, name) -> why a literal there is no figure about a model."""

ALLOWED_ROOMS = {
    "testing": "fakes, sample runs and strategies: made-up values for tests, which no user's plan or run ever shows",
}


def typed_figures(source: str) -> Iterator[tuple[str, int]]:
    """Yield each name that tells of a figure and is given a number other than zero, with its line."""
    for node in ast.walk(ast.parse(source)):
        for name, value in _named_values(node):
            if FIGURE.search(name) and _has_number(value):
                yield name, value.lineno
        if isinstance(node, ast.Call) and _callee(node) in FIGURE_TYPES:
            literal = [*node.args, *(keyword.value for keyword in node.keywords)]
            if any(isinstance(value, ast.Constant | ast.UnaryOp) and _has_number(value) for value in literal):
                yield _callee(node), node.lineno


def _named_values(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    match node:
        case ast.Assign(targets=targets, value=value):
            yield from ((ast.unparse(target), value) for target in targets)
        case ast.AnnAssign(target=target, value=ast.expr() as value) | ast.NamedExpr(target=target, value=value):
            yield ast.unparse(target), value
        case ast.keyword(arg=str(name), value=value):
            yield name, value
        case ast.Dict(keys=keys, values=values):
            for key, value in zip(keys, values, strict=True):
                if isinstance(key, ast.Constant):
                    yield str(key.value), value
        case ast.arguments():
            yield from _defaults(node)


def _defaults(arguments: ast.arguments) -> Iterator[tuple[str, ast.expr]]:
    positional = [*arguments.posonlyargs, *arguments.args]
    for argument, value in zip(reversed(positional), reversed(arguments.defaults), strict=False):
        yield argument.arg, value
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if default is not None:
            yield argument.arg, default


def _callee(call: ast.Call) -> str:
    return ast.unparse(call.func).rpartition(".")[2]


def _has_number(value: ast.expr) -> bool:
    """Tell whether a number stands in the value itself: not as an index, not in a call's own keywords (seen alone)."""
    match value:
        case ast.Constant(value=number):
            return isinstance(number, int | float) and not isinstance(number, bool) and number != 0
        case ast.Subscript(value=inner) | ast.Attribute(value=inner):
            return _has_number(inner)
        case ast.Call(args=inputs):
            return any(map(_has_number, inputs))
        case ast.Lambda() | ast.Compare():
            return False
        case _:
            return any(_has_number(child) for child in ast.iter_child_nodes(value) if isinstance(child, ast.expr))


@pytest.mark.parametrize(
    "source",
    [
        "PRICE_USD = 0.00001",
        "quality: float = 0.8",
        "PRICES = {'gpt': 3}",
        "table = {'cost_usd': -1.5}",
        "self.tokens_per_s = 40",
        "f(latency_s=2)",
        "def f(*, accuracy=0.9): ...",
        "def f(a, cost=1): ...",
        "x = Figure(value=0.5, source='listed')",
        "x = model.Evidence(capability='answer', n=3)",
        "if (speed := 3): ...",
        "costs = [1, 2]",
        "cost = n * 0.002",
        "prior = Beta(2, 5)",
    ],
)
def test_a_typed_figure_is_found(source):
    assert list(typed_figures(source))


@pytest.mark.parametrize(
    "source",
    [
        "cost_usd = 0.0",
        "cost_usd: float | None = None",
        "quality = samples[0].quality",
        "max_tokens = 512",
        "cost = a if n > 3 else b",
        "def f(latency_s=None, *, cost): ...",
        "x = Figure(value=total / n, n=n)",
        "accuracy_known = True",
    ],
)
def test_what_is_no_figure_is_left_alone(source):
    assert not list(typed_figures(source))


def test_no_figure_is_typed_into_the_source():
    found = {
        (str(path.relative_to(PACKAGE)), name, line)
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.relative_to(PACKAGE).parts[0] not in ALLOWED_ROOMS
        for name, line in typed_figures(path.read_text(encoding="utf-8"))
        if (str(path.relative_to(PACKAGE)), name) not in ALLOWED
    }
    assert not found, "measure it, let a provider list it, or give the reason in ALLOWED"


def test_shipped_measurements_say_how_many_and_when():
    for path in (PACKAGE / "catalog" / "measured").glob("*.json"):
        record = json.loads(path.read_text(encoding="utf-8"))
        assert record["date"]
        for entry in _objects(record):
            if any(isinstance(value, float) for value in entry.values()):
                assert entry["n"] > 0, f"{path.name}: a measured figure without its n"


def test_no_figure_is_typed_into_other_shipped_data():
    readers = {".toml": tomllib.loads, ".yaml": yaml.safe_load}
    for path in PACKAGE.rglob("*"):
        if path.suffix not in readers:
            continue
        for entry in _objects(readers[path.suffix](path.read_text(encoding="utf-8"))):
            figures = [name for name, value in entry.items() if FIGURE.search(str(name)) and isinstance(value, float)]
            assert not figures, f"{path.relative_to(PACKAGE)} holds {figures}"


def _objects(value: Any) -> Iterator[dict[Any, Any]]:
    match value:
        case dict():
            yield value
            for inner in value.values():
                yield from _objects(inner)
        case list():
            for inner in value:
                yield from _objects(inner)


def test_every_exception_is_still_needed():
    needed = {
        (str(path.relative_to(PACKAGE)), name)
        for path in PACKAGE.rglob("*.py")
        for name, _ in typed_figures(path.read_text(encoding="utf-8"))
    }
    assert set(ALLOWED) <= needed
    assert set(ALLOWED_ROOMS) <= {file.split("/")[0] for file, _ in needed}
