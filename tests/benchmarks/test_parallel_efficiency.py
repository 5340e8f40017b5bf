"""Simulated workers: as many evaluations as one makes, and never more at once than there are."""

from __future__ import annotations

from typing import Any

import numpy as np

import steep
from benchmarks import parallel_efficiency
from benchmarks.efficiency import tasks

KEY = {"library": "steep", "sampler": "RandomSampler", "task": "pareto/zdt1", "seed": 2, "n": 30}


class Counting:
    """Be a task that notes how many of its evaluations run."""

    objectives = 1

    def __init__(self) -> None:
        self.space = tasks.load("pareto/zdt1", 0).space
        self.asked: list[int] = []

    def evaluate(self, configuration: Any) -> list[float]:
        self.asked.append(len(self.asked))
        return [float(len(self.asked))]


def ended(workers: int) -> list[float]:
    study = steep.create_study(sampler=steep.samplers.RandomSampler(seed=0))
    losses = parallel_efficiency.simulate(study, Counting(), 30, workers, seed=1)
    assert len(study.trials) == 30
    trials = study.trials
    running = [
        1 + sum(other.datetime_complete > trial.datetime_start for other in trials[: trial.number])
        for trial in trials
    ]
    assert max(running) == workers
    return [loss for (loss,) in losses]


def test_one_worker_ends_what_it_begins() -> None:
    assert ended(1) == list(range(1, 31))


def test_several_workers_never_wait_for_each_other() -> None:
    order = ended(4)
    assert sorted(order) == list(range(1, 31))
    assert order != sorted(order)


def test_a_record_can_be_made_again() -> None:
    one, two = (parallel_efficiency.run({**KEY, "workers": 4}) for _ in range(2))
    assert one == two


def test_the_report_compares_with_one_worker() -> None:
    records = [
        parallel_efficiency.run({**KEY, "seed": seed, "workers": workers})
        for seed in range(6)
        for workers in (1, 4)
    ]
    header, _, one, four = parallel_efficiency.report(records).splitlines()
    assert "against one worker" in header
    assert one.startswith("| pareto | 1 |")
    assert four.startswith("| pareto | 4 |")
    assert "of 30" in four or "more than 30" in four


def test_a_level_that_is_not_reached_is_told() -> None:
    curve = np.array([3.0, 2.0, 1.0])
    assert parallel_efficiency.needed_for(curve, 2.0) == "2 of 3"
    assert parallel_efficiency.needed_for(curve, 0.5) == "more than 3"
