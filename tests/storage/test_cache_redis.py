"""What the Redis cache does with its server, and when that is gone, full or closed to it."""

import sys
import time
from contextlib import closing

import pytest

from nubem_jupyter.core.cache import CacheEntry, ToolValue
from nubem_jupyter.errors import StorageError
from nubem_jupyter.storage.redis_cache import RedisCache
from nubem_jupyter.testing.redis_server import free_port, redis_program, redis_server


def entry(value, ttl_s=None):
    return CacheEntry(content=ToolValue.of(value), stored_s=0.0, ttl_s=ttl_s)


@pytest.fixture
def program(redis_url):
    """The server's program; ``redis_url`` skips where there is none."""
    return redis_program()


@pytest.fixture
def redis(redis_url):
    from redis import Redis

    with closing(Redis.from_url(redis_url)) as client:
        yield client


def test_the_server_forgets_by_itself_what_is_over(redis_url, redis):
    with closing(RedisCache(redis_url, prefix="forget:")) as cache:
        cache.put_all({"brief": entry(1, ttl_s=0.05)})
        cache.put_all({"long": entry(1, ttl_s=3600.0)})
        cache.put_all({"ageless": entry(1)})
        assert 0 < redis.pttl("forget:long") <= 3_600_000
        assert redis.pttl("forget:ageless") == -1
        time.sleep(0.2)
        assert not redis.exists("forget:brief")
        cache.put_all({"long": entry(2)})
        assert redis.pttl("forget:long") == -1, "the last entry's time counts"


def test_it_touches_only_its_own_keys(redis_url, redis):
    """Others may use the same server; signs that Redis takes for wildcards are ordinary ones in a prefix."""
    redis.set("mine*x", b"theirs")
    with closing(RedisCache(redis_url, prefix="mine*:")) as cache, closing(RedisCache(redis_url)) as other:
        cache.put_all({"a": entry(1)})
        other.put_all({"a": entry(2)})
        redis.set("mineral:a", b"theirs")
        assert (cache.stats().entries, cache.clear(), other.stats().entries) == (1, 1, 1)
        assert redis.mget("mine*x", "mineral:a") == [b"theirs"] * 2
        other.clear()


def test_more_keys_than_one_step_are_counted_and_cleared(redis_url):
    with closing(RedisCache(redis_url, prefix="many:")) as cache:
        for number in range(2_500):
            cache.put_all({f"k{number}": entry(number)})
        assert (cache.stats().entries, cache.clear(), cache.stats().entries) == (2_500, 2_500, 0)


def test_what_others_wrote_under_its_keys_is_no_hit(redis_url, redis):
    with closing(RedisCache(redis_url, prefix="odd:")) as cache:
        redis.set("odd:text", b"not an entry")
        redis.rpush("odd:list", b"a")
        assert cache.get("text", 0.0) is None
        with pytest.raises(StorageError, match="cannot be used"):
            cache.get("list", 0.0)
        redis.delete("odd:list")


def test_a_full_server_makes_room_or_is_told(program):
    limits = ("--maxmemory", "3mb", "--maxmemory-policy")
    with redis_server(program, *limits, "allkeys-lru") as url, closing(RedisCache(url)) as cache:
        for number in range(400):
            cache.put_all({f"k{number}": entry("x" * 10_000)})
        stats = cache.stats()
        assert stats.limit_bytes == 3 << 20
        assert 0 < stats.bytes <= stats.limit_bytes
    with redis_server(program, *limits, "noeviction") as url, closing(RedisCache(url)) as cache:
        with pytest.raises(StorageError, match="is full") as caught:
            fill(cache)
        assert "allkeys-lru" in caught.value.hint


def fill(cache):
    for number in range(400):
        cache.put_all({f"k{number}": entry("x" * 10_000)})


def test_a_password_is_asked_for_and_never_shown(program):
    with redis_server(program, "--requirepass", "s3cret") as url:
        for user in ("", ":wrong-s3cret@"):
            with closing(RedisCache(url.replace("//", f"//{user}"))) as cache:
                with pytest.raises(StorageError, match="refuses this user or password") as caught:
                    cache.get("a", 0.0)
                assert "s3cret" not in str(caught.value)
        with closing(RedisCache(url.replace("//", "//:s3cret@"))) as cache:
            cache.put_all({"a": entry(1)})
            assert cache.get("a", 0.0) == entry(1)


def test_a_server_that_is_gone_is_told_and_left_alone(program):
    """The first call pays for the search, those after it do not; when the rest is over it is asked again."""
    port = free_port()
    with closing(RedisCache(f"redis://:s3cret@127.0.0.1:{port}/0", rest_s=3600.0)) as cache:
        for use in (lambda: cache.get("a", 0.0), lambda: cache.put_all({"a": entry(1)}), cache.clear, cache.stats):
            with pytest.raises(StorageError, match=f"Redis at 127.0.0.1:{port} cannot be reached") as caught:
                use()
            assert "start Redis" in caught.value.hint
            assert "s3cret" not in str(caught.value)
        with redis_server(program, "--requirepass", "s3cret", port=port):
            with pytest.raises(StorageError, match="cannot be reached"):
                cache.get("a", 0.0)
            with closing(RedisCache(f"redis://:s3cret@127.0.0.1:{port}/0", rest_s=0.0)) as eager:
                eager.put_all({"a": entry(1)})
                assert eager.get("a", 0.0) == entry(1)


def test_a_server_that_comes_back_is_used_again(program):
    """A lost connection is one error at most, and the next call makes a new one."""
    port = free_port()
    with closing(RedisCache(f"redis://127.0.0.1:{port}/0", rest_s=0.0)) as cache:
        with redis_server(program, port=port):
            cache.put_all({"a": entry(1)})
        with pytest.raises(StorageError, match="cannot be reached"):
            cache.get("a", 0.0)
        with redis_server(program, port=port):
            assert cache.get("a", 0.0) is None
            cache.put_all({"a": entry(2)})
            assert cache.get("a", 0.0) == entry(2)


@pytest.mark.parametrize("url", ["localhost", "http://localhost:1", "redis://:s3cret/x@localhost:6379/0"])
def test_an_address_that_cannot_be_read_is_told(url):
    pytest.importorskip("redis", reason="the client of the extra 'redis' is not installed")
    with closing(RedisCache(url)) as cache, pytest.raises(StorageError) as caught:
        cache.get("a", 0.0)
    assert "redis://host:6379/0" in caught.value.hint
    assert "s3cret" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_a_missing_library_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "redis", None)
    with closing(RedisCache("redis://localhost")) as cache, pytest.raises(StorageError) as caught:
        cache.get("a", 0.0)
    assert "nubem-jupyter[redis]" in caught.value.hint
