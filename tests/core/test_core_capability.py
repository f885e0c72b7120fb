"""Capabilities: known ones and components' own pass; others are named with the nearest."""

import pytest

from nubem_jupyter.core.capability import CAPABILITIES, check_capability
from nubem_jupyter.errors import UnknownCapabilityError


@pytest.mark.parametrize("name", [*CAPABILITIES, "acme.search", "acme.maps.route_2"])
def test_known_capabilities_pass(name):
    check_capability(name, node="n")


@pytest.mark.parametrize(
    ("name", "message", "hint"),
    [
        ("sumarise", "node 'n' has the unknown capability 'sumarise'", "did you mean 'summarize'?"),
        ("zzz", "node 'n' has the unknown capability 'zzz'", "use one of: answer summarize"),
        ("Acme.search", "unknown capability 'Acme.search'", "did you mean 'search'?"),
        ("acme.", "unknown capability 'acme.'", "use one of"),
        ("", "node 'n' has no capability", "use one of"),
    ],
)
def test_an_unknown_capability_is_named_with_its_node_and_the_nearest(name, message, hint):
    with pytest.raises(UnknownCapabilityError) as caught:
        check_capability(name, node="n")
    assert message in caught.value.message
    assert hint in caught.value.hint
