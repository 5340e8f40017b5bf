"""The studies that the gallery draws: small networks and forests, trained on scikit-learn's digits.

Everything in them has happened: trials were pruned by the pruner, failed as their training
diverged, have too many weights, and took the time that the pictures show.

Example:
    >>> study = front_study(3)
    >>> len(study.trials)
    3
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np

import steep

__all__ = [
    "cross_validated_study",
    "front_study",
    "parallel_study",
    "quick_study",
    "spread_study",
    "training_study",
]

EPOCHS = 16
_WEIGHTS = 20_000  # more break the constraint
_DIVERGED = 5.0  # nats; guessing has 2.3


@cache
def _digits() -> tuple[Any, Any, Any, Any]:
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    images, labels = load_digits(return_X_y=True)
    return tuple(train_test_split(images / 16.0, labels, test_size=0.6, random_state=0))


def _network(trial: steep.Trial) -> Any:
    """Make a network of one hidden layer; momentum is asked for where it is used."""
    from sklearn.neural_network import MLPClassifier

    optimizer = trial.suggest_categorical("optimizer", ["sgd", "adam"])
    rate = trial.suggest_float("learning_rate", 1e-4, 30.0, log=True)
    units = trial.suggest_int("units", 4, 320, log=True)
    batch = trial.suggest_int("batch_size", 32, 256, log=True)
    trial.set_constraint("weights", (64 + 10) * units - _WEIGHTS)
    momentum = trial.suggest_float("momentum", 0.0, 0.99) if optimizer == "sgd" else 0.9
    return MLPClassifier(
        (units,),
        solver=optimizer,
        learning_rate_init=rate,
        batch_size=batch,
        momentum=momentum,
        random_state=trial.number,
    )


def train(trial: steep.Trial) -> float:
    """Train a network, and return its loss on images that it has not seen.

    Raises:
        TrialPruned: If the pruner says so.
        FloatingPointError: If it diverges.
    """
    from sklearn.metrics import log_loss

    seen, unseen, labels, truth = _digits()
    network = _network(trial)
    loss = math.inf
    for epoch in range(EPOCHS):
        network.partial_fit(seen, labels, classes=np.arange(10))
        loss = float(log_loss(truth, network.predict_proba(unseen), labels=np.arange(10)))
        if not loss < _DIVERGED:
            raise FloatingPointError(f"the training diverges, as its loss is {loss}")
        trial.report(loss, epoch)
        if trial.should_prune():
            raise steep.TrialPruned
    return loss


@cache
def training_study(n: int) -> steep.Study:
    """Train n networks; the study has one objective, reports, and parameters with a condition."""
    study = steep.create_study(
        study_name="TPE",
        sampler=steep.samplers.TPESampler(seed=1),
        pruner=steep.pruners.PercentilePruner(60, 5, n_warmup_steps=3, interval_steps=4),
    )
    study.optimize(train, n_trials=n, catch=FloatingPointError)
    return study


@cache
def spread_study(n: int) -> steep.Study:
    """Train n networks at parameters that are spread over the whole space."""
    study = _spread("random")
    study.optimize(train, n_trials=n, catch=FloatingPointError)
    return study


@cache
def parallel_study(n: int) -> steep.Study:
    """Train n networks, four at a time."""
    study = _spread("parallel")
    study.optimize(train, n_trials=n, n_jobs=4, catch=FloatingPointError)
    return study


def _spread(name: str) -> steep.Study:
    return steep.create_study(
        study_name=name,
        sampler=steep.samplers.RandomSampler(seed=1),
        pruner=steep.pruners.NopPruner(),
    )


@cache
def quick_study(n: int) -> steep.Study:
    """Compute what a network might have lost, for more trials than can be trained."""

    def objective(trial: steep.Trial) -> float:
        rate = trial.suggest_float("learning_rate", 1e-4, 3.0, log=True)
        units = trial.suggest_int("units", 4, 512, log=True)
        optimizer = trial.suggest_categorical("optimizer", ["sgd", "adam"])
        trial.set_constraint("weights", (64 + 10) * units - _WEIGHTS)
        if rate > 2:
            raise FloatingPointError("the training diverges")
        floor = 0.1 * (math.log10(rate) + 2) ** 2 + 5 / units + 0.1 * (optimizer == "sgd")
        for epoch in range(EPOCHS):
            trial.report(floor + 2 * math.exp(-epoch / 3), epoch)
            if trial.should_prune():
                raise steep.TrialPruned
        return floor

    study = steep.create_study(study_name="many", sampler=steep.samplers.RandomSampler(seed=1))
    study.optimize(objective, n_trials=n, catch=FloatingPointError)
    return study


@cache
def front_study(n: int, objectives: int = 2) -> steep.Study:
    """Grow n forests that are to be small, accurate and, as a third objective, quick to ask."""
    names = ["size in kB", "accuracy", "nodes visited per image"][:objectives]
    small, large = steep.study.StudyDirection.MINIMIZE, steep.study.StudyDirection.MAXIMIZE
    directions = [small, large, small][:objectives]
    study = steep.create_study(directions=directions, sampler=steep.samplers.TPESampler(seed=1))
    study.set_metric_names(names)

    def objective(trial: steep.Trial) -> list[float]:
        from sklearn.ensemble import ExtraTreesClassifier

        seen, unseen, labels, truth = _digits()
        forest = ExtraTreesClassifier(
            trial.suggest_int("n_trees", 1, 40, log=True),
            max_depth=trial.suggest_int("max_depth", 2, 14),
            min_samples_split=trial.suggest_int("min_samples_split", 1, 20),  # 1 is refused
            random_state=trial.number,
        ).fit(seen, labels)
        size = sum(tree.tree_.node_count for tree in forest.estimators_) * 64 / 1024
        trial.set_constraint("size", size - 400)
        steps = forest.decision_path(unseen)[0].nnz / len(unseen)
        return [size, float(forest.score(unseen, truth)), steps][:objectives]

    study.optimize(objective, n_trials=n, catch=ValueError)
    return study


@cache
def cross_validated_study(n: int) -> steep.Study:
    """Validate n support vector machines on five folds, whose scores say how exact a value is."""
    from steep.terminator import report_cross_validation_scores

    def objective(trial: steep.Trial) -> float:
        from sklearn.model_selection import cross_val_score
        from sklearn.svm import SVC

        seen, _, labels, _ = _digits()
        model = SVC(
            C=trial.suggest_float("C", 1e-2, 1e3, log=True),
            gamma=trial.suggest_float("gamma", 1e-4, 1.0, log=True),
        )
        scores = cross_val_score(model, seen[:400], labels[:400], cv=5)
        report_cross_validation_scores(trial, [float(score) for score in scores])
        return float(scores.mean())

    study = steep.create_study(direction="maximize", sampler=steep.samplers.TPESampler(seed=1))
    study.optimize(objective, n_trials=n)
    return study
