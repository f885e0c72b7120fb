"""Steps whose answers are checked: what a check says of a model is evidence for that very step, and for no other.

A check holds an answer to what its author thought of. That a model passes one tells little of how it does elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from nubem_jupyter.core.digest import short_digest
from nubem_jupyter.core.flow import Branch, Flow, Loop, Map, Node
from nubem_jupyter.core.work import Prompt


def task_of(node: Node) -> str:
    """Return the digest of all that decides whether an answer to a step passes its check; empty where it has none.

    Seeds differ from run to run and do not count.
    """
    work = node.work
    if not isinstance(work, Prompt) or not work.check:
        return ""
    return short_digest((node.capability, msgspec.structs.replace(work, seed=None, similar=None)))


def case_of(prompt: str, task: str) -> str:
    """Return the digest of what was asked in a step, by the prompt as it was sent."""
    return short_digest((task, prompt))


def checked_steps(flow: Flow) -> Mapping[str, str]:
    """Return where checked steps stand -> their digests; places are paths of a run without item and round numbers."""
    return dict(_checked(flow, ""))


def _checked(flow: Flow, prefix: str) -> Iterator[tuple[str, str]]:
    for node in flow.nodes:
        path = prefix + node.id
        task = task_of(node)
        if task:
            yield path, task
        match node.work:
            case Map(body=body) | Loop(body=body):
                yield from _checked(body, f"{path}/")
            case Branch():
                for name, body in node.bodies:
                    yield from _checked(body, f"{path}/{name}/")
            case _:
                pass
