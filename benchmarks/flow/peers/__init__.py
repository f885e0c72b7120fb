"""Peers of our engine, each built as its documentation says and as cheaply as a user could; one module each."""
