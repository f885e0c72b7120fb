"""``%%evaluate``: flows, requests and models scored on cases."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from IPython.core.magic import Magics, magics_class

from nubem_jupyter.core.evaluation import Dataset, Evaluation
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.plan import Plan
from nubem_jupyter.errors import CancelledRunError, ConstraintError, UsageError
from nubem_jupyter.notebook.arguments import parse_words
from nubem_jupyter.notebook.declare import magic, parser_of
from nubem_jupyter.notebook.options import EVALUATE
from nubem_jupyter.notebook.targets import find_flow
from nubem_jupyter.notebook.variables import to_plain
from nubem_jupyter.session.options import constraints_from, names_in

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from nubem_jupyter.notebook.workbench import Workbench

_EXAMPLES = """\
examples:
  %evaluate my_flow --dataset cases.csv --scorer exact

  %%evaluate "Is this review positive or negative? {input}" --scorer contains --models a,b
  - {input: I love it, target: positive}
  - {input: It broke at once, target: negative}

Cases have input (or several named inputs) and target. The evaluation is the cell's value (_); its .frame and
.samples_frame are data frames.
"""
_FORMATS = {".csv": "csv", ".json": "json", ".jsonl": "jsonl", ".yaml": "yaml", ".yml": "yaml"}


@magics_class
class EvaluateMagic(Magics):
    """The magic ``%evaluate`` in its line and cell forms."""

    def __init__(self, shell: InteractiveShell, workbench: Workbench) -> None:
        super().__init__(shell)
        self._workbench = workbench

    @magic("line_cell", "Score flows, requests and models on cases.", examples=_EXAMPLES, options=EVALUATE)
    def evaluate(self, line: str, cell: str | None = None) -> Evaluation:
        """Run every case through every target, score the answers, return the evaluation."""
        options = parse_words(parser_of(self.evaluate), line)
        _check(options)
        dataset = read_dataset(self._workbench, options.dataset, cell)
        try:
            return self._workbench.call(self._evaluate(options, dataset))
        except KeyboardInterrupt:
            raise CancelledRunError("the evaluation was stopped") from None

    async def _evaluate(self, options: argparse.Namespace, dataset: Dataset) -> Evaluation:
        targets = {name: await self._target(name, dataset) for name in options.targets}
        return await self._workbench.session.evaluate(
            dataset,
            options.scorer,
            targets=targets or {"the case itself": direct_flow(dataset)},
            models=names_in(options.models or ()),
            repeat=options.repeat,
            budget_usd=constraints_from({"max_cost": options.budget}).max_cost_usd,
            capability=options.capability or "",
        )

    async def _target(self, name: str, dataset: Dataset) -> Flow | Plan:
        # More than one word is a request; a single one names something, so that a typing mistake is noticed.
        if len(name.split()) > 1:
            return await self._workbench.session.plan(name, inputs=dataset.cases[0].inputs)
        return find_flow(self._workbench, name)


def read_dataset(workbench: Workbench, name: str | None, cell: str | None) -> Dataset:
    """Read the cases from the cell's body, a variable or a file.

    Raises:
        UsageError: none or two of them are given, or the file does not exist.
        EvaluationError: a case cannot be read.
    """
    from nubem_jupyter.engine.evaluator import parse_cases

    if (name is None) == (cell is None):
        raise UsageError(
            "an evaluation needs its cases once: below %%evaluate, or with --dataset",
            hint="for example: %evaluate my_flow --dataset cases.csv",
        )
    if cell is not None:
        return parse_cases(cell, "cell")
    given = str(name)
    held = workbench.shell.user_ns.get(given)
    if held is not None and given.isidentifier() and not isinstance(held, str | Path):
        return _dataset_in(given, held)
    path = Path(held if isinstance(held, str | Path) and given.isidentifier() else given).expanduser()
    if not path.is_file():
        raise UsageError(f"there is no dataset '{given}', neither a file nor a variable", hint="check the path")
    return parse_cases(to_plain(given, path), path.name, _FORMATS.get(path.suffix.lower(), ""))


def direct_flow(dataset: Dataset) -> Flow:
    """Make the flow that gives a model the case's inputs and nothing else."""
    names = list(dataset.cases[0].inputs)
    built = Flow.build("direct")
    for name in names:
        built.input(name)
    prompt = "\n\n".join(f"{{{name}}}" for name in names)
    return built.model("answer_", prompt, capability="answer", max_tokens=256).output("answer_")


def _dataset_in(name: str, held: object) -> Dataset:
    from nubem_jupyter.engine.evaluator.cases import dataset_of

    if isinstance(held, Dataset):
        return held
    plain = to_plain(name, held)
    return dataset_of(plain if isinstance(plain, list) else [plain], name)


def _check(options: argparse.Namespace) -> None:
    if not options.targets and not options.models:
        raise UsageError("there is nothing to evaluate", hint="name a flow, a request in quotes, or --models a,b")
    if options.repeat < 1:
        raise ConstraintError(f"--repeat is {options.repeat}, which runs nothing", hint="give 1 or more")
