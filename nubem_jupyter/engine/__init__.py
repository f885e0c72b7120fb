"""Pure decisions: planning, rewriting, routing, scheduling, scoring; no I/O, no clock, no randomness of its own."""
