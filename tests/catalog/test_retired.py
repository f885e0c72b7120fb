"""A model is chosen until the day that its list tells, and said to end a while before."""

import msgspec
import pytest

from nubem_jupyter.catalog.days import begin_of
from nubem_jupyter.catalog.retired import retiring, without_retired
from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.errors import RoutingError
from nubem_jupyter.session.session import Session
from nubem_jupyter.session.settings import Settings
from nubem_jupyter.testing import ScriptedProvider, scripted_model

TODAY = "2030-03-10"


def model(name, retires, **changes):
    return msgspec.structs.replace(scripted_model(f"scripted/{name}"), retires=retires, **changes)


@pytest.mark.parametrize(
    ("retires", "offered"), [("", True), ("2030-03-10", False), ("2030-03-11", True), ("2031-01-01", True)]
)
def test_a_model_may_be_chosen_until_the_day_from_which_its_list_says_that_it_is_gone(retires, offered):
    (shown,) = without_retired([model("one", retires)], TODAY)
    assert shown.available is offered
    told = f"its provider has retired it on {retires}, as its list says; name it with --models to try it"
    assert shown.missing == ("" if offered else told)


@pytest.mark.parametrize("named", ["scripted/one", "one"])
def test_who_names_a_model_may_try_it_after_its_last_day(named):
    gone = model("one", "2001-01-01")
    assert without_retired([gone], TODAY, (named,)) == (gone,)


def test_what_cannot_be_called_anyway_keeps_its_own_reason():
    closed = model("one", "2001-01-01", available=False, missing="set ONE_KEY")
    assert without_retired([closed], TODAY) == (closed,)


def test_what_ends_soon_is_told_the_nearest_first_and_of_many_how_many():
    days = {"far": "2031-01-01", "b": "2030-04-01", "a": "2030-03-11", "gone": TODAY}
    days |= {"c": "2030-05-01", "d": "2030-05-09"}
    told = retiring([model(name, day) for name, day in days.items()], TODAY)
    assert told[0] == "scripted/a is retired on 2030-03-11; choose another before."
    assert [line.split()[0] for line in told[1:3]] == ["scripted/b", "scripted/c"]
    assert told[3:] == (
        "1 more are retired by 2030-05-09.",
        "scripted/gone is retired, as the list says, and taken only where named.",
    )
    assert retiring([model(name, "2001-01-01") for name in "abc"], TODAY) == (
        "scripted/c and 2 more are retired, as the list says, and taken only where named.",
    )
    assert retiring([model("b", "2030-04-01", available=False, missing="a key")], TODAY) == ()


async def test_a_plan_warns_of_a_model_that_ends_soon_and_takes_none_that_has_ended(tmp_path):
    now = [begin_of(TODAY)]
    provider = ScriptedProvider(models=[model("one", "2030-04-01")])
    settings = Settings(home=tmp_path / "home", workspace=tmp_path, providers=())
    session = Session(settings, {}, providers={"scripted": provider}, wall_clock=lambda: now[0])
    plan = await session.plan("Say hello")
    assert "scripted/one is retired on 2030-04-01; choose another before." in plan.warnings
    now[0] = begin_of("2030-04-01")
    with pytest.raises(RoutingError) as caught:
        await session.plan("Say hello")
    assert "retired" in f"{caught.value.message} {caught.value.hint}"
    plan = await session.plan("Say hello", constraints=Constraints(models=("scripted/one",)))
    assert "scripted/one is retired, as the list says, and taken only where named." in plan.warnings
    assert [info.available for info in session.models()] == [True], "it is listed as its provider offers it"
    await session.aclose()
