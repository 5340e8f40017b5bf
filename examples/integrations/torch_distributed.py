"""Search while two processes train each model together with PyTorch.

$ pip install steep torch scikit-learn
$ python examples/integrations/torch_distributed.py

On a cluster ``torchrun`` starts the processes; here the program starts them itself.
"""

from __future__ import annotations

import tempfile

import torch
from sklearn.datasets import load_digits
from torch import distributed
from torch.nn.parallel import DistributedDataParallel

import steep
from steep.integrations import TorchDistributedTrial

N_PROCESSES, N_TRIALS, N_EPOCHS = 2, 8, 10


def objective(single_trial: steep.Trial | None) -> float:
    """Train on this process's half of the data, and return the mean loss of all processes."""
    trial = TorchDistributedTrial(single_trial)
    lr = trial.suggest_float("lr", 1e-4, 1.0, log=True)
    pixels, digits = load_digits(return_X_y=True)
    part = slice(distributed.get_rank(), None, N_PROCESSES)
    x, y = torch.tensor(pixels[part] / 16, dtype=torch.float32), torch.tensor(digits[part])
    torch.manual_seed(0)
    model = DistributedDataParallel(torch.nn.Linear(64, 10))
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    mean = torch.zeros(())
    for epoch in range(N_EPOCHS):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        mean = loss.detach() / N_PROCESSES
        distributed.all_reduce(mean)
        trial.report(mean.item(), epoch)
        if trial.should_prune():
            raise steep.TrialPruned
    return float(mean)


def work(rank: int, meeting: str) -> None:
    """Run the study on rank 0; the others do their share of each trial."""
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", f"file://{meeting}", rank=rank, world_size=N_PROCESSES)
    if rank == 0:
        study = steep.create_study(sampler=steep.samplers.TPESampler(seed=0))
        study.optimize(objective, n_trials=N_TRIALS)
        pruned = [trial for trial in study.trials if trial.state.name == "PRUNED"]
        print(f"Trials: {len(study.trials)}, of which {len(pruned)} were pruned")
        print(f"Best loss: {study.best_value:.4f} with {study.best_params}", flush=True)
    else:
        for _ in range(N_TRIALS):
            try:
                objective(None)
            except steep.TrialPruned:
                continue
    distributed.barrier()  # whoever leaves first would break the connection of the others
    distributed.destroy_process_group()


def main() -> None:
    """Start the processes."""
    with tempfile.TemporaryDirectory() as folder:
        torch.multiprocessing.spawn(work, (f"{folder}/meeting",), nprocs=N_PROCESSES)


if __name__ == "__main__":
    main()
