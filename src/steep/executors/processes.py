"""Supervised child processes: one objective each at a time, replaced when they die.

A child is an interpreter of its own, started with this process's ``sys.path``. It does not import
``__main__``, so scripts need no ``if __name__ == "__main__"``. It is in a session of its own, so
that Ctrl-C reaches the study and not the trials, and it ends when the study's process has died.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from steep.exceptions import ExecutorError, TrialLost, TrialTimeout
from steep.executors.base import Executor, ObjectiveFunc
from steep.executors.packing import pack, pack_objective
from steep.executors.rendezvous import Rendezvous
from steep.executors.resources import environment, n_available
from steep.executors.serving import accompany, greet
from steep.executors.starts import Starts

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from steep.trial import Trial

__all__ = ["ProcessExecutor"]

_PATIENCE = 5.0  # seconds in which an idle child has to end
_COMMAND = "import sys; sys.path[:] = {path!r}; from steep.executors.worker import main; main()"


class ProcessExecutor(Executor):
    """Run objectives in child processes of this one.

    The objective is shipped once to each child, with cloudpickle. A child that dies, for want of
    memory or by a signal, fails its trial with :class:`~steep.exceptions.TrialLost` and is
    replaced.

    Args:
        trial_timeout: After how many seconds a trial is killed; None for never.
        resources: What each child needs for itself, e.g. ``{"gpu": 1}`` or ``{"cpu": 4}``. A child
            sees only its own GPUs; those that ``CUDA_VISIBLE_DEVICES`` gives this process are
            shared out. Without "cpu" the cores are shared out evenly, as numbers of threads for
            BLAS and OpenMP that you have not set yourself.

    Raises:
        ValueError: If the timeout is not positive, or the resources are not there.

    Example:
        >>> import steep
        >>> study = steep.create_study(sampler=steep.samplers.RandomSampler(seed=0))
        >>> executor = steep.executors.ProcessExecutor(trial_timeout=60)
        >>> study.optimize(lambda t: t.suggest_float("x", 0, 1), n_trials=2, executor=executor)
        >>> [trial.state.name for trial in study.trials]
        ['COMPLETE', 'COMPLETE']
    """

    def __init__(
        self,
        trial_timeout: float | None = None,
        resources: Mapping[str, float] | None = None,
    ) -> None:
        if trial_timeout is not None and not trial_timeout > 0:
            raise ValueError(f"trial_timeout={trial_timeout!r}: give seconds above 0, or None.")
        self._trial_timeout = trial_timeout
        self._resources = dict(resources or {})
        self._n_available = n_available(self._resources)
        self._pools: set[_Pool] = set()

    def n_workers(self) -> int:
        """Give how many children the resources of this machine suffice for."""
        return self._n_available

    @contextlib.contextmanager
    def open(self, func: ObjectiveFunc, n_workers: int) -> Iterator[ObjectiveFunc]:
        """Begin a run; see :meth:`Executor.open`.

        Raises:
            TypeError: If the objective cannot be sent to another process.
            ValueError: If the resources do not suffice for so many children.
        """
        if "gpu" in self._resources and n_workers > self._n_available:
            raise ValueError(
                f"n_jobs={n_workers} with resources={self._resources!r}: this machine has enough "
                f"for {self._n_available}; use n_jobs=-1 for as many as fit."
            )
        pool = _Pool(pack_objective(func), n_workers, self._trial_timeout, self._resources)
        self._pools.add(pool)
        try:
            yield pool.run
        finally:
            self._pools.discard(pool)
            pool.close()

    def kill(self) -> None:
        """Kill the children of all runs."""
        for pool in list(self._pools):
            pool.kill()


class _Child:
    """Be one child process and the connection to it.

    Args:
        env: Its environment.

    Raises:
        ExecutorError: If the system starts no process.
    """

    def __init__(self, env: dict[str, str]) -> None:
        self._connection: Connection | None = None
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _COMMAND.format(path=sys.path)],
                stdin=subprocess.PIPE,
                env=env,
                start_new_session=True,
            )
        except OSError as error:
            raise ExecutorError(f"A child process cannot be started: {error}.") from error

    def begin(self, rendezvous: Rendezvous, objective: bytes) -> None:
        """Wait until it has come, and give it the objective.

        Args:
            rendezvous: Where it comes to.
            objective: The packed objective.

        Raises:
            TrialLost: If it is killed before.
            ExecutorError: If it ends by itself, or cannot load the objective.
        """
        ticket = rendezvous.ticket()
        self._tell(pack((ticket, os.getpid())))
        connection = rendezvous.wait(ticket, lambda: self._process.poll() is not None)
        if connection is None:
            raise self._why_it_did_not_begin()
        self._connection = connection
        greet(connection, objective)

    def _tell(self, message: bytes) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # it has died already, as waiting for it will show
            self._process.stdin.write(message)
            self._process.stdin.close()

    def _why_it_did_not_begin(self) -> Exception:
        code = self._process.wait()
        if code < 0:  # by a signal
            return TrialLost(f"A child process was killed before it began: exit code {code}.")
        return ExecutorError(
            f"A child process ended with exit code {code} before it began; what it wrote to "
            f"standard error says why. It was started as {sys.executable!r} with the sys.path of "
            "this process, and has to be able to import steep and what the objective needs."
        )

    def run(self, trial: Trial, timeout: float | None) -> Any:
        """Run a trial; see :func:`~steep.executors.serving.accompany`."""
        assert self._connection is not None, "it has begun"
        try:
            return accompany(self._connection, trial, timeout)
        except TrialTimeout:
            raise
        except TrialLost as error:
            self.kill()
            raise TrialLost(f"{error} Its exit code is {self._process.wait()}.") from None

    def is_alive(self) -> bool:
        """Tell whether it has not ended."""
        return self._process.poll() is None

    def kill(self) -> None:
        """Kill it, and what it has started."""
        if self._process.returncode is not None:
            return  # its number may be another's by now
        if hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        else:
            self._process.kill()

    def dismiss(self) -> None:
        """Tell it that there are no more trials."""
        if self._connection is not None:
            with contextlib.suppress(OSError):
                self._connection.send(None)

    def close(self) -> None:
        """Wait until it has ended; kill it where it does not."""
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            self._process.wait()
        if self._connection is not None:
            self._connection.close()


class _Pool:
    """Keep the children of one run; a child is started when a trial finds none idle.

    Args:
        objective: The packed objective.
        n_workers: How many children there may be.
        timeout: After how many seconds a trial is killed.
        resources: What each child needs.
    """

    def __init__(
        self,
        objective: bytes,
        n_workers: int,
        timeout: float | None,
        resources: Mapping[str, float],
    ) -> None:
        self._objective = objective
        self._timeout = timeout
        self._environments = [environment(resources, i, n_workers) for i in range(n_workers)]
        self._free: queue.SimpleQueue[int] = queue.SimpleQueue()
        for worker in range(n_workers):
            self._free.put(worker)
        self._children: dict[int, _Child] = {}
        self._rendezvous = Rendezvous()
        self._starts = Starts()
        self._is_killed = False

    def run(self, trial: Trial) -> Any:
        """Run a trial in a child."""
        worker = self._free.get()
        try:
            return self._child(worker).run(trial, self._timeout)
        except (TrialLost, ExecutorError):
            self._drop(worker)
            raise
        finally:
            self._free.put(worker)

    def _child(self, worker: int) -> _Child:
        child = self._children.get(worker)
        if child is not None and not child.is_alive():  # it was killed while it was idle
            self._drop(worker)
            child = None
        if child is None:
            child = self._children[worker] = _Child(self._environments[worker])
            if self._is_killed:  # before this one was among the children
                child.kill()
            with self._starts.one():
                child.begin(self._rendezvous, self._objective)
        return child

    def _drop(self, worker: int) -> None:
        child = self._children.pop(worker, None)
        if child is not None:
            child.kill()
            child.close()

    def kill(self) -> None:
        """Kill all children."""
        self._is_killed = self._starts.is_over = True
        for child in list(self._children.values()):
            child.kill()

    def close(self) -> None:
        """Let all children end."""
        children = list(self._children.values())
        for child in children:
            child.dismiss()
        for child in children:
            child.close()
        self._rendezvous.close()
