"""The PED-ANOVA evaluator: which parameters decide whether a trial is among the best.

Example:
    >>> import steep
    >>> def objective(trial):
    ...     x, y = trial.suggest_float("x", -1, 1), trial.suggest_float("y", -1, 1)
    ...     return x**2 + y**2 / 1000
    >>> study = steep.create_study(sampler=steep.samplers.RandomSampler(seed=0))
    >>> study.optimize(objective, n_trials=100)
    >>> list(PedAnovaImportanceEvaluator().evaluate(study))
    ['x', 'y']
"""

from __future__ import annotations

import math
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from steep.columns import ParamColumn
from steep.distributions import BaseDistribution, CategoricalDistribution
from steep.importance.base import BaseImportanceEvaluator, Importance, shares
from steep.importance.cells import cells_of
from steep.importance.matrix import target_values
from steep.importance.names import checked_names
from steep.importance.ranking import best_first
from steep.kernels.ped_anova import variance
from steep.states import TrialState
from steep.table import Table

if TYPE_CHECKING:
    from steep.study import Study
    from steep.trial import FrozenTrial

__all__ = ["PedAnovaImportanceEvaluator", "param_names", "param_variances", "rarely_seen"]

_SMALLEST_REGIME = 2  # trials; the spread of fewer is unknown
_GROUPS = 20  # of trials, left out in turn

Ints = NDArray[np.int64]


