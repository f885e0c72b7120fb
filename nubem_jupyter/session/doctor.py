"""What this installation can do, what it cannot, and how to mend that."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import msgspec

from nubem_jupyter.catalog.snapshot import Snapshot
from nubem_jupyter.core.constraint import SecurityLevel
from nubem_jupyter.core.model import ModelInfo
from nubem_jupyter.core.text import nearest
from nubem_jupyter.errors import StorageError
from nubem_jupyter.ports import Embedder, Sandbox
from nubem_jupyter.render.amount import megabytes
from nubem_jupyter.session.adapters import make_cache
from nubem_jupyter.session.settings import PREFIX, Settings, settings_files, user_file, variable_names

if TYPE_CHECKING:
    from nubem_jupyter.session.exploring import Explorer
    from nubem_jupyter.session.toolbox import Toolbox
    from nubem_jupyter.storage.sqlite import SqliteRunStore

_PACKAGES = ("nubem-jupyter", "ipython", "xllamacpp", "litellm", "graphviz-pure")
_SHOWN = 3


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at."""

    area: str
    """What it is about: ``models``, ``keys``, ``litellm``, ``sandbox``, ``pictures``, ``storage``, ``cache``,
    ``trying``, ``components``, ``settings``, ``python`` or ``servers``."""
    ok: bool | None
    """Whether it works; None where it is merely told."""
    text: str
    """What was found."""
    mend: str = ""
    """What to do about it; empty when nothing need be done."""


class Examined(Protocol):
    """What the doctor looks at: a session."""

    @property
    def settings(self) -> Settings:
        """Its settings."""
        ...

    @property
    def environ(self) -> Mapping[str, str]:
        """Where it looks keys and places up."""
        ...

    @property
    def sandbox(self) -> Sandbox:
        """Where it runs code."""
        ...

    @property
    def store(self) -> SqliteRunStore:
        """Where it keeps runs."""
        ...

    @property
    def explorer(self) -> Explorer:
        """What tries models in it."""
        ...

    @property
    def components(self) -> Toolbox:
        """What flows may use."""
        ...

    @property
    def embedder(self) -> Embedder:
        """What tells it the meaning of texts."""
        ...

    def models(self) -> Sequence[ModelInfo]:
        """Every model that it knows."""
        ...


def findings(session: Examined) -> tuple[Finding, ...]:
    """Look at everything; makes no call and starts no model."""
    from nubem_jupyter.providers.litellm.keys import load_key_ways  # imported late: only this looks so widely
    from nubem_jupyter.providers.litellm.prices import package_folder
    from nubem_jupyter.render.picture import programs
    from nubem_jupyter.sandbox.process import hides_environment

    return (
        *of_models(session.models()),
        *of_keys(load_key_ways(package_folder()).open_providers(session.environ)),
        of_litellm(_version("litellm")),
        *of_sandbox(session.sandbox.levels, hidden=hides_environment()),
        of_pictures(programs()),
        *of_storage(session.settings, session.store),
        *(of_exploring(session.settings, session.explorer) if session.settings.explore else ()),
        of_cache(session.settings, session.environ),
        of_components(session.components.snapshot()),
        of_meaning(session.embedder),
        *of_settings(settings_files(Path.cwd()), session.environ),
        *of_places(session.settings),
        of_python({name: _version(name) for name in _PACKAGES}),
    )


def of_models(models: Sequence[ModelInfo]) -> tuple[Finding, ...]:
    """Say which local models there are, one by one, and how many of each other provider.

    Of the many that one adapter calls only those are named that can be called; the rest are told in one sentence.
    """
    local = [_of_model(model) for model in models if model.local]
    remote = [model for model in models if not model.local]
    opened = {_group(model) for model in remote if model.available or not model.via}
    named = {group: [model for model in remote if _group(model) == group] for group in sorted(opened)}
    rest = [model for model in remote if _group(model) not in opened]
    counted = [_of_provider(provider, listed) for provider, listed in named.items()]
    if rest:
        counted.append(_of_closed(rest))
    if any(model.available for model in models):
        return (*local, *counted)
    none = Finding(
        area="models",
        ok=False,
        text="no model can be called",
        mend="bring a local one with: nubem models pull NAME, or set a provider's key; see: nubem models --all",
    )
    return (none, *local, *counted)


def _group(model: ModelInfo) -> str:
    """Name whose model it is: what a proxy or a file lists is its own, whoever answers in the end."""
    return model.caller if model.id.startswith(f"{model.caller}/") else model.provider


