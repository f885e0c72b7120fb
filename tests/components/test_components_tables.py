"""``table.*`` read tables, describe them, and query them with every door shut."""

import asyncio
import threading
import time

import duckdb
import pytest

from nubem_jupyter.components import duck, tables
from nubem_jupyter.components.tables import table_offers
from nubem_jupyter.errors import NodeError, UsageError

ROWS = [
    {"city": "Lima", "n": 3, "share": 0.5, "ok": True},
    {"city": "Oslo", "n": -1, "share": None, "ok": False},
    {"city": "Lima", "n": 4, "share": 1, "extra": {"a": [1]}},
]


@pytest.fixture
def use(folders, functions):
    return functions(table_offers(folders))


async def test_sql_sees_the_given_tables(use):
    query = "SELECT city, sum(n) AS n FROM t GROUP BY city ORDER BY city"
    assert await use["table.sql"](query=query, tables={"t": ROWS}) == [
        {"city": "Lima", "n": 7},
        {"city": "Oslo", "n": -1},
    ]


async def test_rows_come_back_as_they_went_in(use):
    (one, two, three) = await use["table.sql"](query="SELECT * FROM t", tables={"t": ROWS})
    assert one == {"city": "Lima", "n": 3, "share": 0.5, "ok": True, "extra": None}
    assert two["share"] is None
    assert three["ok"] is None


async def test_what_json_cannot_carry_becomes_text_or_null(use):
    query = """SELECT DATE '2026-01-02' d, TIMESTAMP '2026-01-02 03:04:05' t, 1.50::DECIMAL(9,2) m, 2::DECIMAL(9,2) w,
        'nan'::DOUBLE n, [1, 2] l, {'a': DATE '2026-01-02'} s, '\\xAA'::BLOB b, INTERVAL 1 DAY i, 7::HUGEINT h"""
    (row,) = await use["table.sql"](query=query, tables={})
    assert row == {
        "d": "2026-01-02", "t": "2026-01-02T03:04:05", "m": 1.5, "w": 2, "n": None, "l": [1, 2],
        "s": {"a": "2026-01-02"}, "b": "aa", "i": "1 day, 0:00:00", "h": 7,
    }  # fmt: skip


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_csv('{path}')",
        "SELECT * FROM '{path}'",
        "SELECT * FROM read_text('{path}')",
        "SELECT * FROM glob('/*')",
        "COPY (SELECT 1) TO '{path}'",
        "EXPORT DATABASE '{path}'",
        "ATTACH '{path}' AS other",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET memory_limit = '100GB'",
        "RESET lock_configuration",
        "SET allowed_paths = ['{path}']",
        "SELECT * FROM read_csv('http://127.0.0.1:9/a.csv')",
        "PRAGMA enable_profiling = 'json'; PRAGMA profiling_output = '{path}'",
        "SET log_query_path = '{path}'",
        "CALL enable_logging(storage = 'file', storage_config = {{'path': '{path}'}})",
        "SELECT * FROM sniff_csv('{path}')",
        "SELECT * FROM outer_rows",
    ],
)
async def test_no_query_opens_a_door(use, workspace, query):
    outer_rows = ROWS  # noqa: F841  # a name that a query must not find
    path = workspace / "secret.csv"
    path.write_text("a\nsecret\n")
    with pytest.raises(NodeError) as caught:
        await use["table.sql"](query=query.format(path=path), tables={})
    assert "secret\n" not in str(caught.value)
    assert path.read_text() == "a\nsecret\n"
    assert [one.name for one in workspace.iterdir()] == ["secret.csv"]


@pytest.mark.parametrize(
    ("query", "given", "error", "sentence"),
    [
        ("SELEC 1", {}, NodeError, "failed"),
        ("SELECT * FROM nothing", {}, NodeError, "nothing"),
        ("SELECT 1 AS a, 2 AS a", {}, NodeError, "one name"),
        ("SELECT 1", {"t": []}, NodeError, "no rows"),
        ("SELECT 1", {"t": [1]}, UsageError, "no table"),
        ('SELECT 1', {'a"; DROP TABLE b': ROWS}, UsageError, "cannot name"),
        ("SELECT * FROM range(200000)", {}, NodeError, "more than"),
        ("SELECT list(a.range) FROM range(400000000) a", {}, NodeError, "MiB"),
    ],
)  # fmt: skip
async def test_what_a_query_cannot_do_is_a_sentence(use, query, given, error, sentence):
    with pytest.raises(error, match=sentence) as caught:
        await use["table.sql"](query=query, tables=given)
    assert caught.value.hint


ENDLESS = "SELECT count(*) FROM range(100000000) a, range(100000000) b WHERE a.range * b.range % 7 = 3"


async def test_a_query_ends_at_its_time_limit_and_is_no_longer_worked_on(use, monkeypatch):
    ended = threading.Event()
    real = duck.duck

    def watched(*arguments, **more):
        return Watched(real(*arguments, **more), ended)

    monkeypatch.setattr(duck, "duck", watched)
    with pytest.raises(NodeError, match=r"longer than 0\.3 s"):
        await use["table.sql"](query=ENDLESS, tables={}, timeout_s=0.3)
    assert await asyncio.to_thread(ended.wait, 30)


