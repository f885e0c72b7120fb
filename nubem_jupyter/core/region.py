"""Regions that models run in, by the names that clouds give them, and which of them lie in a region that is asked for.

A name with dashes lies in every region that it begins with: ``us-east-1`` in ``us-east`` and in ``us``. Two regions
are asked for by names that not every cloud begins its own with: ``eu`` (the European Union) and ``us``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
"""How a region is written."""

_STEMS = {"eu": ("eu", "europe"), "us": ("us",)}
"""What names in these regions begin with."""
_BESIDE = {"eu": frozenset({"eu-west-2", "eu-central-2", "europe-west2", "europe-west6"})}
"""Names that begin so and lie elsewhere: London and Zurich."""
_OTHER_NAMES = {
    "eu": frozenset(
        {
            "austriaeast", "belgiumcentral", "denmarkeast", "finlandcentral", "francecentral", "francesouth",
            "germanynorth", "germanywestcentral", "italynorth", "northeurope", "polandcentral", "spaincentral",
            "swedencentral", "swedensouth", "westeurope",
        }
    ),
    "us": frozenset(
        {
            "centralus", "eastus", "eastus2", "northcentralus", "southcentralus", "westcentralus", "westus", "westus2",
            "westus3",
        }
    ),
}  # fmt: skip
"""Names in these regions that begin otherwise, as Azure has them."""


def lies_in(place: str, region: str) -> bool:
    """Tell whether the region that a cloud calls ``place`` lies in the one that is asked for."""
    if place == region:
        return True
    if place in _BESIDE.get(region, ()):
        return False
    stems = _STEMS.get(region, (region,))
    return (
        place in stems or place in _OTHER_NAMES.get(region, ()) or place.startswith(tuple(f"{one}-" for one in stems))
    )


def first_outside(places: Iterable[str], region: str) -> str:
    """Return the first of the places that does not lie in the region; empty where all do."""
    return next((place for place in places if not lies_in(place.lower(), region)), "")
