"""Search for the parameters of an estimator of scikit-learn by cross-validation.

Example:
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.svm import SVC
    >>> from steep.distributions import CategoricalDistribution, FloatDistribution
    >>> from steep.integrations import SearchCV
    >>> space = {
    ...     "C": FloatDistribution(1e-3, 1e3, log=True),
    ...     "kernel": CategoricalDistribution(["linear", "rbf"]),
    ... }
    >>> X, y = load_iris(return_X_y=True)
    >>> search = SearchCV(SVC(), space, n_trials=20, random_state=0).fit(X, y)
    >>> bool(search.best_score_ > 0.97), sorted(search.best_params_)
    (True, ['C', 'kernel'])
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from steep.distributions import BaseDistribution
from steep.integrations.folds import Folds, Out, completed
from steep.integrations.frameworks import framework
from steep.integrations.search import Search, Space
from steep.pruners import BasePruner, MedianPruner, NopPruner
from steep.samplers import BaseSampler, TPESampler
from steep.states import StudyDirection, TrialState
from steep.study import Study, create_study
from steep.trial import FrozenTrial

with framework("sklearn"):
    from joblib import effective_n_jobs
    from sklearn.exceptions import FitFailedWarning
    from sklearn.model_selection._search import BaseSearchCV
    from sklearn.utils import check_random_state

__all__ = ["OptunaSearchCV", "SearchCV"]

Callback = Callable[[Study, FrozenTrial], None]


class SearchCV(BaseSearchCV):
    """Search for parameters by cross-validation, as ``RandomizedSearchCV`` does, with a study.

    Trials run one after the other, so that each learns from all before it; ``n_jobs`` folds of a
    trial run at once. After each ``n_jobs`` folds the means of the scores so far are reported, and
    a hopeless trial is pruned: its other folds are not evaluated and score NaN in
    ``cv_results_``.

    Args:
        estimator: What to search for; it is cloned.
        param_distributions: The distribution of each parameter, by name, or a function that takes
            a trial and returns the parameters, e.g. where some depend on others.
        n_trials: How many trials to run; None for no limit.
        timeout: Seconds after which no trial is started any more; None for no limit.
        study: The study to go on with, which maximizes; None for a new one in memory.
        sampler: What proposes parameters; a :class:`~steep.samplers.TPESampler` if None.
        pruner: What stops hopeless trials; a :class:`~steep.pruners.MedianPruner` if None, and
            :class:`~steep.pruners.NopPruner` to evaluate every fold.
        scoring: As in ``RandomizedSearchCV``. With several metrics the study maximizes the one
            that ``refit`` names; where it names none, all of them, without pruning.
        n_jobs: How many folds are evaluated at once.
        refit: As in ``RandomizedSearchCV``: whether, or by which metric, or by which function of
            ``cv_results_``, to choose the parameters and fit them to all samples.
        cv: As in ``RandomizedSearchCV``. The folds are made once, the same for all trials.
        verbose: As in ``RandomizedSearchCV``.
        pre_dispatch: As in ``RandomizedSearchCV``.
        random_state: The seed of the sampler; it has no effect with ``study`` or ``sampler``.
        error_score: The score of a fold whose fit fails, or "raise". A trial with a NaN among its
            scores is recorded as FAIL.
        return_train_score: Whether to measure the scores on the training samples as well.
        callbacks: Called with the study and the trial after each trial.
        catch: Exceptions that fail their trial instead of ending the search.

    Attributes:
        study_: The study.
        cv_results_: As in ``RandomizedSearchCV``, one row for each trial of this search, with the
            columns ``trial_number`` and ``trial_state`` more.
    """

    def __init__(
        self,
        estimator: Any,
        param_distributions: Space,
        *,
        n_trials: int | None = 10,
        timeout: float | None = None,
        study: Study | None = None,
        sampler: BaseSampler | None = None,
        pruner: BasePruner | None = None,
        scoring: Any = None,
        n_jobs: int | None = None,
        refit: bool | str | Callable[[Any], int] = True,
        cv: Any = None,
        verbose: int = 0,
        pre_dispatch: int | str = "2*n_jobs",
        random_state: int | np.random.RandomState | None = None,
        error_score: float | str = np.nan,
        return_train_score: bool = False,
        callbacks: Iterable[Callback] | None = None,
        catch: Iterable[type[Exception]] | type[Exception] = (),
    ) -> None:
        super().__init__(
            estimator=estimator,
            scoring=scoring,
            n_jobs=n_jobs,
            refit=refit,
            cv=cv,
            verbose=verbose,
            pre_dispatch=pre_dispatch,
            error_score=error_score,
            return_train_score=return_train_score,
        )
        self.param_distributions = param_distributions
        self.n_trials = n_trials
        self.timeout = timeout
        self.study = study
        self.sampler = sampler
        self.pruner = pruner
        self.random_state = random_state
        self.callbacks = callbacks
        self.catch = catch

    def _run_search(self, evaluate_candidates: Callable[..., Any]) -> None:
        """Run the trials; ``fit`` of scikit-learn calls it with what evaluates candidates."""
        self.study_ = study = self._study_to_use()
        self._check_space()
        self._results: dict[str, Any] = {}
        search = self._new_search(evaluate_candidates)
        try:
            study.optimize(
                search.objective,
                n_trials=self.n_trials,
                timeout=self.timeout,
                catch=self.catch,
                callbacks=self.callbacks,
            )
            self._results.update(self._table_of(search))
        finally:
            self.n_splits_ = search.n_folds
            del self._results

    def _new_search(self, evaluate_candidates: Callable[..., Any]) -> Search:
        folds, metrics, n_folds = self._folds(), self._metrics(), self.n_splits_
        prunes = len(metrics) == 1 and self._prunes()

        def evaluate(params: dict[str, Any], due: range) -> list[Out]:
            self.n_splits_ = len(due)  # what scikit-learn expects of the splitter
            evaluate_candidates([params], cv=folds.due(due))
            return self._newest

        return Search(
            evaluate,
            self.param_distributions,
            metrics,
            n_folds,
            width=effective_n_jobs(self.n_jobs) if prunes else n_folds,
            prunes=prunes,
            error_score=self.error_score,
        )

    def _format_results(
        self, candidate_params: Any, n_splits: int, out: list[Out], more_results: Any = None
    ) -> dict[str, Any]:
        """Take what was just measured; the table of all results is made in the end, once.

        scikit-learn calls it whenever something was evaluated, and keeps the last answer.
        """
        self._newest = out[-n_splits:]
        return self._results

    def _table_of(self, search: Search) -> dict[str, Any]:
        trials = self.study_.get_trials(deepcopy=False)
        states = [trials[row.number].state for row in search.rows]
        _tell_failures(search, states)
        more = {
            "trial_number": [row.number for row in search.rows],
            "trial_state": [state.name for state in states],
        }
        with warnings.catch_warnings():
            # The states tell which trials have no mean, and failures have a warning of their own.
            warnings.filterwarnings("ignore", "One or more of the .* scores are non-finite")
            table: dict[str, Any] = super()._format_results(
                [row.params for row in search.rows],
                search.n_folds,
                completed(search.rows, search.n_folds),
                more,
            )
        return table

    def _study_to_use(self) -> Study:
        directions = [StudyDirection.MAXIMIZE] * len(self._metrics())
        if self.study is None:
            seed = self.random_state
            if seed is not None:
                seed = check_random_state(seed).randint(np.iinfo(np.int32).max)
            return create_study(
                directions=directions,
                sampler=TPESampler(seed=seed) if self.sampler is None else self.sampler,
                pruner=MedianPruner() if self.pruner is None else self.pruner,
            )
        if self.sampler is not None or self.pruner is not None:
            raise ValueError(
                "SearchCV(study=...) searches with the sampler and pruner of the study; give them "
                "to create_study, not to SearchCV."
            )
        if self.study.directions != directions:
            wanted = ["maximize"] * len(directions)
            raise ValueError(
                f"SearchCV(study=...) got the directions {self.study.directions}, but scores are "
                f"better the larger: create_study(directions={wanted})."
            )
        return self.study

    def _metrics(self) -> list[str | None]:
        """Give the metrics that the study maximizes; None for the only one."""
        if isinstance(self.refit, str) and not isinstance(self.scoring, str | None):
            return [self.refit]
        if isinstance(self.scoring, dict | list | tuple | set):
            return list(self.scoring)
        return [None]

    def _check_space(self) -> None:
        space = self.param_distributions
        for name, distribution in () if callable(space) else space.items():
            if not isinstance(distribution, BaseDistribution):
                raise TypeError(
                    f"SearchCV(param_distributions=...) got {distribution!r} for {name!r}; give a "
                    "distribution, such as steep.distributions.FloatDistribution(0.1, 10, log=True)"
                )

    def _prunes(self) -> bool:
        return not isinstance(self.study_.pruner, NopPruner)

    def _folds(self) -> Folds:
        return Folds(self._checked_cv_orig)


def _tell_failures(search: Search, states: list[TrialState]) -> None:
    """Warn of the fits that failed; raise where no fit is left to choose by.

    A search whose trials all failed, but only on some folds, goes on as those of scikit-learn do:
    the first trial is chosen, and its fit to all samples says what is wrong.
    """
    failures = search.failures
    fitted = any(out.get("fit_error", "") is None for row in search.rows for out in row.outs)
    if not fitted or {TrialState.COMPLETE, TrialState.FAIL}.isdisjoint(states):
        names = [state.name for state in states]
        raise ValueError(
            f"SearchCV.fit() has no trial to choose from: the states are {names}. Run more trials "
            f"if there are none, or give error_score='raise'. {''.join(failures[-1:])}"
        )
    if failures:
        n = states.count(TrialState.FAIL)
        warnings.warn(
            f"{n} of {len(states)} trials failed in SearchCV.fit(), one of them so: {failures[-1]}",
            FitFailedWarning,
            stacklevel=7,
        )


class OptunaSearchCV(SearchCV):
    """Be :class:`SearchCV` with the arguments of Optuna's class of this name.

    Trials are pruned by fold, whatever the estimator: Optuna prunes only those that have
    ``partial_fit``, which it calls ``max_iter`` times.

    Args:
        estimator: As in :class:`SearchCV`.
        param_distributions: As there.
        cv: As there.
        enable_pruning: Whether trials are pruned.
        error_score: As there.
        max_iter: Without effect.
        n_jobs: As there.
        n_trials: As there.
        random_state: As there; it chooses the subsample too.
        refit: As there.
        return_train_score: As there.
        scoring: As there.
        study: As there.
        subsample: The samples to search with: a number of them, an int, or a share, a float ≤ 1.
        timeout: As there.
        verbose: As there.
        callbacks: As there.
        catch: As there.

    Example:
        >>> from sklearn.datasets import load_iris
        >>> from sklearn.svm import SVC
        >>> from steep.distributions import FloatDistribution
        >>> from steep.integrations import OptunaSearchCV
        >>> space = {"C": FloatDistribution(1e-3, 1e3, log=True)}
        >>> search = OptunaSearchCV(SVC(), space, random_state=0, subsample=0.5)
        >>> search.fit(*load_iris(return_X_y=True)).n_trials_
        10
    """

    # What SearchCV takes and Optuna's class does not.
    sampler = None
    pruner = None
    pre_dispatch = "2*n_jobs"

    def __init__(
        self,
        estimator: Any,
        param_distributions: Mapping[str, BaseDistribution],
        *,
        cv: Any = None,
        enable_pruning: bool = False,
        error_score: float | str = np.nan,
        max_iter: int = 1000,
        n_jobs: int | None = None,
        n_trials: int | None = 10,
        random_state: int | np.random.RandomState | None = None,
        refit: bool | str | Callable[[Any], int] = True,
        return_train_score: bool = False,
        scoring: Any = None,
        study: Study | None = None,
        subsample: float | int = 1.0,
        timeout: float | None = None,
        verbose: int = 0,
        callbacks: list[Callback] | None = None,
        catch: Iterable[type[Exception]] | type[Exception] = (),
    ) -> None:
        self.estimator = estimator
        self.param_distributions = param_distributions
        self.cv = cv
        self.enable_pruning = enable_pruning
        self.error_score = error_score
        self.max_iter = max_iter
        self.n_jobs = n_jobs
        self.n_trials = n_trials
        self.random_state = random_state
        self.refit = refit
        self.return_train_score = return_train_score
        self.scoring = scoring
        self.study = study
        self.subsample = subsample
        self.timeout = timeout
        self.verbose = verbose
        self.callbacks = callbacks
        self.catch = catch

    @property
    def best_trial_(self) -> FrozenTrial:
        """Give the best trial of the study."""
        return self.study_.best_trial

    @property
    def trials_(self) -> list[FrozenTrial]:
        """Give the trials of the study."""
        return self.study_.trials

    @property
    def n_trials_(self) -> int:
        """Give how many trials the study has."""
        return len(self.trials_)

    @property
    def user_attrs_(self) -> dict[str, Any]:
        """Give the attributes of the user that the study has."""
        return self.study_.user_attrs

    @property
    def set_user_attr(self) -> Callable[..., None]:
        """Set an attribute of the user of the study; call it as there."""
        return self.study_.set_user_attr

    @property
    def trials_dataframe(self) -> Callable[..., Any]:
        """Give the trials as a data frame; call it as the study's method."""
        return self.study_.trials_dataframe

    def _prunes(self) -> bool:
        return self.enable_pruning

    def _folds(self) -> Folds:
        if self.subsample == 1.0 and isinstance(self.subsample, float):
            return super()._folds()
        return Folds(self._checked_cv_orig, self._sampled)

    def _sampled(self, n_samples: int) -> np.ndarray[Any, Any]:
        size = self.subsample
        if isinstance(size, float):
            size = int(size * n_samples)
        if not 1 <= size <= n_samples:
            raise ValueError(
                f"OptunaSearchCV(subsample={self.subsample}) asks for {size} of {n_samples} "
                "samples; give an int from 1 to that, or a float above 0 up to 1."
            )
        rng = check_random_state(self.random_state)
        chosen: np.ndarray[Any, Any] = rng.choice(n_samples, size, replace=False)
        return np.sort(chosen)
