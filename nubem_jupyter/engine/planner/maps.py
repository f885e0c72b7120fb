"""Steps done for each item of a list."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec

from nubem_jupyter.core.flow import Flow, Map, Node
from nubem_jupyter.core.ids import NodeId
from nubem_jupyter.core.value import ValueType
from nubem_jupyter.core.work import Input, Output
from nubem_jupyter.engine.planner.drawing import Drawing
from nubem_jupyter.engine.planner.frames import without_trailing_frame
from nubem_jupyter.engine.planner.lexicon import Lexicon
from nubem_jupyter.engine.planner.prompts import write_prompt
from nubem_jupyter.engine.planner.sources import Source
from nubem_jupyter.engine.planner.stages import Stage
from nubem_jupyter.engine.planner.steps import Step
from nubem_jupyter.engine.planner.tokens import tokenize

PER_ITEM = frozenset({"classify", "extract", "translate"})
"""Capabilities that look at one text at a time, said or not."""
_REMARKS = ("classify", "judge", "compute")
"""How fields are named that are no text of their own to translate."""
LISTS = frozenset({ValueType.LIST, ValueType.TABLE})
"""Types that a map may run over for sure."""


def list_source(step: Step, sources: Sequence[Source]) -> Source | None:
    """Return the list that the step is to go over; None when it is done once."""
    if not (step.each or step.capability in PER_ITEM):
        return None
    surely = [source for source in sources if source.type in LISTS]
    perhaps = [source for source in sources if source.type is ValueType.ANY and step.each]
    return (*perhaps, *surely)[-1] if surely or perhaps else None


def free_name(name: str, taken: Collection[str]) -> str:
    """Return the name, lengthened until nobody has it."""
    while name in taken:
        name += "_"
    return name


def draw_map(
    drawing: Drawing,
    step: Step,
    over: Source,
    sources: Sequence[Source],
    lexicon: Lexicon,
    after: Stage,
    *,
    name: str = "",
) -> Source:
    """Add a map of the step over a list; where another step goes over each, items and results stay together."""
    others = [source for source in sources if source is not over and source.type not in LISTS]
    taken = {other.key for other in others}
    item = free_name("item", taken)
    goes_on = any(later.each or later.capability in PER_ITEM for later in after)
    fields = over.record or (("item",) if goes_on else ())
    body, result = _body(step, over, item, fields, others, lexicon)
    reads = {inner.id for inner in body.inputs}
    items = free_name("items", {*taken, item})
    wired = {items: over.ref} | {source.key: source.ref for source in others if source.key in reads}
    label = f"{step.capability} each"
    work = Map(body=body, over=items, item=item, keep_errors=True)
    source = drawing.wire(name or step.capability, work, wired, capability=step.capability, label=label)
    return source._replace(record=(*fields, result) if fields else ())


def _column(step: Step, over: Source) -> str:
    """Return the column that the words name (*every row of sales.text*); empty for the whole item."""
    named = (token.text.partition(".") for token in step.said)
    return next(
        (column for table, _, column in named if table == over.key and column.isidentifier() and column.isascii()), ""
    )


def _shown(step: Step, own: list[Source]) -> list[Source]:
    """Return the fields of a record that the step looks at: a translation is of its last text alone."""
    if step.capability != "translate":
        return own
    texts = [source for source in own if not source.name.startswith(_REMARKS)]
    return texts[-1:] or own[:1]


def _for_one(step: Step, lexicon: Lexicon) -> Step:
    """Word the step for a reader who sees a single item."""
    words = tokenize(step.text)
    kept = without_trailing_frame(words, lexicon)
    return step if len(kept) == len(words) else msgspec.structs.replace(step, text=step.text[: kept[-1].end])


def _body(
    step: Step, over: Source, item: str, fields: tuple[str, ...], others: Sequence[Source], lexicon: Lexicon
) -> tuple[Flow, str]:
    """Write what is done for one item, and say under which name its result stands in a record."""
    is_record = len(fields) > 1
    own = [Source(name, item, ValueType.ANY, path=name, reader=item) for name in fields] if is_record else []
    plain = Source(item, item, ValueType.ANY, path="" if is_record else _column(step, over))
    own = _shown(step, own)
    prompt = write_prompt(_for_one(step, lexicon), [*(own or [plain]), *others], lexicon)
    name = free_name(step.capability, {item, *fields, *(other.key for other in others)})
    keys = tuple(dict.fromkeys((item, *prompt.uses)))
    inputs = [Node(id=NodeId(key), work=Input()) for key in keys]
    reads = {key: key for key in prompt.uses}
    call = Node(id=NodeId(name), capability=step.capability, inputs=reads, work=prompt)
    kept = {field: f"{item}.{field}" if is_record else item for field in fields}
    output = Node(id=NodeId(free_name("output", {*keys, name})), inputs={**kept, name: name}, work=Output())
    return Flow(name=step.capability, nodes=(*inputs, call, output)), name
