"""``web.*`` reach what was allowed, at the address that was checked, and nothing else."""

import asyncio
import gzip
import json
import socket
import time

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from loopback_pages import Page, Pages

from nubem_jupyter.components.stop import Stop
from nubem_jupyter.components.web.fetch import Web, fetch_offers
from nubem_jupyter.components.web.fetching import Fetcher, Limits, resolve
from nubem_jupyter.components.web.kept import KeptPages
from nubem_jupyter.components.web.page_text import page_text
from nubem_jupyter.components.web.policy import NetworkPolicy, is_public
from nubem_jupyter.components.web.search import Brave, Search, Searxng, search_offers, search_provider
from nubem_jupyter.errors import NodeError, NubemError, SettingsError, UsageError

HERE = NetworkPolicy(private_hosts=("127.0.0.1", "pages.test", "other.test"))


async def loopback(host, port):
    return ["127.0.0.1"]


@pytest.fixture
async def pages():
    server = Pages(lambda asked: Page(b"<title>T</title><p>hello"))
    async with server.running():
        yield server


@pytest.fixture
def fetcher():
    return Fetcher(HERE, resolve=loopback)


@pytest.fixture
def web(fetcher, tmp_path):
    return Web(fetcher, KeptPages(tmp_path / "web"), lambda: 1000.0)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("::7f00:1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
    ],
)
def test_which_addresses_are_public(address, public):
    assert is_public(address) is public


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("ftp://example.org/a", "no web address"),
        ("file:///etc/passwd", "no web address"),
        ("example.org", "no web address"),
        ("http://", "no web address"),
        ("https://me:secret@example.org", "password"),
        ("https://evil.org", "not allowed"),
        ("https://example.org.evil.org", "not allowed"),
        ("https://notexample.org", "not allowed"),
        ("https://example.org:22", "port 22"),
        ("http://127.0.0.1", "not allowed"),
    ],
)
def test_what_a_policy_refuses(url, sentence):
    policy = NetworkPolicy(hosts=("example.org", "*.wiki.org"))
    with pytest.raises(UsageError, match=sentence) as caught:
        policy.check(httpx.URL(url))
    assert "secret" not in str(caught.value)


def test_what_a_policy_allows():
    policy = NetworkPolicy(hosts=("example.org", "*.Wiki.org"), private_hosts=("localhost",))
    for url in ("https://EXAMPLE.org/a", "http://example.org.", "https://de.wiki.org", "https://wiki.org"):
        policy.check(httpx.URL(url))
    policy.check(httpx.URL("http://localhost:8080"))
    NetworkPolicy(hosts=("*",)).check(httpx.URL("https://anything.net"))
    with pytest.raises(UsageError, match="not allowed"):
        NetworkPolicy().check(httpx.URL("https://example.org"))


async def test_a_public_name_at_a_private_address_is_not_reached(pages):
    """So a name whose owner points it at this machine leads nowhere."""
    fetcher = Fetcher(NetworkPolicy(hosts=("*",), ports=(80, pages.port)), resolve=loopback)
    with pytest.raises(NodeError, match="private address"):
        await fetcher.get(pages.url("/", "evil.test"))
    assert not pages.asked


async def test_the_connection_goes_to_the_address_that_was_checked(pages):
    """A name is looked up once a hop: what a second look-up would say (rebinding) does not matter."""
    answers = iter([["127.0.0.1"], ["203.0.113.9"]])
    asked = []

    async def rebinding(host, port):
        asked.append(host)
        return next(answers)

    fetched = await Fetcher(HERE, resolve=rebinding).get(pages.url("/a?b=1", "pages.test"))
    assert fetched.url == pages.url("/a?b=1", "pages.test")
    assert asked == ["pages.test"]
    (request,) = pages.asked
    assert (request.target, request.headers["host"]) == ("/a?b=1", f"pages.test:{pages.port}")


async def test_the_next_address_is_tried_where_one_does_not_answer(pages):
    async def two(host, port):
        return ["127.0.0.2", "127.0.0.1"]  # the server listens on the second alone

    assert (await Fetcher(HERE, resolve=two).get(pages.url("/", "pages.test"))).status == 200


@pytest.mark.parametrize(
    ("place", "error", "sentence"),
    [
        ("http://169.254.169.254/latest", UsageError, "not allowed"),
        ("file:///etc/passwd", UsageError, "no web address"),
        ("https://evil.org/", UsageError, "not allowed"),
        ("", NodeError, "redirects to nowhere"),
        ("/again", NodeError, "too often"),
    ],
)
async def test_each_redirect_is_checked(pages, fetcher, place, error, sentence):
    pages.answer = lambda asked: Page(status=302, headers={"Location": place} if place else {})
    with pytest.raises(error, match=sentence):
        await fetcher.get(pages.url("/"))


