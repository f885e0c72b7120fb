"""The table of models says nothing twice, and not that nothing is known of anything."""

import msgspec

from nubem_jupyter.render.blocks import Table, Words
from nubem_jupyter.render.models import models_table
from nubem_jupyter.render.text import text
from nubem_jupyter.testing import scripted_model


def listed(name, missing="", **known):
    told = {"provider": name.partition("/")[0], "available": not missing, "missing": missing, "speed": None, **known}
    return msgspec.structs.replace(scripted_model(name, local=False), **told)


def test_a_column_in_which_nothing_is_known_is_left_out_and_named_below():
    table, *rest = models_table([listed("a/x", context_tokens=5), listed("b/y", context_tokens=None)])
    assert isinstance(table, Table)
    assert table.columns[:3] == ("model", "provider", "ready")
    assert "context" in table.columns
    assert "speed" not in table.columns
    [told] = [block.text for block in rest if isinstance(block, Words) and block.text.startswith("Not known of any")]
    assert "speed" in told
    assert "context" not in told


def test_what_all_models_of_a_provider_lack_is_said_once_below():
    rows = [listed("a/x", "set A"), listed("a/y", "set A"), listed("b/x", "set B"), listed("c/x"), listed("c/y", "C")]
    table, *rest = models_table(rows)
    assert [row[2] for row in table.rows] == ["no; see below", "no; see below", "set B", "yes", "C"]
    assert Words("a: set A", "quiet") in rest


def test_with_many_such_providers_each_row_says_its_own():
    rows = [listed(f"{provider}/{name}", f"set {provider}") for provider in "abcdef" for name in "xy"]
    table, *rest = models_table(rows)
    assert table.rows[0][2] == "set a"
    assert Words("a: set a", "quiet") not in rest


def test_as_text_a_wide_cell_goes_on_below_and_moves_nothing_beside_it():
    lack = "how 'somebody' takes its keys is not known here; call it through a proxy"
    rows = (("a/short", "yes", "free"), ("b/" + "long" * 17, lack, "unknown"))
    head, rule, *lines = text((Table(("model", "ready", "price"), rows, folds=True),)).splitlines()
    place = head.index("ready")
    assert [line[head.index("price") :] for line in lines if line[head.index("price") :]] == ["free", "unknown"]
    assert " ".join(line[place : head.index("price")].strip() for line in lines[1:]).strip() == lack
    assert all(len(line[place:].split("  ")[0]) <= 36 for line in lines)
    assert rule.startswith("─" * 70 + "  ─")
