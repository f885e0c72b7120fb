"""What installed packages offer is read from their files; none of them is imported."""

import sys
from importlib.metadata import DistributionFinder, EntryPoint, MetadataPathFinder

import pytest

from nubem_jupyter.catalog.entry_points import GROUP, installed_components

SOURCE = '''raise SystemExit("this was imported")
def today(city: str) -> str:
    """Tell the weather."""
def stations() -> list[str]:
    """List the stations."""
'''


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Lay a distribution out as an installer would; ``linked`` leaves its files out of its record."""
    site = tmp_path / "site"
    monkeypatch.syspath_prepend(str(site))

    def make(points, files, *, linked=False):
        folder = site / "acme_tools-3.1.dist-info"
        folder.mkdir(parents=True)
        (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-tools\nVersion: 3.1\n")
        lines = "".join(f"{name} = {value}\n" for name, value in points.items())
        (folder / "entry_points.txt").write_text(f"[{GROUP}]\n{lines}")
        for name, text in files.items():
            path = site / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        listed = [] if linked else files
        (folder / "RECORD").write_text("".join(f"{name},,\n" for name in (*listed, "acme_tools-3.1.dist-info/RECORD")))
        (dist,) = MetadataPathFinder.find_distributions(DistributionFinder.Context(path=[str(site)]))
        return [point for point in dist.entry_points if point.group == GROUP]

    return make


def test_a_module_offers_its_public_functions_by_the_entry_points_name(install):
    found = installed_components(install({"weather": "acme.weather"}, {"acme/weather.py": SOURCE}))
    assert [info.name for info in found.components] == ["weather.today", "weather.stations"]
    assert found.troubles == ()
    info = found.components[0]
    assert (info.version, info.origin.kind, info.origin.where) == ("3.1", "entry point", "acme.weather")
    assert "acme" not in sys.modules


def test_one_function_and_a_package_may_be_named(install):
    points = install({"a": "acme.weather:today", "b": "acme"}, {"acme/weather.py": SOURCE, "acme/__init__.py": SOURCE})
    names = [info.name for info in installed_components(points).components]
    assert names == ["a.today", "b.today", "b.stations"]


@pytest.mark.parametrize("name", ["acme/weather.py", "acme/weather/__init__.py"])
def test_a_package_that_is_linked_is_found_where_python_would_look(install, name):
    files = {"acme/__init__.py": "raise SystemExit", name: SOURCE}
    found = installed_components(install({"weather": "acme.weather"}, files, linked=True))
    assert len(found.components) == 2
    assert "acme" not in sys.modules


def test_a_linked_module_on_its_own_is_found(install):
    found = installed_components(install({"weather": "acme_weather"}, {"acme_weather.py": SOURCE}, linked=True))
    assert len(found.components) == 2


@pytest.mark.parametrize("target", ["acme.compiled", "nothing_of_this_name", "sys", "__main__.x"])
def test_what_cannot_be_found_without_importing_it_is_told(install, target):
    (trouble,) = installed_components(install({"a": target}, {"acme/other.py": SOURCE})).troubles
    assert trouble.where == f"{target} of acme-tools 3.1"
    assert "cannot be found without importing it" in trouble.message


@pytest.mark.parametrize("target", ["not a module", "acme.weather:Tools.today", ""])
def test_a_target_that_is_none_is_told(target):
    (trouble,) = installed_components([EntryPoint(name="a", value=target, group=GROUP)]).troubles
    assert "neither a module nor a function" in trouble.message
    assert trouble.where.endswith("of an unknown package")


def test_what_is_wrong_with_a_source_is_told_with_its_package_and_the_others_work(install):
    points = install({"bad": "acme.bad", "good": "acme.good"}, {"acme/bad.py": "def x(:", "acme/good.py": SOURCE})
    found = installed_components(points)
    assert [trouble.where for trouble in found.troubles] == ["acme.bad of acme-tools 3.1"]
    assert len(found.components) == 2


def test_a_file_that_cannot_be_read_is_told(install, monkeypatch):
    def refuse(path, listed):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("nubem_jupyter.catalog.entry_points.read_content", refuse)
    (trouble,) = installed_components(install({"a": "acme.a"}, {"acme/a.py": SOURCE})).troubles
    assert "Permission denied" in trouble.message


def test_a_name_taken_twice_is_told_and_the_first_is_kept(install):
    points = install({"a": "acme.a"}, {"acme/a.py": SOURCE, "acme/b.py": SOURCE})
    again = EntryPoint(name="a", value="acme.b", group=GROUP)
    found = installed_components([*points, again._for(points[0].dist)])
    assert [info.origin.where for info in found.components] == ["acme.a", "acme.a"]
    assert len(found.troubles) == 2


def test_who_offers_something_is_found_among_all_that_is_installed(install):
    install({"weather": "acme.weather"}, {"acme/weather.py": SOURCE})
    assert "weather.today" in {info.name for info in installed_components().components}


def test_a_compiled_module_is_told_and_not_read_as_text(install):
    (trouble,) = installed_components(install({"a": "_acme"}, {"_acme.abi3.so": "x"}, linked=True)).troubles
    assert "cannot be found without importing it" in trouble.message
