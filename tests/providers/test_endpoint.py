"""Any OpenAI-shaped endpoint is a provider: kept connections, lists that cost one question, keys that stay hidden."""

from __future__ import annotations

import asyncio
import gc
import gzip
import threading
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager, aclosing
from typing import Any

import pytest

from nubem_jupyter.core.call import Answer, Message, ModelCall, TextDelta
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import ModelInfo
from nubem_jupyter.errors import CallFailedError, CallRejectedError, ModelUnavailableError, ProviderError
from nubem_jupyter.ports import Provider
from nubem_jupyter.providers.endpoint import EndpointProvider
from nubem_jupyter.providers.endpoint.address import is_loopback, root_of, shown
from nubem_jupyter.providers.endpoint.clients import Clients
from nubem_jupyter.providers.endpoint.listing import price_of
from nubem_jupyter.providers.endpoint.provider import SAID
from nubem_jupyter.providers.endpoint.shelf import Keeping
from nubem_jupyter.testing import gather
from nubem_jupyter.testing.conformance import ProviderConformance, check_models
from nubem_jupyter.testing.openai_server import Dropped, Fault, OpenAIServer, Page, Served
from nubem_jupyter.testing.scripted_provider import Reply

KEY = "sk-very-secret-4711"
ENVIRON = {"MINE_API_KEY": KEY}
LIST = {"object": "list", "data": [{"id": "small", "object": "model"}, {"id": "org/large", "max_model_len": 8192}]}
NOBODY = "http://127.0.0.1:9"


def call(text: str = "hello", model: str = "mine/small") -> ModelCall:
    return ModelCall(model=ModelId(model), messages=(Message(role="user", content=text),))


def schooled(body: dict[str, Any]) -> Served:
    if body["model"] == "no-such-model":
        return Fault(status=404, message="there is no model no-such-model")
    if "response_format" in body:
        return Reply(text='{"city": "Paris", "capital": true}')
    words = [f"word{number}" for number in range(40 if "hundred" in str(body["messages"]) else 6)]
    cut = body["max_tokens"] < len(words)
    return Reply(text=" ".join(words[: body["max_tokens"]]), word_s=0.005, finish_reason="length" if cut else "stop")


@pytest.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    made = OpenAIServer(schooled, keeps_open=True, pages={"/v1/models": Page(content=LIST, tag='"1"')})
    async with made.running():
        yield made


@pytest.fixture
async def provider(server: OpenAIServer) -> AsyncIterator[EndpointProvider]:
    async with aclosing(provider_at(server.url)) as made:
        yield made


def provider_at(url: str, **fields: Any) -> EndpointProvider:
    return EndpointProvider("mine", url, **{"environ": ENVIRON, "key_variable": "MINE_API_KEY", **fields})


def served_apart() -> AbstractContextManager[OpenAIServer]:
    return OpenAIServer(schooled, keeps_open=True, pages={"/v1/models": Page(content=LIST)}).running_apart()


class TestEndpointProvider(ProviderConformance):
    model = ModelId("mine/small")

    @pytest.fixture(autouse=True)
    def _served(self) -> Iterator[None]:
        with served_apart() as server:
            self.url = server.url
            yield

    def make(self) -> Provider:
        listed = ModelInfo(id=self.model, provider="mine", features=("json_schema", "seed"))
        return provider_at(self.url, listed=[listed])


async def test_models_are_listed_after_a_refresh_with_what_the_server_tells(provider):
    assert provider.models() == ()
    models = await provider.refresh()
    check_models(models)
    assert [(info.id, info.context_tokens, info.local) for info in models] == [
        ("mine/small", None, False),
        ("mine/org/large", 8192, False),
    ]
    assert provider.models() is models


async def test_a_list_that_has_not_changed_is_not_sent_again(provider, server):
    models = await provider.refresh()
    assert await provider.refresh() is models
    assert [asked.headers.get("if-none-match") for asked in server.asked] == [None, '"1"']
    server.pages["/v1/models"] = Page(content={"data": [{"id": "new"}]}, tag='"2"')
    assert [info.id for info in await provider.refresh()] == ["mine/new"]


async def test_listed_models_of_a_server_that_does_not_answer_are_not_available(provider, server):
    await provider.refresh()
    server.pages["/v1/models"] = Fault(status=503, message="starting")
    with pytest.raises(CallFailedError, match="starting"):
        await provider.refresh()
    assert [info.available for info in provider.models()] == [False, False]
    assert "starting" in provider.models()[0].missing
    check_models(provider.models())
    server.pages["/v1/models"] = Page(content=LIST)
    assert all(info.available for info in await provider.refresh())


@pytest.mark.parametrize("content", [{"data": "none"}, "nothing", {"models": []}, None])
async def test_what_is_no_list_of_models_is_said_to_be_none(provider, server, content):
    server.pages["/v1/models"] = Page(content=content)
    with pytest.raises(CallFailedError, match="the endpoint 'mine' sent no list"):
        await provider.refresh()


