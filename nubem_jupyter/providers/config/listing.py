"""What is known of the models of a ``litellm-config.yaml``."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import msgspec

from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import ModelInfo, Price, Site
from nubem_jupyter.providers.config.document import VARIABLE, Deployment, Document
from nubem_jupyter.providers.config.foreign import TOO_MUCH, tamed
from nubem_jupyter.providers.endpoint.listing import cost_of, price_of
from nubem_jupyter.providers.litellm.keys import KeyWays
from nubem_jupyter.providers.litellm.places import regions_said
from nubem_jupyter.providers.proxy.listing import dearest


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What a list of models is made with."""

    table: Mapping[ModelId, ModelInfo]
    """What LiteLLM's table lists."""
    keys: KeyWays
    """Which variables open which provider."""
    environ: Mapping[str, str]
    """Where they are looked up; names only."""
    trusted: bool
    """Whether the file is the user's own; else it may be somebody else's."""
    refused: Mapping[int, str] = {}
    """Of deployments that LiteLLM does not take: place in the file -> what to do about it."""

    def family(self, deployment: Deployment) -> str:
        """Name who serves a deployment, as LiteLLM would find out."""
        told = deployment.parameters.get("custom_llm_provider")
        if isinstance(told, str) and told:
            return told
        family, slash, _ = str(deployment.parameters["model"]).partition("/")
        return family if slash else next((name.partition("/")[0] for name in self._ids(deployment)), "openai")

    def tamed(self, deployment: Deployment) -> Deployment | None:
        """Return the deployment as it is called; None where it says what only the user's own file may."""
        if self.trusted:
            return deployment
        ways = self.keys.ways.get(self.family(deployment), ())
        return tamed(deployment, next(iter(self._ids(deployment)), None), {name for way in ways for name in way})

    def missing(self, deployment: Deployment) -> str:
        """Say what to do before the deployment can be called; empty where it can."""
        if self.tamed(deployment) is None:
            return TOO_MUCH
        if deployment.place in self.refused:
            return self.refused[deployment.place]
        absent = [name for name in deployment.variables if not self.environ.get(name)]
        if absent:
            return f"set {' and '.join(absent)} in the environment"
        if self.trusted and (deployment.parameters.get("api_key") or deployment.address):
            return ""
        return self.keys.missing(self.family(deployment), self.environ)

    def price(self, deployment: Deployment) -> Price | None:
        """Return what the file says that it costs, or else what the table does."""
        given = (cost_of(deployment.parameters.get(f"{which}_cost_per_token")) for which in ("input", "output"))
        own = price_of(*given, source="listed: litellm-config.yaml", date="")
        listed = self.listed(deployment)
        return own or (listed.price if listed else None)

    def regions(self, deployment: Deployment) -> tuple[str, ...]:
        """Return where it may run: what the file says, or else the table or the environment; nothing if nobody does."""
        named = (deployment.parameters.get(field) for field in _REGION_FIELDS)
        said = next((told for told in named if isinstance(told, str) and told), "")
        if said.startswith(VARIABLE):
            said = self.environ.get(said.removeprefix(VARIABLE), "")
        listed = self.listed(deployment)
        return (said,) if said else (listed.regions if listed else ()) or self._elsewhere(deployment)

    def _elsewhere(self, deployment: Deployment) -> tuple[str, ...]:
        """Return what the environment says of the provider, whose own address it is that is called."""
        return () if deployment.address else regions_said(self.family(deployment), self.environ)

    def listed(self, deployment: Deployment) -> ModelInfo | None:
        """Return what the table says of the deployment's model."""
        return next((self.table[name] for name in self._ids(deployment)), None)

    def _ids(self, deployment: Deployment) -> list[ModelId]:
        name = str(deployment.parameters["model"])
        if "/" in name:
            return [ModelId(name)] if name in self.table else []
        return [ModelId(f"{family}/{name}") for family in _NATIVE if f"{family}/{name}" in self.table]


_REGION_FIELDS = ("aws_region_name", "vertex_location", "vertex_ai_location", "region_name")
"""What of a deployment says where it runs: where LiteLLM sends the call, and then what its user only says."""

_NATIVE = ("openai", "anthropic", "bedrock", "vertex_ai", "gemini", "cohere_chat", "mistral", "deepseek", "xai")
"""Providers whose models LiteLLM's table lists without a prefix, in the order in which a bare name is looked for."""


def list_models(document: Document, known: Known) -> tuple[ModelInfo, ...]:
    """List a document's models, each with what holds for all of its deployments.

    None of them is local: an address on this machine may be that of a proxy.
    """
    groups: dict[str, list[Deployment]] = {}
    for deployment in document.deployments:
        groups.setdefault(deployment.name, []).append(deployment)
    return tuple(_model(name, groups, document, known) for name in groups)


def _model(name: str, groups: Mapping[str, Sequence[Deployment]], document: Document, known: Known) -> ModelInfo:
    group = groups[name]
    missing = [known.missing(deployment) for deployment in group]
    listed = [known.listed(deployment) for deployment in group]
    contexts = [info.context_tokens if info else None for info in listed]
    least = [count for count in contexts if count is not None]
    features = [set(info.features) if info else set() for info in listed]
    # Who answers in the end may be another model, and what is set aside for a call must do for that one too.
    answering = [one for other in document.behind(name) for one in groups.get(other, ())]
    regions = [known.regions(deployment) for deployment in answering]
    return ModelInfo(
        id=ModelId(f"config/{name}"),
        provider="+".join(dict.fromkeys(known.family(deployment) for deployment in group)),
        via="config",
        available="" in missing,
        missing="" if "" in missing else " or ".join(dict.fromkeys(missing)),
        context_tokens=min(least) if len(least) == len(contexts) else None,
        features=tuple(sorted(set.intersection(*features))),
        regions=tuple(dict.fromkeys(itertools.chain(*regions))) if all(regions) else (),
        price=dearest([known.price(deployment) for deployment in answering]),
        deployments=_sites(group, known) if document.is_spread_here(name) else (),
    )


def _sites(group: Sequence[Deployment], known: Known) -> tuple[Site, ...]:
    """List a model's deployments with their weights and limits; none of one that is asked without any of these."""
    sites = tuple(
        Site(
            id=ModelId(f"config/{one.site}"),
            weight=weight,
            calls_per_min=one.amount("rpm"),
            tokens_per_min=one.amount("tpm"),
            regions=known.regions(one),
            missing=known.missing(one),
            price=known.price(one),
        )
        for one, weight in zip(group, _weights(group), strict=True)
    )
    limited = any(site.calls_per_min or site.tokens_per_min for site in sites)
    return sites if len(sites) > 1 or limited else ()


def _weights(group: Sequence[Deployment]) -> list[float]:
    """Weigh deployments by the first of weight, calls and tokens a minute that is said of any, as LiteLLM does."""
    for field in ("weight", "rpm", "tpm"):
        amounts = [one.amount(field) for one in group]
        if any(amounts):
            return [amount or 0.0 for amount in amounts]
    return [1.0] * len(group)
