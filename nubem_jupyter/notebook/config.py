"""``%config Nubem``: the settings that a notebook may change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from traitlets import Bool, Float, Int, List, Unicode
from traitlets.config import Configurable

if TYPE_CHECKING:
    from nubem_jupyter.notebook.workbench import Workbench


class Nubem(Configurable):
    """Settings of this notebook; what is not set here comes from nubem.toml and the environment."""

    planner_model = Unicode(
        None, allow_none=True, help="The model that may draft plans; empty plans by rules alone."
    ).tag(config=True)
    idle_unload_s = Float(
        None, allow_none=True, help="Seconds after its last call until a local model gives its memory back."
    ).tag(config=True)
    cache = Bool(None, allow_none=True, help="Whether the answer of an equal call made before is given again.").tag(
        config=True
    )
    cascades = Bool(None, allow_none=True, help="Whether several models may be asked until they agree.").tag(
        config=True
    )
    explore = Float(
        None, allow_none=True, help="Share of the steps, 0 to 1, in which models may be tried of which little is known."
    ).tag(config=True)
    explore_daily_usd = Float(
        None, allow_none=True, help="What such steps may cost a day, in US dollars; 0 tries only what costs nothing."
    ).tag(config=True)
    region = Unicode(
        None, allow_none=True, help="Where models must run that are not on this machine, such as eu; empty allows any."
    ).tag(config=True)
    hedge = Bool(None, allow_none=True, help="Whether a call that is late gets another one beside it.").tag(config=True)
    cache_bytes = Int(None, allow_none=True, help="What the cache on this disk may take.").tag(config=True)
    allow = List(
        Unicode(), None, allow_none=True, help="Permissions that components always have: network, files, code."
    ).tag(config=True)
    home = Unicode(None, allow_none=True, help="The folder for runs and models.").tag(config=True)

    def __init__(self, workbench: Workbench, **options: Any) -> None:
        super().__init__(**options)
        for name in self.class_own_traits(config=True):
            value = getattr(self, name)
            if value is not None:
                workbench.override(name, value)
            self.observe(lambda change: workbench.override(change["name"], change["new"]), names=name)