async def test_without_its_key_a_model_says_which_variable_to_set(server):
    environ: dict[str, str] = {}
    listed = ModelInfo(id=ModelId("mine/small"), provider="mine")
    async with aclosing(provider_at(server.url, environ=environ, listed=[listed])) as provider:
        assert provider.models()[0].missing == "set MINE_API_KEY in the environment"
        with pytest.raises(ModelUnavailableError, match="needs a key"):
            await gather(provider, call())
        assert server.asked == []
        environ["MINE_API_KEY"] = KEY
        assert provider.models()[0].available
        assert (await gather(provider, call())).answer.text


@pytest.mark.parametrize("local", [True, False])
def test_what_a_kept_list_says_of_where_data_stays_is_not_believed(local):
    """Only the setting says it, and it may have changed since."""
    listed = ModelInfo(id=ModelId("mine/small"), provider="mine", local=not local)
    assert [info.local for info in provider_at(NOBODY, local=local, listed=[listed]).models()] == [local]


@pytest.mark.parametrize("key", ["half-a-secret\nother-half", "geheimer-schlüssel"])
async def test_a_key_that_no_header_can_carry_is_told_by_its_variable(server, key):
    listed = ModelInfo(id=ModelId("mine/small"), provider="mine")
    async with aclosing(provider_at(server.url, environ={"MINE_API_KEY": key}, listed=[listed])) as provider:
        assert "set MINE_API_KEY anew" in provider.models()[0].missing
        for asking in (provider.refresh(), gather(provider, call())):
            with pytest.raises(ModelUnavailableError) as caught:
                await asking
            assert "set MINE_API_KEY anew" in caught.value.hint
            assert not any(part in str(caught.value) for part in ("secret", "half", "geheim"))
        assert not (await provider.health()).ok
    assert server.asked == []


async def test_a_name_of_a_lists_version_that_no_header_can_carry_is_none(provider, server):
    server.pages["/v1/models"] = Page(content=LIST, tag='"é"')
    await provider.refresh()
    await provider.refresh()
    assert server.asked[-1].headers.get("if-none-match") is None


async def test_the_key_is_sent_and_never_shown(provider, server):
    await provider.refresh()
    await gather(provider, call())
    assert {asked.headers["authorization"] for asked in server.asked} == {f"Bearer {KEY}"}
    server.pages["/v1/models"] = Fault(status=401, message=f"{KEY} is wrong")
    server.answer = lambda _: Fault(status=403, message=f"no entry for {KEY}")
    for asking in (provider.refresh(), gather(provider, call())):
        with pytest.raises(ModelUnavailableError) as caught:
            await asking
        assert KEY not in str(caught.value)
    assert KEY not in repr(provider) + repr(provider.wire) + repr(provider.models())


async def test_health_says_whether_the_server_answers(provider, server):
    found = await provider.health()
    assert (found.ok, found.mend) == (True, "")
    server.pages["/v1/models"] = Fault(status=500, message="broken")
    assert "broken" in (await provider.health()).text
    async with aclosing(provider_at("http://user:hidden@127.0.0.1:9/v1")) as gone:
        found = await gone.health()
        assert not found.ok
        assert "http://127.0.0.1:9 cannot be reached" in found.text
        assert "hidden" not in found.text
        assert found.mend


@pytest.mark.parametrize("url", ["nonsense", "ftp://example.invalid"])
async def test_an_address_that_is_none_is_refused(url):
    async with aclosing(provider_at(url)) as provider:
        for asking in (provider.refresh(), gather(provider, call())):
            with pytest.raises(CallRejectedError, match="address"):
                await asking


async def test_calls_one_after_another_share_a_connection(provider, server):
    for _ in range(5):
        assert isinstance((await gather(provider, call())).answer, Answer)
    assert len(server.requests) == 5
    assert server.connections == 1


async def test_a_call_that_is_stopped_closes_its_connection_and_no_other(provider, server):
    server.answer = lambda _: Reply(text="a b c d", word_s=30.0)
    async with aclosing(provider.stream(call())) as chunks:
        assert await anext(chunks) == TextDelta(text="a")
    server.answer = schooled
    assert (await gather(provider, call())).answer.text
    assert server.connections == 2


async def test_a_stream_that_breaks_after_its_text_is_worth_another_try(provider, server):
    """The text that came is not an answer: the error follows it, and the next try begins anew."""
    server.answer = lambda _: Dropped(text="half an")
    chunks = provider.stream(call())
    assert [await anext(chunks), await anext(chunks)] == [TextDelta(text="half"), TextDelta(text=" an")]
    with pytest.raises(CallFailedError):
        await anext(chunks)
    server.answer = schooled
    assert (await gather(provider, call())).answer.text.startswith("word0")


