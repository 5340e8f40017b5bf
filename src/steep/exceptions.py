"""The exceptions and warnings that steep raises.

The names are those that Optuna users already catch, so ``except optuna.exceptions.X`` keeps
working after ``import steep as optuna``.
"""

from __future__ import annotations

__all__ = [
    "CLIUsageError",
    "DuplicatedStudyError",
    "ExecutorError",
    "ExperimentalWarning",
    "OptunaError",
    "StorageInternalError",
    "TrialLost",
    "TrialPruned",
    "TrialRejected",
    "TrialTimeout",
    "UpdateFinishedTrialError",
]


class OptunaError(Exception):
    """Be the base of every exception that steep defines."""


class TrialPruned(OptunaError):
    """Tell the study that a trial was stopped early.

    Raise it inside an objective after :meth:`~steep.trial.Trial.should_prune` returned true. The
    trial is recorded as PRUNED with the last value that it reported.

    Example:
        >>> import steep
        >>> def objective(trial):
        ...     trial.report(1.0, step=0)
        ...     raise steep.TrialPruned()
        >>> study = steep.create_study()
        >>> study.optimize(objective, n_trials=1)
        >>> study.trials[0].state.name, study.trials[0].value
        ('PRUNED', 1.0)
    """


class TrialRejected(TrialPruned):
    """Report that what a trial suggested does not meet :meth:`~steep.trial.Trial.require`.

    Nothing was evaluated. The trial has forgotten its parameters, and ``Study.optimize`` calls the
    objective again; after ``Study.ask`` catch it and suggest again.
    """


class TrialLost(OptunaError):
    """Report that the process that ran a trial died, or never began.

    The trial is recorded as FAIL with the reason in ``system_attrs["failure"]``, and the study goes
    on, whatever ``catch`` says: the objective has not raised anything.
    """


class TrialTimeout(TrialLost):
    """Report that a trial was killed as it ran longer than ``trial_timeout``."""


class ExecutorError(OptunaError):
    """Report an executor that cannot run the objective at all, so that every trial would be lost.

    It ends the run, whatever ``catch`` says.
    """


class CLIUsageError(OptunaError):
    """Report a command line that cannot be understood."""


class StorageInternalError(OptunaError):
    """Report a storage whose own machinery failed."""


class DuplicatedStudyError(OptunaError):
    """Report that a study of this name is already in the storage."""


class UpdateFinishedTrialError(OptunaError, RuntimeError):
    """Report an attempt to change a trial that has finished."""


class ExperimentalWarning(Warning):
    """Mark a feature whose interface may still change.

    steep has no such feature today; the name is kept for programs that filter the warning.
    """
