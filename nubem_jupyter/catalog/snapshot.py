"""Everything that the catalog knows at one moment, as one value that can be compared and handed around."""

from __future__ import annotations

import msgspec

from nubem_jupyter.core.component import ComponentInfo, Trouble
from nubem_jupyter.core.model import ModelInfo


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """What there is, and what could not be read."""

    models: tuple[ModelInfo, ...] = ()
    """Every model, by first listing."""
    components: tuple[ComponentInfo, ...] = ()
    """Every component, each name once."""
    troubles: tuple[Trouble, ...] = ()
    """What could not be read, and how to mend it."""
