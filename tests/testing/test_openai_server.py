"""The loopback server's own promises."""

from __future__ import annotations

import httpx
import pytest

from nubem_jupyter.testing.openai_server import Dropped, Fault, OpenAIServer, Served
from nubem_jupyter.testing.scripted_provider import Reply

BODY = {"messages": [{"role": "user", "content": "hello"}]}


async def connections_of(server: OpenAIServer, answers: list[Served]) -> tuple[list[int], int]:
    """Ask once an answer on one client; return each status, and how many connections that took."""
    opened: list[str] = []

    async def trace(name: str, _info: object) -> None:
        if name == "connection.connect_tcp.complete":
            opened.append(name)

    script = iter(answers)
    server.answer = lambda _body: next(script)
    statuses = []
    async with server.running(), httpx.AsyncClient(trust_env=False) as client:
        for _ in answers:
            reply = await client.post(server.url, json=BODY, extensions={"trace": trace})
            statuses.append(reply.status_code)
    return statuses, len(opened)


@pytest.mark.parametrize(("keeps_open", "connections"), [(True, 1), (False, 3)])
async def test_a_connection_serves_many_calls_where_it_is_kept_open(keeps_open: bool, connections: int) -> None:
    """A refusal in between changes nothing."""
    server = OpenAIServer(lambda _body: Reply(), keeps_open=keeps_open)
    answers = [Reply(text="a b"), Fault(status=500), Reply(text="c")]
    assert await connections_of(server, answers) == ([200, 500, 200], connections)
    assert len(server.requests) == 3
    assert server.hung_up == 0


async def test_a_dropped_reply_breaks_its_connection_also_where_it_is_kept_open() -> None:
    server = OpenAIServer(lambda _body: Reply(), keeps_open=True)
    with pytest.raises(httpx.RemoteProtocolError):
        await connections_of(server, [Dropped(text="half")])