async def test_a_server_that_says_done_and_holds_the_line_does_not_hold_the_answer():
    """The end of the reply is waited for only so that the connection can be used again."""

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        events = b'data: {"choices":[{"delta":{"content":"hi"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + events)
        await writer.drain()
        await reader.read()
        writer.close()

    listener = await asyncio.start_server(hold, "127.0.0.1", 0)
    async with listener:
        port = listener.sockets[0].getsockname()[1]
        async with aclosing(provider_at(f"http://127.0.0.1:{port}")) as provider, asyncio.timeout(30):
            assert (await gather(provider, call())).answer.text == "hi"


async def test_a_closed_provider_opens_again(provider):
    await gather(provider, call())
    await provider.aclose()
    await provider.aclose()
    assert (await gather(provider, call())).answer.text


def test_each_event_loop_has_its_connections_and_closes_them_when_it_ends():
    """No connection outlives its loop, and nothing is left for the garbage collector to complain of."""
    clients = Clients(secure=False, direct=True)
    made = []

    async def use(url: str) -> None:
        client = await clients.here()
        assert await clients.here() is client
        assert (await client.get(f"{url}/models")).status_code == 200
        made.append(client)

    gc.collect()  # what other tests left is not what is looked at
    with served_apart() as server, warnings.catch_warnings(record=True) as complaints:
        warnings.simplefilter("always", ResourceWarning)
        asyncio.run(use(server.url))
        asyncio.run(use(server.url))
        gc.collect()
    assert [str(complaint.message) for complaint in complaints] == []
    assert made[0] is not made[1]
    assert all(client.is_closed for client in made)


async def test_closing_reaches_the_clients_of_other_loops():
    clients = Clients(secure=False, direct=True)
    ready, over, made = threading.Event(), threading.Event(), []

    async def hold() -> None:
        made.append(await clients.here())
        ready.set()
        await asyncio.to_thread(over.wait)

    thread = threading.Thread(target=lambda: asyncio.run(hold()))
    thread.start()
    try:
        await asyncio.to_thread(ready.wait, 30)
        await clients.here()
        await clients.aclose()
        assert made[0].is_closed
    finally:
        over.set()
        thread.join(30)


def test_a_loop_that_was_closed_without_its_end_is_forgotten():
    clients = Clients(secure=False, direct=True)
    loop = asyncio.new_event_loop()
    first = loop.run_until_complete(clients.here())
    loop.close()
    second = asyncio.run(clients.here())
    assert first is not second
    asyncio.run(clients.aclose())


def test_certificates_are_read_once():
    async def both() -> None:
        for clients in (Clients(secure=True, direct=False), Clients(secure=True, direct=False)):
            await clients.here()

    import httpx

    made = []
    original = httpx.create_ssl_context

    def counted(*arguments: Any, **options: Any) -> Any:
        made.append(1)
        return original(*arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(httpx, "create_ssl_context", counted)
        asyncio.run(both())
    assert len(made) <= 1


@pytest.mark.parametrize(
    ("url", "root"),
    [
        ("http://a.b/v1", "http://a.b"),
        (" http://a.b/v1/ ", "http://a.b"),
        ("https://a.b/api/v1", "https://a.b/api"),
        ("https://a.b:8000", "https://a.b:8000"),
    ],
)
def test_addresses_are_taken_with_and_without_v1(url, root):
    assert root_of(url) == root


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://localhost:1", True),
        ("http://127.0.0.5", True),
        ("http://[::1]:80/v1", True),
        ("http://192.168.1.2", False),
        ("https://localhost.example", False),
        ("nonsense", False),
        ("http://[half", False),
    ],
)
def test_which_addresses_are_on_this_machine(url, here):
    assert is_loopback(url) is here


def test_a_shown_address_has_no_password():
    assert shown("https://me:secret@host:1/v1?key=secret") == "https://host:1/v1"
    assert shown("host") == "host"


async def test_a_kept_connection_that_the_server_closes_in_that_moment_is_no_failure():
    """Servers close idle connections without a word, and some after each stream: the call goes over a new one."""
    heads = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for number in range(2):
            head = await reader.readuntil(b"\r\n\r\n")
            heads.append(head)
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
            if number == 0:
                events = b'data: {"choices":[{"delta":{"content":"hi"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
                size = f"{len(events):x}".encode()
                writer.write(
                    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + size
                    + b"\r\n"
                    + events
                    + b"\r\n0\r\n\r\n"
                )
                await writer.drain()
        writer.close()  # the second call on one connection has no answer

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listener:
        port = listener.sockets[0].getsockname()[1]
        async with aclosing(provider_at(f"http://127.0.0.1:{port}")) as provider, asyncio.timeout(60):
            answers = [(await gather(provider, call())).answer.text for _ in range(2)]
    assert answers == ["hi", "hi"]
    assert len(heads) == 3


