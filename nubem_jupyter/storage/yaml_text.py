"""Plain JSON values as YAML that a person reads and edits, and back; nothing in a text can run code."""

from __future__ import annotations

from typing import Any

import yaml

from nubem_jupyter.errors import FormatError

_END = "..."
"""YAML's mark of a document's end. A text that was cut off lacks it, even where what is left would be valid."""
_WIDTH = 110


class _Writer(yaml.SafeDumper):
    """Writes texts of several lines as blocks, and everything out where it stands."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the signature is PyYAML's
        """Write equal values twice: references are hard to read, and are refused on the way back."""
        return True


def _write_text(writer: _Writer, text: str) -> yaml.ScalarNode:
    # YAML knows more line breaks than "\n", and a block that begins with a blank needs marks that nobody reads.
    simple = text.replace("\n", "").isprintable() and not text[:1].isspace()
    if not simple:
        return writer.represent_scalar("tag:yaml.org,2002:str", text, style='"')
    return writer.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Writer.add_representer(str, _write_text)


class _Reader(yaml.SafeLoader):
    """Reads plain JSON values only: no dates, no references, no key twice."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Refuse references: a few lines of them can stand for more than any memory holds."""
        if self.check_event(yaml.AliasEvent):
            event: Any = self.get_event()  # type: ignore[no-untyped-call]
            problem = f"references such as '*{event.anchor}' are not used here"
            raise yaml.composer.ComposerError(None, None, problem, event.start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Refuse a key that stands twice: one of its values would be lost."""
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"'{key.value}' is there twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


_UNREAD = {"tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:merge", "tag:yaml.org,2002:value"}
_Reader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in _UNREAD]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def write_yaml(value: Any) -> str:
    """Write a value, with the end marked.

    Raises:
        FormatError: it is not plain JSON.
    """
    try:
        return yaml.dump(
            value, Dumper=_Writer, sort_keys=False, allow_unicode=True, explicit_end=True, width=_WIDTH, indent=2
        )
    except yaml.YAMLError as error:
        raise FormatError(f"this cannot be written as YAML: {error}") from error


def read_yaml(text: str) -> Any:
    """Read one whole document.

    Raises:
        FormatError: it is cut off, or no YAML of plain values.
    """
    if text.rstrip("\n").rpartition("\n")[2] != _END:
        raise FormatError(
            "it is cut off: its end mark is missing",
            hint=f"restore it or save the flow again; a file written by hand ends with a line of three dots ({_END})",
        )
    try:
        return yaml.load(text, Loader=_Reader)  # noqa: S506 - a safe loader with less in it
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        where = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error)
        line = f" in line {where.line + 1}" if where else ""
        raise FormatError(f"it is no valid YAML{line}: {problem}", hint="correct it or save the flow again") from error
