"""Whoever calls a public function wrongly is told in a sentence what it wants."""

import inspect

import pytest

import nubem_jupyter as nj
from nubem_jupyter.errors import UsageError
from nubem_jupyter.session.checked_call import _Takes, checked
from nubem_jupyter.session.session import Session
from nubem_jupyter.session.settings import Settings
from nubem_jupyter.testing import ScriptedProvider

FLOW = nj.Flow.build("small").input("x").model("ask", "{x}").output()
FUNCTIONS = [getattr(nj, name) for name in ("plan", "weigh", "what_if", "front", "run", "resume", "orchestrate")]
METHODS = [one for name, one in vars(Session).items() if inspect.isfunction(one) and not name.startswith("_")]
WRONG = [
    (function, name)
    for function in [*FUNCTIONS, *METHODS]
    for name, one in inspect.signature(function).parameters.items()
    if name != "self" and one.annotation != "Any" and "Unpack" not in one.annotation
]


@pytest.fixture
async def session(tmp_path):
    settings = Settings(home=tmp_path / "home", workspace=tmp_path, providers=())
    opened = Session(settings, {}, providers={"scripted": ScriptedProvider()})
    yield opened
    await opened.aclose()


async def call(function, session, /, *args, **kwargs):
    self = (session,) if "self" in inspect.signature(function).parameters else ()
    made = function(*self, *args, **kwargs)
    return await made if inspect.iscoroutine(made) else made


@pytest.mark.parametrize(("function", "name"), WRONG, ids=lambda one: getattr(one, "__qualname__", one))
async def test_an_argument_of_a_wrong_kind_is_named_with_what_is_wanted(session, function, name):
    with pytest.raises(UsageError, match=f"{function.__name__} wants '{name}' to be .* not an object"):
        await call(function, session, **{name: object()})


async def test_inputs_that_are_not_named_are_told_how_to_be(session):
    with pytest.raises(UsageError, match="too many positional arguments") as caught:
        await nj.plan(FLOW, {"x": 1})
    assert "plan(request, *, inputs=None, constraints=None" in caught.value.hint
    with pytest.raises(UsageError, match="missing a required argument: 'plan'"):
        await session.run()


async def test_a_slip_in_a_name_names_the_nearest(session):
    with pytest.raises(UsageError, match="constrants") as caught:
        await session.plan(FLOW, constrants=None)
    assert caught.value.hint == "did you mean 'constraints'?"


async def test_what_was_not_awaited_is_to_be(session):
    pending = session.plan(FLOW)
    with pytest.raises(UsageError, match="wants 'target' to be a Plan or a Flow, and not a coroutine") as caught:
        await nj.run(pending)
    pending.close()
    assert caught.value.hint == "await it first"


async def test_a_settings_place_taken_by_something_else_is_refused():
    with pytest.raises(UsageError, match="Session wants 'settings' to be a Settings, and not a dict"):
        Session({})


async def test_limits_without_a_name_are_asked_for_theirs(session):
    weighed = await session.weigh(nj.Plan(flow=FLOW))
    with pytest.raises(UsageError, match="what_if cannot be called like this"):
        weighed.what_if(0.01)


def test_an_error_within_stays_what_it_is():
    @checked
    def broken(one: int) -> int:
        return one + None

    with pytest.raises(TypeError, match="unsupported operand"):
        broken(1)


def test_numbers_are_told_from_texts_and_truth():
    @checked
    def taking(share: float, count: int = 0, names: "list[str] | None" = None, any_: "Unknown" = None) -> None:  # noqa: F821
        return share, count, names, any_

    assert taking(1, 2, ["a"], object())[:2] == (1, 2)
    for wrong in ({"share": "1"}, {"share": True}, {"share": 1, "count": 1.5}, {"share": 1, "names": "a"}):
        with pytest.raises(UsageError, match="taking wants"):
            taking(**wrong)


def test_a_union_with_something_that_is_no_class_is_not_checked():
    def taking(one: "int | Unknown") -> None:  # noqa: F821
        """Take anything."""

    assert _Takes(taking)._kinds == {}
