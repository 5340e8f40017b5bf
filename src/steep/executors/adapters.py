"""Ray and Slurm, whose futures are not those of ``concurrent.futures``."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

__all__ = ["RayExecutor", "SubmititExecutor"]


class RayExecutor:
    """Let Ray run tasks, as an executor.

    Args:
        **options: Options of the remote function, e.g. ``num_cpus=2`` or ``num_gpus=1``, of which
            Ray makes ``CUDA_VISIBLE_DEVICES``; see ``ray.remote``. Ray's own retries are off, as
            the study decides about lost trials.

    Raises:
        ImportError: If Ray is not installed.

    Example::

        ray.init()
        study.optimize(objective, n_trials=100, executor=steep.executors.RayExecutor(num_cpus=1))
    """

    def __init__(self, **options: Any) -> None:
        try:
            import ray
        except ImportError:
            raise ImportError("RayExecutor needs Ray: pip install ray") from None
        self._ray = ray
        self._options = {"num_cpus": 1, "max_retries": 0, **options}

    @property
    def num_workers(self) -> int:
        """Give how many tasks the cluster's CPUs and GPUs suffice for."""
        there = self._ray.cluster_resources()
        needs = {"CPU": self._options["num_cpus"], "GPU": self._options.get("num_gpus", 0)}
        counts = [there.get(name, 0) // amount for name, amount in needs.items() if amount]
        return max(int(min(counts, default=1)), 1)

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
        """Run a function as a task of Ray.

        Args:
            function: The function.
            *arguments: Its arguments.

        Returns:
            Its future.
        """
        task = self._ray.remote(**self._options)(function)
        future: Future[Any] = task.remote(*arguments).future()
        return future


class SubmititExecutor:
    """Let submitit run tasks as jobs, of Slurm or local ones.

    Args:
        executor: A ``submitit.AutoExecutor`` with its parameters set.
        n_workers: How many jobs there are at once, ≥ 1.
        interval: Every how many seconds a job is asked whether it has ended.

    Example::

        slurm = submitit.AutoExecutor(folder="logs")
        slurm.update_parameters(slurm_partition="gpu", gpus_per_node=1, timeout_min=60)
        executor = steep.executors.SubmititExecutor(slurm, n_workers=16)
        study.optimize(objective, n_trials=200, executor=executor)
    """

    def __init__(self, executor: Any, n_workers: int, interval: float = 1.0) -> None:
        self._executor = executor
        self._interval = interval
        self.num_workers = n_workers

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
        """Run a function as a job.

        Args:
            function: The function.
            *arguments: Its arguments.

        Returns:
            Its future.
        """
        job = self._executor.submit(function, *arguments)
        future: Future[Any] = Future()
        threading.Thread(target=self._follow, args=(job, future), daemon=True).start()
        return future

    def _follow(self, job: Any, future: Future[Any]) -> None:
        while not job.done():
            time.sleep(self._interval)
        error = job.exception()
        if error is None:
            future.set_result(job.result())
        else:
            future.set_exception(error)
