"""Keras trains, reports its epochs, and hopeless trials are pruned."""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import Any

import pytest

import steep

from .learning import N_STEPS, RATES, assert_others_are_pruned, data, study_of

if find_spec("keras") is None:
    pytest.skip("Keras is not installed", allow_module_level=True)
if "KERAS_BACKEND" not in os.environ and find_spec("tensorflow") is None:
    os.environ["KERAS_BACKEND"] = "torch"
keras = pytest.importorskip("keras", reason="Keras has no backend")


def trained(callback: Any, rate: float) -> float:
    x, y = data()
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.layers.Dense(1, activation="sigmoid")])
    model.compile(optimizer=keras.optimizers.SGD(rate), loss="binary_crossentropy")
    history = model.fit(
        x.astype("float32"),
        y.astype("float32"),
        validation_split=0.5,
        epochs=N_STEPS,
        verbose=0,
        callbacks=[callback],
    )
    return float(history.history["val_loss"][-1])


@pytest.mark.parametrize("name", ["KerasPruningCallback", "TFKerasPruningCallback"])
def test_hopeless_trials_are_pruned(name: str) -> None:
    def objective(trial: Any) -> float:
        callback = getattr(steep.integrations, name)(trial, "val_loss")
        return trained(callback, RATES[trial.number])

    assert_others_are_pruned(study_of(objective))


def test_reports_may_be_rarer() -> None:
    trial = steep.create_study().ask()
    trained(steep.integrations.KerasPruningCallback(trial, "val_loss", interval=3), 0.1)
    assert list(trial.study.trials[0].intermediate_values) == [2, 5]
    with pytest.raises(ValueError, match="interval=0"):
        steep.integrations.KerasPruningCallback(trial, "val_loss", interval=0)


def test_a_metric_that_is_not_measured_is_warned_of() -> None:
    callback = steep.integrations.KerasPruningCallback(steep.create_study().ask(), "val_acc")
    with pytest.warns(UserWarning, match=r"'val_acc'.*\['loss'\] were"):
        callback.on_epoch_end(0, {"loss": 1.0})