def _of_model(model: ModelInfo) -> Finding:
    if model.available:
        return Finding(area="models", ok=True, text=f"{model.id} is ready on this machine")
    return Finding(area="models", ok=False, text=f"{model.id} cannot be called", mend=model.missing)


def _of_provider(provider: str, listed: Sequence[ModelInfo]) -> Finding:
    ready = sum(model.available for model in listed)
    steps = {model.missing for model in listed}
    one_step = steps.pop() if len(steps) == 1 else "set the key of one provider; see: nubem models --all"
    mend = "" if ready else one_step
    return Finding(
        area="models",
        ok=ready > 0 or None,
        text=f"{provider}: {ready} of {len(listed)} models can be called",
        mend=mend,
    )


def _of_closed(listed: Sequence[ModelInfo]) -> Finding:
    providers = {model.provider for model in listed}
    if len(providers) == 1:
        return _of_provider(providers.pop(), listed)
    return Finding(
        area="models",
        ok=None,
        text=f"{len(listed):,} models of {len(providers)} other providers are listed, and need a key",
        mend="set the key of one provider; see: nubem models --all",
    )


def of_keys(opened: Mapping[str, Sequence[str]]) -> tuple[Finding, ...]:
    """Say which providers have their keys, by the names of the variables; values are never looked at."""
    if not opened:
        return (Finding(area="keys", ok=None, text="no provider's key is set; only local models can be called"),)
    return tuple(
        Finding(area="keys", ok=True, text=f"{provider}: {' and '.join(names)} set")
        for provider, names in opened.items()
    )


def of_litellm(version: str | None) -> Finding:
    """Say whether models of other providers can be called."""
    if version:
        return Finding(area="litellm", ok=True, text=f"litellm {version} is installed")
    return Finding(
        area="litellm",
        ok=None,
        text="litellm is not installed; hosted models cannot be called",
        mend="pip install 'nubem-jupyter[litellm]'",
    )


def of_sandbox(levels: Iterable[SecurityLevel], *, hidden: bool) -> tuple[Finding, ...]:
    """Say which levels of isolation are there, that the others are refused, and whether code can read keys."""
    there = [level for level in SecurityLevel if level in set(levels)]
    absent = [level for level in SecurityLevel if level not in there]
    if not there:
        return (Finding(area="sandbox", ok=False, text="code cannot be run here: no level of isolation is there"),)
    text = f"code runs at level {', '.join(there)}"
    refused = f"; {' and '.join(absent)} {'is' if len(absent) == 1 else 'are'} refused" if absent else ""
    return (Finding(area="sandbox", ok=True, text=text + refused), _of_wall(hidden))


def _of_wall(hidden: bool) -> Finding:
    if hidden:
        return Finding(
            area="sandbox", ok=True, text="code cannot read the environment of other processes, or their memory"
        )
    return Finding(
        area="sandbox",
        ok=False,
        text="code can read the environment of this user's processes, keys included: this system allows no wall",
        mend="run only code that you trust, or use Linux 5.19 or later with Landlock, which containers must not filter",
    )


def of_pictures(programs: Sequence[str]) -> Finding:
    """Say what draws the flows."""
    if programs:
        return Finding(area="pictures", ok=True, text=f"Graphviz draws the flows: {programs[0]}")
    return Finding(area="pictures", ok=False, text="flows are shown as text outlines", mend="pip install graphviz-pure")


def of_storage(settings: Settings, store: SqliteRunStore) -> tuple[Finding, ...]:
    """Say where things are kept, how much, and whether they can be; the store is opened, read and written."""
    home = _of_folder("runs and models", settings.home)
    return (home, *(_of_store(store) if home.ok else ()), _of_folder("flows", settings.workspace))


def of_exploring(settings: Settings, explorer: Explorer) -> tuple[Finding, ...]:
    """Say in how many steps models are tried, and what that has cost today."""
    try:
        spent_usd = explorer.spent_usd
    except StorageError as error:
        return (Finding(area="trying", ok=False, text=error.message, mend=error.hint),)
    told = f"models are tried in {settings.explore:.2%} of the steps that allow it"
    spent = f"${spent_usd:.4f} of ${settings.explore_daily_usd:.4f} are spent today"
    return (Finding(area="trying", ok=None, text=f"{told}; {spent}"),)


def _of_store(store: SqliteRunStore) -> tuple[Finding, ...]:
    try:
        store.database.check()
        damaged = store.damaged()
    except StorageError as error:
        return (Finding(area="storage", ok=False, text=error.message, mend=error.hint),)
    if not damaged:
        return ()
    text = f"{len(damaged)} of the newest runs cannot be read: {' '.join(damaged[:_SHOWN])}"
    return (Finding(area="storage", ok=False, text=text, mend=f"the others can; why: nubem runs {damaged[0]}"),)


