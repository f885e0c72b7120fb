"""The same session for a terminal."""
