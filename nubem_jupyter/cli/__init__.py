"""The ``nubem`` program: the same session for a terminal."""
