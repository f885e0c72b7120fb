"""Finding passages in folders and tables by their words, from an index that is kept."""
