"""Events reach every reader whole and in order, and what waits for a slow one stays small."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from nubem_jupyter.core.event import NodeFinished, NodeStarted, RunEnded, Tokens
from nubem_jupyter.session.stream import EventQueue, EventStream


def tokens(node, text, at_s=0.0):
    return Tokens(run="r", at_s=at_s, node=node, text=text)


async def test_a_reader_gets_events_as_they_come_and_ends_with_the_stream():
    stream = EventStream()
    reader = stream.reader()
    seen = []

    async def read():
        seen.extend([event async for event in reader])

    task = asyncio.create_task(read())
    stream.push(NodeStarted(run="r", at_s=0, node="a"))
    await asyncio.sleep(0)
    stream.push(tokens("a", "hel"))
    await asyncio.sleep(0.01)
    stream.push(tokens("a", "lo"))
    stream.close()
    await task
    assert [type(event).__name__ for event in seen] == ["NodeStarted", "Tokens", "Tokens"]


async def test_a_late_reader_gets_everything_from_the_first_event_on():
    stream = EventStream()
    stream.push(NodeStarted(run="r", at_s=0, node="a"))
    stream.push(tokens("a", "x"))
    stream.close()
    assert len([event async for event in stream.reader()]) == 2


def test_a_million_unread_tokens_wait_as_one_event_a_node():
    queue = EventQueue()
    for index in range(200_000):
        queue.push(tokens(f"n{index % 2}", "x"))
    waiting = list(queue.drain())
    assert len(waiting) == 2
    assert [len(event.text) for event in waiting] == [100_000, 100_000]


def test_text_after_a_retry_is_not_put_before_it():
    queue = EventQueue()
    queue.push(tokens("a", "old"))
    queue.push(NodeFinished(run="r", at_s=1, node="a"))
    queue.push(tokens("a", "new"))
    queue.push(RunEnded(run="r", at_s=2, outcome="finished"))
    assert [getattr(event, "text", type(event).__name__) for event in queue.drain()] == [
        "old",
        "NodeFinished",
        "new",
        "RunEnded",
    ]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.text(max_size=3), st.booleans()), max_size=60))
def test_each_nodes_text_is_whole_whenever_readers_look(pushes):
    queue, read = EventQueue(), []
    for node, text, look in pushes:
        queue.push(tokens(node, text))
        if look:
            read += list(queue.drain())
    read += list(queue.drain())
    for node in "abc":
        assert "".join(e.text for e in read if e.node == node) == "".join(t for n, t, _ in pushes if n == node)
