"""The Trainer of Hugging Face is searched for its arguments; hopeless trials are pruned."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import steep

from .learning import data

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
pytest.importorskip("accelerate", reason="Accelerate is not installed")
transformers = pytest.importorskip("transformers", reason="Transformers is not installed")

# What its dependencies deprecate is not ours.
pytestmark = pytest.mark.filterwarnings("ignore")


class Line(torch.nn.Module):  # type: ignore[misc]
    """Tell two classes apart, as a model of Transformers does."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.layer = torch.nn.Linear(3, 2)

    def forward(self, x: Any, labels: Any) -> dict[str, Any]:
        logits = self.layer(x)
        return {"loss": torch.nn.functional.cross_entropy(logits, labels), "logits": logits}


def trainer(folder: Path, **how: Any) -> Any:
    x, y = data()
    rows = [
        {"x": torch.tensor(row, dtype=torch.float32), "labels": int(label)}
        for row, label in zip(x, y, strict=True)
    ]
    args = transformers.TrainingArguments(
        output_dir=str(folder),
        num_train_epochs=4,
        per_device_train_batch_size=50,
        eval_strategy="epoch",
        save_strategy="no",
        report_to=[],
        disable_tqdm=True,
        use_cpu=True,
        learning_rate=0.123,
    )
    return transformers.Trainer(
        args=args, train_dataset=rows, eval_dataset=rows, **{"model_init": Line, **how}
    )


def space(trial: Any) -> dict[str, Any]:
    return {"learning_rate": trial.suggest_float("learning_rate", 1e-6, 1.0, log=True)}


def enqueued(*rates: float, **how: Any) -> steep.Study:
    study = steep.create_study(pruner=steep.pruners.MedianPruner(n_startup_trials=1), **how)
    for rate in rates:
        study.enqueue_trial({"learning_rate": rate})
    return study


def test_hopeless_trials_are_pruned_and_the_best_run_is_told(tmp_path: Path) -> None:
    seen: list[int] = []

    def new_model(trial: Any) -> Line:
        seen.extend([] if trial is None else [trial.number])
        return Line()

    study = enqueued(0.5, 1e-6, 1e-6)
    training = trainer(tmp_path, model_init=new_model)
    best = steep.integrations.hyperparameter_search(
        training, space, n_trials=3, study=study, hp_name=lambda trial: f"run {trial.number}"
    )
    first, *others = study.trials
    assert first.state.name == "COMPLETE"
    assert list(first.intermediate_values) == [4, 8, 12, 16]
    assert [trial.state.name for trial in others] == ["PRUNED", "PRUNED"]
    assert (best.run_id, best.objective) == ("0", first.value)
    assert best.hyperparameters == {"learning_rate": 0.5}
    assert seen == [0, 1, 2]
    assert training.args.learning_rate == 0.123


def test_several_objectives_give_a_front(tmp_path: Path) -> None:
    runs = steep.integrations.hyperparameter_search(
        trainer(tmp_path),
        lambda trial: {"num_train_epochs": trial.suggest_int("num_train_epochs", 1, 2)},
        lambda metrics: [metrics["eval_loss"], metrics["epoch"]],
        n_trials=2,
        direction=["minimize", "minimize"],
        sampler=steep.samplers.GridSampler({"num_train_epochs": [1, 2]}),
    )
    assert len(runs) == 2
    assert all(len(run.objective) == 2 for run in runs)


def test_what_cannot_be_searched_is_said(tmp_path: Path) -> None:
    search = steep.integrations.hyperparameter_search
    with pytest.raises(ValueError, match="'learn_rate', which is no field of TrainingArguments"):
        search(trainer(tmp_path), lambda trial: {"learn_rate": 0.1}, n_trials=1)
    with pytest.raises(RuntimeError, match="Trainer\\(model_init=...\\)"):
        search(trainer(tmp_path, model_init=None, model=Line()), space)
