"""Exact arithmetic over a written expression: whole numbers and fractions, and nothing that Python could do besides."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from nubem_jupyter.components.functions import CONSTANTS, FUNCTIONS, square_root
from nubem_jupyter.components.stop import Stop
from nubem_jupyter.core.text import nearest
from nubem_jupyter.errors import NodeError, UsageError

Number = Fraction | float
"""A fraction where the value is exact, else a float."""

MOST_CHARS = 1000
"""Length of an expression."""
_MOST_BITS = 100_000
_MOST_RESULT_BITS = 13_000  # about 3,900 digits: Python writes no more than 4,300
_MOST_POWER = 400
_HALF = Fraction(1, 2)
_SIGNS = str.maketrans({"×": "*", "·": "*", "÷": "/", "−": "-", "–": "-"})
_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_HINT = "write numbers, variables, + - * / // % ** and functions such as sqrt(2), round(x, 2), sum([1, 2])"


def compute(expression: str, variables: Mapping[str, Any], stop: Stop) -> int | float:
    """Work an expression out: exactly as long as its operations allow, and rounded once, at the end.

    Raises:
        UsageError: it is no expression of this arithmetic.
        NodeError: it has no value (a division by zero), or one that is too large.
    """
    if len(expression) > MOST_CHARS:
        raise UsageError(f"the expression is longer than {MOST_CHARS:,} characters", hint="give lists as variables")
    source = expression.translate(_SIGNS).strip()
    try:
        tree = ast.parse(source, mode="eval")
        value = _Evaluation(source, variables, stop).value(tree.body)
    except (SyntaxError, RecursionError, MemoryError) as error:  # the last two: brackets in brackets in brackets
        raise UsageError(f"'{expression}' is no expression", hint=_HINT) from error
    except ZeroDivisionError as error:
        raise NodeError(f"'{expression}' divides by zero", hint="check the values that it divides by") from error
    except OverflowError as error:
        raise _too_large(expression) from error
    return _as_json(value, expression)


class _Evaluation:
    """One expression's evaluation."""

    def __init__(self, source: str, variables: Mapping[str, Any], stop: Stop) -> None:
        self._source = source
        self._variables = variables
        self._stop = stop

    def value(self, node: ast.expr) -> Any:
        """Return a number, or a list of them."""
        self._stop.check()
        match node:
            case ast.Constant():
                return self._literal(node)
            case ast.Name(id=name):
                return self._named(name)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
                number = self._number(operand)
                return -number if isinstance(sign, ast.USub) else number
            case ast.BinOp(left=left, op=op, right=right):
                return _operate(op, self._number(left), self._number(right))
            case ast.List(elts=items) | ast.Tuple(elts=items):
                return [self._number(item) for item in items]
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self._call(name, arguments)
            case _:
                raise UsageError(f"'{ast.unparse(node)}' is not part of this arithmetic", hint=_HINT)

    def _number(self, node: ast.expr) -> Number:
        value = self.value(node)
        if isinstance(value, list):
            raise UsageError(f"'{ast.unparse(node)}' is a list, where a number belongs", hint="sum(…) adds a list up")
        return value  # type: ignore[no-any-return]

    def _literal(self, node: ast.Constant) -> Fraction:
        if isinstance(node.value, bool) or not isinstance(node.value, int | float):
            raise UsageError(f"{node.value!r} is no number", hint=_HINT)
        if isinstance(node.value, int):
            return Fraction(node.value)
        # As it is written: 0.1 is a tenth, not the float that is nearest to it.
        written = (ast.get_source_segment(self._source, node) or "").replace("_", "")
        power = written.lower().partition("e")[2]
        if not math.isfinite(node.value) or (power and abs(int(power)) > _MOST_POWER):
            raise OverflowError(written)
        return Fraction(written)

    def _named(self, name: str) -> Any:
        if name in self._variables:
            return _given(name, self._variables[name])
        if name in CONSTANTS:
            return CONSTANTS[name]
        close = nearest(name, [*self._variables, *CONSTANTS, *FUNCTIONS])
        hint = f"did you mean '{close}'?" if close else "give it among the variables"
        raise UsageError(f"there is no '{name}'", hint=hint)

    def _call(self, name: str, arguments: Sequence[ast.expr]) -> Number:
        function = FUNCTIONS.get(name)
        if function is None:
            close = nearest(name, FUNCTIONS)
            hint = f"did you mean '{close}'?" if close else f"there are: {', '.join(FUNCTIONS)}"
            raise UsageError(f"there is no function '{name}'", hint=hint)
        values = [self.value(argument) for argument in arguments]
        try:
            return _bounded(function(*values))
        except (TypeError, ValueError) as error:
            raise UsageError(f"{name} cannot take these values: {error}", hint="check what it is given") from error


def _operate(op: ast.operator, left: Number, right: Number) -> Number:
    if isinstance(op, ast.Pow):
        return _bounded(_power(left, right))
    operation = _OPERATORS.get(type(op))
    if operation is None:
        hint = "a power is written 2 ** 3" if isinstance(op, ast.BitXor) else _HINT
        raise UsageError(f"{type(op).__name__} is not part of this arithmetic", hint=hint)
    return _bounded(operation(left, right))


def _power(base: Number, exponent: Number) -> Number:
    if isinstance(base, Fraction) and isinstance(exponent, Fraction) and exponent.denominator == 1:
        if _bits(base) * abs(exponent.numerator) > _MOST_BITS and base not in (0, 1, -1):
            raise OverflowError
        return base**exponent.numerator
    if base < 0:
        raise UsageError("a negative number has no such power", hint="whole exponents can be used with it")
    return square_root(base) if exponent == _HALF else float(base) ** float(exponent)


def _given(name: str, value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_given(name, item) for item in value]
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise UsageError(
            f"the variable '{name}' holds {value!r}, which is no number", hint="give numbers or lists of them"
        )
    return _bounded(Fraction(repr(value)))


def _bits(number: Fraction) -> int:
    return max(number.numerator.bit_length(), number.denominator.bit_length())


def _bounded(number: Number) -> Number:
    if isinstance(number, float):
        return number
    fraction = Fraction(number)  # of two fractions // makes an int
    if _bits(fraction) > _MOST_BITS:
        raise OverflowError
    return fraction


def _as_json(value: Any, expression: str) -> int | float:
    if isinstance(value, list):
        raise UsageError(f"'{expression}' is a list", hint="sum(…), mean(…), min(…) and max(…) make a number of it")
    if isinstance(value, Fraction) and value.denominator == 1:
        if value.numerator.bit_length() > _MOST_RESULT_BITS:
            raise _too_large(expression)
        return value.numerator
    try:
        number = float(value)
    except OverflowError as error:
        raise _too_large(expression) from error
    if math.isnan(number):
        raise NodeError(f"'{expression}' has no value", hint="check the values that it uses")
    if math.isinf(number):
        raise _too_large(expression)
    return number


def _too_large(expression: str) -> NodeError:
    return NodeError(f"'{expression}' is too large a number", hint="use log(…), or smaller values")
