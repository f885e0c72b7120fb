"""Finding passages in folders and tables by their words and their meaning, from an index that is kept."""
