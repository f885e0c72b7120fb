"""Folders of component files: found, read when they have changed, and remembered from one kernel to the next."""

from nubem_jupyter.catalog.folders.scanner import ComponentFolders, cache_file

__all__ = ["ComponentFolders", "cache_file"]
