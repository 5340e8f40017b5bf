"""The progress bar of ``Study.optimize``."""

from __future__ import annotations

import contextlib
import threading
import warnings
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from steep.study.optimize import Run
    from steep.study.study import Study
    from steep.trial import FrozenTrial

__all__ = ["progress_bar"]

Advance = Callable[["Study", "FrozenTrial"], None]


@contextlib.contextmanager
def progress_bar(is_wanted: bool, study: Study, current: Run) -> Iterator[list[Advance]]:
    """Show a bar while a run goes on.

    Args:
        is_wanted: Whether to show one.
        study: The study.
        current: The run; its limits say how long the bar is.

    Yields:
        The callback that moves the bar, or nothing where there is no bar.
    """
    n_trials, timeout, _ = current.limits
    if is_wanted and n_trials is None and timeout is None:
        warnings.warn(
            "The progress bar needs `n_trials` or `timeout` to know its end; it is not shown.",
            stacklevel=5,
        )
        is_wanted = False
    if not is_wanted:
        yield []
        return

    import logging

    from tqdm.auto import tqdm
    from tqdm.contrib.logging import logging_redirect_tqdm

    total, unit = (n_trials, "trial") if n_trials is not None else (timeout, "s")
    with logging_redirect_tqdm([logging.getLogger("steep")]), tqdm(total=total, unit=unit) as bar:
        yield [_Advance(bar, None if n_trials is not None else current)]


class _Advance:
    """Move a bar by one trial, or to the seconds that a run has lasted."""

    def __init__(self, bar: Any, timed: Run | None) -> None:
        self._bar = bar
        self._timed = timed
        self._lock = threading.Lock()

    def __call__(self, study: Study, trial: FrozenTrial) -> None:
        with self._lock:
            best = study.table.best
            if best is not None:
                value = float(study.table.values[best, 0])
                self._bar.set_description(f"Best trial: {best}. Best value: {value:.6g}")
            if self._timed is None:
                self._bar.update(1)
            else:
                elapsed = min(self._timed.seconds(), self._bar.total)
                self._bar.update(elapsed - self._bar.n)
