"""Jupyter's side: the extension, the magics, completion and live display; the only room that knows IPython."""
