"""Where LiteLLM sends calls whose model's name does not say it: the variables of the environment that it looks at."""

from __future__ import annotations

from collections.abc import Mapping

VARIABLES = {"bedrock": ("AWS_REGION_NAME", "AWS_REGION"), "vertex_ai": ("VERTEXAI_LOCATION",)}
"""Provider -> the variables that name its region, the first that is set."""


def regions_said(provider: str, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the region that the environment names for a provider's models; nothing where it names none."""
    return next(((told,) for name in VARIABLES.get(provider, ()) if (told := environ.get(name, "").strip())), ())


def all_said(environ: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    """Return what the environment says of every provider; it changes when a list of models has to be made again."""
    return tuple(regions_said(provider, environ) for provider in VARIABLES)
