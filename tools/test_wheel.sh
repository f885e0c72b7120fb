#!/usr/bin/env bash
# Runs the tests against the wheel in dist/, from a folder that holds no source. Argument: the Python to use.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

"${1:-python3}" -m venv "$place/venv"
wheel=$(echo "$root"/dist/nubem_jupyter-*.whl)
"$place/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
  --constraint constraints.txt "$wheel[local,lab,litellm,redis,data,retrieval,dev]"

cp -r tests benchmarks tools docs pyproject.toml "$place/"
cd "$place"
"$place/venv/bin/python" -P -m pytest -p no:cacheprovider
"$place/venv/bin/python" -P - "$place" <<'PYTHON'
import sys
from pathlib import Path

import nubem_jupyter

where = Path(nubem_jupyter.__file__)
if Path(sys.argv[1]) / "venv" not in where.parents:
    sys.exit(f"the tests ran against {where}, not against the wheel")
print(f"tested: {where.parent}")
PYTHON
