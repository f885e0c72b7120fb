"""Adapters that keep runs, flows and evidence."""
