import os

import pytest

from nubem_jupyter.ports import CodeRequest
from nubem_jupyter.sandbox.capture import Capture, drain
from nubem_jupyter.sandbox.verdict import Outcome, judge

REQUEST = CodeRequest(source="", timeout_s=2.0, output_bytes=10, processes=3, memory_bytes=7)


def outcome(**fields):
    defaults = {
        "stdout": "out", "stderr": "", "report": b'{"ok":true,"result":[1]}',
        "verdict": b'{"status":0,"limit":"","wall_s":0.5}', "printed_too_much": False, "reported_too_much": False,
    }  # fmt: skip
    return Outcome(**(defaults | fields))


def test_a_program_that_ran_to_its_end():
    result = judge(REQUEST, outcome())
    assert (result.ok, result.result, result.stdout, result.error, result.wall_s) == (True, [1], "out", "", 0.5)


@pytest.mark.parametrize(
    ("limit", "name", "says"),
    [("time", "time", "2 s"), ("processes", "processes", "3 processes"), ("memory", "memory", "7 bytes"),
     ("scratch", "output", "scratch"), ("orphan", "", "is gone")],
)  # fmt: skip
def test_a_limit_that_the_warden_saw_decides(limit, name, says):
    """Even when the program claims to have finished."""
    result = judge(REQUEST, outcome(verdict=b'{"status":null,"limit":"%s","wall_s":2.0}' % limit.encode()))
    assert (result.ok, result.result, result.limit) == (False, None, name)
    assert says in result.error


@pytest.mark.parametrize(
    ("fields", "limit", "says"),
    [
        ({"printed_too_much": True}, "output", "10 bytes"),
        ({"reported_too_much": True}, "output", "10 bytes"),
        ({"verdict": b""}, "", "warden"),
        ({"verdict": b'{"status":0,"limit":"new","wall_s":1}'}, "", "warden"),
        ({"report": b""}, "", "before its end"),
        ({"report": b"[" * 100_000}, "", "before its end"),
        ({"report": b'{"ok":true}{"ok":true}'}, "", "before its end"),
        ({"report": b'{"ok":true,"result":"\xff"}'}, "", "before its end"),
        ({"verdict": b'{"status":-24,"limit":"","wall_s":1}'}, "time", "processor time"),
        ({"verdict": b'{"status":-11,"limit":"","wall_s":1}'}, "", "SIGSEGV"),
        ({"verdict": b'{"status":-63,"limit":"","wall_s":1}'}, "", "signal 63"),
        ({"verdict": b'{"status":null,"limit":"","wall_s":1}'}, "", "stopped"),
        ({"report": b'{"ok":false,"error":"no","limit":"memory"}'}, "memory", "no"),
    ],
)
def test_everything_else_is_told(fields, limit, says):
    result = judge(REQUEST, outcome(**fields))
    assert (result.ok, result.result, result.limit) == (False, None, limit)
    assert says in result.error


def test_a_capture_keeps_the_beginning():
    capture = Capture(4)
    for part in (b"ab", b"c\xc3", b"\xa9d"):
        assert not capture.overflowed
        capture.add(part)
    assert (capture.overflowed, capture.content, capture.text) == (True, b"abc\xc3", "abc\ufffd")


def test_draining_does_not_wait_for_who_holds_a_stream_open():
    """After the last stream has closed, the others are given up soon."""
    held_read, held_write = os.pipe()
    last_read, last_write = os.pipe()
    os.write(held_write, b"some")
    os.close(last_write)
    with os.fdopen(held_read, "rb") as held, os.fdopen(last_read, "rb") as last:
        capture = Capture(100)
        drain({held: capture, last: Capture(1)}, last, 600.0, lambda: None)
    os.close(held_write)
    assert capture.content == b"some"
