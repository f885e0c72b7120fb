"""Where data may go: on this machine always, elsewhere only where the constraints let it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import ModelInfo, Site
from nubem_jupyter.engine.whereabouts import staying, strays

REGIONS = st.lists(st.sampled_from(("eu", "eu-central-1", "us-east-1", "global")), max_size=3).map(tuple)
PLACES = st.builds(Site, id=st.text("ab", min_size=1, max_size=3).map(ModelId), local=st.booleans(), regions=REGIONS)
LIMITS = st.builds(Constraints, local_only=st.booleans(), region=st.sampled_from(("", "eu", "us", "eu-central-1")))


def model(**fields):
    return ModelInfo(id=ModelId("a/x"), provider="a", **fields)


@pytest.mark.parametrize(
    ("found", "constraints", "reason"),
    [
        (model(), {"local_only": True}, "off this machine"),
        (model(regions=("eu",)), {"security_level": "high", "region": "eu"}, "off this machine"),
        (model(), {"region": "eu"}, "runs nobody says where, so region eu cannot be kept"),
        (model(regions=("eu", "us-east-1")), {"region": "eu"}, "may run in us-east-1, outside of region eu"),
        (model(regions=("global",)), {"region": "us"}, "may run in global"),
    ],
)
def test_says_why_data_may_not_go_there_and_what_would_have_to_be_otherwise(found, constraints, reason):
    stray = strays(found, Constraints(**constraints))
    assert reason in stray.reason
    assert stray.mend


@pytest.mark.parametrize(
    ("found", "constraints"),
    [
        (model(), {}),
        (model(local=True), {"local_only": True}),
        (model(local=True), {"region": "eu"}),
        (model(regions=("eu-north-1", "europe-west3")), {"region": "eu"}),
    ],
)
def test_nothing_is_in_the_way_of_what_stays(found, constraints):
    assert strays(found, Constraints(**constraints)) is None


@given(st.lists(PLACES, min_size=1, max_size=4).map(tuple), LIMITS)
def test_a_model_may_be_asked_where_one_of_its_deployments_may_and_only_those_are(places, limits):
    kept = staying(model(deployments=places), limits)
    assert (strays(model(deployments=places), limits) is None) == bool(kept)
    for place in places:
        alone = strays(model(local=place.local, regions=place.regions), limits) is None
        assert (place in kept) == alone
