"""What a study tells: its trials, the best of them, its attributes, and its columns."""

from __future__ import annotations

import functools
from collections.abc import Callable, Container, Mapping
from typing import TYPE_CHECKING, Any, cast

from steep.states import StudyDirection, TrialState
from steep.storages import Storage
from steep.study import best
from steep.study.dataframe import ATTRS, trials_dataframe
from steep.table import Table
from steep.trial import FrozenTrial

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from steep.study.explain import Explanation
    from steep.study.frame import FrameLibrary, FrameRows
    from steep.study.study import Study
    from steep.trial.rows import Fields

__all__ = ["METRIC_NAMES", "StudyView"]

METRIC_NAMES = "study:metric_names"
"""The system attribute of a study that keeps the names of its objectives."""


class StudyView:
    """Read a study; :class:`~steep.study.Study` adds what changes it."""

    study_name: str
    _storage: Storage
    _study_id: int
    read_fields: Callable[[int], Fields]

    def _attach(self) -> None:
        self._table = self._storage.table(self._study_id)
        self.read_fields = self._storage.reader(self._study_id)
        self._directions = self._table.directions
        self.redraws: dict[int, int] = {}

    # ---- what samplers, pruners and plots read ---------------------------------------------------

    @property
    def table(self) -> Table:
        """Give the columns of the study, as far as this process has folded the log.

        Row i is trial i, so columns line up and NumPy selects: ``state`` (values of
        :class:`~steep.trial.TrialState`), ``values`` (n, m) and ``losses`` (small is good),
        ``start`` and ``complete`` (POSIX seconds), ``violation`` (0 where feasible),
        ``params[name].values`` (a number is itself, a choice is its index, NaN is not suggested),
        ``params[name].distributions`` and ``.codes`` (which of them a row was drawn from),
        ``reports.flat()`` (numbers, steps, values), ``finished`` (numbers in the order of
        finishing), and ``user_attrs[number]``. The row of a deleted trial stays, with NaN and a
        state that no trial has; ``numbers(state, ...)`` gives the trials in some states.

        The arrays are views: read them, do not write to them, and take them anew after the study
        has changed. Parameters and reports of trials that run in this process may still be
        missing; call :meth:`flush` first to see them.

        Example:
            >>> import steep
            >>> study = steep.create_study(sampler=steep.samplers.RandomSampler(seed=1))
            >>> study.optimize(lambda trial: trial.suggest_float("x", 0, 1) ** 2, n_trials=50)
            >>> table = study.table
            >>> done = table.numbers(steep.trial.TrialState.COMPLETE)
            >>> x, loss = table.params["x"].values[done], table.losses[done, 0]
            >>> float(x[loss.argmin()]) == study.best_params["x"]
            True
            >>> x.dtype, table.values.shape
            (dtype('float64'), (50, 1))
        """
        return self._table

    def flush(self) -> None:
        """Put into the log what the live trials of this process have gathered."""
        self._storage.flush(self._study_id)

    def live_reports(self, number: int) -> Mapping[int, float]:
        """Give the reports of a trial, those of this process's live trials included.

        Args:
            number: The number of the trial.

        Returns:
            Step -> value in the order of reporting; to be treated as read-only.
        """
        return self._storage.live_reports(self._study_id, number)

    @functools.cached_property
    def entropy(self) -> int:
        """Give a 64-bit number that follows from the name of the study alone."""
        import hashlib

        digest = hashlib.blake2b(self.study_name.encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big")

    # ---- properties ------------------------------------------------------------------------------

    @property
    def direction(self) -> StudyDirection:
        """Give the direction of the only objective.

        Raises:
            RuntimeError: If the study has several objectives.
        """
        if len(self._directions) > 1:
            raise RuntimeError(
                f"Study.direction was read, but the study has {len(self._directions)} objectives; "
                "read Study.directions."
            )
        return self._directions[0]

    @property
    def directions(self) -> list[StudyDirection]:
        """Give one direction for each objective."""
        return list(self._directions)

    @property
    def trials(self) -> list[FrozenTrial]:
        """Give all trials in the order of their numbers."""
        return self.get_trials()

    def get_trials(
        self, deepcopy: bool = True, states: Container[TrialState] | None = None
    ) -> list[FrozenTrial]:
        """Give the trials in the order of their numbers.

        Args:
            deepcopy: Without effect: trials are always independent of the study.
            states: The states wanted, or None for all.
        """
        return self._storage.get_all_trials(self._study_id, deepcopy=deepcopy, states=states)

    @property
    def best_trial(self) -> FrozenTrial:
        """Give the best feasible COMPLETE trial.

        Raises:
            RuntimeError: If the study has several objectives.
            ValueError: If there is no such trial.
        """
        return self._trial(best.best_number(self._synced_table()))

    def robust_best(self) -> FrozenTrial:
        """Give the feasible COMPLETE trial that is best once noise is averaged out.

        Where the objective is noisy, the trial with the best value was lucky too. A Gaussian
        process over all trials tells what to expect of each, and the best expectation wins. Without
        noise the result is :attr:`best_trial`, or one that is as good.

        Returns:
            The trial, with the value that it had.

        Raises:
            RuntimeError: If the study has several objectives.
            ValueError: If there is no such trial.

        Example:
            >>> import random, steep
            >>> chance = random.Random(1)
            >>> study = steep.create_study(sampler=steep.samplers.RandomSampler(seed=1))
            >>> study.optimize(
            ...     lambda trial: trial.suggest_float("x", -5, 5) ** 2 + chance.gauss(0, 5),
            ...     n_trials=60,
            ... )
            >>> abs(study.best_params["x"]) > abs(study.robust_best().params["x"])
            True
        """
        return self._trial(best.robust_number(self._synced_table()))

    @property
    def best_trials(self) -> list[FrozenTrial]:
        """Give the Pareto front, which is the feasible trials that no other dominates."""
        return [self._trial(number) for number in best.front_numbers(self._synced_table())]

    @property
    def best_params(self) -> dict[str, Any]:
        """Give the parameters of the best trial; see :attr:`best_trial`."""
        return self.best_trial.params

    @property
    def best_value(self) -> float:
        """Give the value of the best trial; see :attr:`best_trial`."""
        value = self.best_trial.value
        assert value is not None, "a best trial is COMPLETE and has a value"
        return value

    @property
    def user_attrs(self) -> dict[str, Any]:
        """Give the attributes of the user."""
        return self._storage.get_study_user_attrs(self._study_id)

    @property
    def metric_names(self) -> list[str] | None:
        """Give the names of the objectives, or None where none were set."""
        names: list[str] | None = self._table.study_system_attrs.get(METRIC_NAMES)
        return None if names is None else list(names)

    def explain(self, trial: FrozenTrial | int) -> Explanation:
        """Say where the values of a trial came from, and why it was or was not pruned.

        Args:
            trial: A trial of the study, or its number.

        Returns:
            What the log tells, as plain data; ``print`` shows it as text.

        Raises:
            ValueError: If the study has no such trial.

        Example:
            >>> import steep
            >>> study = steep.create_study(sampler=steep.samplers.RandomSampler(seed=1))
            >>> study.enqueue_trial({"x": 0.5})
            >>> study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=1)
            >>> print(study.explain(0))
            Trial 0 (COMPLETE)
              x = 0.5  Study.enqueue_trial: the value was enqueued
            Not judged (ASHAPruner): no report
        """
        from steep.study.explain import explain

        number = trial if isinstance(trial, int) else trial.number
        return explain(self._live_table(), number)

    def trials_dataframe(
        self, attrs: tuple[str, ...] = ATTRS, multi_index: bool = False
    ) -> pd.DataFrame:
        """Give the trials as a pandas data frame, one row a trial.

        Args:
            attrs: The attributes of trials that become columns.
            multi_index: Whether columns have two levels, e.g. ``("params", "x")`` instead of
                ``params_x``.

        Raises:
            ImportError: If pandas is not installed.
        """
        return trials_dataframe(self, attrs, multi_index)

    def to_frame(self, library: FrameLibrary = "pandas", *, rows: FrameRows = "trials") -> Any:
        """Give the trials, or all their reports, as a tidy data frame of typed columns.

        A row is a trial: ``number``, ``state`` (its name), ``value`` (or ``values_0``, ...; the
        names of metrics where they are set), ``datetime_start`` and ``datetime_complete`` (UTC),
        ``duration``, ``violation`` where there are constraints (the sum of the positive values),
        ``params_NAME`` and ``user_attrs_NAME``. What a trial does not have is missing: null in
        polars, NaN, NaT or None in pandas. A column has one type: choices or attributes that
        have none in common become text (JSON).

        The columns of the study are handed over as they are, so 100,000 trials take a fraction
        of a second. :meth:`trials_dataframe` gives Optuna's frame.

        Args:
            library: "pandas" or "polars". Either is used through narwhals.
            rows: "trials", or "reports" for one row a report: ``number``, ``step``, ``value``,
                in the order of trials and steps.

        Returns:
            A ``pandas.DataFrame`` or ``polars.DataFrame``.

        Raises:
            ImportError: If narwhals or the library is not installed.
            ValueError: If an argument is none of its options.

        Example:
            >>> import steep
            >>> study = steep.create_study(sampler=steep.samplers.RandomSampler(seed=1))
            >>> study.optimize(lambda trial: trial.suggest_int("n", 1, 8) ** 2, n_trials=3)
            >>> frame = study.to_frame("polars")
            >>> frame.columns[:3], frame["params_n"].dtype
            (['number', 'state', 'value'], Int64)
            >>> frame.filter(frame["value"] == frame["value"].min())["number"].to_list()
            [...]
        """
        from steep.study import frame

        if library not in frame.LIBRARIES:
            raise ValueError(f"Study.to_frame({library!r}): give 'pandas' or 'polars'.")
        makers = {"trials": frame.trials_frame, "reports": frame.reports_frame}
        if rows not in makers:
            raise ValueError(f"Study.to_frame(rows={rows!r}): give 'trials' or 'reports'.")
        self._live_table()
        with self._storage.steady():
            return makers[rows](self, library)

    def report(self, path: str | Path) -> None:
        """Write a report to one HTML file, which opens anywhere, also without a network.

        It has a summary; a diagnosis in words, each statement with the numbers behind it (has the
        search converged? which ranges are hit at their edge? which region fails? which parameter
        does nothing? how much did pruning save?); the best trial against the rest; and all plots
        that fit the study.

        Args:
            path: The file. It is there whole or not at all.

        Raises:
            ImportError: If plotly is not installed.
            OSError: If the file cannot be written.

        Example:
            >>> import steep
            >>> study = steep.create_study(sampler=steep.samplers.RandomSampler(seed=1))
            >>> study.optimize(lambda trial: trial.suggest_float("x", 0, 1) ** 2, n_trials=30)
            >>> study.report("report.html")  # doctest: +SKIP
        """
        from steep.report import write_report

        self._live_table()
        write_report(cast("Study", self), path)

    def export(self, path: str | Path) -> None:
        """Write all trials to a file for other programs; :func:`steep.read_trials` reads it.

        Args:
            path: The file, which ends in ``.jsonl`` (one trial a line), ``.csv`` or ``.parquet``
                (needs pyarrow). It is there whole or not at all.

        Raises:
            ImportError: If pyarrow is needed and not installed.
            TypeError: If an attribute or a choice cannot be written as JSON.
            ValueError: If the end of the path names none of the formats.
        """
        from steep.study.export import export_trials

        export_trials(self, path)

    # ---- within ----------------------------------------------------------------------------------

    def _trial(self, number: int) -> FrozenTrial:
        return FrozenTrial.lazy(number, self.read_fields).read()

    def _live_table(self) -> Table:
        """Give the table with what others have appended and live trials have gathered."""
        self.flush()
        return self._synced_table()

    def _synced_table(self) -> Table:
        self._storage.sync(self._study_id)
        return self._table

    def _repr_html_(self) -> str:
        from steep.html import study_html

        return study_html(self)
