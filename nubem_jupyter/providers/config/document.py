"""Reading a ``litellm-config.yaml``: its deployments, and how its router goes from one to another."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from nubem_jupyter.errors import ModelUnavailableError

VARIABLE = "os.environ/"
"""Stands before the name of a variable, in place of its value."""

_LARGEST_BYTES = 4 * 1024 * 1024
_FALLBACKS = ("fallbacks", "default_fallbacks", "context_window_fallbacks", "content_policy_fallbacks")
_ROUTING = ("routing_strategy", "enable_pre_call_checks", "allowed_fails", "cooldown_time", "timeout", "stream_timeout")
_OWN_WAYS = frozenset(("routing_strategy", "enable_pre_call_checks", "allowed_fails", "cooldown_time"))
"""What of routing says who of a model's deployments is asked."""
_USUAL = "simple-shuffle"
"""The strategy that goes by weights, as is done here."""
_ADDRESSES = ("api_base", "base_url")
_SHOWN = frozenset(("model", "api_version", "aws_region_name", "custom_llm_provider", "region_name", "vertex_location"))
"""Texts of a deployment that are no keys, so that messages may show them."""


class Deployment(NamedTuple):
    """One way to one model."""

    name: str
    """What callers ask for."""
    parameters: Mapping[str, Any]
    """What LiteLLM is told."""
    place: int
    """Which entry of 'model_list' it is, counted from 1."""

    @property
    def address(self) -> str:
        """The server that it names; empty where its provider's own is meant."""
        return next((told for name in _ADDRESSES if (told := _text(self.parameters.get(name)))), "")

    @property
    def site(self) -> str:
        """What this very deployment is called, after the model's name."""
        return f"{self.name}#{self.place}"

    @property
    def router_id(self) -> str:
        """What LiteLLM's router knows it by."""
        return f"nubem-deployment-{self.place}"

    def amount(self, field: str) -> float | None:
        """Return a number that is said of it, such as ``rpm``; None where none is, or none that is above 0."""
        value = self.parameters.get(field)
        return float(value) if isinstance(value, int | float) and value > 0 else None

    @property
    def variables(self) -> tuple[str, ...]:
        """The environment variables that stand in place of its values."""
        texts = (_text(value) for value in self.parameters.values())
        return tuple(dict.fromkeys(text.removeprefix(VARIABLE) for text in texts if text.startswith(VARIABLE)))


class Document(NamedTuple):
    """What is read of a file; the rest is a proxy's."""

    deployments: tuple[Deployment, ...] = ()
    """Every way to every model, in the file's order."""
    routing: Mapping[str, Any] = {}
    """What LiteLLM's router is told beside them."""

    @property
    def secrets(self) -> dict[str, str]:
        """What may be a key and stands in the file itself, under names of their own: no message may show it."""
        texts = (text for one in self.deployments for text in _secret_texts(one.parameters))
        return {f"KEY_{place}": text for place, text in enumerate(dict.fromkeys(texts))}

    def is_spread_here(self, name: str) -> bool:
        """Tell whether the file leaves it open who of a model's deployments is asked, but for weights and limits.

        Else that is up to LiteLLM's router, which goes by what the file says.
        """
        told = {field for field in _OWN_WAYS if self.routing.get(field) is not None}
        if self.routing.get("routing_strategy") == _USUAL:
            told.discard("routing_strategy")
        ordered = any("order" in one.parameters for one in self.deployments if one.name == name)
        return not told and not ordered and self.behind(name) == (name,)

    def behind(self, name: str) -> tuple[str, ...]:
        """Name everybody who may answer for a model, itself first."""
        found = [name]
        for field in _FALLBACKS:
            for told in self.routing.get(field) or ():
                others = told.get(name, ()) if isinstance(told, Mapping) else (told,)
                found += [other for other in others if isinstance(other, str)]
        return tuple(dict.fromkeys(found))


def model_list(deployments: Sequence[Deployment]) -> list[dict[str, Any]]:
    """Give deployments as LiteLLM's router takes them, which changes what it is given.

    Those that share their model's name get one of their own.
    """
    named = Counter(one.name for one in deployments)
    return [
        {
            "model_name": one.name,
            "litellm_params": copy.deepcopy(dict(one.parameters)),
            **({"model_info": {"id": one.router_id}} if named[one.name] > 1 else {}),
        }
        for one in deployments
    ]


def read_document(path: Path) -> Document:
    """Read a file.

    Raises:
        ModelUnavailableError: it cannot be read, is no YAML, or has no list of models.
    """
    import yaml  # imported late: most workspaces have no such file

    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise _trouble(path, "it is too large")
        content = yaml.load(path.read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    except (OSError, UnicodeDecodeError) as error:
        reason = "it is not there" if isinstance(error, FileNotFoundError) else "it cannot be read as text"
        raise _trouble(path, reason) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        # Not the library's own words: they show the line, and a key may stand in it.
        raise _trouble(path, f"it is no YAML at line {mark.line + 1}" if mark else "it is no YAML") from None
    rows = content.get("model_list") if isinstance(content, Mapping) else None
    if not isinstance(rows, list):
        raise _trouble(path, "it has no list 'model_list'")
    return Document(tuple(_deployments(path, rows)), _routing(path, content))


def _deployments(path: Path, rows: list[Any]) -> Iterator[Deployment]:
    for place, row in enumerate(rows, 1):
        name, parameters = (row.get("model_name"), row.get("litellm_params")) if isinstance(row, Mapping) else ("", {})
        if not (_text(name) and isinstance(parameters, Mapping) and _text(parameters.get("model"))):
            raise _trouble(path, f"entry {place} of 'model_list' lacks model_name, or litellm_params with a model")
        yield Deployment(str(name), {str(field): value for field, value in parameters.items()}, place)


def _routing(path: Path, content: Mapping[str, Any]) -> dict[str, Any]:
    """Take what says who is asked when; a Redis, callbacks and keys of a proxy are left to the proxy."""
    tables = ((content.get("litellm_settings"), _FALLBACKS), (content.get("router_settings"), _FALLBACKS + _ROUTING))
    found = {
        field: table[field]
        for table, fields in tables
        if isinstance(table, Mapping)
        for field in fields
        if table.get(field) is not None
    }
    for field in _FALLBACKS:
        if not (isinstance(found.get(field, []), list) and all(map(_is_fallback, found.get(field, [])))):
            raise _trouble(path, f"'{field}' is no list of names, or of names with a list each")
    return found


def _is_fallback(told: Any) -> bool:
    """Tell whether it names a model for everybody, or for each of several models a list of others."""
    if isinstance(told, Mapping):
        return all(isinstance(name, str) and isinstance(others, list) for name, others in told.items())
    return isinstance(told, str)


def _secret_texts(told: Any) -> Iterator[str]:
    """Yield the texts in a deployment, headers and whatever else lies deeper included, that messages must not show."""
    if isinstance(told, str):
        yield from () if told.startswith(VARIABLE) else (told,)
    elif isinstance(told, Mapping):
        for name, value in told.items():
            open_address = name in _ADDRESSES and not {"@", "?"} & set(_text(value))
            yield from () if name in _SHOWN or open_address else _secret_texts(value)
    elif isinstance(told, list):
        for value in told:
            yield from _secret_texts(value)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _trouble(path: Path, reason: str) -> ModelUnavailableError:
    return ModelUnavailableError(f"{path} cannot be used: {reason}", hint="mend the file or take it away")
