"""Loading a component's function at its first use; what runs is the very source that the catalog has read."""

from __future__ import annotations

import hashlib
import importlib
import linecache
import sys
import threading
from collections import defaultdict
from collections.abc import Callable
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from nubem_jupyter.catalog.folders.content import UNSETTLED, read_content
from nubem_jupyter.core.component import ComponentInfo
from nubem_jupyter.errors import NodeError

_LISTED = "nubem components says what is there, and what is wrong with it"


class Loader:
    """Keeps what was loaded, one module a file, until the file's digest changes. It may be asked from any thread."""

    def __init__(self) -> None:
        self._modules: dict[str, tuple[str, ModuleType]] = {}
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def function(self, info: ComponentInfo) -> Callable[..., Any]:
        """Return a component's function; its file or package is run the first time.

        Raises:
            NodeError: it cannot be read, is not what the catalog has read, or fails while it is loaded.
        """
        module = self._module(info)
        found = getattr(module, info.name.rpartition(".")[2], None)
        if not callable(found):
            raise NodeError(f"'{info.name}' is no function once {info.origin.where} has been loaded", hint=_LISTED)
        return found  # type: ignore[no-any-return]  # a callable of any kind

    def has(self, info: ComponentInfo) -> bool:
        """Tell whether this very version was loaded before, so that its file is not needed to use it."""
        known, _ = self._modules.get(info.origin.where, ("", None))
        return known == info.origin.digest

    def is_current(self, info: ComponentInfo) -> bool:
        """Tell whether a file still is what the catalog has read; one that cannot be read is not."""
        try:
            return info.origin.kind != "file" or _digest(info.origin.where) == info.origin.digest
        except OSError:
            return False

    def _module(self, info: ComponentInfo) -> ModuleType:
        where, digest = info.origin.where, info.origin.digest
        with self._locks[where]:
            known, module = self._modules.get(where, ("", None))
            if module is not None and known == digest:
                return module
            if info.origin.kind == "file":
                new = _run_file(info)
                if module is not None:
                    sys.modules.pop(module.__name__, None)
            else:
                new = _import(info, again=module is not None)
            self._modules[where] = (digest, new)
            return new


def _run_file(info: ComponentInfo) -> ModuleType:
    """Run a file in a module of its own, which stands among Python's so that what is defined in it finds its place."""
    path, source = info.origin.where, _source(info, info.origin.where)
    mark = hashlib.sha256(f"{path}\n{info.origin.digest}".encode(errors="replace")).hexdigest()
    module = ModuleType(f"_nubem_component_{mark[:16]}")
    module.__file__ = path
    sys.modules[module.__name__] = module
    linecache.cache[path] = (len(source), None, source.splitlines(keepends=True), path)
    try:
        exec(compile(source, path, "exec", dont_inherit=True), module.__dict__)  # noqa: S102  # with leave for code
    except (Exception, SystemExit) as error:  # somebody else's code, which may raise anything while it is loaded
        sys.modules.pop(module.__name__, None)
        raise _failed(info, path, error) from error
    return module


def _import(info: ComponentInfo, *, again: bool) -> ModuleType:
    name = info.origin.where
    if again:
        raise NodeError(
            f"the installed module '{name}' has changed since it was imported, so '{info.name}' was not used",
            hint="restart the kernel",
        )
    path = ""
    try:
        spec = find_spec(name)
        path = (spec and spec.origin) or ""
        _source(info, path)
        return importlib.import_module(name)
    except NodeError:
        raise
    except (Exception, SystemExit) as error:  # somebody else's code, as above
        raise _failed(info, path or name, error) from error


def _digest(path: str) -> str:
    return hashlib.sha256(read_content(path, UNSETTLED).source).hexdigest()


def _source(info: ComponentInfo, path: str) -> str:
    """Read a source that the catalog has read before.

    Raises:
        NodeError: it cannot be read, or is another one now.
    """
    try:
        source = read_content(path, UNSETTLED).source
    except OSError as error:
        message = f"'{info.name}' cannot be loaded: {path or info.origin.where} cannot be read: {error.strerror}"
        raise NodeError(message, hint=_LISTED) from error
    if hashlib.sha256(source).hexdigest() != info.origin.digest:
        raise NodeError(
            f"'{info.name}' was not loaded, since {path} is not what the catalog has read",
            hint=f"try again if the file was being saved; {_LISTED}",
        )
    return source.decode("utf-8-sig")


def _failed(info: ComponentInfo, where: str, error: BaseException) -> NodeError:
    line = line_in(where, error)
    place = f"{where}, line {line}" if line else where
    return NodeError(
        f"'{info.name}' cannot be loaded: {place}: {type(error).__name__}: {error}",
        hint="mend it; what is missing may have to be installed first",
    )


def line_in(path: str, error: BaseException) -> int | None:
    """Return the line of the file at which it stopped; None where it was elsewhere all the time."""
    if isinstance(error, SyntaxError) and error.filename == path:
        return error.lineno
    line, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == path:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
