"""Finding runs on record by what people call them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nubem_jupyter.core.ids import RunId
from nubem_jupyter.core.run import Outcome, Run
from nubem_jupyter.errors import UsageError

if TYPE_CHECKING:
    from nubem_jupyter.storage.sqlite import SqliteRunStore


def recorded(store: SqliteRunStore, name: str) -> Run:
    """Return the run of this id, or of this unique beginning of one; ``last`` is the newest.

    Raises:
        UsageError: there is none, or more than one begins so.
    """
    if name == "last":
        newest = next(iter(store.list(1)), None)
        name = newest.id if newest else name
    found = store.load(RunId(name))
    if found is not None:
        return found
    several = store.named(name)
    if several:
        raise UsageError(f"several runs begin with '{name}'", hint=f"use one of: {' '.join(several)}")
    raise UsageError(f"there is no run '{name}' on record", hint="nubem runs lists them")


def unfinished(store: SqliteRunStore) -> Run:
    """Return the newest run on record that has not finished and that nobody has, here or in another program.

    Raises:
        UsageError: there is none.
    """
    under_way = store.under_way()
    for run in store.list():
        if run.outcome is not Outcome.FINISHED and run.id not in under_way:
            return run
    others = " or are under way" if under_way else ""
    raise UsageError(
        f"there is no run to go on with: all on record have finished{others}", hint="nubem runs lists them"
    )