async def test_a_redirect_that_is_allowed_is_followed_without_what_was_meant_for_the_first_host(pages, fetcher):
    pages.answer = lambda asked: (
        Page(status=301, headers={"Location": pages.url("/b", "other.test")})
        if asked.target == "/a"
        else Page(b"there")
    )
    first = pages.url("/a", "pages.test")
    fetched = await fetcher.get(first, lambda hop: {"X-Mine": "1"} if hop == first else {})
    assert (fetched.content, fetched.url) == (b"there", pages.url("/b", "other.test"))
    assert ["x-mine" in asked.headers for asked in pages.asked] == [True, False]


@pytest.mark.parametrize(
    ("page", "sentence"),
    [
        (Page(status=404), "answered 404"),
        (Page(status=500), "answered 500"),
        (Page(b"a" * 2000), "more than"),
        (Page(gzip.compress(b"a" * 2_000_000), headers={"Content-Encoding": "gzip"}), "more than"),
        (Page(b"no gzip", headers={"Content-Encoding": "gzip"}), "could not be fetched"),
    ],
)
async def test_a_bad_answer_is_a_sentence(pages, page, sentence):
    pages.answer = lambda asked: page
    fetcher = Fetcher(HERE, Limits(most_bytes=1000), loopback)
    with pytest.raises(NodeError, match=sentence) as caught:
        await fetcher.get(pages.url("/"))
    assert caught.value.hint


async def test_a_server_that_does_not_answer_in_time_is_hung_up_on(pages):
    pages.answer = lambda asked: Page(hangs=True)
    with pytest.raises(NodeError, match="took longer"):
        await Fetcher(HERE, Limits(timeout_s=0.3), loopback).get(pages.url("/"))
    await asyncio.wait_for(pages.hung_up.wait(), 30)


async def test_cancelling_hangs_up(pages, fetcher):
    pages.answer = lambda asked: Page(hangs=True)
    task = asyncio.create_task(fetcher.get(pages.url("/")))
    await asyncio.wait_for(pages.was_asked.wait(), 30)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.wait_for(pages.hung_up.wait(), 30)


async def test_nobody_there_is_a_sentence(fetcher):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(NodeError, match="could not be fetched"):
            await fetcher.get(f"http://127.0.0.1:{taken.getsockname()[1]}/")
    with pytest.raises(UsageError, match="no web address"):
        await fetcher.get("http://127.0.0.1:port/")


async def test_names_are_looked_up_by_the_system():
    assert "127.0.0.1" in await resolve("127.0.0.1", 80)
    with pytest.raises(NodeError, match="not known"):
        await resolve("no host at all", 80)


