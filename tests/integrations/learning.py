"""What the tests of pruning callbacks share: one trial that learns, and two that do not."""

from __future__ import annotations

from typing import Any

import numpy as np

import steep

# Trial 0 learns; the others hardly move, so they fall behind at once.
RATES = [0.5, 1e-6, 1e-6]
N_STEPS = 8


def data(n: int = 200) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return (n, 3) float64 features and (n,) labels 0 and 1 that a line separates."""
    x = np.random.default_rng(0).normal(size=(n, 3))
    return x, (x[:, 0] + x[:, 1] > 0).astype(int)


def study_of(objective: Any, direction: Any = "minimize") -> steep.Study:
    """Run one trial for each of `RATES`, with a pruner that knows what to do."""
    study = steep.create_study(
        direction=direction, pruner=steep.pruners.MedianPruner(n_startup_trials=1)
    )
    study.optimize(objective, n_trials=len(RATES))
    return study


def assert_others_are_pruned(
    study: steep.Study, first_step: int = 0, n_steps: int = N_STEPS
) -> None:
    """Check that trial 0 reported each step and the others were stopped earlier."""
    first, *others = study.trials
    assert first.state.name == "COMPLETE"
    assert list(first.intermediate_values) == list(range(first_step, first_step + n_steps))
    assert [trial.state.name for trial in others] == ["PRUNED", "PRUNED"]
    assert all(0 < len(trial.intermediate_values) < n_steps for trial in others)


def learn(trial: Any) -> float:
    """Train a logistic regression by gradient descent, report each step, and return the loss."""
    x, y = data()
    weights = np.zeros(3)
    rate = trial.suggest_float("rate", 0.0, 1.0)
    trial.suggest_categorical("kind", ["plain", None])
    loss = np.inf
    for step in range(N_STEPS):
        p = 1 / (1 + np.exp(-x @ weights))
        weights -= rate * x.T @ (p - y) / len(y)
        loss = float(-np.mean(np.where(y == 1, np.log(p), np.log(1 - p))))
        trial.report(loss, step)
        if step > 1 and trial.should_prune():
            raise steep.TrialPruned
    trial.set_user_attr("note", "tea")
    return loss


def tracked_study(callback: Any, objective: Any = learn, name: str = "tea") -> steep.Study:
    """Run `learn` once for each of `RATES` with a callback."""
    study = steep.create_study(
        study_name=name, pruner=steep.pruners.MedianPruner(n_startup_trials=1)
    )
    for rate in RATES:
        study.enqueue_trial({"rate": rate})
    study.optimize(objective, n_trials=len(RATES), callbacks=[callback])
    assert [trial.state.name for trial in study.trials] == ["COMPLETE", "PRUNED", "PRUNED"]
    return study
