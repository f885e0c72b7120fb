"""Taking the answer of a call that was worded otherwise, for the nodes that ask for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from nubem_jupyter.core.cache import CacheEntry
from nubem_jupyter.core.call import Answer
from nubem_jupyter.core.constraint import SecurityLevel
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.similar import FalseHits
from nubem_jupyter.core.work import Prompt
from nubem_jupyter.engine.answer import parse_answer
from nubem_jupyter.engine.similarity import agree, filled, scope_of

if TYPE_CHECKING:
    from nubem_jupyter.session.recall import Recall
    from nubem_jupyter.session.similar import Similar


class Hit(NamedTuple):
    """An answer of a call that is alike enough."""

    entry: CacheEntry
    """The answer."""
    similarity: float
    """How alike, 0 to 1."""
    is_checked: bool
    """Whether the call is made all the same, so that it is known how often such an answer is wrong."""
    false_hits: FalseHits
    """How often it has been so far."""


class Alike:
    """Around one call that may take such an answer."""

    def __init__(
        self, similar: Similar, prompt: Prompt, model: ModelId, level: SecurityLevel, values: Mapping[str, Any]
    ) -> None:
        self._similar = similar
        self._prompt = prompt
        self._scope = scope_of(prompt, model, level)
        self._text = filled(prompt, values)

    async def find(self, recall: Recall, place: str) -> Hit | None:
        """Return the answer of the call most like this one, if any is alike enough and is still kept."""
        similar, scope = self._similar, self._scope
        match = await similar.find(scope, self._text, self._prompt.similar or 1.0, place=place)
        if match is None:
            return None
        entry = await recall.find(match.key)
        if entry is None:
            similar.lost(scope, match.key)
            return None
        return Hit(entry, match.similarity, similar.is_checked(scope), similar.false_hits(scope))

    def made(self, key: str, value: Any, hit: Hit | None) -> None:
        """Take in that the call was made, under which key its answer is kept, and what it gave."""
        if hit is not None and isinstance(hit.entry.content, Answer):
            given = parse_answer(hit.entry.content.text, self._prompt)
            self._similar.checked(self._scope, agreed=agree(given, value))
        self._similar.add(self._scope, self._text, key)
