"""Leave when told to: who gets SIGTERM gives the trials that run back to the queue.

Slurm, Kubernetes and ``kill`` send SIGTERM and some seconds later SIGKILL. The signal ends the
objective by an exception, at a moment when no code of the library is in the middle of something,
and the trial is given back once the objective has cleaned up. An objective that does not come to
its end (a long call into C, or a bare ``except``) loses its trial to the queue all the same, as do
objectives that run in threads, which no signal reaches.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any, NamedTuple, NoReturn

from steep import logging
from steep.study import Study
from steep.trial import FrozenTrial, Trial

__all__ = ["SIGNALS", "Leaver", "Leaving"]

SIGNALS = (signal.SIGTERM, signal.SIGINT)
_RETRY = 0.02  # seconds until a signal that came in the middle of something is handled again
_ASKING = 0.2  # seconds that it may take to ask for a trial
_BYTES = 64
_logger = logging.get_logger(__name__)


class _Before(NamedTuple):
    """Hold what signals did before."""

    handlers: dict[signal.Signals, Any]
    wakeup_fd: int


_heeding: _Before | None = None


def _heed_no_more() -> None:
    """Let signals do what they did before."""
    global _heeding
    if _heeding is not None:
        signal.set_wakeup_fd(_heeding.wakeup_fd)
        for signum, handler in _heeding.handlers.items():
            signal.signal(signum, handler)
        _heeding = None


# What loads data in parallel forks children and ends them by SIGTERM. That is none of our business,
# and the socket on which they would tell of it is their parent's. A signal to a child that has
# just begun waits until it means there what it should.
def _hold_signals() -> None:
    if _heeding is not None:
        _held.mask = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)


def _let_signals_pass() -> None:
    mask = _held.__dict__.pop("mask", None)
    if mask is not None:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def _begin_as_child() -> None:
    _heed_no_more()
    _let_signals_pass()


_held = threading.local()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_hold_signals,
        after_in_parent=_let_signals_pass,
        after_in_child=_begin_as_child,
    )


class Leaving(BaseException):
    """Unwind the objective. No ``except Exception`` catches it, neither a user's nor ours."""


class Leaver:
    """Run an objective until a signal says to leave, and give the trial back then.

    Args:
        study: The study.
        objective: The objective.
        grace: Seconds for the objective to clean up; after that the process ends without it.
        signals: Which signals say to leave.

    Attributes:
        signum: The signal that came, or None.
        error: The exception that the objective raised last, or None.
    """

    def __init__(
        self,
        study: Study,
        objective: Callable[[Trial], Any],
        grace: float,
        signals: Sequence[signal.Signals] = SIGNALS,
    ) -> None:
        self.signum: int | None = None
        self.error: Exception | None = None
        self._study = study
        self._objective = objective
        self._grace = grace
        self._signals = signals
        self._trials: dict[int, Trial] = {}  # the last one of each thread
        self._inside: Trial | None = None  # the one that runs in the main thread
        self._is_unwinding = False
        self._is_over = threading.Event()
        self._again: threading.Timer | None = None

    def __call__(self, trial: Trial) -> Any:
        """Run the objective."""
        self._trials[threading.get_ident()] = trial
        is_main = threading.current_thread() is threading.main_thread()
        try:
            if is_main:
                self._inside = trial
            if self.signum is not None:  # it came while the trial was asked for
                self._give_back(trial)
                raise Leaving
            return self._objective(trial)
        except Exception as error:
            self.error = error
            raise
        finally:
            if is_main:
                self._inside = None

    def stop_if_told(self, study: Study, _: FrozenTrial) -> None:
        """Let no other trial begin once a signal has come; to be called after each trial."""
        if self.signum is not None:
            study.stop()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Heed the signals; swallow what unwinds the objective, and give its trial back."""
        global _heeding
        watch, wake = socket.socketpair()
        wake.setblocking(False)
        handlers = {one: signal.signal(one, self._handle) for one in self._signals}
        _heeding = _Before(handlers, signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False))
        threading.Thread(target=self._watch, args=(watch,), daemon=True).start()
        try:
            yield
        except Leaving:
            self._give_all_back()
            if self._has_threads():
                time.sleep(_ASKING)  # one that was asking meanwhile gives its trial back itself
        finally:
            self._is_over.set()
            if self._again is not None:  # or it would end what has left already
                self._again.join()
            _heed_no_more()
            wake.close()

    def _handle(self, signum: int, frame: FrameType | None) -> None:
        """Take note of a signal, in the main thread, and unwind the objective if it runs."""
        self.signum = signum
        if self._is_unwinding:
            return
        if self._inside is None:
            if self._has_threads():  # the main thread waits for them
                self._leave()
            return
        if not _is_in_library(frame):
            self._leave()
        # The trial ends the objective that calls it next, the signal the one that does not.
        for name in ("report", "should_prune", "_suggest"):
            setattr(self._inside, name, self._leave)
        self._again = threading.Timer(_RETRY, self._signal_again, (signum,))
        self._again.start()

    def _has_threads(self) -> bool:
        return any(thread != threading.main_thread().ident for thread in self._trials)

    def _signal_again(self, signum: int) -> None:
        if not self._is_over.is_set():
            os.kill(os.getpid(), signum)

    def _leave(self, *_: Any, **__: Any) -> NoReturn:
        self._is_unwinding = True
        raise Leaving

    def _watch(self, signals: socket.socket) -> None:
        """Wait for a signal beside the main thread, which may not come to handle it."""
        with signals:
            while received := signals.recv(_BYTES):
                signum = next((one for one in self._signals if one in received), None)
                if signum is not None and not self._is_over.wait(self._grace):
                    _logger.warning("The objective does not end; leaving without it.")
                    self._give_all_back()
                    os._exit(128 + signum)

    def _give_all_back(self) -> None:
        for trial in list(self._trials.values()):
            self._give_back(trial)
        self._study._storage.remove_session()

    def _give_back(self, trial: Trial) -> None:
        try:
            is_back = self._study.release_trial(trial)
        except ValueError:  # it has ended just before
            is_back = False
        if is_back:
            _logger.info(f"Trial {trial.number} is given back to the queue.")


def _is_in_library(frame: FrameType | None) -> bool:
    """Tell whether the objective is inside a call of the library."""
    while frame is not None and frame.f_code is not Leaver.__call__.__code__:
        if frame.f_globals.get("__name__", "").partition(".")[0] == "steep":
            return True
        frame = frame.f_back
    return False