def packed(content: bytes) -> bytes:
    """Return an answer whose content is sent as gzip."""
    body = gzip.compress(content)
    return b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


async def test_a_list_may_be_sent_packed() -> None:
    async with await raw_server(packed(b'{"data": [{"id": "m"}]}')) as listener:
        port = listener.sockets[0].getsockname()[1]
        async with aclosing(provider_at(f"http://127.0.0.1:{port}")) as provider:
            assert [info.id for info in await provider.refresh()] == ["mine/m"]


async def raw_server(reply: bytes) -> asyncio.Server:
    """Answer everything with these bytes, or never where there are none."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(reply)
        await writer.drain()
        await reader.read()
        writer.close()

    return await asyncio.start_server(serve, "127.0.0.1", 0)


@pytest.mark.parametrize(
    ("reply", "sentence"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>", "not JSON"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n" + b"[" * 200_000, "not JSON"),
        (packed(b" " * 300_000_000), "sent more than 32 MiB"),
        (b"", "did not answer in time"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[", "did not answer in time"),
        (b"SSH-2.0-nothing for you\r\n", "cannot be reached"),
    ],
)
async def test_what_is_no_such_server_is_told_as_a_failure(reply, sentence, monkeypatch):
    patience_s = (
        60 if sentence.startswith(("not JSON", "sent")) else 0.5
    )  # much is unpacked in this process, and the machine may be busy
    monkeypatch.setattr("nubem_jupyter.providers.endpoint.wire._ANSWER_S", patience_s)
    async with await raw_server(reply) as listener:
        port = listener.sockets[0].getsockname()[1]
        async with aclosing(provider_at(f"http://127.0.0.1:{port}")) as provider:
            with pytest.raises(CallFailedError, match=sentence):
                await provider.refresh()
            monkeypatch.setattr("nubem_jupyter.providers.endpoint.wire._ANSWER_S", 0.5)  # it answers once at most
            assert not (await provider.health()).ok


async def test_an_unknown_path_is_an_error_of_the_provider(provider):
    with pytest.raises(ProviderError, match="nothing is at"):
        await provider.wire.fetch("/nowhere")
    assert provider.wire.on_this_machine


async def test_that_a_server_did_not_answer_is_kept_with_its_list_until_it_does(server):
    """Another process would offer what has just been found dead."""
    kept = []

    def again():
        return EndpointProvider("acme", server.url, environ={}, listed=kept[-1], keep=Keeping(kept.append))

    async with aclosing(EndpointProvider("acme", server.url, environ={}, keep=Keeping(kept.append))) as first:
        assert all(info.available for info in await first.refresh())
        page, server.pages["/v1/models"] = server.pages["/v1/models"], Fault(status=503)
        for _ in range(2):
            with pytest.raises(CallFailedError):
                await first.refresh()
    assert len(kept) == 2, "it says since when, which does not change"
    async with aclosing(again()) as second:
        [info, *_] = second.models()
        assert not info.available
        assert "since 20" in info.missing
        server.pages["/v1/models"] = page
        assert all(info.available for info in await second.refresh())
    async with aclosing(again()) as third:
        assert all(info.available and not info.missing for info in third.models())


async def test_where_it_runs_is_its_users_to_say_at_any_time(server):
    """Also of a list that was kept when the setting was another one."""
    server.pages["/v1/models"] = Page(content={"data": [{"id": "m"}]})
    kept = []
    async with aclosing(
        EndpointProvider("acme", server.url, environ={}, region="eu", keep=Keeping(kept.append))
    ) as provider:
        assert [info.regions for info in await provider.refresh()] == [("eu",)]
    for region, regions in (("", ()), ("us-east-1", ("us-east-1",))):
        later = EndpointProvider("acme", server.url, environ={}, region=region, listed=kept[-1])
        assert [info.regions for info in later.models()] == [regions]
        await later.aclose()


async def test_a_price_that_the_server_does_not_tell_is_the_one_that_its_user_says(server):
    """Also of a list that was kept when the setting was another one."""
    rows = [{"id": "dear", "pricing": {"prompt": "0.1", "completion": "0.2"}}, {"id": "plain"}]
    server.pages["/v1/models"] = Page(content={"data": rows})
    kept = []
    said = price_of(1e-6, 2e-6, source=SAID, date="")
    async with aclosing(
        EndpointProvider("acme", server.url, environ={}, price=said, keep=Keeping(kept.append))
    ) as provider:
        dear, plain = await provider.refresh()
    assert (dear.price.input_usd.value, plain.price) == (0.1, said)
    later = EndpointProvider("acme", server.url, environ={}, listed=kept[-1])
    assert [info.price is None for info in later.models()] == [False, True]
    await later.aclose()
