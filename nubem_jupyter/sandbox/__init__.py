"""Adapters that run code in isolation."""