class PedAnovaImportanceEvaluator(BaseImportanceEvaluator):
    """Rate parameters by PED-ANOVA, in milliseconds and also where they are conditional.

    The rating answers: which parameters decide whether a trial is among the best
    ``target_quantile`` of all? See Watanabe et al. 2023, "PED-ANOVA: Efficiently Quantifying
    Hyperparameter Importance in Arbitrary Subspaces" (theorem 1, algorithm 1), and for conditional
    parameters Baba et al. 2026, "Conditional PED-ANOVA" (theorem 4.2). At least five trials
    should be among the best.

    With several objectives and no ``target``, the best are the trials of the lowest Pareto ranks.

    Args:
        target_quantile: The share of trials that count as the best, γ' in the paper; in (0, 1).
        region_quantile: The share of trials that they are compared with, γ in the paper; above
            ``target_quantile``, at most 1.
        evaluate_on_local: Compare with where the region's trials are; False = with the whole
            range of each parameter.

    Raises:
        AssertionError: unless 0 < target_quantile < region_quantile ≤ 1.
    """

    def __init__(
        self,
        *,
        target_quantile: float = 0.1,
        region_quantile: float = 1.0,
        evaluate_on_local: bool = True,
    ) -> None:
        if not 0.0 < target_quantile < region_quantile <= 1.0:
            raise AssertionError(
                f"PedAnovaImportanceEvaluator(target_quantile={target_quantile}, "
                f"region_quantile={region_quantile}): choose "
                "0 < target_quantile < region_quantile <= 1."
            )
        if region_quantile != 1.0 and not evaluate_on_local:
            _warn(
                f"PedAnovaImportanceEvaluator(region_quantile={region_quantile}, "
                "evaluate_on_local=False): the whole range is no region of trials, so "
                "region_quantile only scales the scores."
            )
        self._target_quantile = target_quantile
        self._region_quantile = region_quantile
        self._evaluate_on_local = evaluate_on_local

    def evaluate(
        self,
        study: Study,
        params: list[str] | None = None,
        *,
        target: Callable[[FrozenTrial], float] | None = None,
    ) -> dict[str, float]:
        """Rate the parameters of a study.

        Args:
            study: The study.
            params: The parameters to rate, each of them in at least one complete trial; None =
                all.
            target: Gives the value of a trial that matters, small = good; None = the objective
                values in their directions.

        Returns:
            The variance explained by each parameter, the largest first.

        Raises:
            ValueError: if no complete trial has one of ``params``.
            TypeError: if ``params`` is not a list of names.
        """
        numbers = study.table.numbers(TrialState.COMPLETE)
        names = param_names(study.table, numbers, params)
        return self.rate(study.table, names, numbers, _losses(study, numbers, target))

    def evaluate_with_errors(
        self,
        study: Study,
        params: list[str] | None = None,
        *,
        target: Callable[[FrozenTrial], float] | None = None,
        normalize: bool = False,
    ) -> dict[str, Importance]:
        """Rate the parameters as :meth:`evaluate` does, and say how uncertain that is.

        The error comes from leaving out a twentieth of the trials in turn: Kott (2001), "The
        delete-a-group jackknife", Journal of Official Statistics 17, eq. 1. With several
        objectives the order of the trials that stay is that among all. It is NaN for fewer than
        forty trials.

        Args:
            study: The study.
            params: The parameters to rate, as for :meth:`evaluate`.
            target: Gives the value of a trial that matters, small = good.
            normalize: Scale the scores to the sum 1, and give the errors of the shares.

        Returns:
            Score and standard error of each parameter, the largest score first.

        Raises:
            ValueError: as :meth:`evaluate`.
            TypeError: as :meth:`evaluate`.
        """
        numbers = study.table.numbers(TrialState.COMPLETE)
        names = param_names(study.table, numbers, params)
        losses = _losses(study, numbers, target)
        scores = self.rate(study.table, names, numbers, losses)
        scores = shares(scores) if normalize and scores else scores
        kept = np.isfinite(losses).all(axis=1)
        errors = dict.fromkeys(names, math.nan)
        if kept.sum() >= 2 * _GROUPS:
            errors = self._errors(study.table, names, numbers[kept], losses[kept], normalize)
        return {name: Importance(score, errors[name]) for name, score in scores.items()}

    def _errors(
        self,
        table: Table,
        names: Sequence[str],
        numbers: Ints,
        losses: NDArray[np.float64],
        normalize: bool,
    ) -> dict[str, float]:
        order = best_first(losses)
        group = np.arange(len(order)) % _GROUPS  # of the trials as they were run, not as they rank
        found = []
        for left_out in range(_GROUPS):
            rest = order[group[order] != left_out]
            small = rest[: self._cut(losses, rest, self._target_quantile)]
            large = rest[: self._cut(losses, rest, self._region_quantile)]
            own = param_variances(
                table, names, numbers[small], numbers[large], self._evaluate_on_local
            )
            found.append(shares(own) if normalize and own else own)
        scores = np.array([[own[name] for name in names] for own in found])
        deviations = scores - scores.mean(axis=0)
        errors = np.sqrt((_GROUPS - 1) / _GROUPS * (deviations**2).sum(axis=0))
        return dict(zip(names, errors.tolist(), strict=True))

    def rate(
        self, table: Table, names: Sequence[str], numbers: Ints, losses: NDArray[np.float64]
    ) -> dict[str, float]:
        """Rate parameters by columns, without making a trial object.

        Args:
            table: The table of the study.
            names: The parameters to rate.
            numbers: (n,) the numbers of the trials.
            losses: (n, m) what matters of each, small = good; rows that are not finite are left
                out.

        Returns:
            The variance explained by each parameter, the largest first.
        """
        kept = np.isfinite(losses).all(axis=1)
        order = best_first(losses[kept])
        if len(order) <= 1:
            _warn("Fewer than two complete trials with finite values: all importances are equal.")
            return dict.fromkeys(names, 0.0)
        small = order[: self._cut(losses[kept], order, self._target_quantile)]
        large = order[: self._cut(losses[kept], order, self._region_quantile)]
        if len(small) == len(large):
            _warn(
                "The best trials and the region are the same trials, since their values are "
                "equal: all importances are equal."
            )
        numbers = numbers[kept]
        for name in rarely_seen(table, names, numbers[large]):
            _warn(
                f"The parameter {name!r} has ranges with fewer than {_SMALLEST_REGIME} trials, "
                "which are left out: its importance may be inaccurate until more trials are run."
            )
        scores = param_variances(
            table, names, numbers[small], numbers[large], self._evaluate_on_local
        )
        return dict(sorted(scores.items(), key=lambda item: -item[1]))

    def _cut(self, losses: NDArray[np.float64], order: Ints, quantile: float) -> int:
        """Count the trials of a quantile; equal values of one objective stay together."""
        n = math.ceil(quantile * len(order))
        if losses.shape[1] > 1:
            return n
        return int((losses[order, 0] <= losses[order[n - 1], 0]).sum())


