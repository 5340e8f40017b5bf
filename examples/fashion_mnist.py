"""Tune a PyTorch network on Fashion-MNIST, and stop the hopeless trials early.

    python examples/fashion_mnist.py --trials 100 --output fashion_mnist.html

The number of layers, the units and the dropout of each, the optimizer and its learning rate are
tuned together. After each epoch a trial reports its accuracy, and the pruner stops those that lag
behind. At the end one page shows the history, the learning curves and what mattered most.
"""

from __future__ import annotations

import argparse
import functools
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch import nn

import steep
from image_data import N_CLASSES, DataError, Labelled, load_images

BATCH = 128
TRAIN_BATCHES = 30
VALID_BATCHES = 10


class Task(NamedTuple):
    """What a trial works on."""

    train: tuple[torch.Tensor, torch.Tensor]  # images (n, pixels) in [0, 1], labels (n,)
    valid: tuple[torch.Tensor, torch.Tensor]
    epochs: int
    seed: int


def objective(trial: steep.Trial, task: Task) -> float:
    """Train one network, and return its accuracy on the images it has not seen."""
    torch.manual_seed(10_000 * task.seed + trial.number)
    model = build_model(trial, n_inputs=task.train[0].shape[1])
    name = trial.suggest_categorical("optimizer", ["Adam", "RMSprop", "SGD"])
    lr = trial.suggest_float("lr", 1e-5, 1e-1, log=True)
    optimizer = getattr(torch.optim, name)(model.parameters(), lr=lr)

    for epoch in range(task.epochs):
        train(model, optimizer, *task.train)
        accuracy: float = validate(model, *task.valid)
        trial.report(accuracy, epoch)
        if trial.should_prune():
            raise steep.TrialPruned()
    return accuracy


def build_model(trial: steep.Trial, n_inputs: int) -> nn.Module:
    """Build a network of one to three layers; each brings parameters of its own."""
    layers: list[nn.Module] = []
    for i in range(trial.suggest_int("n_layers", 1, 3)):
        n_units = trial.suggest_int(f"n_units_l{i}", 4, 128)
        dropout = trial.suggest_float(f"dropout_l{i}", 0.2, 0.5)
        layers += [nn.Linear(n_inputs, n_units), nn.ReLU(), nn.Dropout(dropout)]
        n_inputs = n_units
    return nn.Sequential(*layers, nn.Linear(n_inputs, N_CLASSES))


def train(
    model: nn.Module, optimizer: torch.optim.Optimizer, images: torch.Tensor, labels: torch.Tensor
) -> None:
    """Train on a few batches, drawn anew each epoch."""
    model.train()
    for rows in torch.randint(len(images), (TRAIN_BATCHES, BATCH)):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(images[rows]), labels[rows]).backward()
        optimizer.step()


def validate(model: nn.Module, images: torch.Tensor, labels: torch.Tensor) -> float:
    """Return the share of the images whose class is found."""
    model.eval()
    with torch.no_grad():
        return float((model(images).argmax(dim=1) == labels).float().mean())


def make_task(folder: Path | None, epochs: int, seed: int) -> Task:
    """Load the images once, as tensors, so that an epoch takes milliseconds."""
    train, valid = load_images(folder)
    n_valid = VALID_BATCHES * BATCH
    valid = Labelled(valid.images[:n_valid], valid.labels[:n_valid])
    return Task(as_tensors(train), as_tensors(valid), epochs, seed)


def as_tensors(data: Labelled) -> tuple[torch.Tensor, torch.Tensor]:
    """Return images scaled to [0, 1] and labels, as PyTorch wants them."""
    return torch.tensor(data.images) / 255, torch.tensor(data.labels).long()


def print_summary(study: steep.Study) -> None:
    """Print how many trials were stopped early, and the best one."""
    complete = study.get_trials(states=[steep.trial.TrialState.COMPLETE])
    pruned = study.get_trials(states=[steep.trial.TrialState.PRUNED])
    print(f"Trials: {len(study.trials)}, complete: {len(complete)}, pruned: {len(pruned)}")
    if complete:
        print(f"Best accuracy: {study.best_value:.4f} in trial {study.best_trial.number}")
        for name, value in study.best_params.items():
            print(f"  {name}: {value}")


def write_page(study: steep.Study, path: Path) -> None:
    """Write the plots as one page that needs neither a server nor a network."""
    plots = steep.visualization
    figures = {
        "Importances": plots.plot_param_importances(study),
        "History": plots.plot_optimization_history(study),
        "Learning curves": plots.plot_intermediate_values(study),
    }
    page = plots.page(figures, title="Fashion-MNIST", study=study)
    path.write_text(page, encoding="utf-8")


def parse_arguments(words: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder with the four IDX files")
    parser.add_argument("--trials", type=int, default=100, help="how many networks to try")
    parser.add_argument("--epochs", type=int, default=10, help="at most this many for each")
    parser.add_argument("--seed", type=int, default=0, help="repeats a run exactly")
    parser.add_argument("--output", type=Path, default=Path("fashion_mnist.html"))
    parser.add_argument("--storage", help="URL of a storage that keeps the study, to go on later")
    arguments = parser.parse_args(words)
    if arguments.trials < 1 or arguments.epochs < 1:
        parser.error("--trials and --epochs must be at least 1")
    if not steep.visualization.is_available():
        parser.error("the plots need plotly: pip install 'steep[plot]'")
    if not arguments.output.parent.is_dir():
        parser.error(f"--output: there is no folder {arguments.output.parent}")
    return arguments


def main(words: Sequence[str] | None = None) -> None:
    """Run the study, and show what came out."""
    arguments = parse_arguments(words)
    torch.set_num_threads(1)  # the network is small: more threads only wait for each other
    try:
        task = make_task(arguments.data, arguments.epochs, arguments.seed)
    except DataError as error:
        raise SystemExit(f"error: {error}") from error
    study = steep.create_study(
        study_name="fashion-mnist",
        direction="maximize",
        sampler=steep.samplers.AutoSampler(seed=arguments.seed),
        storage=arguments.storage,
        load_if_exists=True,
    )
    study.optimize(functools.partial(objective, task=task), n_trials=arguments.trials)
    print_summary(study)
    write_page(study, arguments.output)
    print(f"Plots: {arguments.output}")


if __name__ == "__main__":
    main()
