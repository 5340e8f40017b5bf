"""Two processes train one model with PyTorch, take the same parameters and stop together."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

pytest.importorskip("torch", reason="PyTorch is not installed")

# Rank 0 has the study. Each rank writes down what it saw.
PROGRAM = """
import json, os, sys
import torch
from torch import distributed
import steep
from steep.integrations import TorchDistributedTrial

rank, folder = int(sys.argv[1]), sys.argv[2]
distributed.init_process_group("gloo", f"file://{folder}/meeting", rank=rank, world_size=2)
try:
    TorchDistributedTrial(None)
except ValueError as error:
    refusal = str(error)
torch.manual_seed(rank)
x = torch.randn(64, 3)
y = x.sum(dim=1, keepdim=True)
seen = []

def objective(single):
    trial = TorchDistributedTrial(single)
    rate = trial.suggest_categorical("rate", [0.2, 0.0])
    width = trial.suggest_int("width", 1, 4)
    try:
        trial.suggest_float("rate", 0.0, 1.0)
    except ValueError as error:
        seen.append(str(error))
    trial.set_user_attr("note", f"rank {rank}")
    trial.set_constraint("limit", -1.0 - rank)
    model = torch.nn.parallel.DistributedDataParallel(torch.nn.Linear(3, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    seen.append([trial.number, trial.params, list(trial.distributions), trial.user_attrs,
                 trial.constraints, trial.datetime_start.isoformat(), rate, width])
    for step in range(6):
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        mean = loss.detach().clone()
        distributed.all_reduce(mean)
        trial.report(mean.item() / 2, step)
        if trial.should_prune():
            seen.append(f"pruned at {step}")
            raise steep.TrialPruned
    return mean.item() / 2

if rank == 0:
    study = steep.create_study(pruner=steep.pruners.MedianPruner(n_startup_trials=1))
    for choice in (0.2, 0.0, 0.0):
        study.enqueue_trial({"rate": choice})
    study.optimize(objective, n_trials=3)
    states = [t.state.name for t in study.trials]
    notes = [t.user_attrs["note"] for t in study.trials]
else:
    states = notes = None
    for _ in range(3):
        try:
            objective(None)
        except steep.TrialPruned:
            pass
print(json.dumps({"states": states, "notes": notes, "seen": seen, "refusal": refusal}), flush=True)
distributed.barrier()
distributed.destroy_process_group()
# Threads of Gloo may still hold tensors, and now and then abort an interpreter that is on its way
# out (github.com/pytorch/pytorch/pull/179291). All that is tested has been said: leave at once.
os._exit(0)
"""


@pytest.fixture(scope="module")
def seen_by_two(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Run the program as ranks 0 and 1, and return what each wrote down."""
    folder = tmp_path_factory.mktemp("ranks")
    ranks = [
        subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", PROGRAM, str(rank), str(folder)],
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(sys.path),
                "OMP_NUM_THREADS": "1",
                "GLOO_SOCKET_IFNAME": "lo",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in (0, 1)
    ]
    outputs = [rank.communicate(timeout=300) for rank in ranks]
    assert [rank.returncode for rank in ranks] == [0, 0], [err[-3000:] for _, err in outputs]
    return [json.loads(out.splitlines()[-1]) for out, _ in outputs]


def test_ranks_take_the_same_parameters_and_stop_together(seen_by_two: Any) -> None:
    first, second = seen_by_two
    assert first["states"] == ["COMPLETE", "PRUNED", "PRUNED"]
    assert first["notes"] == ["rank 0"] * 3
    assert first["seen"] == second["seen"]
    assert sum("pruned at" in str(line) for line in first["seen"]) == 2
    number, params, names, attrs, constraints, *_ = first["seen"][1]
    assert number == 0
    assert params["rate"] == 0.2
    assert names == ["rate", "width"]
    assert attrs == {"note": "rank 0"}
    assert constraints == {"limit": -1.0}


def test_rank_0_needs_the_trial(seen_by_two: Any) -> None:
    said = "TorchDistributedTrial(None): rank 0 needs the trial; others do not."
    assert [seen["refusal"] for seen in seen_by_two] == [said] * 2