async def test_cancelling_interrupts_the_query(use, monkeypatch):
    ended = threading.Event()
    real = duck.duck
    monkeypatch.setattr(duck, "duck", lambda *a, **k: Watched(real(*a, **k), ended))
    task = asyncio.create_task(use["table.sql"](query=ENDLESS, tables={}))
    await asyncio.sleep(0.3)
    began = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - began < 10
    assert await asyncio.to_thread(ended.wait, 30)


class Watched:
    """A context that tells when it has been left."""

    def __init__(self, context, ended):
        self._context, self._ended = context, ended

    def __enter__(self):
        return self._context.__enter__()

    def __exit__(self, *error):
        try:
            return self._context.__exit__(*error)
        finally:
            self._ended.set()


@pytest.mark.parametrize("timeout_s", [0, -1, 601, float("nan")])
async def test_the_time_limit_has_its_own(use, timeout_s):
    with pytest.raises(UsageError, match="timeout_s"):
        await use["table.sql"](query="SELECT 1", tables={}, timeout_s=timeout_s)


async def test_tables_are_read_from_text_and_parquet(use, workspace):
    (workspace / "a.csv").write_text("a,b\n1,x\n2,y\n")
    (workspace / "a.json").write_text('[{"a": 1}]')
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT range AS a, 'x' || range AS b FROM range(5)) TO '{workspace}/a.parquet'")
    read = use["table.read"]
    assert await read(path="a.csv") == [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]
    assert await read(path="a.csv", columns=["b"], max_rows=1) == [{"b": "x"}]
    assert await read(path="a.json") == [{"a": 1}]
    assert await read(path="a.parquet", max_rows=2) == [{"a": 0, "b": "x0"}, {"a": 1, "b": "x1"}]


async def test_a_long_table_is_not_cut_without_being_asked_for(use, workspace, monkeypatch):
    monkeypatch.setattr(duck, "MOST_ROWS", 2)
    (workspace / "a.csv").write_text("a\n1\n2\n3\n")
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT range AS a FROM range(5)) TO '{workspace}/a.parquet'")
    for name in ("a.csv", "a.parquet"):
        with pytest.raises(NodeError, match="more than 2 rows"):
            await use["table.read"](path=name)
        assert len(await use["table.read"](path=name, max_rows=2)) == 2


async def test_a_table_that_cannot_be_read_is_named(use, workspace):
    (workspace / "a.json").write_text('{"a": 1}')
    (workspace / "a.csv").write_text("city\nLima\n")
    (workspace / "a.parquet").write_text("no parquet")
    for path, error, sentence, more in (
        ("a.json", NodeError, "no table", {}),
        ("a.csv", NodeError, "no column 'citi'", {"columns": ["citi"]}),
        ("a.csv", NodeError, "no column 'zzz'", {"columns": ["zzz"]}),
        ("a.csv", UsageError, "max_rows", {"max_rows": 0}),
        ("a.parquet", NodeError, "failed", {}),
        ("../a.parquet", UsageError, "outside", {}),
    ):
        with pytest.raises(error, match=sentence):
            await use["table.read"](path=path, **more)


async def test_columns_are_described(use):
    (city, n, share, ok, extra) = await use["table.describe"](rows=ROWS)
    assert (city["type"], city["count"], city["distinct"]) == ("text", 3, 2)
    assert city["common"][0] == {"value": "Lima", "count": 2}
    assert (n["min"], n["max"], n["mean"], n["quartiles"]) == (-1, 4, 2.0, [1.0, 3.0, 3.5])
    assert (share["count"], share["missing"]) == (2, 1)
    assert ok["type"] == "boolean"
    assert extra["common"] == [{"value": {"a": [1]}, "count": 1}]
    assert await use["table.describe"](rows=[]) == []
    ((only,), (mixed,)) = [await use["table.describe"](rows=rows) for rows in ([{"a": 1}], [{"a": 1}, {"a": "x"}])]
    assert (only["deviation"], only["quartiles"]) == (None, [1, 1, 1])
    assert mixed["type"] == "any"
    (huge,) = await use["table.describe"](rows=[{"a": 1.7e308}, {"a": 1.7e308}, {"a": -1.7e308}])
    assert (huge["mean"], huge["deviation"], huge["max"]) == (None, None, 1.7e308)


async def test_without_duckdb_sql_says_what_to_install(folders, functions, monkeypatch):
    monkeypatch.setattr(tables, "find_spec", lambda name: None)
    offers = table_offers(folders)
    known = {info.name: info for info, _ in offers}
    assert not known["table.sql"].available
    assert "nubem-jupyter[data]" in known["table.sql"].missing
    with pytest.raises(UsageError, match="cannot be used"):
        await functions(offers)["table.sql"](query="SELECT 1", tables={})
    with pytest.raises(NodeError, match="not installed"):
        await functions(offers)["table.read"](path="a.parquet")
