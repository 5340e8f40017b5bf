"""CatBoost trains, reports every iteration, and hopeless trials are pruned."""

from __future__ import annotations

from typing import Any

import pytest

import steep

from .learning import N_STEPS, RATES, assert_others_are_pruned, data, study_of

catboost = pytest.importorskip("catboost", reason="CatBoost is not installed")


def trained(trial: Any, callback: Any, eval_sets: int = 1) -> Any:
    x, y = data()
    model = catboost.CatBoostClassifier(
        iterations=N_STEPS,
        learning_rate=RATES[trial.number],
        thread_count=1,
        verbose=False,
        allow_writing_files=False,
    )
    valid = [(x[100:], y[100:])] * eval_sets
    model.fit(x[:100], y[:100], eval_set=valid, callbacks=[callback])
    return model


@pytest.mark.parametrize(("index", "name"), [(None, "validation"), (1, "validation_1")])
def test_hopeless_trials_are_pruned(index: int | None, name: str) -> None:
    def objective(trial: Any) -> float:
        callback = steep.integrations.CatBoostPruningCallback(trial, "Logloss", index)
        model = trained(trial, callback, eval_sets=1 if index is None else 2)
        callback.check_pruned()
        value: float = model.get_best_score()[name]["Logloss"]
        return value

    assert_others_are_pruned(study_of(objective))


def test_an_unknown_metric_is_named_with_the_known_ones() -> None:
    trial = steep.create_study().ask()
    callback = steep.integrations.CatBoostPruningCallback(trial, "AUC")
    with pytest.raises(catboost.CatBoostError, match="'AUC of validation', which is not measured"):
        trained(trial, callback)
