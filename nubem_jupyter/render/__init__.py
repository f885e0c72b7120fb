"""Values made readable: text, HTML and pictures, with nothing of Jupyter in them."""
