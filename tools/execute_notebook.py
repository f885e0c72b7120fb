"""Execute notebooks in a real kernel of this Python, tell what every request gave, and keep notebook and page.

    python tools/execute_notebook.py --to build/demo notebooks/quickstart.ipynb

Ends with 1 when a cell ends in an error, after writing what there is.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from ipykernel.kernelspec import write_kernel_spec
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert import HTMLExporter

from nubem_jupyter.core import wire
from nubem_jupyter.core.run import Run
from nubem_jupyter.core.text import shorten
from nubem_jupyter.errors import FormatError
from nubem_jupyter.render.amount import call_cost, dollars, seconds

_RUN = "application/vnd.nubem.run+json"
_KERNEL = "nubem-fresh"


def main() -> int:
    """Execute each notebook named on the command line."""
    parser = argparse.ArgumentParser(description="Execute notebooks and keep them, with a page of each.")
    parser.add_argument("notebooks", nargs="+", type=Path)
    parser.add_argument("--to", type=Path, required=True, metavar="FOLDER", help="where they are written")
    parser.add_argument("--timeout", type=int, default=900, metavar="S", help="most seconds that one cell may take")
    arguments = parser.parse_args()
    arguments.to.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        _offer_kernel(Path(folder))
        done = [_execute(path, arguments.to, arguments.timeout) for path in arguments.notebooks]
    return 0 if all(done) else 1


def _offer_kernel(folder: Path) -> None:
    """Offer this Python's kernel, before and apart from any that the user has installed or set up."""
    # Its warning about loopback ports is no news to somebody who starts a demonstration.
    write_kernel_spec(folder / "kernels" / _KERNEL, extra_arguments=["--log-level=ERROR"])
    os.environ["JUPYTER_PATH"] = str(folder)
    os.environ["IPYTHONDIR"] = str(folder / "ipython")


def _execute(path: Path, to: Path, timeout_s: int) -> bool:
    notebook = nbformat.read(path, as_version=4)
    print(f"== {path}", flush=True)
    began = time.monotonic()
    client = NotebookClient(
        notebook,
        timeout=timeout_s,
        kernel_name=_KERNEL,
        resources={"metadata": {"path": str(path.parent)}},
    )
    failure = ""
    try:
        client.execute()
    except CellExecutionError as error:
        failure = str(error)
    _write(notebook, to / path.name)
    runs = list(_runs(notebook))
    for run in runs:
        _tell(run)
    print(f"-- {len(runs)} runs, {time.monotonic() - began:.0f} s, written to {to / path.name}", flush=True)
    if failure:
        print(failure, file=sys.stderr)
    return not failure and not _has_error(notebook)


def _write(notebook: nbformat.NotebookNode, target: Path) -> None:
    nbformat.write(notebook, target)
    page, _ = HTMLExporter().from_notebook_node(notebook)
    target.with_suffix(".html").write_text(page, encoding="utf-8")


def _outputs(notebook: nbformat.NotebookNode) -> Iterator[Any]:
    for cell in notebook.cells:
        yield from cell.get("outputs", ())


def _has_error(notebook: nbformat.NotebookNode) -> bool:
    return any(output.output_type == "error" for output in _outputs(notebook))


def _runs(notebook: nbformat.NotebookNode) -> Iterator[Run]:
    told = set()
    for output in _outputs(notebook):
        document = output.get("data", {}).get(_RUN)
        if document is None:
            continue
        try:
            run = wire.read(document, Run)
        except FormatError as error:
            print(f"an output is not a run: {error.message}", file=sys.stderr)
            continue
        if run.id not in told:
            told.add(run.id)
            yield run


def _tell(run: Run) -> None:
    print(f"\nrequest  {shorten(run.plan.request or run.plan.flow.name, 200)}")
    result = run.result if isinstance(run.result, str) else json.dumps(run.result, ensure_ascii=False)
    print(f"result   {result if run.failure is None else run.failure.message}")
    for node in run.trace:
        if node.model:
            cost = call_cost(node.cost_usd, node.model)
            print(f"  {node.path:<28} {node.model:<32} {cost:<14} {seconds(node.latency_s)}")
    print(f"{run.outcome}: {dollars(run.cost_usd)}, {seconds(run.latency_s)}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
