"""The functions and constants of the calculator; exact where the value is a fraction."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Any

Number = Fraction | float

_MOST_FACTORIAL = 5000


def square_root(number: Number) -> Number:
    """Return the root, exact where it is a fraction.

    Raises:
        ValueError: the number is negative.
    """
    if number < 0:
        raise ValueError("a negative number has no square root")
    if not isinstance(number, Fraction):
        return math.sqrt(number)
    above, below = math.isqrt(number.numerator), math.isqrt(number.denominator)
    if above * above == number.numerator and below * below == number.denominator:
        return Fraction(above, below)
    return math.sqrt(number)


def _whole(number: Number) -> int:
    if number != int(number):
        raise ValueError(f"{float(number):g} is not a whole number")
    return int(number)


def _factorial(number: Number) -> Fraction:
    whole = _whole(number)
    if whole > _MOST_FACTORIAL:
        raise OverflowError
    return Fraction(math.factorial(whole))


def _choices(function: Callable[[int, int], int]) -> Callable[[Number, Number], Fraction]:
    def count(of: Number, taken: Number) -> Fraction:
        whole, few = _whole(of), _whole(taken)
        if min(few, abs(whole - few)) * whole.bit_length() > 10 * _MOST_FACTORIAL:
            raise OverflowError
        return Fraction(function(whole, few))

    return count


def _wholes(function: Callable[..., int]) -> Callable[..., Fraction]:
    return lambda *numbers: Fraction(function(*map(_whole, numbers)))


def _rounded(number: Number, digits: Number = Fraction(0)) -> Number:
    places = _whole(digits)
    if abs(places) > 300:
        raise ValueError("at most 300 digits can be rounded to")
    return Fraction(round(Fraction(number), places))


def _several(function: Callable[[list[Number]], Any]) -> Callable[..., Any]:
    """Take numbers one by one or as one list."""

    def call(*values: Any) -> Any:
        numbers = values[0] if len(values) == 1 and isinstance(values[0], list) else list(values)
        if not numbers:
            raise ValueError("there is no number")
        return function(numbers)

    return call


def _sum(numbers: list[Number]) -> Number:
    return sum(numbers, Fraction(0))


def _log(number: Number, base: Number | None = None) -> float:
    return _log_of(number) if base is None else _log_of(number) / _log_of(base)


def _log_of(number: Number) -> float:
    if number <= 0:
        raise ValueError("only numbers above 0 have a logarithm")
    if isinstance(number, Fraction):  # whose parts may be larger than any float
        return math.log(number.numerator) - math.log(number.denominator)
    return math.log(number)


CONSTANTS: Mapping[str, float] = MappingProxyType({"pi": math.pi, "e": math.e, "tau": math.tau})
"""Names that stand for a number."""

FUNCTIONS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "abs": abs,
        "round": _rounded,
        "floor": lambda number: Fraction(math.floor(number)),
        "ceil": lambda number: Fraction(math.ceil(number)),
        "min": _several(min),
        "max": _several(max),
        "sum": _several(_sum),
        "mean": _several(lambda numbers: _sum(numbers) / len(numbers)),
        "median": _several(statistics.median),
        "sqrt": square_root,
        "exp": math.exp,
        "log": _log,
        "ln": _log,
        "log2": lambda number: _log(number, Fraction(2)),
        "log10": lambda number: _log(number, Fraction(10)),
        "sin": math.sin,
        "cos": math.cos,
        "tan": math.tan,
        "asin": math.asin,
        "acos": math.acos,
        "atan": math.atan,
        "degrees": math.degrees,
        "radians": math.radians,
        "factorial": _factorial,
        "comb": _choices(math.comb),
        "perm": _choices(math.perm),
        "gcd": _wholes(math.gcd),
        "lcm": _wholes(math.lcm),
    }
)
"""Name -> function of numbers, or of a list of them."""
