"""Other people's executors: whatever has ``submit`` and gives futures.

A trial is a task that connects back to the process of the study. Nothing but the ticket goes
through the executor, so the objective is shipped once to each of its processes and not once a
trial. Futures are never waited for: a callback tells when one has ended without a connection.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor
from typing import TYPE_CHECKING, Any, Protocol

from steep.exceptions import ExecutorError, TrialLost
from steep.executors.base import Executor, ObjectiveFunc, Submits
from steep.executors.packing import pack_objective
from steep.executors.rendezvous import Rendezvous, hang_up
from steep.executors.resources import n_cores
from steep.executors.serving import accompany, greet
from steep.executors.starts import Starts
from steep.executors.worker import run_trials

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from steep.trial import Trial

__all__ = ["FutureExecutor"]


class Future(Protocol):
    """Be what ``submit`` returns."""

    def add_done_callback(self, callback: Callable[[Any], Any], /) -> Any:
        """Call a function when it has ended."""

    def exception(self) -> BaseException | None:
        """Give what its task raised, once it has ended."""

    def cancel(self) -> Any:
        """Let it not begin any more."""


class FutureExecutor(Executor):
    """Run objectives by an executor that has ``submit``.

    ``study.optimize(..., executor=E)`` makes one of any such E; use the class itself to say where
    this process can be reached.

    Args:
        executor: Anything with ``submit(function, *args)`` that gives a future with
            ``add_done_callback`` and ``exception``.
        n_workers: How many trials run at once; if None, what the executor says of itself, else
            the number of cores.
        host: The name under which the executor's processes reach this machine; if None,
            "127.0.0.1" for the executors of ``concurrent.futures`` and loky, else the name of this
            machine or, where that does not lead there, its address. Whoever knows the key of the
            run may connect, unencrypted: use a network that you trust.
        port: The port at which to listen; 0 for any.

    Raises:
        TypeError: If the executor has no ``submit``.

    Example:
        >>> import steep
        >>> from concurrent.futures import ThreadPoolExecutor
        >>> study = steep.create_study(sampler=steep.samplers.RandomSampler(seed=0))
        >>> with ThreadPoolExecutor(2) as pool:
        ...     study.optimize(lambda t: t.suggest_int("n", 1, 9), n_trials=4, executor=pool)
        >>> len(study.trials)
        4
    """

    def __init__(
        self,
        executor: Submits,
        n_workers: int | None = None,
        *,
        host: str | None = None,
        port: int = 0,
    ) -> None:
        if not callable(getattr(executor, "submit", None)):
            raise TypeError(
                f"executor={executor!r} has no submit(); give 'thread', 'process', or an object "
                "with submit(function, *args), e.g. a ProcessPoolExecutor or Dask's "
                "client.get_executor()."
            )
        self._executor = executor
        self._n_workers = n_workers
        self._hosts = (host,) if host else _hosts_for(executor)
        self._port = port
        self._runs: set[_Run] = set()

    def n_workers(self) -> int:
        """Give how many trials run at once."""
        return self._n_workers or _workers_of(self._executor) or n_cores()

    @contextlib.contextmanager
    def open(self, func: ObjectiveFunc, n_workers: int) -> Iterator[ObjectiveFunc]:
        """Begin a run; see :meth:`Executor.open`.

        Raises:
            TypeError: If the objective cannot be sent to another process.
        """
        begun = _Run(self._executor, pack_objective(func), Rendezvous(self._hosts, self._port))
        self._runs.add(begun)
        try:
            yield begun.run
        finally:
            self._runs.discard(begun)
            begun.close()

    def kill(self) -> None:
        """Let go of the trials that run now; whether their processes end is the executor's."""
        for run in list(self._runs):
            run.kill()


class _Run:
    """Be one run: a task for each trial.

    Args:
        executor: Who runs the tasks.
        objective: The packed objective.
        rendezvous: Where they come to.
    """

    def __init__(self, executor: Submits, objective: bytes, rendezvous: Rendezvous) -> None:
        self._executor = executor
        self._objective = objective
        self._rendezvous = rendezvous
        self._connections: set[Connection] = set()
        self._starts = Starts()
        self._is_killed = False

    def run(self, trial: Trial) -> Any:
        """Run a trial as a task."""
        with self._starts.one():
            connection = self._connection()
        self._connections.add(connection)
        try:
            if self._is_killed:  # before this one was among the connections
                raise TrialLost("The run was interrupted.")
            greet(connection, self._objective)
            result = accompany(connection, trial)
            with contextlib.suppress(OSError):  # it may have died since
                connection.send(None)
            return result
        finally:
            self._connections.discard(connection)
            connection.close()

    def _connection(self) -> Connection:
        ticket = self._rendezvous.ticket()
        ended = threading.Event()
        try:
            future = self._executor.submit(run_trials, ticket)
        except BrokenExecutor as error:
            raise _broken(self._executor) from error
        except Exception as error:
            raise ExecutorError(f"{self._executor!r} takes no task: {error!r}") from error
        future.add_done_callback(lambda _: ended.set())
        found = self._rendezvous.wait(ticket, lambda: ended.is_set() or self._is_killed)
        if found is not None:
            return found
        if not ended.is_set():
            future.cancel()
            raise TrialLost("The run was interrupted.")
        reason = _error_of(future)
        if isinstance(reason, BrokenExecutor):
            raise _broken(self._executor) from reason
        # What no machine can do ends the run, what one of them cannot does not.
        is_hopeless = isinstance(reason, ConnectionError | ImportError)
        if is_hopeless and not self._starts.any_good:
            raise ExecutorError(f"{self._executor!r} cannot run a trial: {reason}") from reason
        raise TrialLost(f"The executor's task ended before it connected: {reason!r}")

    def kill(self) -> None:
        """Let go of all trials."""
        self._is_killed = self._starts.is_over = True
        for connection in list(self._connections):
            hang_up(connection)

    def close(self) -> None:
        """Listen no more."""
        self._rendezvous.close()


def _broken(executor: Any) -> ExecutorError:
    return ExecutorError(
        f"{executor!r} is broken: it lost a process and runs nothing any more. The study has all "
        'finished trials; go on with a new executor, or with executor="process", which replaces '
        "lost processes."
    )


def _error_of(future: Future) -> BaseException | None:
    try:
        return future.exception()
    except BaseException as error:  # cancelled
        return error


def _workers_of(executor: Any) -> int | None:
    """Give how many tasks an executor runs at once, as far as it says."""
    client = getattr(executor, "_client", None)  # Dask's ClientExecutor
    if client is not None and hasattr(client, "nthreads"):
        return int(sum(client.nthreads().values()))
    for name in ("_max_workers", "max_workers", "num_workers"):
        count = getattr(executor, name, None)
        if isinstance(count, int) and count > 0:
            return count
    return None


def _hosts_for(executor: Any) -> tuple[str, ...]:
    """Give the names under which the executor's processes may reach this machine."""
    module = type(executor).__module__
    if module.startswith(("concurrent.futures", "loky", "joblib")):
        return ("127.0.0.1",)
    # A container often has a name that nobody else knows, and a machine of a cluster several
    # addresses of which not all lead there: whoever comes tries both.
    return (socket.gethostname(), _outward_address())


def _outward_address() -> str:
    """Give the address from which this machine reaches others; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # reserved for documentation (RFC 5737)
        except OSError:
            return "127.0.0.1"  # no network at all
        return str(probe.getsockname()[0])
