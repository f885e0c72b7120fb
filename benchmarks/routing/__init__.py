"""Routers on tables of what real models did on real prompts; see ``__main__``."""
