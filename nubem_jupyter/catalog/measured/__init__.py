"""What was measured before this version was released, shipped with it so that routing has something to go by."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files

import msgspec

from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Evidence, Figure, Speed
from nubem_jupyter.errors import FormatError

FILE = "local.json"
"""What ``benchmarks/local_models.py`` writes."""


class Machine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where it was measured, without names."""

    architecture: str
    """The processor's instruction set."""
    cores: int
    """Cores that the process could use."""
    system: str
    """Operating system."""
    note: str = ""
    """What else matters for the speeds."""


class Quantiles(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A measured quantity."""

    low: float
    """5 % quantile."""
    median: float
    """Median."""
    high: float
    """95 % quantile."""
    n: int
    """How many measurements."""


class ModelRecord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was measured of one model."""

    model: ModelId
    """Which model."""
    first_token_s: Quantiles
    """Seconds to the first text."""
    tokens_per_s: Quantiles
    """Generated tokens a second after that."""
    evidence: tuple[Evidence, ...]
    """How often its answers were right, by capability."""


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A measuring session."""

    version: int = 1
    """Version of this form."""
    date: str
    """ISO date."""
    machine: Machine
    """Where."""
    models: tuple[ModelRecord, ...]
    """One a model."""


def shipped_record() -> Record:
    """Read the record that this version carries.

    Raises:
        FormatError: the package's file is damaged.
    """
    try:
        return msgspec.json.decode(files("nubem_jupyter.catalog.measured").joinpath(FILE).read_bytes(), type=Record)
    except msgspec.DecodeError as error:
        raise FormatError(f"the package's {FILE} is damaged: {error}", hint="install nubem-jupyter again") from error


def shipped_evidence() -> tuple[tuple[ModelId, Evidence], ...]:
    """Return what was found of the models' quality; raises as ``shipped_record`` does."""
    return tuple((entry.model, evidence) for entry in shipped_record().models for evidence in entry.evidence)


def shipped_speeds() -> Mapping[ModelId, Speed]:
    """Return how fast the models were on the machine that measured them; raises as ``shipped_record`` does."""
    record = shipped_record()
    return {
        entry.model: Speed(
            first_token_s=_figure(entry.first_token_s, record.date),
            tokens_per_s=_figure(entry.tokens_per_s, record.date),
        )
        for entry in record.models
    }


def _figure(found: Quantiles, date: str) -> Figure:
    return Figure(
        value=found.median, source="measured on another machine", low=found.low, high=found.high, n=found.n, date=date
    )
