"""The session that the package's own functions use: made when first needed, from the environment and this folder."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.plan import Plan
from nubem_jupyter.core.run import Run
from nubem_jupyter.errors import UsageError
from nubem_jupyter.session.checked_call import checked
from nubem_jupyter.session.run_options import RunOptions, check_options
from nubem_jupyter.session.session import Session
from nubem_jupyter.session.settings import load_settings

if TYPE_CHECKING:
    from nubem_jupyter.core.weighed import Front, WhatIf
    from nubem_jupyter.session.weighed import Limits, WeighedPlan

_lock = threading.Lock()
_default: list[Session] = []


def default_session() -> Session:
    """Return the session that this program shares.

    Raises:
        SettingsError: a settings file or variable cannot be used.
    """
    with _lock:
        if not _default:
            _default.append(open_session())
        return _default[0]


def replace_default(session: Session) -> Session | None:
    """Put another session in its place; return the one that stood there, for its owner to close."""
    with _lock:
        old = _default.pop() if _default else None
        _default.append(session)
        return old


def forget_default(session: Session) -> None:
    """Let the next use make a new one if this is the one that is shared; for whoever closes it."""
    with _lock:
        if session in _default:
            _default.remove(session)


def open_session(**overrides: Any) -> Session:
    """Make a session of one's own, from the environment, this folder, and the settings given."""
    return Session(load_settings(os.environ, Path.cwd(), overrides), os.environ)


@checked
async def plan(
    request: str | Flow | Plan,
    *,
    inputs: Mapping[str, Any] | None = None,
    constraints: Constraints | None = None,
    optimize: bool = True,
) -> Plan:
    """Turn a request, or a flow, into a plan, or plan one anew; see ``Session.plan``."""
    return await default_session().plan(request, inputs=inputs, constraints=constraints, optimize=optimize)


@checked
async def weigh(plan: Plan, *, inputs: Mapping[str, Any] | None = None) -> WeighedPlan:
    """Return a plan with its limits as knobs; see ``Session.weigh``."""
    return await default_session().weigh(plan, inputs=inputs)


@checked
async def what_if(plan: Plan, *, inputs: Mapping[str, Any] | None = None, **limits: Unpack[Limits]) -> WhatIf:
    """Say what a plan would be within other limits, with no call of a model; see ``WeighedPlan.what_if``."""
    weighed = await weigh(plan, inputs=inputs)
    return await asyncio.to_thread(weighed.what_if, **limits)


@checked
async def front(plan: Plan, *, inputs: Mapping[str, Any] | None = None, **limits: Unpack[Limits]) -> Front:
    """Return what can be had for what, with no call of a model; see ``WeighedPlan.front``."""
    weighed = await weigh(plan, inputs=inputs)
    return await asyncio.to_thread(weighed.front, **limits)


@checked
async def run(
    target: Plan | Flow,
    inputs: Mapping[str, Any] | None = None,
    *,
    constraints: Constraints | None = None,
    **options: Unpack[RunOptions],
) -> Run:
    """Run a plan, or a flow as ``plan`` would plan it within ``constraints``; see ``Session.run``.

    Raises:
        UsageError: as ``Session.start``; or a plan, which has its constraints, is given others.
    """
    check_options(options, "constraints")
    session = default_session()
    if not isinstance(target, Plan):
        target = await session.plan(target, inputs=inputs, constraints=constraints)
    elif constraints is not None:
        raise UsageError(
            "a plan has its constraints already", hint="run the flow itself, or plan anew: nj.plan(…, constraints=…)"
        )
    return await session.run(target, inputs, **options)


@checked
async def resume(name: str = "last", constraints: Constraints | None = None, **options: Unpack[RunOptions]) -> Run:
    """Go on with a run that did not finish, to its end; see ``Session.resume``. ``last`` is the newest of them."""
    return await (await default_session().resume(name, constraints, **options)).wait()


@checked
async def orchestrate(
    request: str | Flow,
    *,
    inputs: Mapping[str, Any] | None = None,
    constraints: Constraints | None = None,
    optimize: bool = True,
) -> Run:
    """Plan and run; see ``Session.orchestrate``."""
    return await default_session().orchestrate(request, inputs=inputs, constraints=constraints, optimize=optimize)
