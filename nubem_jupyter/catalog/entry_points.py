"""Components that installed packages offer, read without importing them.

A package names a module, or one function of it, under the group ``nubem_jupyter.components``; the entry point's name
is what stands before the functions' names::

    [project.entry-points."nubem_jupyter.components"]
    weather = "acme.weather"
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import msgspec

from nubem_jupyter.catalog.folders.content import read_content
from nubem_jupyter.catalog.folders.tree import SUFFIX, signature_of
from nubem_jupyter.catalog.snapshot import Snapshot, joined
from nubem_jupyter.catalog.source import Place, read_components
from nubem_jupyter.core.component import Trouble

if TYPE_CHECKING:
    from importlib.metadata import Distribution, EntryPoint

GROUP = "nubem_jupyter.components"

_TARGET = re.compile(r"(?P<module>[^\W\d]\w*(\.[^\W\d]\w*)*)(:(?P<only>\w+))?")


def installed_components(points: Iterable[EntryPoint] | None = None) -> Snapshot:
    """Read what installed packages offer; what cannot be found without importing it is a trouble."""
    if points is None:
        from importlib.metadata import entry_points  # imported late: most sessions never look

        points = entry_points(group=GROUP)
    return joined(_read(point) for point in sorted(points, key=lambda point: (point.name, point.value)))


def _read(point: EntryPoint) -> Snapshot:
    where = f"{point.value} of {_offered_by(point)}"
    target = _TARGET.fullmatch(point.value.strip())
    if target is None:
        return _barred(where, "it names neither a module nor a function of one", "write package.module:function")
    module = target["module"]
    paths = [path for path in _candidates(module, point.dist) if path.endswith(SUFFIX) and os.path.isfile(path)]
    if not paths:
        message = f"the source of '{module}' cannot be found without importing it"
        return _barred(where, message, "name a module that is installed as a Python file")
    try:
        source = read_content(paths[0], signature_of(os.stat(paths[0]))).source
    except OSError as error:
        return _barred(where, f"{paths[0]} cannot be read: {error.strerror}", "install the package anew")
    version = point.dist.version if point.dist is not None else ""
    place = Place(module, point.name, kind="entry point", version=version, only=target["only"] or "")
    reading = read_components(source, place)
    troubles = tuple(msgspec.structs.replace(trouble, where=where) for trouble in reading.troubles)
    return Snapshot(components=reading.components, troubles=troubles)


def _barred(where: str, message: str, hint: str) -> Snapshot:
    return Snapshot(troubles=(Trouble(where=where, message=message, hint=hint),))


def _offered_by(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist is not None else "an unknown package"


def _candidates(module: str, dist: Distribution | None) -> Iterator[str]:
    """Yield where a module's source may be: among its package's files, or, of a linked one, where Python would look."""
    ends = (module.replace(".", "/") + ".py", module.replace(".", "/") + "/__init__.py")
    if dist is not None:
        yield from (str(dist.locate_file(file)) for file in dist.files or () if file.as_posix() in ends)
    yield from _by_finders(module)


def _by_finders(module: str) -> Iterator[str]:
    """Ask Python's finders for the top package alone: to find what is inside of it they would import it."""
    from importlib.util import find_spec

    top, _, rest = module.partition(".")
    try:
        spec = find_spec(top)
    except (ImportError, ValueError, AttributeError):  # it was imported already, in a way that leaves no trace
        return
    if spec is None:
        return
    if not rest:
        yield spec.origin or ""
    for folder in spec.submodule_search_locations or ():
        inside = os.path.join(folder, *rest.split("."))
        yield inside + ".py"
        yield os.path.join(inside, "__init__.py")
