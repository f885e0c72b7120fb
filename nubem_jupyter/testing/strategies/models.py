"""Strategies for constraints and for what is known of models."""

from __future__ import annotations

import msgspec
from hypothesis import strategies as st

from nubem_jupyter.core.component import PERMISSIONS
from nubem_jupyter.core.constraint import Constraints, Preference, SecurityLevel
from nubem_jupyter.core.model import Evidence, Figure, ModelInfo, Price, Speed
from nubem_jupyter.testing.strategies.values import amounts, capabilities, dates, model_ids, shares, words


def constraints() -> st.SearchStrategy[Constraints]:
    """Constraints that something could satisfy."""
    limit = st.none() | st.floats(1e-6, 1e6) | st.integers(1, 100)
    few = st.lists(words, max_size=2).map(tuple)
    return st.builds(
        Constraints,
        max_cost_usd=limit,
        max_latency_s=limit,
        min_quality=st.none() | shares,
        security_level=st.sampled_from(SecurityLevel),
        local_only=st.booleans(),
        region=st.sampled_from(("", "eu", "us-east-1")),
        models=st.lists(model_ids, max_size=2).map(tuple),
        prefer=st.sampled_from(Preference),
        require=few,
        allow=st.lists(st.sampled_from(PERMISSIONS), max_size=2).map(tuple),
    )


def figures() -> st.SearchStrategy[Figure]:
    """Numbers with a source."""
    return st.builds(Figure, value=amounts, source=st.sampled_from(("listed", "measured")), date=dates)


def prices() -> st.SearchStrategy[Price]:
    """Prices whose parts may be unknown."""
    some = st.none() | figures()
    rates = {"cached_input_usd": some, "cache_write_usd": some, "reasoning_usd": some}
    return st.builds(Price, input_usd=figures(), output_usd=figures(), **rates)


@st.composite
def evidence(draw: st.DrawFn) -> Evidence:
    """Scored cases whose sum of scores is possible."""
    n = draw(st.integers(1, 500))
    return Evidence(
        capability=draw(capabilities), n=n, score_sum=draw(shares) * n, source=draw(words), date=draw(dates)
    )


def model_infos() -> st.SearchStrategy[ModelInfo]:
    """Models with and without price, speed and evidence."""
    named = st.builds(
        ModelInfo,
        id=model_ids,
        provider=st.just(""),
        via=st.sampled_from(("", "litellm")),
        local=st.booleans(),
        context_tokens=st.none() | st.integers(256, 10**6),
        parameters=st.none() | st.floats(1e6, 1e12),
        features=st.lists(st.sampled_from(("json_schema", "seed", "vision", "tools")), unique=True).map(tuple),
        max_output_tokens=st.none() | st.integers(1, 10**6),
        regions=st.lists(words, max_size=2, unique=True).map(tuple),
        retires=st.just("") | dates,
        price=st.none() | prices(),
        speed=st.none() | st.builds(Speed, first_token_s=figures(), tokens_per_s=figures()),
        evidence=st.lists(evidence(), max_size=3).map(tuple),
    )
    available = st.builds(_provided, named)
    return available | st.builds(_provided, named, missing=st.text(min_size=1, max_size=12))


def _provided(model: ModelInfo, missing: str = "") -> ModelInfo:
    provider = model.id.partition("/")[0]
    return msgspec.structs.replace(
        model, provider=provider, local=provider != "openai", available=not missing, missing=missing
    )
