"""Adapters that answer model calls."""
