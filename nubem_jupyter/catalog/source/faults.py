"""What is wrong with a component's source, as it travels to where it becomes a trouble."""

from __future__ import annotations


class FaultError(Exception):
    """A file or a function that cannot be offered; never reaches a user as an exception."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
