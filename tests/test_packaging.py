"""What an installed package promises: a light import, a program that starts, types, its version, no cycles."""

import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata, resources
from pathlib import Path

import grimp
import networkx as nx
import pytest

import nubem_jupyter

HEAVY = ("IPython", "ipywidgets", "litellm", "xllamacpp", "pandas", "httpx", "networkx", "jsonschema", "yaml", "redis")
PACKAGE = Path(nubem_jupyter.__file__).parent
LONGEST_LINES = 400


def imported_by(statement: str) -> set[str]:
    """Name the top-level modules that a fresh interpreter has after the statement."""
    program = f"{statement}\nimport sys; print(' '.join({{name.partition('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "statement",
    [
        "import nubem_jupyter",
        "import nubem_jupyter as nj; [getattr(nj, name) for name in nj.__all__ if 'ipython_extension' not in name]",
        "import nubem_jupyter.cli.main",
    ],
)
def test_importing_brings_nothing_heavy(statement):
    assert imported_by(statement).isdisjoint(HEAVY)


def test_the_program_is_installed_and_starts():
    (script,) = [point for point in metadata.entry_points(group="console_scripts") if point.name == "nubem"]
    assert script.load() is not None
    program = Path(sys.executable).parent / "nubem"
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=True, timeout=120)
    assert nubem_jupyter.__version__ in done.stdout


def test_the_version_is_the_distributions():
    assert metadata.version("nubem-jupyter") == nubem_jupyter.__version__


def test_every_dependency_is_used():
    """What is not imported, or run as a program, is not asked of users either."""
    source = "".join(path.read_text(encoding="utf-8") for path in modules())
    imported = {name: {one.lower() for one in made_by} for name, made_by in metadata.packages_distributions().items()}
    needed = [line for line in metadata.requires("nubem-jupyter") or () if "extra ==" not in line]
    for name in (re.split(r"[^\w.-]", line)[0].lower() for line in needed):
        modules_of_it = [module for module, made_by in imported.items() if name in made_by]
        used = any(re.search(rf"(import|from) {module}\b", source) for module in modules_of_it)
        assert used or f'"{name}"' in source, f"nothing imports or runs {name}"


def test_types_are_shipped():
    assert resources.files("nubem_jupyter").joinpath("py.typed").is_file()


def modules() -> Iterator[Path]:
    return (path for path in PACKAGE.rglob("*.py"))


def test_no_file_is_too_long_to_read():
    long = {
        path.name: lines for path in modules() if (lines := len(path.read_text("utf-8").splitlines())) > LONGEST_LINES
    }
    assert not long


def test_no_module_is_in_an_import_cycle_lazy_imports_included():
    graph = grimp.build_graph("nubem_jupyter", exclude_type_checking_imports=True, cache_dir=None)
    edges = ((one, other) for one in graph.modules for other in graph.find_modules_directly_imported_by(one))
    cycles = [sorted(part) for part in nx.strongly_connected_components(nx.DiGraph(edges)) if len(part) > 1]
    assert not cycles
