"""The loop of ``Study.optimize``: run trials until a limit is reached or somebody stops it.

One :class:`Run` is one call of ``optimize``. Its workers (the calling thread alone, or a thread
each) take turns from one counter, so ``n_trials`` is exact, and whatever ends the run (a limit,
``Study.stop``, an exception, Ctrl-C) ends it for all workers after the trials that they are in.
"""

from __future__ import annotations

import gc
import itertools
import os
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from steep import logging
from steep.exceptions import ExecutorError, TrialLost, TrialPruned, TrialRejected
from steep.states import TrialState
from steep.study import messages, telling
from steep.study.crew import Crew
from steep.study.interrupts import Shield
from steep.study.progress import progress_bar
from steep.trial import FrozenTrial, Trial

if TYPE_CHECKING:
    from steep.executors import Executor, Submits
    from steep.study.study import ObjectiveFunc, Study

__all__ = ["Limits", "Run", "Runs", "exception_classes", "executor_for", "run"]

FAILURE = "failure"
"""The system attribute that says why a trial was lost."""

_INTERRUPTED = "The run was interrupted."
_PATIENCE = 10.0  # seconds in which killed children are noticed
Callback = Callable[["Study", FrozenTrial], None]
_logger = logging.get_logger(__name__)


class Limits(NamedTuple):
    """Say when a run ends; None for no limit.

    Attributes:
        n_trials: After so many trials of this run.
        timeout: After so many seconds.
        total_trials: When the study has started so many trials, whoever runs them.
    """

    n_trials: int | None
    timeout: float | None
    total_trials: int | None = None


