"""What one model did on one case: what cascades are learned from. Neither the question nor the answer is in it."""

from __future__ import annotations

import msgspec

from nubem_jupyter.core.ids import ModelId


class CaseOutcome(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One scored call."""

    capability: str
    """What the case is about."""
    kind: str
    """What kind of answer was asked for; see ``engine.answer_form``. Empty where answers cannot be compared."""
    query: str
    """Digest of what was asked: the calls of all models for one case share it."""
    model: ModelId
    """Who was asked."""
    sample: int = 0
    """Which of the model's answers to this case, counted from 0."""
    date: str = ""
    """ISO date."""
    score: float
    """How right it was, 0 to 1."""
    form: str | None = None
    """Digest of the answer in the form in which answers are compared; equal for equal answers to one query, and for
    nothing else. None where there is nothing to compare."""
    answer: str | None = None
    """Digest of the same form, equal for equal answers to any query: some tell of themselves whether they are right.
    None where there is no form, or where it was kept before there was this one."""
    cost_usd: float | None = None
    """US dollars of the call; None where the price is unknown."""
    input_tokens: int = 0
    """Tokens given."""
    output_tokens: int = 0
    """Tokens generated."""
    latency_s: float = 0.0
    """Seconds of the call."""
    first_token_s: float | None = None
    """Seconds to its first text; None where nobody could tell."""


class PromptVector(msgspec.Struct, frozen=True, kw_only=True):
    """Where the filled-in prompt of a query lies among others; all models' calls for the query share it."""

    query: str
    """The query's digest, as outcomes have it."""
    space: str
    """What read it, with its version: vectors of two spaces cannot be compared."""
    packed: bytes
    """The vector; see ``engine.success.packed``."""


class Stamp(msgspec.Struct, frozen=True, kw_only=True):
    """Which outcomes there are for a capability and kind of answer; it changes whenever they do."""

    capability: str
    """Which capability."""
    kind: str
    """Which kind of answer."""
    count: int
    """How many."""
    newest: int
    """Number of the one that was kept last."""
