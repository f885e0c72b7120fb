"""The model call for a step: direct prompts, short systems, examples and schemas that small models need."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from nubem_jupyter.core.template import escape
from nubem_jupyter.core.value import ValueType
from nubem_jupyter.core.work import Example, Prompt
from nubem_jupyter.engine.planner.details import find_count, find_fields, find_labels, find_targets
from nubem_jupyter.engine.planner.lexicon import Lexicon
from nubem_jupyter.engine.planner.questions import is_brief_question
from nubem_jupyter.engine.planner.samples import SENTENCES
from nubem_jupyter.engine.planner.sources import Source, describe
from nubem_jupyter.engine.planner.steps import Step

_TOKENS = {
    "answer": 200, "brief": 100, "summarize": 120, "translate": 200, "rewrite": 240, "generate": 300, "compare": 200,
    "critique": 160, "judge": 160, "plan": 200, "write_code": 400, "debug_code": 400, "review_code": 240,
    "search": 200, "retrieve": 200, "memory": 120,
}  # fmt: skip
"""Ceilings of generated tokens: answers are meant to be short, and a small model that rambles is cut off."""

_SYSTEMS = {
    "write_code": "code", "debug_code": "code", "review_code": "review", "plan": "generate", "compare": "answer",
    "search": "answer", "retrieve": "extract", "memory": "extract",
}  # fmt: skip
_LIST_ITEM = 160
_FIELD = 80
_SAMPLING = 0.7
_NAMED = re.compile(r"\{\{(\w+)\}\}")


def write_prompt(step: Step, sources: Sequence[Source], lexicon: Lexicon, *, items: int = 0, part: str = "") -> Prompt:
    """Write the call; ``items`` above 0 asks for a list of that many, ``part`` is the step's share of the work."""
    if step.asks:
        return write_check(step.asks, sources, lexicon)
    writer = _Writer(step, sources, lexicon, part)
    if items:
        prompt = writer.several(items)
    elif not part and is_brief_question(step, sources, lexicon):
        prompt = writer.brief()
    else:
        prompt = {
            "translate": writer.translate, "classify": writer.classify, "extract": writer.extract,
            "compute": writer.compute, "clarify": writer.clarify,
        }.get(step.capability, writer.plain)()  # fmt: skip
    return prompt


def write_check(condition: str, sources: Sequence[Source], lexicon: Lexicon) -> Prompt:
    """Write a call that answers yes or no to a condition on the sources."""
    material = describe(sources)
    prompt = lexicon.say["check"].format(condition=escape(condition), material=material)
    return Prompt(prompt=prompt, system=lexicon.say["system.classify"], **_label_fields(lexicon.labels["yes_no"]))


def array_schema(count: int, *, exact: bool) -> dict[str, Any]:
    """Return the schema of a list of short texts."""
    least = count if exact else 1
    return {
        "type": "array", "items": {"type": "string", "maxLength": _LIST_ITEM}, "minItems": least, "maxItems": count,
    }  # fmt: skip


def _label_fields(labels: Sequence[str]) -> dict[str, Any]:
    schema = {"type": "string", "enum": list(labels)} if labels else {"type": "string", "maxLength": 30}
    return {"output": ValueType.LABEL, "schema": schema, "max_tokens": 24}


