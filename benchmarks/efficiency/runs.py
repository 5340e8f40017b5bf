"""Run a peer on tasks, one record a run; a run that is on record is not repeated."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.efficiency import tasks
from benchmarks.efficiency.client import Client
from benchmarks.efficiency.peers import peer_named
from benchmarks.shared import Record, append, missing

__all__ = ["improvements", "run", "trace"]


def run(
    peer: str, names: Sequence[str], seeds: Sequence[int], evaluations: int, folder: Path
) -> None:
    """Run what the folder lacks.

    Args:
        peer: The name of the peer.
        names: Names of tasks.
        seeds: The seeds.
        evaluations: How many evaluations a run has.
        folder: Where the records are, in a file for each peer.
    """
    wanted: list[Record] = [
        {"peer": peer, "task": name, "seed": seed, "n": evaluations}
        for seed in seeds
        for name in names
        if tasks.load(name, seed).objectives <= peer_named(peer).objectives
    ]
    path = folder / f"{peer.replace(':', '_')}.jsonl"
    with Client(peer) as client:
        for key in missing(path, wanted):
            append(path, key | run_once(client, key["task"], key["seed"], evaluations))


def run_once(client: Client, name: str, seed: int, evaluations: int) -> Record:
    """Run a task once.

    Returns:
        ``trace``, the evaluations that improved the best and what it was then; ``seconds``, the
        time that the peer took.
    """
    task = tasks.load(name, seed)
    losses: list[list[float]] = []
    start, spent = time.perf_counter(), 0.0
    configuration = client.start(task.space, seed, task.objectives, evaluations)
    while True:
        before = time.perf_counter()
        losses.append(task.evaluate(configuration))
        spent += time.perf_counter() - before
        if len(losses) == evaluations:
            break
        configuration = client.tell(losses[-1])
    seconds = time.perf_counter() - start - spent
    return {"trace": improvements(progress(task, losses)), "seconds": round(seconds, 2)}


def progress(task: tasks.Task, losses: list[list[float]]) -> NDArray[np.float64]:
    """Give the best so far after each evaluation: (n,) float64, never rising."""
    found = np.array(losses)
    if task.objectives == 1:
        return np.fmin.accumulate(found[:, 0])
    from benchmarks.efficiency.pareto import Problem

    assert isinstance(task, Problem), "only these have several objectives"
    return task.progress(found)


def improvements(best: NDArray[np.float64]) -> list[list[float]]:
    """Give the changes of a sequence that never rises, as [number of evaluations, value].

    Example:
        >>> improvements(np.array([3.0, 3.0, 1.0]))
        [[1, 3.0], [3, 1.0]]
    """
    return list(_changes(best))


def _changes(best: NDArray[np.float64]) -> Iterator[list[float]]:
    yield [1, _rounded(best[0])]
    for n, (before, now) in enumerate(pairwise(best), start=2):
        if now < before or np.isnan(before) > np.isnan(now):
            yield [n, _rounded(now)]


def _rounded(value: float) -> float:
    return float(f"{value:.8g}")


def trace(record: Record) -> NDArray[np.float64]:
    """Give the best so far after each evaluation of a record: (n,) float64."""
    at, values = zip(*record["trace"], strict=True)
    place = np.searchsorted(np.array(at), np.arange(1, record["n"] + 1), side="right") - 1
    found: NDArray[np.float64] = np.array(values, dtype=np.float64)[place]
    return found
