"""Train the pools of configurations whose learning curves the pruners are compared on.

    python -m benchmarks.pruning.curves

Four data sets (two that come with scikit-learn, two that it generates), each with a small neural
network, 30 epochs, and with boosted trees, 40 reports of three trees each. A configuration is
drawn at random; its curve is the loss on held-out data, small is good.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Configuration = dict[str, Any]
Draw = Callable[[np.random.Generator], Configuration]
Train = Callable[[Configuration, bool, tuple[Any, ...]], list[float]]

CURVES = Path(__file__).parent / "curves.npz"
N_CONFIGURATIONS = 200
N_EPOCHS = 30
N_REPORTS, TREES_A_REPORT = 40, 3


def data_sets() -> dict[str, tuple[bool, Any, Any]]:
    """Return for each data set whether it is a classification, its features and its targets."""
    from sklearn import datasets

    digits = datasets.load_digits(return_X_y=True)
    diabetes = datasets.load_diabetes(return_X_y=True)
    noisy = datasets.make_classification(
        1200, 20, n_informative=8, n_redundant=4, flip_y=0.1, class_sep=0.7, random_state=0
    )
    friedman = datasets.make_friedman1(800, noise=1.0, random_state=0)
    return {
        "digits": (True, *digits),
        "noisy classes": (True, *noisy),
        "diabetes": (False, *diabetes),
        "friedman": (False, *friedman),
    }


def split(features: Any, targets: Any, is_class: bool) -> tuple[Any, Any, Any, Any]:
    """Return training and validation data, standardised by the training data."""
    from sklearn.model_selection import train_test_split
    from sklearn.preprocessing import StandardScaler

    targets = targets if is_class else (targets - targets.mean()) / targets.std()
    x, x_val, y, y_val = train_test_split(features, targets, test_size=0.4, random_state=0)
    scaler = StandardScaler().fit(x)
    return scaler.transform(x), scaler.transform(x_val), y, y_val


def loss(is_class: bool, model: Any, predictions: Any, targets: Any) -> float:
    """Return the log loss of probabilities, or the mean squared error."""
    from sklearn.metrics import log_loss

    if is_class:
        return float(log_loss(targets, predictions, labels=model.classes_))
    if not np.isfinite(predictions).all():
        return float("nan")
    return float(np.mean((predictions - targets) ** 2))


def draw_network(rng: np.random.Generator) -> Configuration:
    """Draw the hyperparameters of a network."""
    return {
        "units": int(2 ** rng.uniform(2, 7)),
        "layers": int(rng.integers(1, 4)),
        "learning_rate": float(10 ** rng.uniform(-4.5, -0.5)),
        "alpha": float(10 ** rng.uniform(-6, 0)),
        "batch": int(2 ** rng.integers(4, 8)),
        "activation": str(rng.choice(["relu", "tanh", "logistic"])),
        "solver": str(rng.choice(["adam", "sgd"])),
    }


def network_curve(drawn: Configuration, is_class: bool, data: tuple[Any, ...]) -> list[float]:
    """Train a network, and return its loss after each epoch."""
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    x, x_val, y, y_val = data
    model = (MLPClassifier if is_class else MLPRegressor)(
        hidden_layer_sizes=(drawn["units"],) * drawn["layers"],
        learning_rate_init=drawn["learning_rate"],
        alpha=drawn["alpha"],
        batch_size=drawn["batch"],
        activation=drawn["activation"],
        solver=drawn["solver"],
        random_state=0,
    )
    values: list[float] = []
    classes = {"classes": np.unique(y)} if is_class else {}
    for _ in range(N_EPOCHS):
        try:
            model.partial_fit(x, y, **classes)
        except ValueError as error:
            if "non-finite" not in str(error):
                raise
            return values + [float("nan")] * (N_EPOCHS - len(values))
        predictions = model.predict_proba(x_val) if is_class else model.predict(x_val)
        values.append(loss(is_class, model, predictions, y_val))
    return values


def draw_boosting(rng: np.random.Generator) -> Configuration:
    """Draw the hyperparameters of boosted trees."""
    return {
        "learning_rate": float(10 ** rng.uniform(-2.5, 0)),
        "max_depth": int(rng.integers(1, 9)),
        "min_samples_leaf": int(2 ** rng.uniform(0, 6)),
        "subsample": float(rng.uniform(0.3, 1)),
        "max_features": float(rng.uniform(0.1, 1)),
    }


def boosting_curve(drawn: Configuration, is_class: bool, data: tuple[Any, ...]) -> list[float]:
    """Boost trees, and return the loss every few trees."""
    from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor

    x, x_val, y, y_val = data
    y, y_val = (y % 2, y_val % 2) if is_class else (y, y_val)  # of digits: odd or even
    model = (GradientBoostingClassifier if is_class else GradientBoostingRegressor)(
        n_estimators=N_REPORTS * TREES_A_REPORT,
        random_state=0,
        **drawn,
    ).fit(x, y)
    staged = model.staged_predict_proba(x_val) if is_class else model.staged_predict(x_val)
    values = [loss(is_class, model, predictions, y_val) for predictions in staged]
    return values[TREES_A_REPORT - 1 :: TREES_A_REPORT]


KINDS: dict[str, tuple[Draw, Train]] = {
    "networks": (draw_network, network_curve),
    "boosting": (draw_boosting, boosting_curve),
}


def configurations(kind: str) -> list[Configuration]:
    """Return the configurations of each pool of a kind, in the order of its curves."""
    rng = np.random.default_rng(0)
    draw, _ = KINDS[kind]
    return [draw(rng) for _ in range(N_CONFIGURATIONS)]


def pools() -> Iterator[tuple[str, Array]]:
    """Yield the name and the curves of each task, (configurations, reports)."""
    for name, (is_class, features, targets) in data_sets().items():
        data = split(features, targets, is_class)
        for kind, (_, train) in KINDS.items():
            curves = [train(drawn, is_class, data) for drawn in configurations(kind)]
            yield f"{kind}, {name}", np.array(curves)


def main() -> None:
    """Train all pools and write their curves."""
    warnings.filterwarnings("ignore")  # of divergence and of iterations, which the curves show
    made = {}
    for name, curves in pools():
        made[name] = curves.astype(np.float32)
        print(name, f"best {np.nanmin(curves[:, -1]):.4f}", flush=True)
    np.savez_compressed(CURVES, allow_pickle=False, **made)


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