def _of_folder(what: str, folder: Path) -> Finding:
    standing = next(path for path in (folder, *folder.parents) if path.exists())
    if not (standing.is_dir() and os.access(standing, os.W_OK)):
        return Finding(
            area="storage",
            ok=False,
            text=f"{what} cannot be written to {folder}",
            mend=f"allow writing there, or set {PREFIX}HOME and {PREFIX}WORKSPACE",
        )
    size = f", {_size_bytes(folder) / 1e6:.0f} MB" if what.startswith("runs") else ""
    return Finding(area="storage", ok=True, text=f"{what} are kept in {folder}{size}")


def _size_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def of_cache(settings: Settings, environ: Mapping[str, str]) -> Finding:
    """Say where answers are kept for equal calls and how full that is, or what is wrong with it."""
    if not settings.cache:
        return Finding(area="cache", ok=None, text="each call is made anew: the setting 'cache' is off")
    cache = make_cache(settings, environ)
    try:
        stats = cache.stats()
    except StorageError as error:
        return Finding(area="cache", ok=False, text=f"each call is made anew: {error.message}", mend=error.hint)
    finally:
        cache.close()
    room = "" if stats.limit_bytes is None else f" of {megabytes(stats.limit_bytes)}"
    full = f"{stats.entries:,} answers, {megabytes(stats.bytes)}{room}"
    return Finding(area="cache", ok=True, text=f"answers are kept in {stats.place}: {full}")


def of_components(known: Snapshot) -> Finding:
    """Say how many components can be used, and how many files, packages and servers have something wrong."""
    ready = sum(info.available for info in known.components)
    text = f"{ready:,} components can be used"
    places = list(dict.fromkeys(trouble.where for trouble in known.troubles))
    if not places:
        return Finding(area="components", ok=True, text=text)
    more = f" and {len(places) - _SHOWN:,} more" if len(places) > _SHOWN else ""
    shown = ", ".join(places[:_SHOWN]) + more
    mend = "what is wrong, and how to mend it: nubem components"
    return Finding(area="components", ok=False, text=f"{text}; not all is in order in {shown}", mend=mend)


def of_meaning(embedder: Embedder) -> Finding:
    """Say whether passages are found by what they mean."""
    if embedder.missing:
        return Finding(
            area="components",
            ok=None,
            text="passages are found by their words alone, and not by what they mean",
            mend=embedder.missing.removeprefix("run: "),
        )
    return Finding(area="components", ok=True, text=f"passages are found by meaning too, with {embedder.name}")


def of_settings(files: Sequence[Path], environ: Mapping[str, str]) -> tuple[Finding, ...]:
    """Say which settings files are read, which variables set something, and which look mistyped."""
    from nubem_jupyter.providers.local.hub import SWITCH

    known = (*variable_names(), SWITCH)
    told = [*(str(path) for path in files), *(name for name in known if environ.get(name))]
    text = f"settings come from {', '.join(told)}" if told else "no settings file or variable; the defaults hold"
    mine = user_file()
    yours = "" if mine in files else f"; your own file would be {mine}"
    return (Finding(area="settings", ok=None, text=text + yours), *_mistyped(known, environ))


def of_places(settings: Settings) -> tuple[Finding, ...]:
    """Name the folders that components may read and that are not there."""
    return tuple(
        Finding(
            area="settings",
            ok=False,
            text=f"components may read {folder}, which is no folder",
            mend="make it, or leave it out of the setting 'folders'",
        )
        for folder in settings.folders
        if folder != settings.workspace and not folder.is_dir()
    )


def _mistyped(known: Sequence[str], environ: Mapping[str, str]) -> list[Finding]:
    strange = [name for name in environ if name.startswith(PREFIX) and name not in known]
    ends = [name.removeprefix(PREFIX) for name in known]  # what all begin with makes none alike
    close = {name: nearest(name.removeprefix(PREFIX), ends) for name in strange}
    return [
        Finding(area="settings", ok=False, text=f"{name} sets nothing", mend=f"did you mean {PREFIX}{meant}?")
        for name, meant in close.items()
        if meant
    ]


def of_python(versions: Mapping[str, str | None]) -> Finding:
    """Tell the versions that a report of a fault needs."""
    installed = ", ".join(f"{name} {version}" for name, version in versions.items() if version)
    where = f"Python {platform.python_version()} ({sys.platform}, {os.cpu_count()} cores)"
    return Finding(area="python", ok=True, text=f"{where}, {installed}")


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
