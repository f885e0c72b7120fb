"""Which of the catalog's models a listing shows: one reading of the filters for the notebook and the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

import msgspec

from nubem_jupyter.core.model import ModelInfo
from nubem_jupyter.core.text import nearest
from nubem_jupyter.errors import UsageError
from nubem_jupyter.session.options import names_in

MILLION = 1_000_000
"""Tokens that prices are shown and asked for."""

_GLOB = frozenset("*?[")
_COMMANDS = ("refresh", "pull")
"""Words that are no part of a name."""
_LIKE = 0.75
"""How like one of them a word must be to be taken for it."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a model must be like to be shown."""

    words: tuple[str, ...] = ()
    """Each a part of its id or its provider's name, or a pattern of a whole one: ``openai/*``, ``gpt-*``. One with a
    slash is about the whole id alone."""
    providers: tuple[str, ...] = ()
    """Who may serve it; empty where anybody may."""
    require: tuple[str, ...] = ()
    """Features that it must have."""
    max_price_usd: float | None = None
    """What a million tokens, given or generated, cost at most; a price that is unknown is above it."""

    def fits(self, model: ModelInfo) -> bool:
        """Tell whether the model is such."""
        return (
            all(_has(model, word.lower()) for word in self.words)
            and (not self.providers or model.provider in self.providers)
            and set(self.require) <= set(model.features)
            and (self.max_price_usd is None or _within(model, self.max_price_usd))
        )

    def names(self, model: ModelInfo) -> bool:
        """Tell whether a word is its whole name, or that of who serves it: others only have it somewhere in theirs."""
        whole = model.id.lower()
        return not {whole, whole.partition("/")[2], model.provider.lower()}.isdisjoint(map(str.lower, self.words))


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """The models that fit, of all that are known."""

    shown: tuple[ModelInfo, ...]
    """Those to show: first the ones that can be called, and of those the ones that a word, or whose provider a word,
    names."""
    closed: int = 0
    """How many more fit, and cannot be called yet."""
    cut: int = 0
    """How many more were left out by the limit."""
    one: ModelInfo | None = None
    """The model that is meant, where one is: by its whole id, or as the only one that fits the words."""


def choose(models: Sequence[ModelInfo], options: Mapping[str, Any]) -> Selection:
    """Pick the models by ``words``, ``provider``, ``require``, ``max_price``, ``all`` and ``limit``.

    Without ``all`` those that can be called are shown, the ones of this machine that could be, and the one that is
    meant by its whole id.

    Raises:
        UsageError: no model has such a name, provider or feature, or the limit shows nothing.
    """
    wanted = _read(models, options)
    limit: int | None = options["limit"]
    if limit is not None and limit < 1:
        raise UsageError(f"--limit is {limit}, which lists nothing", hint="write --limit 20")
    named = next((model for model in models if wanted.words == (model.id,)), None)
    if named is not None:
        return Selection(shown=(named,), one=named)
    fitting = [model for model in models if wanted.fits(model)]
    near = [model for model in fitting if options["all"] or model.available or model.local]
    near.sort(key=lambda model: (not model.available, not wanted.names(model)))
    return Selection(
        shown=tuple(near[:limit]),
        closed=len(fitting) - len(near),
        cut=max(0, len(near) - limit) if limit else 0,
        one=near[0] if wanted.words and len(near) == 1 else None,
    )


def check_alone(words: Sequence[str]) -> None:
    """Check that nothing stands after ``refresh``, which asks everybody.

    Raises:
        UsageError: something does.
    """
    if words[:1] == ["refresh"] and len(words) > 1:
        raise UsageError("refresh asks every server, and takes no name", hint=f"leave '{words[1]}' out")


def all_of(command: str, options: Mapping[str, Any]) -> str:
    """Write the command that also lists what cannot be called yet, with the same filters."""
    words = [f"'{word}'" if not _GLOB.isdisjoint(word) else word for word in options["words"]]
    for name in ("provider", "require"):
        words += [f"--{name} {','.join(names)}"] if (names := names_in(options[name])) else []
    words += [f"--max-price {options['max_price']:g}"] if options["max_price"] is not None else []
    return " ".join([command, "--all", *words])


def _read(models: Iterable[ModelInfo], options: Mapping[str, Any]) -> Wanted:
    providers, features = names_in(options["provider"]), names_in(options["require"])
    _refuse_unknown("provider", providers, {model.provider for model in models})
    _refuse_unknown("feature", features, {feature for model in models for feature in model.features})
    _refuse_unheard(models, options["words"])
    return Wanted(
        words=tuple(options["words"]), providers=providers, require=features, max_price_usd=options["max_price"]
    )


def _refuse_unknown(what: str, names: Sequence[str], known: set[str]) -> None:
    unknown = next((name for name in names if name not in known), None)
    if unknown is not None:
        close = nearest(unknown, known)
        hint = f"did you mean '{close}'?" if close else f"there are: {' '.join(sorted(known)) or 'none yet'}"
        raise UsageError(f"no model has the {what} '{unknown}'", hint=hint)


def _refuse_unheard(models: Iterable[ModelInfo], words: Iterable[str]) -> None:
    models = tuple(models)
    unheard = next((word for word in words if not any(_has(model, word.lower()) for model in models)), None)
    if unheard is not None:
        names = {name for model in models for name in (model.id, model.id.partition("/")[2], model.provider)}
        close = nearest(unheard, _COMMANDS, likeness=_LIKE) or nearest(unheard, sorted(names))
        hint = f"did you mean '{close}'?" if close else "see: nubem models --all"
        raise UsageError(f"no model that is listed has '{unheard}' in its name", hint=hint)


def _has(model: ModelInfo, word: str) -> bool:
    whole = model.id.lower()
    names = whole, whole.partition("/")[2], model.provider.lower()
    if _GLOB.isdisjoint(word):
        return any(word in name for name in names)
    return any(fnmatchcase(name, word) for name in (names[:1] if "/" in word else names))


def _within(model: ModelInfo, limit_usd: float) -> bool:
    if model.price is None:
        return False
    return max(model.price.input_usd.value, model.price.output_usd.value) * MILLION <= limit_usd * (1 + 1e-9)
