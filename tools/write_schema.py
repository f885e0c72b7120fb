"""Write docs/schema.json, the published JSON Schema of every stored form."""

from __future__ import annotations

import json
from pathlib import Path

from nubem_jupyter.core.formats import schema

TARGET = Path(__file__).parents[1] / "docs" / "schema.json"


def text() -> str:
    """Return the file's text as it should be now."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
