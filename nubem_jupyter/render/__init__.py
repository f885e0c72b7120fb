"""Pictures, tables and text of plans, runs and evaluations; knows no Jupyter."""
