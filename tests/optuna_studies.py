"""Studies that Optuna itself makes, with everything that its storages can hold."""

from __future__ import annotations

import contextlib
import datetime
import math
import warnings
from collections.abc import Iterator
from typing import Any

import optuna
import sqlalchemy as sa
from any_trials import facts
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import TrialState

WHEN = datetime.datetime(2024, 10, 27, 2, 30, 0, 123456)
DISTRIBUTIONS = {
    "float": FloatDistribution(-1.5, 2.5),
    "log": FloatDistribution(1e-300, 1e300, log=True),
    "grid": FloatDistribution(0.1, 0.9, step=0.2),
    "int": IntDistribution(-3, 9, step=4),
    "int_log": IntDistribution(1, 1024, log=True),
    "choice": CategoricalDistribution(("a", None, True, 1, 1.0, -0.5, math.inf, "μ")),
}
PARAMS = {"float": 0.1, "log": 1e-7, "grid": 0.7, "int": 5, "int_log": 64, "choice": None}
REPORTS = {3: 1.0, 1: math.nan, 7: math.inf, 2: -math.inf, 10: 5e-324}


def make_studies(storage: Any) -> None:
    """Fill a storage of Optuna with studies of every kind, one of them deleted again."""
    with warnings.catch_warnings():  # of experimental functions and values out of range
        warnings.simplefilter("ignore")
        _make_studies(storage)


def _make_studies(storage: Any) -> None:
    optuna.create_study(storage=storage, study_name="gone").optimize(lambda t: 1.0, n_trials=2)
    study = optuna.create_study(storage=storage, study_name="tea", direction="maximize")
    optuna.delete_study(study_name="gone", storage=storage)
    study.set_user_attr("notes", {"deep": [1, "zwei", None, math.inf], "μ": True})
    study.set_metric_names(["taste"])
    _run_trials(study)
    _add_trials(study)
    several = optuna.create_study(
        storage=storage, study_name="several μ", directions=["minimize", "maximize", "minimize"]
    )
    several.optimize(lambda t: (t.suggest_float("x", 0, 1), math.inf, -math.inf), n_trials=2)
    with contextlib.suppress(ValueError):
        several.optimize(_crash, n_trials=1)
    optuna.create_study(storage=storage, study_name="empty")


def _run_trials(study: optuna.Study) -> None:
    study.enqueue_trial({"x": 0.25}, user_attrs={"queued": True})
    study.enqueue_trial({"x": 77.0})  # out of its range, and taken all the same
    study.optimize(_measure, n_trials=4)
    study.optimize(_prune, n_trials=2)
    with contextlib.suppress(ValueError):
        study.optimize(_crash, n_trials=1)
    study.enqueue_trial({"x": 0.5})
    running = study.ask()
    running.suggest_categorical("kind", [True, 1, 1.0, "1"])
    running.report(0.5, 1)
    study.enqueue_trial({"x": 0.75, "kind": "1"}, user_attrs={"last": [0]})


def _add_trials(study: optuna.Study) -> None:
    """Add trials with everything, some of it in the form of older versions."""
    trial = optuna.trial.create_trial(
        state=TrialState.COMPLETE,
        value=-math.inf,
        params=PARAMS,
        distributions=DISTRIBUTIONS,
        user_attrs={"nan": math.nan, "empty": {}, "text": "'\"\\\n\x00μ"},
        system_attrs={"constraints": [1.0, -math.inf], "other": {"a": [None]}},
        intermediate_values=REPORTS,
    )
    trial.datetime_start, trial.datetime_complete = WHEN, WHEN + datetime.timedelta(seconds=1)
    study.add_trial(trial)
    study.add_trial(optuna.trial.create_trial(state=TrialState.FAIL, user_attrs={"why": "late"}))
    study.add_trial(optuna.trial.create_trial(state=TrialState.PRUNED))


def _measure(trial: optuna.Trial) -> float:
    x = trial.suggest_float("x", 0, 1)
    trial.suggest_int("n", 1, 8, log=True)
    if trial.number % 2:
        trial.suggest_float("y", 0, 1 + trial.number)  # a range that changes
    trial.set_constraint("memory", x - 0.5)
    for step, value in REPORTS.items():
        trial.report(value, step)
    trial.set_user_attr("tags", ["a", {"b": math.nan}])
    return x


def _prune(trial: optuna.Trial) -> float:
    trial.suggest_float("x", 0, 1)
    if trial.number % 2:
        trial.report(0.5, 0)
    raise optuna.TrialPruned


def _crash(trial: optuna.Trial) -> float:
    trial.suggest_float("x", 0, 1)
    raise ValueError("of this test")


def studies_of(storage: Any) -> list[dict[str, Any]]:
    """Return all that a storage of Optuna or steep says of its studies."""
    return [
        {
            "name": study.study_name,
            "directions": [direction.name for direction in study.directions],
            "user_attrs": repr(sorted(study.user_attrs.items())),
            "system_attrs": repr(sorted(study.system_attrs.items())),
            "trials": [facts(trial) for trial in storage.get_all_trials(study._study_id)],
        }
        for study in storage.get_all_studies()
    ]


@contextlib.contextmanager
def optuna_storage(where: str) -> Iterator[Any]:
    """Open what Optuna keeps under a URL or the path of a journal, and let go of it again."""
    if "://" not in where:
        backend = optuna.storages.journal.JournalFileBackend(where)
        yield optuna.storages.JournalStorage(backend)
        return
    storage = optuna.storages.RDBStorage(where)
    storage.engine.dispose()  # so that all connections from here on are quick
    sa.event.listen(storage.engine, "connect", _quicken)
    try:
        yield storage
    finally:
        storage.remove_session()
        storage.engine.dispose()


def _quicken(connection: Any, _: Any) -> None:
    """Let commits not wait for the disk: Optuna makes hundreds of them."""
    statement = {
        "sqlite3": "PRAGMA synchronous = OFF",
        "psycopg": "SET SESSION synchronous_commit = OFF",
    }.get(type(connection).__module__.partition(".")[0])
    if statement is not None:
        connection.execute(statement)
        connection.commit()
