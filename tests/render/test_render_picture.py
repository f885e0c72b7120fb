"""Pictures are drawn by whatever is there, and their absence is no failure."""

import subprocess

import pytest

from nubem_jupyter.core.dot import to_dot
from nubem_jupyter.render import picture
from nubem_jupyter.render.html import html
from nubem_jupyter.render.pages import picture as picture_of


@pytest.fixture(autouse=True)
def _fresh_cache():
    picture._draw.cache_clear()
    yield
    picture._draw.cache_clear()


def test_a_flow_is_drawn_with_no_system_package(flow, monkeypatch):
    monkeypatch.setenv("PATH", "")
    drawn = picture.svg(to_dot(flow))
    assert b"<svg" in drawn
    assert picture.png(to_dot(flow)).startswith(b"\x89PNG")


def test_the_same_picture_is_drawn_once(monkeypatch):
    drawn = []
    monkeypatch.setattr(picture, "_ask", lambda program, dot, kind: drawn.append(dot) or b"<svg/>")
    assert picture.svg("digraph {}") == picture.svg("digraph {}") == b"<svg/>"
    assert len(drawn) == 1


def test_the_next_program_is_tried_when_one_fails(monkeypatch):
    monkeypatch.setattr(picture, "_find_programs", lambda: iter(["/nowhere/dot", "good"]))
    real = picture._ask
    monkeypatch.setattr(
        picture, "_ask", lambda program, *rest: b"<svg/>" if program == "good" else real(program, *rest)
    )
    assert picture.svg("digraph {}") == b"<svg/>"


def test_with_no_program_there_is_no_picture_and_the_outline_stands_for_it(flow, monkeypatch):
    monkeypatch.setattr(picture, "_find_programs", lambda: iter(()))
    assert picture.svg("digraph {}") is None
    shown = html((picture_of(flow),))
    assert "<img" not in shown
    assert "translate" in shown


def test_a_failure_is_not_remembered(monkeypatch):
    monkeypatch.setattr(picture, "_find_programs", lambda: iter(()))
    assert picture.svg("digraph {}") is None
    monkeypatch.undo()
    assert picture.svg("digraph {}") is not None


def test_a_program_that_hangs_is_given_up(monkeypatch):
    def hang(*args, **options):
        raise subprocess.TimeoutExpired("dot", options["timeout"])

    monkeypatch.setattr(subprocess, "run", hang)
    assert picture.svg("digraph {}") is None


def test_what_is_no_drawing_gives_no_picture():
    assert picture.svg("this is not dot {") is None


def test_the_drawing_program_sees_no_keys(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    seen = {}

    def record(command, **options):
        seen.update(options["env"])
        return subprocess.CompletedProcess(command, 0, b"<svg/>", b"")

    monkeypatch.setattr(subprocess, "run", record)
    picture.svg("digraph {}")
    assert "OPENAI_API_KEY" not in seen


def test_the_programs_found_are_told():
    assert any("graphviz-pure" in program for program in picture.programs())
