"""Which cascades may do a step: those whose every member may, and that keep the limits as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from nubem_jupyter.core.cascade import CascadePlan, LearnedCascade
from nubem_jupyter.core.flow import Node
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.plan import Candidate
from nubem_jupyter.core.work import Prompt
from nubem_jupyter.engine.estimator import predict_cascade
from nubem_jupyter.engine.router.refusal import Offer, refusals


def cascades_for(node: Node, learned: Sequence[LearnedCascade], offers: Sequence[Offer]) -> list[Candidate]:
    """Return what is predicted of each cascade that may do the step; ``offers`` are the models for it.

    Of a model every rule holds for each member, but quality, cost and time are those of the whole. A model that does
    not draw by chance would say the same again, so it is asked once.
    """
    known = {offer.model.id: offer for offer in offers}
    return list(_allowed(node, learned, known))


def _allowed(node: Node, learned: Sequence[LearnedCascade], known: dict[ModelId, Offer]) -> Iterator[Candidate]:
    for one in learned:
        members = [known[member.model] for member in one.cascade.members if member.model in known]
        if len(members) < len(one.cascade.members) or (_asks_again(one.cascade) and not _draws(node)):
            continue
        whole = predict_cascade(one, [offer.candidate for offer in members])
        if not any(refusals(msgspec.structs.replace(offer, candidate=whole)) for offer in members):
            yield whole


def _asks_again(cascade: CascadePlan) -> bool:
    return any(member.sample for member in cascade.members)


def _draws(node: Node) -> bool:
    return isinstance(node.work, Prompt) and node.work.temperature > 0
