"""Where a call's data may go: held when a plan is made, and again when it is run, for everybody who may be asked."""

from __future__ import annotations

from typing import NamedTuple

from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.model import ModelInfo, Site
from nubem_jupyter.core.region import first_outside


class Stray(NamedTuple):
    """Why data may not go somewhere."""

    reason: str
    """As the end of a sentence that begins with a model's name."""
    mend: str
    """What would have to be otherwise."""


def strays(model: ModelInfo, constraints: Constraints) -> Stray | None:
    """Say why a model may not be given the data; None where one of its deployments, or it itself, may.

    Deployments that cannot be called now count only where none can.
    """
    places = [one for one in model.deployments if not one.missing] or model.deployments or (model,)
    found = [_strays(where, constraints) for where in places]
    return None if None in found else found[0]


def staying(model: ModelInfo, constraints: Constraints) -> tuple[Site, ...]:
    """Return those of the model's deployments that can be called now and may be given the data."""
    return tuple(one for one in model.deployments if not one.missing and _strays(one, constraints) is None)


def _strays(where: ModelInfo | Site, constraints: Constraints) -> Stray | None:
    region = constraints.region
    if where.local:
        return None
    if constraints.keeps_data_local:
        return Stray("would send the data off this machine", "leave out --local and --security high")
    if not region:
        return None
    if not where.regions:
        return Stray(
            f"runs nobody says where, so region {region} cannot be kept",
            "say where in its endpoint's table in nubem.toml or in its entry of litellm-config.yaml (region), "
            "or leave out --region",
        )
    outside = first_outside(where.regions, region)
    return Stray(f"may run in {outside}, outside of region {region}", "leave out --region") if outside else None
