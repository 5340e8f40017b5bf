"""The study: asks for trials, is told results, and answers what is best.

A study joins a sampler, a pruner and a storage. It holds no results itself: they are the events
in the storage, and :attr:`Study.table` is what they fold to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, overload

from steep.distributions import BaseDistribution, without_deprecated
from steep.states import TrialState
from steep.storages import Storage, fail_stale_trials, get_storage
from steep.study import edits, optimize, resume, telling
from steep.study.enqueue import add_all, enqueue
from steep.study.reading import StudyView
from steep.trial import FrozenTrial, Trial

if TYPE_CHECKING:
    from steep.executors import Executor, Submits
    from steep.pruners import BasePruner
    from steep.samplers import BaseSampler
    from steep.study.replay import Replay

__all__ = ["ObjectiveFunc", "Study"]

Distributions = dict[str, BaseDistribution]
ObjectiveFunc = Callable[[Trial], float | Sequence[float]]
"""What `Study.optimize` takes: a function of a trial that returns a value, or several."""


class Study(StudyView):
    """Search for the parameters that make an objective small (or large).

    Use :func:`steep.create_study` or :func:`steep.load_study` to make one.

    Args:
        study_name: The name of a study that the storage has.
        storage: The storage, or its URL.
        sampler: What proposes parameters; if None, as it was recorded with the study, else a
            :class:`~steep.samplers.AutoSampler`.
        pruner: What stops hopeless trials; if None, as it was recorded with the study, else a
            :class:`~steep.pruners.ASHAPruner`.

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
        self.study_name = study_name
        self._storage = get_storage(storage)
        self._study_id = self._storage.get_study_id_from_name(study_name)
        self._attach()
        self.sampler: BaseSampler = resume.resolve(self, "sampler", sampler)
        self.pruner: BasePruner = resume.resolve(self, "pruner", pruner)
        self._recorded = (self.sampler, self.pruner)

    def _attach(self) -> None:
        super()._attach()
        self._runs = optimize.Runs()

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
        *,
        total_trials: int | None = None,
        executor: str | Executor | Submits | None = None,
        trial_timeout: float | None = None,
        resources: Mapping[str, float] | None = None,
    ) -> None:
        """Run an objective again and again, each time with other parameters.

        Args:
            func: Takes a :class:`~steep.trial.Trial` and returns the objective value, or a
                sequence with one value for each objective.
            n_trials: How many trials to run; None for no limit.
            timeout: Seconds after which no trial is started any more; None for no limit. Without
                both limits it runs until :meth:`stop` or Ctrl-C.
            n_jobs: How many trials run at once, in threads or where the executor runs them; -1
                for one a core, or as many as the executor has workers.
            catch: Exceptions of the objective that fail their trial instead of ending the run.
            callbacks: Called with the study and the trial after each trial.
            gc_after_trial: Whether to collect garbage after each trial.
            show_progress_bar: Whether to show a bar; it needs ``n_trials`` or ``timeout``.
            total_trials: How many trials the study is to have started in the end, those of all
                workers and of earlier runs together; None for no limit. It is exact, however
                many processes run at once. Trials whose worker was lost do not count.
            executor: Where objectives run: None or "thread" for threads of this process,
                "process" for child processes, or any object with ``submit``, such as a
                ``ProcessPoolExecutor`` or Dask's ``client.get_executor()``; see
                :mod:`steep.executors`.
            trial_timeout: After how many seconds a trial is killed and recorded as FAIL; needs
                "process".
            resources: What each process needs for itself, e.g. ``{"gpu": 1}``; needs "process".

        Raises:
            RuntimeError: If it is called inside an objective of the same study.
            TypeError: If ``catch`` holds something that is no exception class, or the executor has
                no ``submit``.
            ValueError: If ``n_jobs`` is 0 or below -1, or the executor or a limit is not valid.
        """
        optimize.run(
            self,
            func,
            optimize.Limits(n_trials, timeout, total_trials),
            n_jobs=n_jobs,
            executor=optimize.executor_for(executor, trial_timeout, resources),
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
        self._runs.stop()

    @overload
    def ask(self, fixed_distributions: Distributions | None = None, *, n: None = None) -> Trial: ...

    @overload
    def ask(self, fixed_distributions: Distributions | None = None, *, n: int) -> list[Trial]: ...

    def ask(
        self, fixed_distributions: Distributions | None = None, *, n: int | None = None
    ) -> Trial | list[Trial]:
        """Begin a trial, or several, that you run yourself; hand the results to :meth:`tell`.

        Args:
            fixed_distributions: Parameters to suggest at once, by name.
            n: How many trials to begin, at points that differ as long as the space has others.
                Each is proposed with those before it in mind. Without ``fixed_distributions``
                the parameters that all finished trials have are suggested at once.

        Returns:
            A trial that is RUNNING; with ``n`` a list of so many.

        Raises:
            ValueError: If ``n`` is below 1.

        Example:
            >>> import steep
            >>> study = steep.create_study()
            >>> trial = study.ask({"x": steep.distributions.FloatDistribution(0, 1)})
            >>> study.tell(trial, trial.params["x"]).state.name
            'COMPLETE'
            >>> trials = study.ask({"k": steep.distributions.IntDistribution(1, 8)}, n=8)
            >>> sorted(trial.params["k"] for trial in trials)
            [1, 2, 3, 4, 5, 6, 7, 8]
        """
        distributions = {k: without_deprecated(d) for k, d in (fixed_distributions or {}).items()}
        if n is not None:
            from steep.study.asking import ask_jointly  # it needs parts of TPE

            return ask_jointly(self, n, distributions)
        trial = self._ask()
        assert trial is not None, "without a limit there is always a trial"
        trial.suggest_all(distributions)
        return trial

    def _ask(self, total_trials: int | None = None) -> Trial | None:
        """Begin a trial, or give None where the study has started so many already."""
        if self._storage.heartbeat_interval is not None:
            fail_stale_trials(self)
        if self.sampler is not self._recorded[0] or self.pruner is not self._recorded[1]:
            self._recorded = resume.record(self)
        trial_id = self._storage.ask(self._study_id, total_trials)
        return None if trial_id is None else Trial(self, trial_id)

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
        telling.warn(outcome)
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
        enqueue(self, params, user_attrs, skip_if_exists=skip_if_exists)

    def add_trial(self, trial: FrozenTrial) -> None:
        """Add a trial that was made elsewhere.

        Args:
            trial: The trial, e.g. from :func:`steep.create_trial` or of another study.

        Raises:
            ValueError: If it does not fit together, or has another number of objectives.
        """
        self.add_trials([trial])

    def add_trials(self, trials: Iterable[FrozenTrial]) -> None:
        """Add several trials, in one step where the storage is shared.

        Args:
            trials: The trials.

        Raises:
            ValueError: If one does not fit together, or has another number of objectives; those
                before it are added.
        """
        add_all(self, trials)

    def release_trial(self, trial: Trial | FrozenTrial | int) -> bool:
        """Give a RUNNING trial back to the queue, for a worker that has to leave.

        Whoever asks next gets it with the same number and parameters, and reports from the start.
        What the worker that had it still tells is not recorded.

        Args:
            trial: The trial or its number. A :class:`~steep.trial.Trial` is given back only if it
                was not taken from its worker meanwhile.

        Returns:
            Whether it was given back.

        Raises:
            TypeError: If it is neither a trial nor a number.
            ValueError: If the study has no such trial, or it does not run.

        Example:
            >>> import steep
            >>> study = steep.create_study()
            >>> trial = study.ask()
            >>> x = trial.suggest_float("x", 0, 1)
            >>> study.release_trial(trial)
            True
            >>> again = study.ask()
            >>> again.number, again.suggest_float("x", 0, 1) == x
            (0, True)
        """
        return edits.release(self, trial)

    def delete_trial(self, trial: FrozenTrial | int) -> None:
        """Delete a trial, for every process that works on the study.

        Its number is not used again. A worker that runs it gets a warning when it tells it.

        Args:
            trial: The trial or its number.

        Raises:
            TypeError: If it is neither.
            ValueError: If the study has no such trial.
        """
        edits.delete(self, trial)

    def amend_trial(
        self,
        trial: FrozenTrial | int,
        *,
        value: float | None = None,
        values: Sequence[float] | None = None,
        state: TrialState | None = None,
        user_attrs: dict[str, Any] | None = None,
    ) -> FrozenTrial:
        """Correct a trial, for every process that works on the study.

        Args:
            trial: The trial or its number.
            value: The value that the only objective should have had.
            values: The values that the objectives should have had.
            state: How the trial should have ended; COMPLETE where only values are given. A trial
                that has not finished cannot get another state: tell it.
            user_attrs: Attributes of the user to set.

        Returns:
            The trial as it is now.

        Raises:
            TypeError: If ``trial`` is neither a trial nor a number.
            ValueError: If the study has no such trial, or state and values do not fit together.

        Example:
            >>> import steep
            >>> study = steep.create_study()
            >>> study.optimize(lambda trial: 1.0, n_trials=1)
            >>> study.amend_trial(0, value=0.5, user_attrs={"note": "was measured wrongly"}).value
            0.5
        """
        return edits.amend(self, trial, value, values, state, user_attrs or {})

    def replay(self) -> Replay:
        """Check that every suggestion follows from the history that its sampler saw.

        Returns:
            How many suggestions came out the same, and which did not. It is true if none differs.

        Raises:
            ValueError: If the storage is in memory, which keeps no log.

        Example:
            >>> import steep
            >>> study = steep.create_study(storage="sqlite:///:memory:")
            >>> study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=20)
            >>> study.replay()
            Replay(confirmed=20, differing=[], skipped=0)
        """
        from steep.study.replay import replay

        return replay(self)

    # ---- attributes ------------------------------------------------------------------------------

    def set_user_attr(self, key: str, value: Any) -> None:
        """Set an attribute of the user.

        Args:
            key: The name of the attribute.
            value: Anything that JSON can hold.
        """
        self._storage.set_study_user_attr(self._study_id, key, value)

    def set_metric_names(self, metric_names: list[str]) -> None:
        """Name the objectives, for data frames and plots.

        Args:
            metric_names: One name for each objective.

        Raises:
            ValueError: If there are more or fewer names than objectives.
        """
        edits.name_objectives(self, metric_names)

    # ---- within ----------------------------------------------------------------------------------

    def __getstate__(self) -> dict[str, Any]:
        dropped = ("_runs", "_table", "read_fields", "_directions", "redraws")
        return {name: value for name, value in self.__dict__.items() if name not in dropped}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._attach()
