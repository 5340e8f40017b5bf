"""The study: asks for trials, is told results, and answers what is best.

A study joins a sampler, a pruner and a storage. It holds no results itself: they are the events
in the storage, and :attr:`Study.table` is what they fold to.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from steep import logging
from steep.distributions import BaseDistribution, without_deprecated
from steep.states import StudyDirection, TrialState
from steep.storages import Storage, event_of, get_storage
from steep.study import best, optimize, telling
from steep.study.dataframe import ATTRS, trials_dataframe
from steep.study.enqueue import enqueued_event, is_known
from steep.table import Table
from steep.trial import FrozenTrial, Trial

if TYPE_CHECKING:
    import pandas as pd

    from steep.pruners import BasePruner
    from steep.samplers import BaseSampler

__all__ = ["ObjectiveFunc", "Study"]

ObjectiveFunc = Callable[[Trial], float | Sequence[float]]
_METRIC_NAMES = "study:metric_names"
_logger = logging.get_logger(__name__)


class Study:
    """Search for the parameters that make an objective small (or large).

    Use :func:`steep.create_study` or :func:`steep.load_study` to make one.

    Args:
        study_name: The name of a study that the storage has.
        storage: The storage, or its URL.
        sampler: What proposes parameters; a :class:`~steep.samplers.TPESampler` if None.
        pruner: What stops hopeless trials; a :class:`~steep.pruners.MedianPruner` if None.

    Raises:
        KeyError: If the storage has no study of this name.

    Example:
        >>> import steep
        >>> study = steep.create_study(sampler=steep.samplers.RandomSampler(seed=0))
        >>> study.optimize(lambda trial: trial.suggest_float("x", -1, 1) ** 2, n_trials=20)
        >>> len(study.trials), study.best_value < 0.1
        (20, True)
    """

    def __init__(
        self,
        study_name: str,
        storage: str | Storage,
        sampler: BaseSampler | None = None,
        pruner: BasePruner | None = None,
    ) -> None:
        from steep.pruners import MedianPruner
        from steep.samplers import TPESampler

        self.study_name = study_name
        self._storage = get_storage(storage)
        self._study_id = self._storage.get_study_id_from_name(study_name)
        self.sampler: BaseSampler = sampler or TPESampler()
        self.pruner: BasePruner = pruner or MedianPruner()
        self._attach()

    def _attach(self) -> None:
        self._table = self._storage.table(self._study_id)
        self.read_fields = self._storage.reader(self._study_id)
        self._directions = self._table.directions
        self._runs = optimize.Runs()

    # ---- what samplers, pruners and plots read ---------------------------------------------------

    @property
    def table(self) -> Table:
        """Give the columns of the study, as far as this process has folded the log.

        Parameters and reports of trials that run in this process may still be missing; call
        :meth:`flush` first to see them.
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

    @property
    def best_trials(self) -> list[FrozenTrial]:
        """Give the trials that no other dominates: the Pareto front, feasible trials only."""
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

    def set_user_attr(self, key: str, value: Any) -> None:
        """Set an attribute of the user.

        Args:
            key: The name of the attribute.
            value: Anything that JSON can hold.
        """
        self._storage.set_study_user_attr(self._study_id, key, value)

    @property
    def metric_names(self) -> list[str] | None:
        """Give the names of the objectives, or None where none were set."""
        names: list[str] | None = self._table.study_system_attrs.get(_METRIC_NAMES)
        return None if names is None else list(names)

    def set_metric_names(self, metric_names: list[str]) -> None:
        """Name the objectives, for data frames and plots.

        Args:
            metric_names: One name for each objective.

        Raises:
            ValueError: If there are more or fewer names than objectives.
        """
        if len(metric_names) != len(self._directions):
            raise ValueError(
                f"set_metric_names({metric_names!r}) needs {len(self._directions)} names, one for "
                "each objective."
            )
        self._storage.set_study_system_attr(self._study_id, _METRIC_NAMES, list(metric_names))

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

    # ---- trials ----------------------------------------------------------------------------------

    def optimize(
        self,
        func: ObjectiveFunc,
        n_trials: int | None = None,
        timeout: float | None = None,
        n_jobs: int = 1,
        catch: Iterable[type[Exception]] | type[Exception] = (),
        callbacks: Iterable[Callable[[Study, FrozenTrial], None]] | None = None,
        gc_after_trial: bool = False,
        show_progress_bar: bool = False,
    ) -> None:
        """Run an objective again and again, each time with other parameters.

        Args:
            func: Takes a :class:`~steep.trial.Trial` and returns the objective value, or a
                sequence with one value for each objective.
            n_trials: How many trials to run; None for no limit.
            timeout: Seconds after which no trial is started any more; None for no limit. Without
                both limits it runs until :meth:`stop` or Ctrl-C.
            n_jobs: How many threads run trials at once; -1 for one a core.
            catch: Exceptions of the objective that fail their trial instead of ending the run.
            callbacks: Called with the study and the trial after each trial.
            gc_after_trial: Whether to collect garbage after each trial.
            show_progress_bar: Whether to show a bar; it needs ``n_trials`` or ``timeout``.

        Raises:
            RuntimeError: If it is called inside an objective of the same study.
            TypeError: If ``catch`` holds something that is no exception class.
        """
        optimize.run(
            self,
            func,
            optimize.Limits(n_trials, timeout),
            n_jobs=n_jobs,
            catch=optimize.exception_classes(catch),
            callbacks=tuple(callbacks or ()),
            gc_after_trial=gc_after_trial,
            show_progress_bar=show_progress_bar,
        )

    def stop(self) -> None:
        """Start no more trials; those that run come to their end.

        Call it from an objective, a callback, or another thread.

        Raises:
            RuntimeError: If the study is not being optimized.
        """
        if not self._runs.stop():
            raise RuntimeError(
                "Study.stop() was called while the study is not being optimized; call it inside "
                "an objective or a callback."
            )

    def ask(self, fixed_distributions: dict[str, BaseDistribution] | None = None) -> Trial:
        """Begin a trial that you run yourself; hand its result to :meth:`tell`.

        Args:
            fixed_distributions: Parameters to suggest at once, by name.

        Returns:
            A trial that is RUNNING.

        Example:
            >>> import steep
            >>> study = steep.create_study()
            >>> trial = study.ask({"x": steep.distributions.FloatDistribution(0, 1)})
            >>> study.tell(trial, trial.params["x"]).state.name
            'COMPLETE'
        """
        distributions = {n: without_deprecated(d) for n, d in (fixed_distributions or {}).items()}
        trial = Trial(self, self._storage.ask(self._study_id))
        for name, distribution in distributions.items():
            trial._suggest(name, distribution)
        return trial

    def tell(
        self,
        trial: Trial | int,
        values: float | Sequence[float] | None = None,
        state: TrialState | None = None,
        skip_if_finished: bool = False,
    ) -> FrozenTrial:
        """Record the result of a trial that :meth:`ask` gave.

        Args:
            trial: The trial or its number.
            values: The objective value, or one for each objective.
            state: COMPLETE, PRUNED (the last reported value counts) or FAIL. Without it the
                trial is COMPLETE if the values are good and FAIL, with a warning, if not.
            skip_if_finished: Whether a trial that has finished is left as it is.

        Returns:
            The trial as it is recorded.

        Raises:
            TypeError: If ``trial`` is neither a trial nor a number.
            ValueError: If the trial is not running, or state and values do not fit together.
        """
        number = telling.number_told(self, trial)
        outcome = telling.tell(self, number, values, state, skip_if_finished=skip_if_finished)
        if outcome.complaint is not None:
            telling.warn(outcome.complaint)
        return self._trial(number)

    def enqueue_trial(
        self,
        params: dict[str, Any],
        user_attrs: dict[str, Any] | None = None,
        skip_if_exists: bool = False,
    ) -> None:
        """Let the next trial that is asked for use given parameters.

        Args:
            params: Values by name. Parameters without a value are sampled as usual; values out
                of their range are used, with a warning.
            user_attrs: Attributes of the user for the trial.
            skip_if_exists: Whether to do nothing where a trial has, or will have, these
                parameters.

        Raises:
            TypeError: If ``params`` is no dictionary.
        """
        if not isinstance(params, dict):
            raise TypeError(
                f"enqueue_trial(params={params!r}) got a {type(params).__name__}; give a dict."
            )
        self.flush()
        if skip_if_exists and is_known(self._table, params):
            _logger.info(f"Trial with params {params} already exists. Skipping enqueue.")
            return
        self._storage.add(self._study_id, enqueued_event(params, user_attrs))

    def add_trial(self, trial: FrozenTrial) -> None:
        """Add a trial that was made elsewhere.

        Args:
            trial: The trial, e.g. from :func:`steep.create_trial` or of another study.

        Raises:
            ValueError: If it does not fit together, or has another number of objectives.
        """
        trial.validate()
        if trial.values is not None and len(trial.values) != len(self._directions):
            raise ValueError(
                f"add_trial() got a trial with {len(trial.values)} values; this study has "
                f"{len(self._directions)} objectives."
            )
        self._storage.add(self._study_id, event_of(trial))

    def add_trials(self, trials: Iterable[FrozenTrial]) -> None:
        """Add several trials; see :meth:`add_trial`.

        Args:
            trials: The trials.
        """
        for trial in trials:
            self.add_trial(trial)

    # ---- within ----------------------------------------------------------------------------------

    def _trial(self, number: int) -> FrozenTrial:
        return FrozenTrial.lazy(number, self.read_fields).read()

    def _synced_table(self) -> Table:
        self._storage.sync(self._study_id)
        return self._table

    def _repr_html_(self) -> str:
        from steep.html import study_html

        return study_html(self)

    def __getstate__(self) -> dict[str, Any]:
        dropped = ("_runs", "_table", "read_fields", "_directions")
        return {name: value for name, value in self.__dict__.items() if name not in dropped}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._attach()
