"""Where each pruner prunes, on curves that cross."""

from __future__ import annotations

from typing import Any

import pytest

from .harness import differential


def pruned_steps(lib: Any, pruner: Any, direction: str = "minimize") -> list[Any]:
    """Return at which step each of eight fixed curves is pruned."""
    study = lib.create_study(pruner=pruner, direction=direction)
    ends: list[Any] = []
    for number in range(8):
        trial = study.ask()
        level = (number * 5) % 8
        end = None
        for step in range(10):
            trial.report(level + 1 / (step + 1), step)
            if trial.should_prune():
                end = step
                break
        ends.append(end)
        state = lib.trial.TrialState
        study.tell(
            trial,
            None if end is not None else level,
            state.PRUNED if end is not None else state.COMPLETE,
        )
    return ends


PRUNERS: list[tuple[str, dict[str, Any]]] = [
    ("MedianPruner", {}),
    ("MedianPruner", {"n_startup_trials": 0}),
    ("MedianPruner", {"n_startup_trials": 2, "n_warmup_steps": 3, "interval_steps": 2}),
    ("MedianPruner", {"n_startup_trials": 1, "n_min_trials": 3}),
    ("PercentilePruner", {"percentile": 25.0, "n_startup_trials": 1}),
    ("PercentilePruner", {"percentile": 75.0, "n_startup_trials": 1}),
    ("SuccessiveHalvingPruner", {}),
    ("SuccessiveHalvingPruner", {"min_resource": 1, "reduction_factor": 2}),
    ("SuccessiveHalvingPruner", {"min_resource": 1, "reduction_factor": 2, "bootstrap_count": 2}),
    ("ThresholdPruner", {"upper": 5.0}),
    ("ThresholdPruner", {"lower": 2.0, "n_warmup_steps": 3}),
    ("ThresholdPruner", {"lower": 2.0, "upper": 5.5, "interval_steps": 3}),
    ("WilcoxonPruner", {"n_startup_steps": 1}),
    ("WilcoxonPruner", {"p_threshold": 0.4}),
    ("NopPruner", {}),
]


@differential
@pytest.mark.parametrize("direction", ["minimize", "maximize"])
@pytest.mark.parametrize(("name", "options"), PRUNERS, ids=str)
def test_where_the_pruners_prune(
    lib: Any, name: str, options: dict[str, Any], direction: str
) -> Any:
    return pruned_steps(lib, getattr(lib.pruners, name)(**options), direction)


@differential
@pytest.mark.parametrize("patience", [0, 1, 3])
@pytest.mark.parametrize("wrapped", [False, True])
def test_where_the_patient_pruner_prunes(lib: Any, patience: int, wrapped: bool) -> Any:
    inner = lib.pruners.MedianPruner(n_startup_trials=1) if wrapped else None
    return pruned_steps(lib, lib.pruners.PatientPruner(inner, patience=patience))
