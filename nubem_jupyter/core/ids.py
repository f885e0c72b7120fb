"""Names of things; distinct types so that one is never passed for another."""

from __future__ import annotations

from typing import NewType

NodeId = NewType("NodeId", str)
"""A node within its flow: letters, digits, ``_`` and ``-``."""

NodePath = NewType("NodePath", str)
"""A node within a run: ids joined by ``/`` from the outermost flow in; map items and loop rounds as ``id[3]``."""

ModelId = NewType("ModelId", str)
"""``provider/model``, for example ``local/smollm2-135m``."""

RunId = NewType("RunId", str)
"""A run in the store: sortable by the time it began."""
