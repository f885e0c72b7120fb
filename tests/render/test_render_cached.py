"""What is kept for equal calls is told in a few words."""

from nubem_jupyter.core.cache import CacheStats
from nubem_jupyter.render.cached import cache_rows, forgotten


def test_the_size_is_told_with_its_limit_where_there_is_one():
    stats = CacheStats(entries=1234, bytes=5_000_000, limit_bytes=100_000_000, place="here")
    assert cache_rows(stats, "") == (("kept in", "here"), ("entries", "1,234"), ("size", "5.0 MB of 100 MB"))
    boundless = CacheStats(entries=0, bytes=0, place="there")
    assert cache_rows(boundless, "it is slow")[2:] == (("size", "0.0 MB"), ("trouble", "it is slow"))


def test_how_much_was_forgotten_is_told():
    assert (forgotten(0), forgotten(1)) == ("0 entries were forgotten.", "1 entry was forgotten.")