async def test_proxies_of_the_environment_are_not_used(pages, fetcher, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert (await fetcher.get(pages.url("/"))).status == 200


ARTICLE = """<!doctype html><html><head><title> A &amp; B </title><style>p {}</style><script>var x = "<p>no";</script>
<body><nav><a href=/>Home</a> | <a href=/x>More</a></nav><header>Site</header><main><h1>Head <em>line</em></h1>
<p>First paragraph that is long enough to count as the main part,<br>of this page &eacute;.
<ul><li>one<li>two</ul><pre>a
  b</pre><table><tr><td>c<td>d</table></main><footer>Imprint</footer><!-- hidden -->"""


def test_a_page_is_read_as_a_person_would():
    page = page_text(ARTICLE, Stop())
    assert page.title == "A & B"
    assert page.text.split("\n")[:5] == [
        "# Head line",
        "First paragraph that is long enough to count as the main part,",
        "of this page é.",
        "- one",
        "- two",
    ]
    assert page.text.endswith("c\nd")
    assert not any(word in page.text for word in ("Home", "Imprint", "var", "hidden", "Site"))


@pytest.mark.parametrize("html", ["", "plain text", "<nav>only this</nav>", "<p", "<main></main><p>x", "</p></p>a"])
def test_odd_pages_are_read_too(html):
    text = page_text(html, Stop()).text
    assert "<" not in text
    assert "only this" in text or "nav" not in html


@pytest.mark.parametrize(
    "piece",
    [
        "<",
        "<!--",
        "<a ",
        "<a b='",
        '<a b="',
        "</",
        "&",
        "&#",
        "&#1",
        "<![CDATA[",
        "<div>",
        "<script>",
        "<?x",
        "<p>x",
        "a<b ",
    ],
)
def test_no_page_takes_longer_than_its_length_asks_for(piece):
    """Half a megabyte of what takes other parsers minutes; by the processor's time, whoever else has work for it."""
    began = time.process_time()
    page_text(piece * (500_000 // len(piece)), Stop())
    page_text("<p>" + piece + "1" * 500_000, Stop())
    assert time.process_time() - began < 60


def test_what_stands_in_tags_is_not_text():
    html = f"""<p title="a > b" data-x='</p><b>'>one <IMG src="data:{"A" * 5000}">two</P><!doctype x><style>s</STYLE>
        <p>&lt;3 &#128512;"""
    assert page_text(html, Stop()).text == "one two\n<3 😀"


@given(st.text("<>/!-?abp =\"'&#;1 script", max_size=200))
def test_every_text_is_some_page(html):
    page_text(html, Stop())


async def test_a_page_is_given_as_text(web, pages):
    pages.answer = lambda asked: Page(ARTICLE.encode())
    page = await web.fetch(url=pages.url("/"))
    assert (page["title"], page["cut"], page["content_type"]) == ("A & B", False, "text/html")
    assert (await web.fetch(url=pages.url("/"), max_chars=6)) == {**page, "text": "# Head", "cut": True}


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        ("größe".encode("latin-1"), "text/plain; charset=latin-1", "größe"),
        ("größe".encode("latin-1"), "text/plain; charset=klingon", "größe"),
        (b'<meta charset="koi8-r"><p>' + "мир".encode("koi8-r"), "text/html", "мир"),
        (b'{"a": 1}', "application/json", '{"a": 1}'),
        (b"a", "text/plain; charset=undefined", "a"),
    ],
)
async def test_text_of_every_encoding(web, pages, body, content_type, text):
    pages.answer = lambda asked: Page(body, headers={"Content-Type": content_type})
    assert (await web.fetch(url=pages.url("/")))["text"] == text


@pytest.mark.parametrize("content_type", ["application/pdf", "image/png", "text/plain"])
async def test_what_is_no_text_is_not_read(web, pages, content_type):
    pages.answer = lambda asked: Page(b"\0\1", headers={"Content-Type": content_type})
    with pytest.raises(NodeError):
        await web.fetch(url=pages.url("/"))


async def test_a_page_that_has_not_changed_is_not_sent_again(web, pages):
    def answer(asked):
        if asked.headers.get("if-none-match") == '"v1"':
            return Page(status=304, headers={})
        return Page(b"<p>first", headers={"Content-Type": "text/html", "ETag": '"v1"', "Last-Modified": "then"})

    pages.answer = answer
    first = await web.fetch(url=pages.url("/"))
    assert await web.fetch(url=pages.url("/")) == first
    assert [asked.headers.get("if-modified-since") for asked in pages.asked] == [None, "then"]
    assert await web.fetch(url=pages.url("/"), max_age_s=60) == first
    assert len(pages.asked) == 2
    pages.answer = lambda asked: Page(b"<p>second")
    assert (await web.fetch(url=pages.url("/")))["text"] == "second"


async def test_what_may_not_be_stored_is_not(web, pages, tmp_path):
    pages.answer = lambda asked: Page(b"secret", headers={"Content-Type": "text/plain", "Cache-Control": "no-store"})
    await web.fetch(url=pages.url("/"))
    assert not (tmp_path / "web").exists()


async def test_a_damaged_store_of_pages_costs_nothing_but_a_fetch(web, pages, tmp_path):
    await web.fetch(url=pages.url("/"))
    (kept,) = (tmp_path / "web").iterdir()
    kept.write_bytes(b"\xff{broken")
    assert (await web.fetch(url=pages.url("/"), max_age_s=60))["text"] == "hello"
    assert len(pages.asked) == 2
    unwritable = KeptPages(kept)  # a file where a folder belongs
    assert unwritable.load("x") is None


async def test_the_store_of_pages_stays_small(web, pages, tmp_path, monkeypatch):
    monkeypatch.setattr("nubem_jupyter.components.web.kept._MOST_PAGES", 2)
    for number in range(4):
        await web.fetch(url=pages.url(f"/{number}"))
    assert len(list((tmp_path / "web").iterdir())) == 2


async def test_without_an_allowed_host_fetching_is_not_offered(tmp_path):
    ((known, function),) = fetch_offers(Fetcher(NetworkPolicy()), tmp_path)
    assert (known.available, known.permissions) == (False, ("network",))
    with pytest.raises(UsageError, match="cannot be used"):
        await function(url="https://example.org")


async def test_max_chars_has_its_limits(web, pages):
    with pytest.raises(UsageError, match="max_chars"):
        await web.fetch(url=pages.url("/"), max_chars=0)


async def test_searching_through_searxng(pages):
    hits = [{"url": f"https://e.org/{n}", "title": f"T{n}", "content": None, "engine": "x"} for n in range(9)]
    pages.answer = lambda asked: Page(json.dumps({"results": hits, "query": "q"}).encode())
    provider = search_provider({"SEARXNG_URL": pages.url("/"), "BRAVE_API_KEY": "k"})
    found = await Search(provider).search(query="a & b", limit=2)
    assert found == [{"title": f"T{n}", "url": f"https://e.org/{n}", "snippet": ""} for n in range(2)]
    assert pages.asked[0].target == "/search?q=a+%26+b&format=json"


async def test_searching_with_a_key_that_is_shown_to_nobody_else(pages):
    answer = {"web": {"results": [{"url": "https://e.org", "title": "T", "description": "D"}]}}
    pages.answer = lambda asked: Page(json.dumps(answer).encode())
    brave = Brave("geheim", pages.url("/search"))
    assert await brave.search("q", 3) == [{"title": "T", "url": "https://e.org", "snippet": "D"}]
    assert pages.asked[0].headers["x-subscription-token"] == "geheim"
    for page in (
        Page(status=401),
        Page(b"<html>"),
        Page(status=302, headers={"Location": pages.url("/b", "localhost")}),
    ):
        pages.answer = lambda asked, page=page: page
        with pytest.raises(NubemError) as caught:
            await brave.search("q", 3)
        assert "geheim" not in str(caught.value)
    assert {asked.headers["host"].partition(":")[0] for asked in pages.asked} == {"127.0.0.1"}


async def test_a_key_that_cannot_be_sent_is_told_by_its_variable(pages):
    with pytest.raises(NodeError, match="cannot be sent") as caught:
        await Brave("half-a-secret\nother-half", pages.url("/")).search("q", 3)
    assert "set BRAVE_API_KEY anew" in caught.value.hint
    assert "half" not in str(caught.value)


async def test_an_empty_answer_is_no_hits(pages):
    pages.answer = lambda asked: Page(b"{}")
    assert await Brave("k", pages.url("/")).search("q", 3) == []
    with pytest.raises(NodeError, match="cannot be read"):
        await Searxng(pages.url("/")).search("q", 3)


async def test_without_a_search_engine_the_way_to_one_is_told():
    ((known, function),) = search_offers(search_provider({}))
    assert not known.available
    assert "SEARXNG_URL" in known.missing
    with pytest.raises(UsageError, match="cannot be used"):
        await function(query="a")
    with pytest.raises(NodeError, match="no search engine"):
        await Search(None).search(query="a")
    ((known, _),) = search_offers(search_provider({"BRAVE_API_KEY": "geheim"}))
    assert known.available
    with pytest.raises(SettingsError, match="no web address"):
        search_provider({"SEARXNG_URL": "here"})


@pytest.mark.parametrize("arguments", [{"query": " "}, {"query": "a", "limit": 0}, {"query": "a", "limit": 1.5}])
async def test_a_search_that_cannot_be_is_a_mistake(arguments):
    with pytest.raises(UsageError):
        await Search(Brave("k")).search(**arguments)


@pytest.mark.parametrize("engine", ["searxng", "brave"])
class TestEverySearchProvider:
    """What each adapter of ``SearchProvider`` promises."""

    @pytest.fixture
    def provider(self, engine, pages):
        url = pages.url("/search")
        return Searxng(url) if engine == "searxng" else Brave("geheim", url)

    @staticmethod
    def answer(hits):
        return Page(json.dumps({"results": hits, "web": {"results": hits}}).encode())

    async def test_it_has_a_name(self, provider, engine):
        assert provider.name == engine

    async def test_hits_have_one_form_and_keep_their_order(self, provider, pages):
        pages.answer = lambda asked: self.answer([{"url": f"https://e.org/{n}", "title": str(n)} for n in range(30)])
        found = await provider.search("größe & more", 7)
        assert found == [{"title": str(n), "url": f"https://e.org/{n}", "snippet": ""} for n in range(7)]
        assert "q=gr%C3%B6%C3%9Fe+%26+more" in pages.asked[0].target

    @pytest.mark.parametrize("page", [Page(status=500), Page(status=429), Page(b"<html>"), Page(b"\xff"), Page(b"[]")])
    async def test_an_answer_that_is_none_is_a_sentence(self, provider, pages, page):
        pages.answer = lambda asked: page
        with pytest.raises(NodeError) as caught:
            await provider.search("q", 3)
        assert caught.value.hint

    async def test_cancelling_hangs_up(self, provider, pages):
        pages.answer = lambda asked: Page(hangs=True)
        task = asyncio.create_task(provider.search("q", 3))
        await asyncio.wait_for(pages.was_asked.wait(), 30)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(pages.hung_up.wait(), 30)
