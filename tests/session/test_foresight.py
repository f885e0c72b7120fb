"""What cannot run is refused before anything does."""

import pytest

from nubem_jupyter.core.constraint import Constraints, SecurityLevel
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.errors import SandboxUnavailableError
from nubem_jupyter.session.foresight import check_sandbox

CODE = Flow.build("b").input("item").code("inner", "result = item", inputs={"item": "item"}).output("inner")


class Sandbox:
    """A sandbox that only tells its levels."""

    def __init__(self, *levels):
        self.levels = frozenset(levels)


def test_code_inside_a_map_is_found_and_a_machine_without_any_sandbox_is_told():
    flow = Flow.build().input("texts").map("m", CODE, "texts").output("m")
    with pytest.raises(SandboxUnavailableError, match=r"'m/body/inner'.*there: none") as caught:
        check_sandbox(flow, Constraints(), Sandbox())
    assert "Linux" in caught.value.hint
    check_sandbox(flow, Constraints(), Sandbox(SecurityLevel.LOW))


def test_a_flow_without_code_needs_no_sandbox():
    flow = Flow.build().input("text").model("m", "{text}").output("m")
    check_sandbox(flow, Constraints(security_level="high"), Sandbox())
