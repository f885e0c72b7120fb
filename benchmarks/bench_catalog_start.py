"""How soon after a kernel's restart the last catalog is shown: models, and components of a folder with many files.

A first kernel looks at everything. Then, in fresh kernels, each statement is timed from where `%load_ext` has returned
until the page is published: the session is opened, the catalog taken up and the page drawn in that time. Each figure is
the median of five kernels. Goal: 0.1 s.

    python benchmarks/bench_catalog_start.py [component files, 100 if not given]
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from pathlib import Path

from bench_load_ext import ROUNDS, time_in_kernel

LIMIT_S = 0.1
SOURCE = '"""Component."""\n\n\ndef run(text: str, limit: int = {n}) -> str:\n    """Do step {n}."""\n    return text\n'
LOAD = "get_ipython().run_line_magic('load_ext', 'nubem_jupyter')"
SHOWN = {
    "%nubem models": "get_ipython().run_line_magic('nubem', 'models')",
    "%nubem components": "get_ipython().run_line_magic('nubem', 'components')",
}


def main() -> None:
    files = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    with tempfile.TemporaryDirectory() as home:
        os.environ["NUBEM_HOME"] = home
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # else each kernel would translate every source anew
        folder = Path(home) / "components"
        folder.mkdir()
        for n in range(files):
            (folder / f"tool{n}.py").write_text(SOURCE.format(n=n), encoding="utf-8")
        for statement in SHOWN.values():
            time_in_kernel(sys.executable, statement, before=LOAD)
        for name, statement in SHOWN.items():
            walls = [time_in_kernel(sys.executable, statement, before=LOAD)[0] for _ in range(ROUNDS)]
            wall_s = statistics.median(walls)
            print(
                f"{name:<20} {wall_s:7.3f} s after %load_ext ({files:,} component files), "
                f"ratio {wall_s / LIMIT_S:.2f} (goal: at most 1)"
            )


if __name__ == "__main__":
    main()
