"""Both caches keep the promises of the port."""

import pytest

from nubem_jupyter.storage.disk_cache import DiskCache
from nubem_jupyter.storage.redis_cache import RedisCache
from nubem_jupyter.testing.conformance.cache import CacheConformance


class TestDiskCache(CacheConformance):
    def open(self, path, limit_bytes):
        return DiskCache(path, limit_bytes)


class TestRedisCache(CacheConformance):
    bounded = False

    @pytest.fixture(autouse=True)
    def _server(self, redis_url):
        self.url = redis_url

    def open(self, path, limit_bytes):
        return RedisCache(self.url, prefix=f"[{path}]:")
