"""What each worker process may use: its GPUs and its share of the cores.

The variables are set before a process starts, so that they count for whatever it imports.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping

__all__ = ["environment", "n_available", "n_cores"]

_THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
_GPUS = "CUDA_VISIBLE_DEVICES"


def n_cores() -> int:
    """Give how many cores this process may use.

    Example:
        >>> n_cores() >= 1
        True
    """
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def n_available(resources: Mapping[str, float]) -> int:
    """Give how many workers the resources of this machine suffice for.

    Args:
        resources: What each worker needs: "cpu" and "gpu", in cores and devices; a share of a
            GPU below 1 lets several workers have the same one.

    Raises:
        ValueError: If a resource is unknown, its amount not positive or, above one GPU, no whole
            number, or there is none of it.
    """
    for name, amount in resources.items():
        if name not in ("cpu", "gpu"):
            raise ValueError(f"resources={dict(resources)!r}: {name!r} is neither 'cpu' nor 'gpu'.")
        if not amount > 0 or (name == "gpu" and amount > 1 and amount != int(amount)):
            raise ValueError(
                f"resources={dict(resources)!r}: give a positive amount, above one GPU a whole one."
            )
    counts = [n_cores() // resources["cpu"]] if "cpu" in resources else []
    if "gpu" in resources:
        counts.append(len(_slots(resources["gpu"])))
    if not counts:
        return n_cores()
    if min(counts) < 1:
        raise ValueError(
            f"resources={dict(resources)!r}: this machine has {n_cores()} cores and "
            f"{len(_gpus())} GPUs, which does not suffice for one worker."
        )
    return int(min(counts))


def environment(resources: Mapping[str, float], worker: int, n_workers: int) -> dict[str, str]:
    """Give the variables of one of several workers.

    Args:
        resources: What each worker needs; see :func:`n_available`.
        worker: The number of the worker, in [0, n_workers).
        n_workers: How many there are.

    Returns:
        The variables of this process with those of the worker: the numbers of threads are the
        cores a worker where the user has not set them, the GPUs those of ours that are its own.

    Example:
        >>> int(environment({"cpu": 3}, 0, 1)["OMP_NUM_THREADS"]) >= 1
        True
    """
    cores = int(max(resources.get("cpu", n_cores() // n_workers), 1))
    variables = {name: str(cores) for name in _THREADS} | dict(os.environ)
    if "gpu" in resources:
        variables[_GPUS] = ",".join(_slots(resources["gpu"])[worker])
    return variables


def _slots(amount: float) -> list[list[str]]:
    """Share out the GPUs: give the devices of each worker."""
    gpus = _gpus()
    if amount < 1:
        return [[gpu] for gpu in gpus for _ in range(int(1 / amount))]
    size = int(amount)
    return [gpus[start : start + size] for start in range(0, len(gpus) - size + 1, size)]


def _gpus() -> list[str]:
    """Give the devices that this process may use: what Slurm or Ray assigned, else all."""
    assigned = os.environ.get(_GPUS)
    if assigned is not None:
        return [device for device in assigned.split(",") if device.strip() not in ("", "-1")]
    try:
        listed = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return []
    return [str(i) for i, line in enumerate(listed.stdout.splitlines()) if line.startswith("GPU")]