class Run:
    """Count the trials of one call of ``optimize`` and know when it is over.

    Args:
        limits: When it ends.

    Example:
        >>> run = Run(Limits(n_trials=1, timeout=None))
        >>> run.take_turn(), run.take_turn()
        (True, False)
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.is_stopped = False
        self.shield = Shield()
        self.is_abandoned = False
        self._started_at = time.monotonic()
        # Each use of these two is one step for the interpreter, so they need no lock.
        self._turns = itertools.count()
        self._running: set[Trial] = set()

    def seconds(self) -> float:
        """Give how long the run has lasted."""
        return time.monotonic() - self._started_at

    def take_turn(self) -> bool:
        """Tell whether the caller may run one more trial; if so, it counts."""
        n_trials, timeout, _ = self.limits
        if self.is_stopped or (timeout is not None and self.seconds() >= timeout):
            return False
        return n_trials is None or next(self._turns) < n_trials

    def begin_trial(self, trial: Trial) -> None:
        """Note that a trial of this run begins; after that see whether the run is abandoned."""
        self._running.add(trial)

    def end_trial(self, trial: Trial) -> bool:
        """Tell whether the caller, who has run a trial, is to say how it ended."""
        try:
            self._running.remove(trial)
        except KeyError:
            return False
        return True

    def abandon(self) -> list[Trial]:
        """Give the trials that run, whose ends the caller has to tell now."""
        self.is_abandoned = True
        return [trial for trial in list(self._running) if self.end_trial(trial)]


class Runs:
    """Know the runs of a study that go on now, and which threads are inside one."""

    def __init__(self) -> None:
        self._current: set[Run] = set()
        self._inside = threading.local()
        self._lock = threading.Lock()

    def stop(self) -> None:
        """Stop all runs that go on.

        Raises:
            RuntimeError: If there is none.
        """
        with self._lock:
            if not self._current:
                raise RuntimeError(
                    "Study.stop() was called while the study is not being optimized; call it "
                    "inside an objective or a callback."
                )
            for current in self._current:
                current.is_stopped = True

    def begin(self, limits: Limits) -> Run:
        """Begin a run in this thread.

        Raises:
            RuntimeError: If this thread is inside a run of the study already.
        """
        if getattr(self._inside, "run", False):
            raise RuntimeError(
                "Nested invocation of `Study.optimize` isn't allowed: it was called inside an "
                "objective or a callback of the same study."
            )
        with self._lock:
            begun = Run(limits)
            self._current.add(begun)
            return begun

    def end(self, ended: Run) -> None:
        """End a run."""
        with self._lock:
            self._current.discard(ended)

    def enter(self, is_inside: bool) -> None:
        """Note whether this thread is inside a run."""
        self._inside.run = is_inside


class _Job(NamedTuple):
    """Hold what every trial of a run is run with."""

    func: ObjectiveFunc
    catch: tuple[type[Exception], ...]
    callbacks: tuple[Callback, ...]
    gc_after_trial: bool


def exception_classes(catch: Any) -> tuple[type[Exception], ...]:
    """Read the argument ``catch``.

    Args:
        catch: An exception class, or several in a tuple, list or set.

    Raises:
        TypeError: If it is something else.
    """
    classes = tuple(catch) if isinstance(catch, Iterable) and not isinstance(catch, type) else catch
    listed = classes if isinstance(classes, tuple) else (classes,)
    if not all(isinstance(one, type) and issubclass(one, BaseException) for one in listed):
        raise TypeError(
            f"Study.optimize(catch={catch!r}): give an exception class, or a tuple of them."
        )
    return listed


def executor_for(
    given: str | Executor | Submits | None,
    trial_timeout: float | None,
    resources: Mapping[str, float] | None,
) -> Executor | None:
    """Read the arguments that say where objectives run; see ``Study.optimize``."""
    if given is None and trial_timeout is None and resources is None:
        return None
    from steep.executors import executor_of

    return executor_of(given, trial_timeout, resources)


def run(
    study: Study,
    func: ObjectiveFunc,
    limits: Limits,
    *,
    n_jobs: int,
    executor: Executor | None,
    catch: tuple[type[Exception], ...],
    callbacks: tuple[Callback, ...],
    gc_after_trial: bool,
    show_progress_bar: bool,
) -> None:
    """Run trials until a limit is reached; see ``Study.optimize`` for the arguments."""
    current = study._runs.begin(limits)
    workers = n_jobs
    if n_jobs == -1:
        workers = (os.cpu_count() or 1) if executor is None else executor.n_workers()
    if show_progress_bar and workers != 1 and limits.n_trials is None and limits.timeout:
        warnings.warn(
            "The progress bar of a timeout moves with finished trials only, and n_jobs != 1 "
            "finishes them in leaps; it is not shown.",
            stacklevel=3,
        )
        show_progress_bar = False
    try:
        with progress_bar(show_progress_bar, study, current) as advance:
            job = _Job(func, catch, (*callbacks, *advance), gc_after_trial)
            if executor is not None:
                _work_elsewhere(study, current, job, workers, executor)
            elif workers == 1:
                _work(study, current, job)
            else:
                _work_in_threads(study, current, job, workers)
    finally:
        current.is_stopped = True
        study._runs.end(current)
        study._storage.remove_session()


def _work(study: Study, current: Run, job: _Job) -> None:
    """Run trials in this thread, one after the other."""
    study._runs.enter(True)
    try:
        with current.shield.held():
            while current.take_turn() and _run_trial(study, current, job):
                pass
    finally:
        study._runs.enter(False)


def _work_beside_others(study: Study, current: Run, job: _Job) -> None:
    study._runs.enter(True)
    try:
        while current.take_turn():
            study.sampler.reseed_rng()
            if not _run_trial(study, current, job):
                break
    finally:
        # After an exception no other worker starts another trial.
        current.is_stopped = True


def _work_in_threads(
    study: Study,
    current: Run,
    job: _Job,
    workers: int,
    kill: Callable[[], None] | None = None,
) -> None:
    crew = Crew(workers, lambda: _work_beside_others(study, current, job))
    try:
        crew.start()
        crew.wait()
    except KeyboardInterrupt:
        current.is_stopped = True
        _finish_or_kill(study, current, crew, kill)
        raise
    crew.raise_error()


def _finish_or_kill(
    study: Study, current: Run, crew: Crew, kill: Callable[[], None] | None
) -> None:
    """After Ctrl-C wait for the trials that run; at the second one let them fail at once."""
    try:
        _logger.warning(
            "Interrupted: no trial is started any more, and those that run come to their end. "
            "Interrupt again to stop them now."
        )
        crew.wait()
    except KeyboardInterrupt:
        if kill is not None:  # a thread cannot be killed, but left alone
            kill()
            crew.wait(_PATIENCE)  # those who lost their trials say so themselves
        for trial in current.abandon():
            _fail(study, trial, _INTERRUPTED)


def _work_elsewhere(
    study: Study, current: Run, job: _Job, workers: int, executor: Executor
) -> None:
    """Run trials by an executor, each accompanied by a thread of this process."""
    with executor.open(job.func, workers) as func:
        elsewhere = job._replace(func=func, catch=(*job.catch, TrialLost))
        _work_in_threads(study, current, elsewhere, workers, executor.kill)


def _run_trial(study: Study, current: Run, job: _Job) -> bool:
    """Run one trial from ask to callbacks; give False where there is to be no other."""
    trial = study._ask(current.limits.total_trials)
    if trial is None:
        return False
    current.begin_trial(trial)
    if current.is_abandoned:
        if current.end_trial(trial):
            _fail(study, trial, _INTERRUPTED)
        return False
    values, state, error = _call(job.func, trial, current.shield)
    if not current.end_trial(trial):
        return False
    if error is not None and isinstance(error, TrialLost | ExecutorError):
        study._storage.set_trial_system_attr(trial._trial_id, FAILURE, str(error))
    outcome = telling.tell(study, trial.number, values, state)
    if outcome.is_lost:
        warnings.warn(f"{outcome.complaint}; going on with the next trial.", stacklevel=5)
    else:
        messages.log(study, trial, outcome, values, error)
    if error is not None and state == TrialState.FAIL and not _is_caught(error, job):
        raise error
    if job.gc_after_trial:
        gc.collect()
    if job.callbacks and not outcome.is_lost:
        _call_back(study, trial.number, job.callbacks, current.shield)
    current.shield.check()
    return True


def _call(
    func: ObjectiveFunc, trial: Trial, shield: Shield
) -> tuple[Any, TrialState | None, BaseException | None]:
    try:
        shield.is_down = True
        shield.check()
        return _drawn_until_accepted(func, trial), None, None
    except TrialPruned as error:
        return None, TrialState.PRUNED, error
    except (Exception, KeyboardInterrupt) as error:
        return None, TrialState.FAIL, error
    finally:
        shield.is_down = False


def _drawn_until_accepted(func: ObjectiveFunc, trial: Trial) -> Any:
    redraws = 0  # the trial has just been asked for
    while True:
        try:
            return func(trial)
        except TrialRejected:
            if trial.redraws == redraws:
                raise  # nothing was drawn again: the objective raised it by itself
            redraws = trial.redraws


def _fail(study: Study, trial: Trial, reason: str) -> None:
    study._storage.set_trial_system_attr(trial._trial_id, FAILURE, reason)
    telling.tell(study, trial.number, None, TrialState.FAIL)


def _is_caught(error: BaseException, job: _Job) -> bool:
    return isinstance(error, job.catch) and not isinstance(error, ExecutorError)


def _call_back(study: Study, number: int, callbacks: Sequence[Callback], shield: Shield) -> None:
    shield.is_down = True
    for callback in callbacks:
        # Each gets a trial of its own: what one does to it must not reach the next.
        callback(study, study._trial(number))
    shield.is_down = False
