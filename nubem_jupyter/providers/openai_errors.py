"""What an OpenAI-shaped endpoint's refusals mean: whether another try may help, and what to tell the user."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import msgspec

from nubem_jupyter.core.text import shorten
from nubem_jupyter.errors import CallFailedError, CallRejectedError, ModelUnavailableError, ProviderError

if TYPE_CHECKING:
    import httpx

_RETRYABLE = frozenset({408, 409, 425, 429})
_KEY_REFUSED = frozenset({401, 403})
_NO_ENTRY = re.compile(
    r"auth_error|authentication_error|expired_key|invalid_api_key|no_db_connection|token_not_found_in_db"
    r"|\w+_model_access_denied"
)
"""What a refusal's type says where the status does not: LiteLLM's proxy answers 400 to a key that it does not know."""

_SPENT = frozenset({"budget_exceeded", "insufficient_quota"})
_STATUS_DIGITS = 3
_LONGEST_REASON = 300


async def check_status(title: str, key: str, response: httpx.Response) -> None:
    """Let a good response pass.

    Raises:
        ModelUnavailableError: the server does not take the key.
        CallRejectedError: the server refuses this very call.
        CallFailedError: worth another try.
    """
    if response.is_success:
        return
    await response.aread()
    try:
        content = msgspec.json.decode(response.content)
    except msgspec.DecodeError:
        content = response.text
    error = content.get("error", content) if isinstance(content, dict) else content
    wait_s = retry_after_s(response.headers.get("retry-after", ""), datetime.now(UTC))
    raise refusal(title, key, error, status=response.status_code, wait_s=wait_s)


def refusal(
    title: str, key: str, error: Any, *, status: int | None = None, wait_s: float | None = None
) -> ProviderError:
    """Make the error for a refusal; one found inside a stream brings its status, if any, in its ``code``."""
    code = status if status is not None else _code(error)
    reason = _reason(error, key)
    kind = str(error.get("type") or "") if isinstance(error, dict) else ""
    if kind in _SPENT:
        return ModelUnavailableError(f"{title} says that the budget is spent: {reason}", hint="raise the key's budget")
    if code in _KEY_REFUSED or _NO_ENTRY.fullmatch(kind):
        return ModelUnavailableError(f"{title} refused the key: {reason}", hint="check the key and what it may use")
    if code is None or code in _RETRYABLE or code >= 500:
        return CallFailedError(
            f"{title} could not answer: {reason}", hint="try again later", status=code, retry_after_s=wait_s
        )
    return CallRejectedError(f"{title} refused the call: {reason}", hint=_hint(error))


def retry_after_s(header: str, now: datetime) -> float | None:
    """Read a Retry-After header, which gives seconds or a date; None where there is nothing to read."""
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        when = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max(0.0, (when.replace(tzinfo=when.tzinfo or UTC) - now).total_seconds())


def _code(error: Any) -> int | None:
    code = error.get("code") if isinstance(error, dict) else None
    if isinstance(code, str) and code.isdecimal() and len(code) == _STATUS_DIGITS:
        return int(code)
    return code if isinstance(code, int) else None


def _reason(error: Any, key: str) -> str:
    message = error.get("message", "") if isinstance(error, dict) else error
    text = str(message or "no reason given")
    # Some servers repeat the key in their refusal. It goes before the text is cut, or half of it could stay.
    return shorten(text.replace(key, "***") if key else text, _LONGEST_REASON)


def _hint(error: Any) -> str:
    if isinstance(error, dict) and error.get("type") == "exceed_context_size_error":
        return "shorten the prompt, or choose a model with a longer context"
    return "change the prompt, the schema or the model"
