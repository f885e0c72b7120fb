"""What is known to go wrong, or may, before anything runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.plan import Estimate
from nubem_jupyter.errors import SandboxUnavailableError, UsageError
from nubem_jupyter.ports import Sandbox
from nubem_jupyter.render.amount import seconds
from nubem_jupyter.session.plain_values import listed, without_nan


def check_sandbox(flow: Flow, constraints: Constraints, sandbox: Sandbox) -> None:
    """Check that the flow's code could run as strictly isolated as the constraints want it.

    Raises:
        SandboxUnavailableError: it could not; names the first step with code.
    """
    level = constraints.security_level
    place = next((place for place, node in flow.walk() if node.work.runs_code), None)
    if place is None or level in sandbox.levels:
        return
    there = ", ".join(sorted(sandbox.levels)) or "none"
    raise SandboxUnavailableError(
        f"step '{place}' runs code, and security level '{level}' has no sandbox on this machine (there: {there}); "
        "nothing was run",
        hint=f"ask for --security {min(sandbox.levels)} if you trust the code, or leave the step out"
        if sandbox.levels
        else "code runs on Linux 5.3 or later with /proc mounted; elsewhere use flows without code steps",
    )


def doubts(estimate: Estimate, constraints: Constraints) -> Iterator[str]:
    """Say which ceilings the best single estimate keeps and the high end of its range does not."""
    most_s, latency = constraints.max_latency_s, estimate.latency_s
    if most_s is not None and latency is not None and latency.high > most_s:
        yield (
            f"This may take up to {seconds(latency.high)}; after {seconds(most_s)}, which max_latency allows, the run "
            "is stopped."
        )


def plain_inputs(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs as plain JSON values: a data frame as its rows, a series or array as a list, in their order.

    What pandas and numpy put for a missing value becomes None.

    Raises:
        UsageError: names the input that cannot be one.
    """
    plain = {}
    for name, value in inputs.items():
        try:
            plain[name] = msgspec.to_builtins(_read(value))
        except (TypeError, ValueError, RecursionError) as error:
            raise UsageError(
                f"the input '{name}' is a {type(value).__name__}, which flows cannot carry",
                hint="give text, numbers, lists, dicts or data frames",
            ) from error
    return plain


def _read(value: Any) -> Any:
    plain = listed(value)
    return plain if plain is value or hasattr(value, "to_dict") else without_nan(plain)
