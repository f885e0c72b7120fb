"""What LiteLLM raises, as what our callers can act on."""

from __future__ import annotations

import re
import socket
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from nubem_jupyter.core.redaction import without_secrets
from nubem_jupyter.errors import (
    CallFailedError,
    CallRejectedError,
    DeploymentGoneError,
    ModelUnavailableError,
    ProviderError,
)

_NOT_OPEN = frozenset({401, 402, 403, 404})
_REFUSED = frozenset({400, 405, 413, 415, 422})
_CLASS_NAMES = re.compile(r"^(?:(?:litellm\.)?\w+(?:Error|Exception|Timeout)(?::| -)\s*)+")
"""LiteLLM puts the name of every layer's exception in front of what the provider said."""

_NO_CONNECTION = frozenset({"ConnectError", "ConnectTimeout"})
"""What the library beneath calls it, which is not imported for this."""

_NOBODY_THERE = (ConnectionRefusedError, socket.gaierror)
_DEEPEST = 12
"""Errors behind an error that are looked at."""

_LONGEST_MESSAGE = 300
"""Characters kept of the library's message; providers send whole pages."""


def as_provider_error(error: Exception, model: str, environ: Mapping[str, str]) -> ProviderError:
    """Tell an error by its HTTP status, which LiteLLM gives to every exception of its own."""
    # LiteLLM says 500 also where nobody was there to say anything.
    if (lost := _unreached(error)) is not None:
        return DeploymentGoneError(
            f"{model}: its provider cannot be reached ({lost})",
            hint="check this machine's network, or choose a local model",
        )
    status = getattr(error, "status_code", None)
    message = f"{model}: {_sentence(error, environ)}"
    if status in _NOT_OPEN:
        return ModelUnavailableError(message, hint="check the provider's key, its credit and the model's name")
    if status in _REFUSED:
        return CallRejectedError(message, hint="change the prompt, its length or its schema, or choose another model")
    return CallFailedError(
        message,
        hint="try again, or choose another model",
        status=status if isinstance(status, int) else None,
        retry_after_s=_retry_after_s(error),
    )


def _unreached(error: BaseException) -> str | None:
    """Say why no connection was made; None where there was one, or nobody can tell."""
    found: BaseException | None = error
    reason = None
    for _ in range(_DEEPEST):
        if found is None:
            break
        if isinstance(found, _NOBODY_THERE):
            return found.strerror or type(found).__name__
        if type(found).__name__ in _NO_CONNECTION:
            reason = "no connection"
        found = found.__cause__ or found.__context__
    return reason


def _sentence(error: Exception, environ: Mapping[str, str]) -> str:
    text = " ".join(without_secrets(str(error), environ).split())
    text = _CLASS_NAMES.sub("", text).partition(" Original exception: ")[0]  # which says the same once more
    if not text:
        return type(error).__name__
    return text.rstrip(".") if len(text) <= _LONGEST_MESSAGE else text[:_LONGEST_MESSAGE] + "…"


def _retry_after_s(error: Exception) -> float | None:
    """Read the Retry-After header: seconds, or a date that is compared with the answer's own Date."""
    headers = _headers(error)
    value = headers.get("retry-after")
    if value is None:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        return _seconds_until(value, headers.get("date"))


def _headers(error: Exception) -> Mapping[str, Any]:
    """Give the answer's headers, from wherever this exception keeps them."""
    response = getattr(error, "response", None)
    for found in (getattr(error, "litellm_response_headers", None), getattr(response, "headers", None)):
        if found:
            return {str(name).lower(): value for name, value in dict(found).items()}
    return {}


def _seconds_until(date: str, now: str | None) -> float | None:
    try:
        return max(0.0, (parsedate_to_datetime(date) - parsedate_to_datetime(now or "")).total_seconds())
    except (TypeError, ValueError):  # not a date, or one of them without a time zone
        return None
