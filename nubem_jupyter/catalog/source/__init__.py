"""Component files read without being run: Python's own parser, and nothing of the file is executed."""

from nubem_jupyter.catalog.source.reading import LIMIT_BYTES, Place, Reading, read_components

__all__ = ["LIMIT_BYTES", "Place", "Reading", "read_components"]
