"""Every error that a user can meet, and who can mend it.

    NubemError
    ├── UsageError            a cell, command or option is written wrongly
    ├── SettingsError         a setting has a value that cannot be used
    ├── ConstraintError       a constraint that nothing could satisfy
    ├── FlowError             a flow that cannot mean anything
    │   ├── CycleError
    │   ├── DanglingInputError
    │   ├── DuplicateNodeError
    │   ├── UnknownCapabilityError
    │   ├── ValueTypeError
    │   └── FormatError       a stored document that cannot be read
    ├── PlanError             a request that cannot become a flow
    ├── RoutingError          no model can be chosen
    │   ├── UnknownModelError
    │   └── InfeasibleError
    ├── ProviderError         a model call went wrong
    │   ├── ModelUnavailableError   runtime, weights or key are missing
    │   ├── CallRejectedError       the provider refuses this very call
    │   └── CallFailedError         worth another try (retryable)
    │       ├── DeploymentGoneError     nobody is there: it is down, or being started again
    │       ├── DeploymentRestingError  failed too often lately; left alone for a while
    │       └── DeploymentBusyError     its limit keeps calls away for longer than another model takes
    ├── RunError              a run that could not finish
    │   ├── NodeError         one node of it failed
    │   │   └── UnusableAnswersError    nobody of a cascade gave an answer that can be used
    │   ├── BudgetError
    │   ├── DeadlineError
    │   └── CancelledRunError
    ├── SandboxError
    │   ├── SandboxUnavailableError  the level asked for is not there
    │   └── SandboxLimitError        time, memory, output or processes used up
    ├── StorageError
    └── EvaluationError

Each carries a stable ``code``, a ``hint`` that says how to mend it, and
whether the same thing tried again may work (``retryable``).
"""

from __future__ import annotations

from typing import ClassVar


class NubemError(Exception):
    """Something that the user can be told in one sentence."""

    code: ClassVar[str] = "nubem"
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        """Give the sentence and, on a line of its own, the hint."""
        return f"{self.message}\nHint: {self.hint}" if self.hint else self.message

    def _render_traceback_(self) -> list[str]:
        """Show the sentence in place of a traceback; IPython calls this, and the cell still fails."""
        return str(self).splitlines()


class UsageError(NubemError):
    """A cell, a command or an option is written wrongly."""

    code = "usage"


class SettingsError(NubemError):
    """A setting has a value that cannot be used."""

    code = "settings"


class ConstraintError(NubemError):
    """A constraint that nothing could satisfy."""

    code = "constraint"


class FlowError(NubemError):
    """A flow that cannot mean anything."""

    code = "flow"


class CycleError(FlowError):
    """The flow's edges form a cycle."""

    code = "flow.cycle"

    def __init__(self, path: tuple[str, ...]) -> None:
        super().__init__(f"nodes form a cycle: {' -> '.join(path)}", hint="remove one of these edges")
        self.path = path

    def __reduce__(self) -> tuple[type[CycleError], tuple[tuple[str, ...]]]:
        """Pickle by the path, which is all that the constructor takes."""
        return type(self), (self.path,)


class DanglingInputError(FlowError):
    """An input refers to a node that is not in the flow."""

    code = "flow.dangling"


class DuplicateNodeError(FlowError):
    """Two nodes share one id."""

    code = "flow.duplicate"


class UnknownCapabilityError(FlowError):
    """A node asks for a capability that nobody defines."""

    code = "flow.capability"


class ValueTypeError(FlowError):
    """An edge carries a value that its reader cannot take."""

    code = "flow.type"


class FormatError(FlowError):
    """A stored document is damaged, of an unknown kind or of a newer version."""

    code = "flow.format"


class PlanError(NubemError):
    """A request that cannot become a flow."""

    code = "plan"


class RoutingError(NubemError):
    """No model can be chosen for a node."""

    code = "route"


class UnknownModelError(RoutingError):
    """A model was named that no provider knows."""

    code = "route.unknown"


class InfeasibleError(RoutingError):
    """The constraints together leave no model for some node."""

    code = "route.infeasible"
    flow: object = None
    """The flow that was planned, where there is one: it can be shown and kept, and run once there is a model."""


class ProviderError(NubemError):
    """A model call went wrong."""

    code = "provider"


class ModelUnavailableError(ProviderError):
    """The model's runtime, weights or key are missing."""

    code = "provider.unavailable"


class CallRejectedError(ProviderError):
    """The provider refuses this very call; the same call would be refused again."""

    code = "provider.rejected"


class CallFailedError(ProviderError):
    """The call broke in a way that another try may mend."""

    code = "provider.failed"
    retryable = True

    def __init__(
        self, message: str, *, hint: str = "", status: int | None = None, retry_after_s: float | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.retry_after_s = retry_after_s


class DeploymentGoneError(CallFailedError):
    """Nobody is there to take the call: the deployment is down, or is being started again."""

    code = "provider.failed.gone"


class DeploymentRestingError(CallFailedError):
    """The deployment failed too often lately and is left alone for a while; another may be asked at once."""

    code = "provider.failed.resting"
    retryable = False


class DeploymentBusyError(CallFailedError):
    """The provider's limit keeps calls away for a while, and there is another model: that one is asked at once."""

    code = "provider.failed.busy"
    retryable = False


class RunError(NubemError):
    """A run that could not finish."""

    code = "run"


class NodeError(RunError):
    """One node of a run failed; ``detail`` is all that its work wrote about it, for the run's record."""

    code = "run.node"

    def __init__(self, message: str, *, hint: str = "", detail: str = "") -> None:
        super().__init__(message, hint=hint)
        self.detail = detail


class UnusableAnswersError(NodeError):
    """Nobody of a cascade gave an answer that can be used; the next in turn may."""

    code = "run.node.unusable"


class BudgetError(RunError):
    """The next call could cost more than what is left of the budget."""

    code = "run.budget"


class DeadlineError(RunError):
    """The time that the constraints allow is used up."""

    code = "run.deadline"


class CancelledRunError(RunError):
    """The run was stopped by its user."""

    code = "run.cancelled"


class SandboxError(NubemError):
    """Code could not be run as it has to be."""

    code = "sandbox"


class SandboxUnavailableError(SandboxError):
    """The level of isolation asked for is not there; a weaker one is never taken instead."""

    code = "sandbox.unavailable"


class SandboxLimitError(SandboxError):
    """Code used up its time, memory, output or processes."""

    code = "sandbox.limit"


class StorageError(NubemError):
    """The store could not be read or written."""

    code = "storage"


class EvaluationError(NubemError):
    """An evaluation that cannot be done as asked."""

    code = "evaluation"