def param_variances(
    table: Table,
    names: Sequence[str],
    target: Ints,
    region: Ints,
    local: bool = True,
) -> dict[str, float]:
    """Compute the variance that each parameter explains of being in the target.

    Args:
        table: The table of the study.
        names: The parameters.
        target: The numbers of the best trials, all of them in ``region``.
        region: The numbers of the trials that they are compared with.
        local: Compare with where the region's trials are; False = with the whole range.

    Returns:
        A number ≥ 0 for each name; 0 where a parameter has a single value.
    """
    is_target = np.zeros(table.n, dtype=np.bool_)
    is_target[target] = True
    scores = {}
    for name in names:
        column = table.params[name]
        scores[name] = variance(
            _regimes(column, region, is_target[region]),
            len(target),
            len(region),
            ordered=not isinstance(column.distribution, CategoricalDistribution),
            local=local,
        )
    return scores


def _regimes(
    column: ParamColumn, region: Ints, is_target: NDArray[np.bool_]
) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Give the histograms of target and region for each range that a parameter has had."""
    values, codes = column.values[region], column.codes[region]
    for distribution, members in _ranges(column.distributions, codes):
        if distribution.single() or members.sum() < _SMALLEST_REGIME:
            continue
        cells, k = cells_of(distribution, values[members])
        counts = np.bincount(cells, minlength=k).astype(np.float64)
        hits = np.bincount(cells[is_target[members]], minlength=k).astype(np.float64)
        yield hits, counts


def _ranges(
    distributions: Sequence[BaseDistribution], codes: NDArray[np.int32]
) -> Iterator[tuple[BaseDistribution, NDArray[np.bool_]]]:
    for code in np.unique(codes[codes >= 0]):
        yield distributions[code], codes == code


def param_names(table: Table, numbers: Ints, params: Any) -> list[str]:
    """Check the names that a user gives, or take all that the trials have.

    Args:
        table: The table of the study.
        numbers: The numbers of its complete trials.
        params: What the user gives; None = all.

    Returns:
        The names without repetition.

    Raises:
        ValueError: if none of the trials has one of the parameters.
        TypeError: if ``params`` is not a list of names.
    """
    present = [name for name, column in table.params.items() if (column.codes[numbers] >= 0).any()]
    if params is None:
        return present
    names = checked_names(params)
    missing = [name for name in names if name not in present]
    if missing:
        raise ValueError(
            f"get_param_importances(params={params!r}): no complete trial of the study has "
            f"{missing!r}; there are {present!r}."
        )
    return names


def _losses(
    study: Study, numbers: Ints, target: Callable[[FrozenTrial], float] | None
) -> NDArray[np.float64]:
    if target is None:
        losses: NDArray[np.float64] = study.table.losses[numbers]
        return losses
    values = target_values(study, numbers, target)
    _warn(
        "PED-ANOVA takes small values of `target` as the good ones; where large ones are good, "
        "negate it, e.g. target=lambda trial: -trial.values[0]."
    )
    return values.reshape(-1, 1)


def rarely_seen(table: Table, names: Sequence[str], numbers: Ints) -> list[str]:
    """Find the parameters with a range that too few trials have to rate it.

    Args:
        table: The table of the study.
        names: The parameters to look at.
        numbers: The numbers of the trials that count.

    Returns:
        Their names. To be absent from a trial is a range too.
    """
    return [
        name
        for name in names
        if np.unique(table.params[name].codes[numbers], return_counts=True)[1].min()
        < _SMALLEST_REGIME
    ]


def _warn(message: str) -> None:
    """Warn, and name the line of the user that led here instead of one of steep."""
    level, frame = 2, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("steep."):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, UserWarning, stacklevel=level)
