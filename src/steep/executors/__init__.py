"""Executors: where the objective of a trial runs.

``study.optimize(objective, n_jobs=8)`` runs it in threads of this process. With ``executor=`` it
runs elsewhere, while sampling, pruning and the log stay here:

| ``executor`` | the objective runs in |
|---|---|
| ``"thread"``, None | threads of this process |
| ``"process"``, :class:`ProcessExecutor` | supervised child processes on this machine |
| anything with ``submit`` | ``ProcessPoolExecutor``, loky, Dask's ``client.get_executor()``, ... |
| :class:`RayExecutor`, :class:`SubmititExecutor` | tasks of Ray, jobs of Slurm |

One thread here accompanies each trial that runs elsewhere, and answers what its objective asks (see
:mod:`steep.executors.serving`). So limits, callbacks, ``catch`` and :meth:`~steep.study.Study.stop`
mean the same everywhere, and no trial waits for another.
"""

from __future__ import annotations

from collections.abc import Mapping

from steep.executors.base import Executor, Submits
from steep.lazy import lazy_names

__all__ = [
    "Executor",
    "FutureExecutor",
    "ProcessExecutor",
    "RayExecutor",
    "SubmititExecutor",
    "Submits",
    "executor_of",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "FutureExecutor": "futures",
        "ProcessExecutor": "processes",
        "RayExecutor": "adapters",
        "SubmititExecutor": "adapters",
    },
)


def executor_of(
    given: str | Executor | Submits | None,
    trial_timeout: float | None = None,
    resources: Mapping[str, float] | None = None,
) -> Executor | None:
    """Make an executor of what the user gave.

    Args:
        given: None or "thread", "process", an :class:`Executor`, or anything with ``submit``.
        trial_timeout: After how many seconds a trial is killed; needs "process".
        resources: What each child needs; needs "process".

    Returns:
        The executor; None for threads of this process.

    Raises:
        ValueError: If it is an unknown word, or the limits need another executor.
        TypeError: If it has no ``submit``.
    """
    from steep.executors.futures import FutureExecutor
    from steep.executors.processes import ProcessExecutor

    if isinstance(given, str) and given == "process":
        return ProcessExecutor(trial_timeout, resources)
    if trial_timeout is not None or resources is not None:
        raise ValueError(
            f"executor={given!r} with trial_timeout={trial_timeout!r}, resources={resources!r}: "
            "only children of this process can be killed and given devices. Use "
            'executor="process"; a ProcessExecutor(...) takes both itself.'
        )
    if given is None or given == "thread":
        return None
    if isinstance(given, str):
        raise ValueError(
            f"executor={given!r}: give 'thread', 'process' or an object with submit()."
        )
    return given if isinstance(given, Executor) else FutureExecutor(given)
