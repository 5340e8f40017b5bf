"""PyTorch-Ignite trains, reports its epochs, and hopeless trials are pruned."""

from __future__ import annotations

from typing import Any

import pytest

import steep

from .learning import N_STEPS, RATES, assert_others_are_pruned, data, study_of

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
pytest.importorskip("ignite", reason="PyTorch-Ignite is not installed")
engines = pytest.importorskip("ignite.engine")


def trained(trial: Any, metric: str = "loss") -> float:
    x, y = data()
    pairs = [(torch.tensor(x, dtype=torch.float32), torch.tensor(y))]
    torch.manual_seed(0)
    model, loss = torch.nn.Linear(3, 2), torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=RATES[trial.number])

    def train(_: Any, batch: Any) -> None:
        optimizer.zero_grad()
        loss(model(batch[0]), batch[1]).backward()
        optimizer.step()

    def evaluate(engine: Any, batch: Any) -> None:
        engine.state.metrics["loss"] = float(loss(model(batch[0]), batch[1]).detach())

    trainer, evaluator = engines.Engine(train), engines.Engine(evaluate)
    handler = steep.integrations.PyTorchIgnitePruningHandler(trial, metric, trainer)
    evaluator.add_event_handler(engines.Events.COMPLETED, handler)
    trainer.add_event_handler(engines.Events.EPOCH_COMPLETED, lambda: evaluator.run(pairs))
    trainer.run(pairs, max_epochs=N_STEPS)
    value: float = evaluator.state.metrics["loss"]
    return value


def test_hopeless_trials_are_pruned() -> None:
    assert_others_are_pruned(study_of(trained), first_step=1)


def test_an_unknown_metric_is_named_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="'acc', which is not measured.*'loss'"):
        trained(steep.create_study().ask(), metric="acc")
