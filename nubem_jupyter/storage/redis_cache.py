"""A cache in Redis, which several machines may share."""

from __future__ import annotations

import contextlib
import math
import re
import threading
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from nubem_jupyter.core.cache import CacheEntry, CacheStats, read_record, to_record
from nubem_jupyter.errors import StorageError

if TYPE_CHECKING:
    from redis import Redis

_CONNECT_S = 0.5
_ANSWER_S = 1.0
"""How long to wait for an answer: making a call again beats waiting for long."""
_BATCH = 1000
"""Keys that are looked at in one step."""


class RedisCache:
    """A ``Cache`` in Redis under a prefix of its own; the server bounds its size (``maxmemory``) and forgets in time.

    After it could not be reached it is left alone for ``rest_s`` seconds, so that a server that is gone costs one
    timeout and not one a call.
    """

    def __init__(self, url: str, *, prefix: str = "nubem:cache:", rest_s: float = 5.0) -> None:
        self._url = url
        self._prefix = prefix
        self._rest_s = rest_s
        self._lock = threading.Lock()
        self._client: Redis | None = None
        self._resting: tuple[float, StorageError] | None = None

    def get(self, key: str, now_s: float) -> CacheEntry | None:
        """Return what is kept under the key and is fresh, or None.

        Raises:
            StorageError: Redis or its library is not there, refuses, or does not answer in time; so for every method.
        """
        with self._talking() as redis:
            record = redis.get(self._prefix + key)
        entry = read_record(record) if record else None
        return entry if entry and entry.fresh(now_s) else None

    def put_all(self, entries: Mapping[str, CacheEntry]) -> None:
        """Keep the entries in place of earlier ones, with one answer of the server."""
        with self._talking() as redis, redis.pipeline(transaction=False) as asked:
            for key, entry in entries.items():
                record = to_record(entry)
                ttl_ms = None if entry.ttl_s is None else math.ceil(entry.ttl_s * 1000)
                if record is None or (ttl_ms is not None and ttl_ms <= 0):  # Redis takes no time to live of nothing
                    asked.unlink(self._prefix + key)
                else:
                    asked.set(self._prefix + key, record, px=ttl_ms)
            asked.execute()

    def may_have(self, key: str) -> bool:  # noqa: ARG002  # the port's
        """Say that it may: only the server knows."""
        return True

    def refresh(self) -> None:
        """Do nothing: the server is asked each time."""

    def clear(self) -> int:
        """Forget everything under the prefix; return how many entries there were."""
        with self._talking() as redis:
            return sum(redis.unlink(*keys) for keys in self._batches(redis))

    def stats(self) -> CacheStats:
        """Count the entries under the prefix and their bytes, one step a thousand keys; the limit is the server's."""
        entries = total_bytes = 0
        with self._talking() as redis:
            for keys in self._batches(redis):
                with redis.pipeline(transaction=False) as asked:
                    for key in keys:
                        asked.strlen(key)
                    sizes = asked.execute()
                entries += len(sizes)
                total_bytes += sum(sizes)
            limit_bytes = redis.info("memory").get("maxmemory") or None
        return CacheStats(entries=entries, bytes=total_bytes, limit_bytes=limit_bytes, place=f"Redis at {self._place}")

    def close(self) -> None:
        """Let go of the connections; may be called twice."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    @contextlib.contextmanager
    def _talking(self) -> Iterator[Any]:
        """Give the client; its methods' declared types are those of its asynchronous twin as well."""
        if self._resting and time.monotonic() < self._resting[0]:
            raise StorageError(self._resting[1].message, hint=self._resting[1].hint)
        client = self._connected()
        from redis import exceptions

        try:
            yield client
        except (exceptions.ConnectionError, exceptions.TimeoutError) as error:
            trouble = _explain(error, self._place)
            self._resting = (time.monotonic() + self._rest_s, trouble)
            raise trouble from error
        except exceptions.RedisError as error:
            raise _explain(error, self._place) from error
        except UnicodeError:  # a host's name that cannot be one; the text may quote the address, so it is not passed on
            raise _unreadable() from None
        self._resting = None

    def _connected(self) -> Redis:
        with self._lock:
            self._client = self._client or self._connect()
            return self._client

    def _connect(self) -> Redis:
        """Make the client; it connects when it is first used, from any thread."""
        try:
            from redis import Redis  # imported late: it is slow, and few sessions use it
            from redis.backoff import NoBackoff
            from redis.retry import Retry
        except ImportError as error:
            raise StorageError(
                "a cache in Redis needs the Python library 'redis', which is not installed",
                hint="pip install 'nubem-jupyter[redis]', or unset REDIS_URL to keep the cache on this disk",
            ) from error
        try:
            return Redis.from_url(
                self._url,
                protocol=2,  # old servers and proxies know it, and nothing here needs the newer one
                retry=Retry(NoBackoff(), 0),
                socket_connect_timeout=_CONNECT_S,
                socket_timeout=_ANSWER_S,
            )
        except ValueError:  # its text may quote a piece of the password, so it is not passed on
            raise _unreadable() from None

    def _batches(self, redis: Any) -> Iterator[list[bytes]]:
        pattern = re.sub(r"([*?\[\]\\])", r"\\\1", self._prefix) + "*"
        cursor = None
        while cursor != 0:
            cursor, keys = redis.scan(cursor or 0, match=pattern, count=_BATCH)
            if keys:
                yield keys

    @property
    def _place(self) -> str:
        """Where Redis is, without user and password."""
        parts = urlsplit(self._url)
        return f"{parts.hostname}:{parts.port or 6379}" if parts.hostname else parts.path


def _unreadable() -> StorageError:
    return StorageError(
        "the address of the cache in Redis cannot be read", hint="write REDIS_URL as redis://host:6379/0"
    )


def _explain(error: Exception, place: str) -> StorageError:
    """Say what is wrong with the Redis at ``place`` and what to do."""
    from redis import exceptions

    match error:
        case exceptions.AuthenticationError() | exceptions.NoPermissionError():
            what, hint = "refuses this user or password", "put the right ones into REDIS_URL"
        case exceptions.OutOfMemoryError():
            what, hint = "is full", "set its maxmemory-policy to allkeys-lru, so that what is not used makes room"
        case exceptions.ConnectionError() | exceptions.TimeoutError():
            what, hint = "cannot be reached", "start Redis there, or unset REDIS_URL to keep the cache on this disk"
        case _:
            what, hint = "cannot be used", "check the server, or unset REDIS_URL to keep the cache on this disk"
    return StorageError(f"the cache in Redis at {place} {what} ({error})", hint=hint)
