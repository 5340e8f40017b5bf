"""steep tunes hyperparameters while your tea steeps.

Write an ordinary Python function of a ``trial``; steep finds the parameters that make what it
returns small (or large), stops hopeless trials early, and shows what mattered.

Example:
    >>> import steep
    >>> def objective(trial):
    ...     x = trial.suggest_float("x", -10, 10)
    ...     return (x - 2) ** 2
    >>> study = steep.create_study(sampler=steep.samplers.TPESampler(seed=1))
    >>> study.optimize(objective, n_trials=50)
    >>> abs(study.best_params["x"] - 2) < 0.5
    True

The interface is a superset of Optuna 5: ``import steep as optuna`` runs an existing program.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from steep import (
    distributions,
    exceptions,
    logging,
    pruners,
    samplers,
    storages,
    study,
    trial,
    version,
)
from steep.exceptions import TrialPruned
from steep.lazy import lazy_names
from steep.study import (
    Study,
    copy_study,
    create_study,
    delete_study,
    get_all_study_names,
    get_all_study_summaries,
    load_study,
)
from steep.trial import Trial, create_trial
from steep.version import __version__

if TYPE_CHECKING:
    from steep import (
        artifacts,
        executors,
        importance,
        integration,
        integrations,
        report,
        search_space,
        terminator,
        visualization,
    )
    from steep.study.export import read_trials

__all__ = [
    "Study",
    "Trial",
    "TrialPruned",
    "__version__",
    "artifacts",
    "copy_study",
    "create_study",
    "create_trial",
    "delete_study",
    "distributions",
    "exceptions",
    "executors",
    "get_all_study_names",
    "get_all_study_summaries",
    "importance",
    "integration",
    "integrations",
    "load_study",
    "logging",
    "pruners",
    "read_trials",
    "report",
    "samplers",
    "search_space",
    "storages",
    "study",
    "terminator",
    "trial",
    "version",
    "visualization",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "artifacts": None,
        "executors": None,
        "importance": None,
        "integration": None,
        "integrations": None,
        "read_trials": "study.export",
        "report": None,
        "search_space": None,
        "terminator": None,
        "visualization": None,
    },
)
