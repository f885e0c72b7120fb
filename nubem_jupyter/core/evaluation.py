"""Scored cases: what was asked, what came, how right it was, and how sure the mean is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from nubem_jupyter.core.by_name import ByName
from nubem_jupyter.core.frozen import freeze_fields
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.wire import stored

if TYPE_CHECKING:
    import pandas as pd


class EvalCase(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, metaclass=ByName
):
    """One case of a dataset."""

    inputs: Mapping[str, Any]
    """Values for the target's inputs; a single text stands under ``input``."""
    target: Any = None
    """What a right answer is; its form depends on the scorer."""
    id: str = ""
    """A name that stays; empty is numbered."""
    cluster: str = ""
    """Cases that belong together (one document, one task); the standard error respects it."""

    def __post_init__(self) -> None:
        freeze_fields(self, "inputs")


class Dataset(msgspec.Struct, frozen=True, kw_only=True, metaclass=ByName):
    """Cases under one name."""

    name: str
    """What it is called."""
    cases: tuple[EvalCase, ...]
    """The cases, each with an id."""


class Score(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How right one answer was."""

    value: float
    """0 (wrong) to 1 (right)."""
    explanation: str = ""
    """Why, where the scorer can say."""


class Sample(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One case answered by one target."""

    target: str
    """Which model or flow."""
    case: str
    """Which case."""
    cluster: str = ""
    """The case's cluster."""
    answer: Any = None
    """What came."""
    score: float | None = None
    """0 to 1; None when there was no answer to score."""
    unusable: bool = False
    """Whether a model answered, and not in the form that was asked for; then there is no score."""
    explanation: str = ""
    """What the scorer said, or why there was no answer."""
    cost_usd: float = 0.0
    """What it cost, in US dollars."""
    latency_s: float = 0.0
    """Seconds that it took."""


class Mean(msgspec.Struct, frozen=True, kw_only=True):
    """A mean score and how sure it is."""

    target: str
    """Which model or flow."""
    n: int
    """How many samples were scored."""
    errors: int
    """How many had no answer; they count as 0 in the mean."""
    mean: float
    """Mean score of all samples."""
    standard_error: float | None
    """Of the mean, clustered where the cases have clusters; None for fewer than two clusters."""
    low: float
    """Lower end of the 95 % interval."""
    high: float
    """Upper end of the 95 % interval."""
    cost_usd: float
    """US dollars of all samples together."""
    latency_s: float
    """Mean seconds a sample."""


class Lesson(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an evaluation changed for routing, when it was made."""

    cases: Mapping[ModelId, int] = {}
    """Model -> on how many cases its scores count now as evidence of how good it is at the evaluation's capability."""
    uncounted: str = ""
    """Why no scores count; empty where some do."""
    cascades: tuple[ModelId, ...] = ()
    """Names of the cascades that plans may now choose from for such steps, learned from this and earlier ones."""
    no_cascade: str = ""
    """Why there are none; empty where there are, and where nothing counts in routing at all."""

    def __post_init__(self) -> None:
        freeze_fields(self, "cases")


@stored("nubem.evaluation", 1)
class Evaluation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Every sample of an evaluation and what they say together."""

    dataset: str
    """Which dataset."""
    scorer: str
    """How answers were scored."""
    capability: str = ""
    """What the cases are about, where known; the catalog files evidence under it."""
    date: str = ""
    """When: ISO 8601, UTC."""
    samples: tuple[Sample, ...]
    """One a case and target."""
    means: tuple[Mean, ...]
    """One a target, best first."""
    lesson: Lesson | None = None
    """What it changed for routing; None where that was not put down."""

    @property
    def frame(self) -> pd.DataFrame:
        """One row a target: target, mean, standard_error, low, high, n, errors, cost_usd, latency_s."""
        import pandas as pd  # imported late: it is slow

        order = ("target", "mean", "standard_error", "low", "high", "n", "errors", "cost_usd", "latency_s")
        return pd.DataFrame([msgspec.to_builtins(mean) for mean in self.means], columns=list(order))

    @property
    def samples_frame(self) -> pd.DataFrame:
        """One row a sample, its fields as columns."""
        import pandas as pd

        rows = [msgspec.structs.asdict(sample) for sample in self.samples]
        return pd.DataFrame(rows, columns=list(Sample.__struct_fields__))