class _Writer:
    """Holds one step's parts while its call is written."""

    def __init__(self, step: Step, sources: Sequence[Source], lexicon: Lexicon, part: str) -> None:
        self.step = step
        self.lexicon = lexicon
        self.say = lexicon.say
        known = {source.key: source for source in sources}
        text = step.text[:1].upper() + step.text[1:] + (f"\n{part}" if part else "")
        used: list[str] = []

        def restore(found: re.Match[str]) -> str:
            if found[1] not in known:
                return found[0]
            used.append(found[1])
            return known[found[1]].placeholder

        self.instruction = _NAMED.sub(restore, escape(text))
        self.sources = [source for source in sources if source.key not in used]
        self.temperature = _SAMPLING if step.copies > 1 else 0.0

    def plain(self) -> Prompt:
        capability = self.step.capability
        output = ValueType.CODE if capability in {"write_code", "debug_code"} else ValueType.TEXT
        return self._make(
            self._with_material(self._opening(capability)),
            output=output,
            max_tokens=_TOKENS.get(capability, _TOKENS["answer"]),
        )

    def brief(self) -> Prompt:
        """Ask for one short sentence."""
        material = describe(self.sources) if self.sources else self.instruction
        prompt = self.say["answer"].format(material=material)
        return self._make(prompt, max_tokens=_TOKENS["brief"], examples=self._answered())

    def several(self, count: int) -> Prompt:
        """Ask for a list of short texts."""
        exact = self.say["count"].format(count=count)
        prompt = self._with_material(f"{self.instruction}\n{exact}")
        schema = array_schema(count, exact=True)
        return self._make(prompt, output=ValueType.LIST, schema=schema, max_tokens=40 + 50 * count)

    def translate(self) -> Prompt:
        targets = find_targets(self.step, self.lexicon)
        if not targets or not self.sources:
            return self.plain()
        code = self.lexicon.languages[targets[0]]
        prompt = self.say["translate"].format(target=targets[0], material=describe(self.sources))
        return self._make(prompt, max_tokens=_TOKENS["translate"], examples=self._translations(targets[0], code))

    def classify(self) -> Prompt:
        labels = find_labels(self.step, self.lexicon)
        if not labels or not self.sources:
            prompt = self.say["classify.free"].format(instruction=self.instruction, material=describe(self.sources))
            return self._make(prompt, **_label_fields(labels))
        named = escape(", ".join(labels))
        prompt = self.say["classify"].format(labels=named, material=describe(self.sources))
        return self._make(prompt, examples=self._labelled(), **_label_fields(labels))

    def extract(self) -> Prompt:
        fields = find_fields(self.step, self.lexicon)
        if len(fields) == 1 and next(iter(fields.values()))[1] and not self._wants_table():
            return self._extract_list()
        if not fields:
            return self.plain_extract()
        named = escape(", ".join(words for words, _ in fields.values()))
        prompt = self.say["extract"].format(instruction=self.instruction, fields=named, material=describe(self.sources))
        rows = self._wants_table()
        schema = _object_schema({key: several and not rows for key, (_, several) in fields.items()})
        if rows:
            schema = {"type": "array", "items": schema, "minItems": 1, "maxItems": 10}
        return self._make(
            prompt,
            output=ValueType.TABLE if rows else ValueType.JSON,
            schema=schema,
            max_tokens=min(400, 60 + 40 * len(fields) * (3 if rows else 1)),
            examples=() if rows else self._extracted(),
        )

    def plain_extract(self) -> Prompt:
        """Ask in the user's words where no field is named."""
        return self._make(self._with_material(self.instruction), max_tokens=_TOKENS["answer"])

    def compute(self) -> Prompt:
        schema = {
            "type": "object",
            "properties": {
                "working": {"type": "string", "maxLength": 400},
                "answer": {"type": "string", "maxLength": 60},
            },
            "required": ["working", "answer"],
            "additionalProperties": False,
        }
        prompt = self._with_material(self.instruction)
        return self._make(prompt, output=ValueType.JSON, schema=schema, max_tokens=240)

    def clarify(self) -> Prompt:
        prompt = self._with_material(self.say["questions"].format(instruction=self.instruction))
        return self._make(prompt, output=ValueType.LIST, schema=array_schema(3, exact=False), max_tokens=160)

    def _opening(self, capability: str) -> str:
        if capability == "debug_code":
            return f"{self.say['debug']}\n{self.instruction}".strip()
        if capability == "retrieve":
            return self.say["retrieve"].format(instruction=self.instruction)
        return self.instruction

    def _with_material(self, opening: str) -> str:
        return f"{opening}\n\n{describe(self.sources)}" if self.sources else opening

    def _extract_list(self) -> Prompt:
        count = find_count(self.step, self.lexicon)
        schema = array_schema(count or 10, exact=bool(count))
        prompt = self._with_material(self.instruction)
        return self._make(prompt, output=ValueType.LIST, schema=schema, max_tokens=40 + 30 * (count or 8))

    def _wants_table(self) -> bool:
        return self.lexicon.has("table", self.step.words)

    def _make(self, prompt: str, **fields: Any) -> Prompt:
        kind = _SYSTEMS.get(self.step.capability, self.step.capability)
        system = self.say.get(f"system.{kind}", self.say["system.answer"])
        return Prompt(prompt=prompt, system=system, temperature=self.temperature, **fields)

    def _labelled(self) -> tuple[Example, ...]:
        def given(text: str) -> str:
            return self.say["classify"].format(labels=self.say["example.labels"], material=self.say[text])

        return tuple(
            Example(given=given(text), answer=f'"{self.say[label]}"')
            for text, label in (("example.text", "example.label"), ("example.text2", "example.label2"))
        )

    def _answered(self) -> tuple[Example, ...]:
        return tuple(
            Example(given=self.say["answer"].format(material=self.say[question]), answer=self.say[reply])
            for question, reply in (("example.question", "example.reply"), ("example.question2", "example.reply2"))
        )

    def _extracted(self) -> tuple[Example, ...]:
        return tuple(self._extraction(name) for name in ("example.extract", "example.extract2"))

    def _extraction(self, name: str) -> Example:
        answer = self.say[f"{name}.json"]
        fields = ", ".join(re.findall(r'"(\w+)":', answer))
        given = self.say["extract"].format(instruction=self.say[name], fields=fields, material=self.say[f"{name}.text"])
        return Example(given=given, answer=answer)

    def _translations(self, target: str, code: str) -> tuple[Example, ...]:
        origin = "es" if code == "en" else "en"
        pairs = zip(SENTENCES[origin], SENTENCES.get(code, ()), strict=False)
        return tuple(
            Example(given=self.say["translate"].format(target=target, material=given), answer=answer)
            for given, answer in pairs
        )


def _object_schema(fields: dict[str, bool]) -> dict[str, Any]:
    single = {"type": "string", "maxLength": _FIELD}
    several = {"type": "array", "items": single, "maxItems": 8}
    return {
        "type": "object",
        "properties": {key: several if many else single for key, many in fields.items()},
        "required": list(fields),
        "additionalProperties": False,
    }
