"""The published schema lists every stored format, is a valid schema, and the committed file is current."""

import json
import runpy
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from nubem_jupyter.core import wire
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.formats import STORED, schema

ROOT = Path(__file__).parents[2]


def test_the_committed_schema_is_what_the_tool_writes():
    tool = runpy.run_path(str(ROOT / "tools" / "write_schema.py"))
    assert tool["TARGET"].read_text(encoding="utf-8") == tool["text"](), "run: python tools/write_schema.py"


def test_the_schema_is_one_and_lists_every_stored_type():
    jsonschema.Draft202012Validator.check_schema(schema())
    listed = [entry["properties"]["format"]["const"] for entry in schema()["oneOf"]]
    assert listed == ["nubem.flow", "nubem.plan", "nubem.run", "nubem.evaluation"]


def test_no_type_is_stored_that_formats_does_not_list():
    assert set(wire._FORMATS) == set(STORED)
    assert wire.schema() == wire.schema(wire._FORMATS)


def test_the_schema_is_whole_in_a_process_that_imported_nothing_else():
    program = "import json; from nubem_jupyter.core.formats import schema; print(json.dumps(schema()))"
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert json.loads(shown) == schema()


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document.update(version=2),
        lambda document: document.update(format="nubem.folw"),
        lambda document: document.pop("body"),
        lambda document: document["body"].update(colour="red"),
        lambda document: document["body"]["nodes"][0]["work"].update(kind="modle"),
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(change):
    document = wire.document(Flow.build().input("a").output())
    validator = jsonschema.Draft202012Validator(schema())
    assert validator.is_valid(document)
    change(document)
    assert not validator.is_valid(document)
