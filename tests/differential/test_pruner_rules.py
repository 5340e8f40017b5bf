"""What pruners refuse, and how they meet NaN, infinity, limits and the first trials."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

from .harness import attempt, attempt_each, differential

INF, NAN = float("inf"), float("nan")


def decisions(lib: Any, pruner: Any, curves: list[Any], direction: str = "minimize") -> Any:
    """Return what the pruner says after each report of the curves, with the warnings it gives."""

    def run() -> list[list[bool]]:
        warnings.simplefilter("ignore", RuntimeWarning)  # NumPy's, of all-NaN slices in Optuna
        study = lib.create_study(pruner=pruner, direction=direction)
        said: list[list[bool]] = []
        for curve in curves:
            trial = study.ask()
            said.append([])
            for step, value in curve.items() if isinstance(curve, dict) else enumerate(curve):
                trial.report(value, step)
                said[-1].append(bool(trial.should_prune()))
            study.tell(trial, 1.0)
        return said

    return attempt(run)


ARGUMENTS: list[tuple[str, list[dict[str, Any]]]] = [
    (
        "MedianPruner",
        [
            {"n_startup_trials": -1},
            {"n_warmup_steps": -1},
            {"interval_steps": 0},
            {"n_min_trials": 0},
            {"n_startup_trials": 0, "n_warmup_steps": 0, "interval_steps": 1, "n_min_trials": 1},
        ],
    ),
    (
        "PercentilePruner",
        [{"percentile": p} for p in (0.0, 100.0, -0.1, 100.1, 50)]
        + [{"percentile": 25.0, "n_startup_trials": -1}, {"percentile": 25.0, "n_min_trials": -1}],
    ),
    (
        "ThresholdPruner",
        [
            {},
            {"lower": None, "upper": None},
            {"lower": "a"},
            {"upper": "b"},
            {"lower": "1.5"},
            {"lower": 2.0, "upper": 1.0},
            {"lower": 1.0, "upper": 1.0},
            {"upper": 1.0, "n_warmup_steps": -1},
            {"upper": 1.0, "interval_steps": 0},
        ],
    ),
    (
        "PatientPruner",
        [
            {"wrapped_pruner": None, "patience": -1},
            {"wrapped_pruner": None, "patience": 0},
            {"wrapped_pruner": None, "patience": 1, "min_delta": -1e-9},
            {"wrapped_pruner": None, "patience": 1, "min_delta": 0.5},
        ],
    ),
    (
        "SuccessiveHalvingPruner",
        [
            {"min_resource": 0},
            {"min_resource": "odd"},
            {"min_resource": "auto"},
            {"reduction_factor": 1},
            {"min_early_stopping_rate": -1},
            {"bootstrap_count": -1},
            {"min_resource": "auto", "bootstrap_count": 1},
            {"min_resource": 1, "bootstrap_count": 1},
        ],
    ),
    (
        "HyperbandPruner",
        [
            {"max_resource": "odd"},
            {"max_resource": 1.5},
            {"max_resource": "auto", "bootstrap_count": 1},
            {"min_resource": 3, "max_resource": 81},
        ],
    ),
    (
        "WilcoxonPruner",
        [
            {"p_threshold": -0.1},
            {"p_threshold": 1.1},
            {"p_threshold": 0.0},
            {"p_threshold": 1.0},
            {"n_startup_steps": -1},
            {"n_startup_steps": 0},
        ],
    ),
]


@differential
@pytest.mark.parametrize(("name", "cases"), ARGUMENTS, ids=lambda v: v if type(v) is str else "")
def test_arguments(lib: Any, name: str, cases: list[dict[str, Any]]) -> Any:
    def kind(options: dict[str, Any]) -> str:
        return type(getattr(lib.pruners, name)(**options)).__name__

    return attempt_each(kind, cases)


MEDIANS: list[tuple[str, dict[str, Any], list[Any]]] = [
    ("the first trial is never pruned", {"n_startup_trials": 0}, [[9.0, 99.0], [1.0, 1.0]]),
    ("nan alone is pruned", {"n_startup_trials": 1}, [[1.0, 1.0], [NAN, NAN]]),
    ("a nan after a value", {"n_startup_trials": 1}, [[1.0, 1.0], [0.5, NAN], [2.0, NAN]]),
    ("a median of nan", {"n_startup_trials": 1}, [[NAN, NAN], [5.0, 5.0]]),
    ("nan among others", {"n_startup_trials": 2}, [[NAN, 1.0], [2.0, 2.0], [3.0, 3.0]]),
    ("infinite values", {"n_startup_trials": 1}, [[INF, -INF], [INF, INF], [-INF, 0.0]]),
    ("equal values", {"n_startup_trials": 1}, [[1.0, 1.0], [1.0, 1.0]]),
    ("the best report counts", {"n_startup_trials": 1}, [[1.0, 1.0], [0.0, 9.0, 9.0]]),
    ("steps nobody reported", {"n_startup_trials": 1}, [{0: 1.0, 5: 1.0}, {3: 9.0, 4: 9.0}]),
    ("warm-up", {"n_startup_trials": 1, "n_warmup_steps": 2}, [[1.0] * 4, [9.0] * 4]),
    ("interval", {"n_startup_trials": 1, "interval_steps": 3}, [[1.0] * 9, {1: 9.0, 4: 9.0}]),
    ("few trials", {"n_startup_trials": 1, "n_min_trials": 2}, [[1.0], [1.0, 1.0], [9.0, 9.0]]),
]


@differential
@pytest.mark.parametrize("direction", ["minimize", "maximize"])
@pytest.mark.parametrize(
    ("options", "curves"), [case[1:] for case in MEDIANS], ids=[case[0] for case in MEDIANS]
)
def test_the_median_pruner(lib: Any, options: Any, curves: list[Any], direction: str) -> Any:
    return decisions(lib, lib.pruners.MedianPruner(**options), curves, direction)


@differential
@pytest.mark.parametrize(
    "options",
    [{"upper": 1.0}, {"lower": -1.0}, {"lower": -1.0, "upper": 1.0}, {"upper": 1, "lower": 1}],
    ids=str,
)
def test_limits_belong_to_the_range_of_the_threshold_pruner(lib: Any, options: Any) -> Any:
    values = [1.0, -1.0, 1.0 + 1e-15, -1.0 - 1e-15, NAN, INF, -INF, 0.0]
    return decisions(lib, lib.pruners.ThresholdPruner(**options), [[v] for v in values])


@differential
@pytest.mark.parametrize("min_delta", [0.0, 1.0])
@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_patience(lib: Any, min_delta: float, direction: str) -> Any:
    curves = [
        [1.0, 2.0, 3.0, 4.0, 5.0],
        [5.0, 4.0, 4.0, 4.0, 3.0],
        [1.0, NAN, NAN, NAN, NAN],
        [NAN, NAN, NAN, 1.0, 2.0],
        [2.0, 2.5, 3.0, 3.5, 1.0],
        {4: 1.0, 3: 2.0, 2: 3.0, 1: 4.0, 0: 0.0},
        [INF, INF, INF, -INF, INF],
    ]
    return decisions(
        lib, lib.pruners.PatientPruner(None, patience=1, min_delta=min_delta), curves, direction
    )


@differential
def test_a_patient_pruner_asks_a_third_party_s_pruner(lib: Any) -> Any:
    asked: list[Any] = []

    class Curious(lib.pruners.BasePruner):  # type: ignore[misc, name-defined]
        def prune(self, study: Any, trial: Any) -> bool:
            asked.append((trial.last_step, dict(trial.intermediate_values), trial.state.name))
            return trial.last_step == 4

    pruner = lib.pruners.PatientPruner(Curious(), patience=1)
    return decisions(lib, pruner, [[1.0, 2.0, 3.0, 4.0, 5.0]]), asked


WILCOXON: list[tuple[str, list[Any]]] = [
    ("clearly worse", [[0.0] * 8, [1.0 + i / 9 for i in range(8)]]),
    ("clearly better", [[1.0 + i / 9 for i in range(8)], [0.0] * 8]),
    (
        "worse at every step but by little",
        [[i / 9 for i in range(8)], [i / 9 + 0.1 * (i % 3) for i in range(8)]],
    ),
    ("a nan report", [[0.0] * 6, [1.0, 2.0, NAN, 3.0, 4.0, 5.0]]),
    ("an infinite report", [[0.0] * 6, [1.0, 2.0, INF, 3.0, 4.0, 5.0]]),
    ("an infinite report of the best", [[0.0, INF, 0.0, 0.0, 0.0, 0.0], [1.0] * 6]),
    ("nan in the best", [[0.0, NAN, 0.0, 0.0, 0.0, 0.0], [1.0] * 6]),
    ("steps beyond those of the best", [[0.0] * 3, [1.0, 2.0, 3.0, 4.0, 5.0]]),
    ("no common step", [{0: 0.0, 1: 0.0}, {2: 1.0, 3: 1.0}]),
    ("steps in another order", [[0.0] * 5, {4: 1.0, 2: 2.0, 0: 3.0, 1: 4.0, 3: 5.0}]),
    ("ties", [[1.0] * 6, [1.0] * 6]),
    ("a better average of worse steps", [[0.0] * 5 + [100.0], [1.0, 1.1, 1.2, 1.3, 1.4, -99.0]]),
]


@differential
@pytest.mark.parametrize("direction", ["minimize", "maximize"])
@pytest.mark.parametrize("curves", [c[1] for c in WILCOXON], ids=[c[0] for c in WILCOXON])
def test_the_wilcoxon_pruner(lib: Any, curves: list[Any], direction: str) -> Any:
    return decisions(lib, lib.pruners.WilcoxonPruner(p_threshold=0.1), curves, direction)


@differential
@pytest.mark.parametrize("name", ["MedianPruner", "SuccessiveHalvingPruner", "WilcoxonPruner"])
def test_pruning_before_any_report(lib: Any, name: str) -> Any:
    study = lib.create_study(pruner=getattr(lib.pruners, name)())
    study.add_trial(lib.create_trial(value=1.0, intermediate_values={0: 1.0}))
    return attempt(study.ask().should_prune)


@differential
@pytest.mark.parametrize("max_resource", ["auto", 9])
def test_hyperband_with_and_without_a_limit(lib: Any, max_resource: Any) -> Any:
    pruner = lib.pruners.HyperbandPruner(1, max_resource, 3)
    study = lib.create_study(study_name="fixed", pruner=pruner)
    study.sampler = lib.samplers.RandomSampler(seed=0)
    ends = []
    for number in range(20):
        trial = study.ask()
        level = (number * 7) % 11
        for step in range(1, 10):
            trial.report(level, step)
            if trial.should_prune():
                break
        ends.append(step)
        study.tell(trial, level)
    return ends
