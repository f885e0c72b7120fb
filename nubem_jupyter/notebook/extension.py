"""``%load_ext nubem_jupyter``: registers magics, display and completion; everything costly waits for its first use."""

from __future__ import annotations

import atexit
from typing import TYPE_CHECKING, Any

from IPython.core.magic import Magics

from nubem_jupyter.core.evaluation import Evaluation
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.plan import Plan
from nubem_jupyter.core.run import Run
from nubem_jupyter.core.weighed import Front, WhatIf
from nubem_jupyter.notebook.commands import NubemMagic
from nubem_jupyter.notebook.completion import make_matcher
from nubem_jupyter.notebook.config import Nubem
from nubem_jupyter.notebook.evaluate import EvaluateMagic
from nubem_jupyter.notebook.optimize import OptimizeMagic
from nubem_jupyter.notebook.orchestrate import OrchestrateMagic
from nubem_jupyter.notebook.question import QUESTIONS
from nubem_jupyter.notebook.workbench import OpenSession, Workbench, open_session
from nubem_jupyter.render.bundle import bundle, plain_bundle

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

_SHOWN = (Flow, Plan, Run, Evaluation)
_PASSING = (WhatIf, Front)
"""Values that are shown and not stored."""
_MAGICS = (OrchestrateMagic, OptimizeMagic, EvaluateMagic, NubemMagic)
_KEY = "_nubem_extension"


class Extension:
    """Everything that was registered in one shell, so that all of it can be taken out again."""

    def __init__(self, shell: InteractiveShell, opener: OpenSession) -> None:
        self.workbench = Workbench(shell, opener)
        self._shell: Any = shell  # IPython types few of the registries used here
        self._magics: list[Magics] = []
        self._matcher = make_matcher(self.workbench)
        self._config = Nubem(self.workbench, parent=shell)

    def register(self) -> None:
        """Put everything in."""
        self._magics = [kind(self._shell, self.workbench) for kind in _MAGICS]
        self._shell.register_magics(*self._magics)
        for shown in _SHOWN:
            self._formatter.for_type(shown, bundle)
        for passing in _PASSING:
            self._formatter.for_type(passing, plain_bundle)
        self._shell.configurables.append(self._config)
        self._token_transformers.extend(QUESTIONS)
        if self._shell.Completer is not None:
            self._shell.Completer.custom_matchers.append(self._matcher)
        atexit.register(self.workbench.close_at_exit)

    def unregister(self) -> None:
        """Take everything out and close the session."""
        for magics in self._magics:
            self._forget(magics)
        for shown in (*_SHOWN, *_PASSING):
            self._formatter.pop(shown, None)
        self._shell.configurables.remove(self._config)
        for transformer in QUESTIONS:
            self._token_transformers.remove(transformer)
        if self._shell.Completer is not None:
            self._shell.Completer.custom_matchers.remove(self._matcher)
        atexit.unregister(self.workbench.close_at_exit)
        self.workbench.close()

    def _forget(self, magics: Magics) -> None:
        for registry in self._shell.magics_manager.magics.values():
            for name in [name for name, held in registry.items() if getattr(held, "__self__", None) is magics]:
                del registry[name]
        self._shell.magics_manager.registry.pop(type(magics).__name__, None)
        if magics in self._shell.configurables:
            self._shell.configurables.remove(magics)

    @property
    def _token_transformers(self) -> Any:
        return self._shell.input_transformer_manager.token_transformers

    @property
    def _formatter(self) -> Any:
        return self._shell.display_formatter.mimebundle_formatter


def load_ipython_extension(shell: InteractiveShell, opener: OpenSession = open_session) -> None:
    """Register the magics; IPython calls this on ``%load_ext``, once until it is unloaded."""
    if not hasattr(shell, _KEY):
        extension = Extension(shell, opener)
        extension.register()
        setattr(shell, _KEY, extension)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Take the magics out again and close the session."""
    extension: Extension | None = getattr(shell, _KEY, None)
    if extension is not None:
        delattr(shell, _KEY)
        extension.unregister()
