"""Strategies for conditions and for what a node does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from nubem_jupyter.core.condition import Condition
from nubem_jupyter.core.template import escape
from nubem_jupyter.core.value import ValueType
from nubem_jupyter.core.work import Code, Component, Example, Input, Join, JoinMode, Prompt
from nubem_jupyter.testing.strategies.values import amounts, json_values, node_ids, values_of, words


def conditions() -> st.SearchStrategy[Condition]:
    """Conditions with every operator."""
    path = st.sampled_from(("", "language", "items.0.name"))
    plain = st.sampled_from(("truthy", "falsy"))
    return st.one_of(
        st.builds(Condition, operator=plain, path=path),
        st.builds(Condition, operator=st.sampled_from(("equals", "not_equals")), value=json_values(3), path=path),
        st.builds(Condition, operator=st.just("contains"), value=st.text(min_size=1, max_size=5), path=path),
        st.builds(Condition, operator=st.just("matches"), value=st.sampled_from(("^a", r"\d+", "yes|no")), path=path),
        st.builds(Condition, operator=st.sampled_from(("above", "below")), value=st.integers() | amounts, path=path),
    )


def inputs() -> st.SearchStrategy[Input]:
    """Inputs of every type; a default is of the declared type."""

    def of_type(value_type: ValueType) -> st.SearchStrategy[Input]:
        given = st.builds(Input, type=st.just(value_type), optional=st.just(True), default=values_of(value_type))
        return st.builds(Input, type=st.just(value_type), optional=st.booleans()) | given

    return st.sampled_from(ValueType).flatmap(of_type)


@st.composite
def prompts(draw: st.DrawFn, names: Sequence[str] = ("text",)) -> Prompt:
    """Model calls whose templates use each of the names at least once, beside any other text."""
    used = "".join(escape(draw(words)) + f" {{{name}}} " for name in names)
    schema = {"type": "object", "properties": {"b": {"enum": draw(st.lists(words, min_size=1))}, "a": {}}}
    return Prompt(
        prompt=used + escape(draw(words)),
        system=escape(draw(words)),
        examples=tuple(draw(st.lists(st.builds(Example, given=words, answer=words), max_size=2))),
        output=draw(st.sampled_from(ValueType)),
        schema=draw(st.none() | st.just(schema)),
        max_tokens=draw(st.integers(1, 4096)),
        temperature=draw(st.floats(0, 2) | st.integers(0, 2)),
        seed=draw(st.none() | st.integers(0, 2**31)),
        similar=draw(st.none() | st.floats(0.01, 1) | st.just(1)),
        check=draw(st.sampled_from(("", "assert answer"))),
    )


def codes(names: Sequence[str] = ()) -> st.SearchStrategy[Code]:
    """Programs, and (where names are given) code nodes that read theirs from one of these inputs."""
    rest: dict[str, st.SearchStrategy[Any]] = {"report": st.booleans(), "output": st.sampled_from(ValueType)}
    written = st.builds(Code, source=st.sampled_from(("result = 1", "print('é')\n")), **rest)
    return (written | st.builds(Code, source_from=st.sampled_from(names), **rest)) if names else written


def components() -> st.SearchStrategy[Component]:
    """Tools with fixed arguments."""
    return st.builds(
        Component,
        name=st.just("acme.search"),
        version=st.sampled_from(("", "1.2")),
        args=st.dictionaries(node_ids, json_values(3), max_size=2),
        output=st.sampled_from(ValueType),
        ttl_s=st.sampled_from((None, 0, 60, 2.5)),
    )


def joins() -> st.SearchStrategy[Join]:
    """Joins of every mode."""
    return st.builds(Join, mode=st.sampled_from(JoinMode))
