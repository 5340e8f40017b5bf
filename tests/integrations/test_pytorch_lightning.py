"""PyTorch Lightning trains, reports its epochs, and hopeless trials are pruned."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import steep

from .learning import N_STEPS, RATES, assert_others_are_pruned, data, study_of

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
pytest.importorskip("lightning", reason="PyTorch Lightning is not installed")
lightning = pytest.importorskip("lightning.pytorch")

# Its hints on workers and logging intervals, and what its dependencies deprecate.
pytestmark = pytest.mark.filterwarnings("ignore")


class Model(lightning.LightningModule):  # type: ignore[misc]
    def __init__(self, rate: float) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(3, 2)
        self.rate = rate

    def training_step(self, batch: Any, _: int) -> Any:
        return torch.nn.functional.cross_entropy(self.layer(batch[0]), batch[1])

    def validation_step(self, batch: Any, _: int) -> None:
        self.log("val_loss", torch.nn.functional.cross_entropy(self.layer(batch[0]), batch[1]))

    def configure_optimizers(self) -> Any:
        return torch.optim.SGD(self.parameters(), lr=self.rate)


def trained(callback: Any, rate: float, folder: Path, **how: Any) -> float:
    x, y = data()
    whole = torch.utils.data.TensorDataset(torch.tensor(x, dtype=torch.float32), torch.tensor(y))
    loader = torch.utils.data.DataLoader(whole, batch_size=len(y))
    torch.manual_seed(0)
    trainer = lightning.Trainer(
        max_epochs=N_STEPS,
        accelerator="cpu",
        callbacks=[callback],
        default_root_dir=folder,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        **how,
    )
    trainer.fit(Model(rate), loader, loader)
    return float(trainer.callback_metrics["val_loss"])


def test_hopeless_trials_are_pruned(tmp_path: Path) -> None:
    def objective(trial: Any) -> float:
        callback = steep.integrations.PyTorchLightningPruningCallback(trial, monitor="val_loss")
        value = trained(callback, RATES[trial.number], tmp_path)
        callback.check_pruned()
        return value

    assert_others_are_pruned(study_of(objective))


def test_a_metric_that_is_not_logged_is_warned_of(tmp_path: Path) -> None:
    trial = steep.create_study().ask()
    callback = steep.integrations.PyTorchLightningPruningCallback(trial, monitor="accuracy")
    with pytest.warns(UserWarning, match=r"'accuracy', .*\['val_loss'\] were"):
        trained(callback, 0.1, tmp_path)
    assert trial.study.trials[0].intermediate_values == {}
