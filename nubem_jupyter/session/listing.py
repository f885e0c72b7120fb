"""What is known of models: what providers list, and what was measured, as shipped and on this machine."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from nubem_jupyter.core.call_statistics import CallKey, CallStatistics
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Evidence, ModelInfo
from nubem_jupyter.core.observation import CheckedDay
from nubem_jupyter.errors import StorageError
from nubem_jupyter.ports import Provider

if TYPE_CHECKING:
    from nubem_jupyter.session.call_notes import CallNotes


class Listing(NamedTuple):
    """Every model, and what is not known of them for now."""

    models: tuple[ModelInfo, ...]
    """The models."""
    trouble: str
    """Why what was measured on this machine is left out; empty where it is not."""


def list_models(
    listed: Iterable[ModelInfo],
    evidence: Callable[[], Sequence[tuple[ModelId, Evidence]]],
    calls: CallNotes,
    now_s: float,
) -> Listing:
    """Add to what providers list what is known at ``now_s``, in seconds since 1970; for a thread that may wait.

    What was measured fades, sooner after a change. A store that cannot be read hides what was measured here and
    nothing else.
    """
    from nubem_jupyter.catalog.book import compile_models
    from nubem_jupyter.catalog.changes import changes_in, with_changes, with_discounted
    from nubem_jupyter.catalog.checks import with_checked
    from nubem_jupyter.catalog.fading import with_faded
    from nubem_jupyter.catalog.learned import with_learned
    from nubem_jupyter.catalog.measured import shipped_evidence, shipped_speeds

    found: Sequence[tuple[ModelId, Evidence]] = ()
    told: Mapping[CallKey, CallStatistics] = {}
    days: Mapping[tuple[ModelId, str], CallStatistics] = {}
    checked: Sequence[CheckedDay] = ()
    trouble = ""
    try:
        found, told, days, checked = evidence(), calls.all(), calls.days(), calls.checked_days()
    except StorageError as error:
        trouble = f"What was measured on this machine is left out: {error.message}."
    compiled = compile_models(listed, (*shipped_evidence(), *found), shipped_speeds())
    known = with_faded(with_learned(compiled, told, now_s, days), now_s)
    known = with_changes(known, changes_in(found, checked))
    return Listing(with_discounted(with_checked(known, checked, now_s)), trouble)


def models_of(providers: Iterable[Provider], wanted: Collection[ModelId]) -> dict[ModelId, ModelInfo]:
    """Return what providers say of these models, without what was measured: enough to call them and to bill.

    A run starts with this, so it reads no store and touches only the models that are wanted.
    """
    found: dict[ModelId, ModelInfo] = {}
    for provider in providers:
        for info in provider.models():
            if info.id in wanted:
                found.setdefault(info.id, info)
    return found
