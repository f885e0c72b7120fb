"""The environment says where answers are kept; nothing is opened before it is needed."""

from contextlib import closing

import pytest

from nubem_jupyter.core.cache import CacheEntry
from nubem_jupyter.core.call import Answer
from nubem_jupyter.errors import StorageError
from nubem_jupyter.session.adapters import make_cache
from nubem_jupyter.session.settings import Settings


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path / "home", workspace=tmp_path, cache_bytes=1 << 20)


@pytest.mark.parametrize("environ", [{}, {"REDIS_URL": " "}])
def test_with_nothing_set_answers_are_kept_on_this_disk(settings, environ):
    with closing(make_cache(settings, environ)) as cache:
        assert not settings.home.exists()
        cache.put_all({"a": CacheEntry(content=Answer(text="x"), stored_s=0.0)})
        stats = cache.stats()
    assert (stats.entries, stats.limit_bytes, stats.place) == (1, 1 << 20, str(settings.home / "cache.db"))


def test_a_redis_that_is_named_keeps_them_instead(settings):
    pytest.importorskip("redis", reason="the client of the extra 'redis' is not installed")
    environ = {"REDIS_URL": "redis://:s3cret@127.0.0.1:1/0"}
    with closing(make_cache(settings, environ)) as cache, pytest.raises(StorageError) as caught:
        cache.stats()
    assert "Redis at 127.0.0.1:1" in caught.value.message
    assert "s3cret" not in str(caught.value)
    assert not settings.home.exists()
