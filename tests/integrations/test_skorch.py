"""skorch trains, reports its epochs, and hopeless trials are pruned."""

from __future__ import annotations

from typing import Any

import pytest

import steep

from .learning import N_STEPS, RATES, assert_others_are_pruned, data, study_of

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
skorch = pytest.importorskip("skorch", reason="skorch is not installed")


def trained(callback: Any, rate: float) -> Any:
    x, y = data()
    torch.manual_seed(0)
    net = skorch.NeuralNetClassifier(
        torch.nn.Linear(3, 2),
        criterion=torch.nn.CrossEntropyLoss,
        lr=rate,
        max_epochs=N_STEPS,
        verbose=0,
        callbacks=[callback],
    )
    return net.fit(x.astype("float32"), y)


def test_hopeless_trials_are_pruned() -> None:
    def objective(trial: Any) -> float:
        callback = steep.integrations.SkorchPruningCallback(trial, "valid_loss")
        net = trained(callback, RATES[trial.number])
        return float(net.history[-1, "valid_loss"])

    assert_others_are_pruned(study_of(objective))


def test_an_unknown_metric_is_named_with_the_known_ones() -> None:
    callback = steep.integrations.SkorchPruningCallback(steep.create_study().ask(), "acc")
    with pytest.raises(ValueError, match="'acc', which is not measured.*'valid_acc'"):
        trained(callback, 0.1)
