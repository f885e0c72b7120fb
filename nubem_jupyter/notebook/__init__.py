"""The extension, its magics and displays: the only room that knows Jupyter."""
