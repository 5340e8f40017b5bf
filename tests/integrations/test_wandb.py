"""Weights & Biases, offline, gets the trials as steps or as runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import steep

from .learning import RATES, learn, tracked_study

wandb = pytest.importorskip("wandb", reason="Weights & Biases is not installed")

# What its dependencies deprecate is not ours.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def how(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Give arguments of wandb.init that reach no server."""
    monkeypatch.setenv("WANDB_SILENT", "true")
    yield {"mode": "offline", "dir": str(tmp_path), "project": "tea"}
    wandb.finish()


def test_trials_are_steps_of_one_run(how: dict[str, Any]) -> None:
    callback = steep.integrations.WeightsAndBiasesCallback("loss", how)
    run = wandb.run
    study = tracked_study(callback)
    assert wandb.run is run
    assert run.step == 2
    assert run.summary["rate"] == RATES[2]
    assert run.summary["loss"] == study.trials[2].value
    assert run.config["direction"] == ["MINIMIZE"]


def test_each_trial_may_be_a_run(
    how: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    runs: list[Any] = []
    begin = wandb.init

    def init(**kwargs: Any) -> Any:
        runs.append(begin(**kwargs))
        return runs[-1]

    monkeypatch.setattr(wandb, "init", init)
    callback = steep.integrations.WeightsAndBiasesCallback("loss", how, as_multirun=True)
    assert wandb.run is None

    @callback.track_in_wandb()
    def objective(trial: Any) -> float:
        assert wandb.run.name == f"trial-{trial.number}"
        wandb.log({"extra": trial.number})
        return learn(trial)

    tracked_study(callback, objective)
    assert [run.name for run in runs] == ["trial-0", "trial-1", "trial-2"]
    assert [run.config["state"] for run in runs] == ["COMPLETE", "PRUNED", "PRUNED"]
    assert wandb.run is None
    assert len(list(tmp_path.glob("wandb/offline-run-*"))) == 3
