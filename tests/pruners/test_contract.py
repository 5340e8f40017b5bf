"""What every pruner promises, a third party's included."""

from __future__ import annotations

import copy
import inspect
import math
import pickle
import random
import warnings
from collections.abc import Callable
from typing import Any

import optuna
import pytest
from learning_curves import curve, new_study, random_curves, run

import steep
from steep.pruners import BasePruner


class ThirdParty(BasePruner):
    """Stop the worse half at step 2, written as Optuna's users write pruners."""

    def prune(self, study: steep.Study, trial: steep.trial.FrozenTrial) -> bool:
        step = trial.last_step
        if step is None or step < 2:
            return False
        others = [
            other.intermediate_values[step]
            for other in study.get_trials(deepcopy=False)
            if other.number != trial.number and step in other.intermediate_values
        ]
        n_better = sum(value < trial.intermediate_values[step] for value in others)
        return n_better > len(others) / 2


P = steep.pruners
MAKERS: dict[str, Callable[[], BasePruner]] = {
    "asha": lambda: P.ASHAPruner(reduction_factor=2),
    "nop": P.NopPruner,
    "median": lambda: P.MedianPruner(n_startup_trials=2),
    "percentile": lambda: P.PercentilePruner(30.0, 2, 1, 2, n_min_trials=2),
    "successive halving": lambda: P.SuccessiveHalvingPruner(1, 2),
    "successive halving, auto": lambda: P.SuccessiveHalvingPruner(reduction_factor=2),
    "hyperband": lambda: P.HyperbandPruner(1, 16, 2),
    "hyperband, auto": lambda: P.HyperbandPruner(reduction_factor=2),
    "threshold": lambda: P.ThresholdPruner(lower=0.0, upper=8.0),
    "patient": lambda: P.PatientPruner(P.MedianPruner(n_startup_trials=1), patience=1),
    "wilcoxon": lambda: P.WilcoxonPruner(p_threshold=0.3),
    "third party": ThirdParty,
}
every_pruner = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
every_class = pytest.mark.parametrize("name", optuna.pruners.__all__)


@pytest.fixture(autouse=True)
def _wilcoxon_may_warn() -> Any:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "WilcoxonPruner: ")
        yield


@every_pruner
def test_nothing_is_pruned_before_a_report(make: Callable[[], BasePruner]) -> None:
    study = new_study(steep, make())
    run(study, [curve(1, 2, 3)] * 3)
    assert study.ask().should_prune() is False


@every_pruner
def test_the_answer_is_a_plain_bool(make: Callable[[], BasePruner]) -> None:
    answers = [a for row in run(new_study(steep, make()), random_curves(1)) for a in row]
    assert {type(answer) for answer in answers} == {bool}


@every_pruner
@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_one_object_serves_two_studies(make: Callable[[], BasePruner], direction: str) -> None:
    shared = make()
    studies = [new_study(steep, shared, d) for d in (direction, "minimize")]
    curves = [random_curves(2, finite=True), random_curves(3, finite=True)]
    n = min(map(len, curves))
    found: list[list[list[bool]]] = [[], []]
    for i in range(n):
        for k in (0, 1):
            found[k] += run(studies[k], [curves[k][i]])
    assert found[0] == run(new_study(steep, make(), direction), curves[0][:n])
    assert found[1] == run(new_study(steep, make()), curves[1][:n])


@every_pruner
@pytest.mark.parametrize(
    "clone",
    [copy.copy, copy.deepcopy, lambda pruner: pickle.loads(pickle.dumps(pruner))],
    ids=["copy", "deepcopy", "pickle"],
)
def test_a_copy_goes_on_where_the_original_stopped(
    make: Callable[[], BasePruner], clone: Callable[[Any], Any]
) -> None:
    curves = random_curves(4, finite=True)
    study = new_study(steep, make())
    found = run(study, curves[:10])
    study.pruner = clone(study.pruner)
    found += run(study, curves[10:])
    assert found == run(new_study(steep, make()), curves)


@every_pruner
def test_a_study_that_is_loaded_again_goes_on_alike(make: Callable[[], BasePruner]) -> None:
    curves = random_curves(5, finite=True)
    storage = steep.storages.InMemoryStorage()
    study = steep.create_study(storage=storage, study_name="curves", pruner=make())
    found = run(study, curves[:9])
    storage = pickle.loads(pickle.dumps(storage))
    study = steep.load_study(storage=storage, study_name="curves", pruner=make())
    found += run(study, curves[9:])
    assert found == run(new_study(steep, make()), curves)


@every_pruner
def test_nothing_is_written_to_the_study(make: Callable[[], BasePruner]) -> None:
    study = new_study(steep, make())
    run(study, random_curves(6))
    assert study.user_attrs == {}
    assert all(trial.user_attrs == trial.system_attrs == {} for trial in study.trials)


@every_pruner
def test_nan_and_infinity_do_no_harm(make: Callable[[], BasePruner]) -> None:
    values = [math.nan, math.inf, -math.inf, 0.0]
    rng = random.Random(0)
    curves = [curve(*rng.choices(values, k=6)) for _ in range(12)]
    for direction in ("minimize", "maximize"):
        study = new_study(steep, make(), direction)
        assert len(run(study, curves, obey=False)) == len(study.trials) == 12


@every_pruner
def test_threads_share_a_study(make: Callable[[], BasePruner]) -> None:
    study = new_study(steep, make())
    curves = random_curves(7, finite=True) * 4

    def objective(trial: steep.Trial) -> float:
        for step, value in curves[trial.number]:
            trial.report(value, step)
            if trial.should_prune():
                raise steep.TrialPruned
        return 0.0

    study.optimize(objective, n_trials=len(curves), n_jobs=4)
    assert len(study.trials) == len(curves)
    assert all(trial.state.is_finished() for trial in study.trials)


@every_class
def test_it_is_called_as_in_optuna(name: str) -> None:
    def parameters(cls: type) -> list[tuple[str, Any, Any]]:
        signature = inspect.signature(cls)
        return [(p.name, p.kind, p.default) for p in signature.parameters.values()]

    assert parameters(getattr(P, name)) == parameters(getattr(optuna.pruners, name))


@every_class
def test_it_is_of_the_same_kind_as_in_optuna(name: str) -> None:
    def kinds(cls: type) -> list[str]:
        return [base.__name__ for base in cls.__mro__ if base.__name__ in P.__all__]

    assert kinds(getattr(P, name)) == kinds(getattr(optuna.pruners, name))


def test_the_names_are_those_of_optuna_and_the_default() -> None:
    assert sorted(P.__all__) == sorted([*optuna.pruners.__all__, "ASHAPruner"])
