"""The complete trials of a study as a matrix, for evaluators that model the value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from steep.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from steep.importance.names import checked_names
from steep.kernels.forest import Features
from steep.space import Space
from steep.states import TrialState
from steep.table import Table

if TYPE_CHECKING:
    from steep.study import Study
    from steep.trial import FrozenTrial

__all__ = ["Matrix", "matrix_of", "target_values"]

_LARGEST_GRID = 2**31
"""A grid of more values is as good as a range."""

Ints = NDArray[np.int64]
Target = Callable[["FrozenTrial"], float]


class Matrix(NamedTuple):
    """Hold trials that have all of some parameters.

    Attributes:
        names: The parameters that are to be rated.
        varying: Those that have more than one value, d of them.
        features: The (d, n) places of the trials in the unit cube.
        y: (n,) float64, what matters of each trial; finite, and at most 1 in size.
    """

    names: list[str]
    varying: list[str]
    features: Features
    y: NDArray[np.float64]


def matrix_of(study: Study, params: list[str] | None, target: Target | None) -> Matrix:
    """Choose parameters, and the complete trials that have all of them.

    Args:
        study: The study.
        params: The parameters; None = those that all complete trials have with one distribution.
        target: Gives the value of a trial that matters; None = the objective value.

    Returns:
        The trials whose value is finite.

    Raises:
        ValueError: if no complete trial has all of ``params``, if the distribution of one of them
            changes, or if there are several objectives and no ``target``.
        TypeError: if ``params`` is not a list of names, or the target not a number.
    """
    if target is None and len(study.directions) > 1:
        raise ValueError(
            f"This evaluator rates one value, and the study has {len(study.directions)}: choose, "
            "e.g. get_param_importances(..., target=lambda trial: trial.values[0])."
        )
    numbers = study.table.numbers(TrialState.COMPLETE)
    if params is None:
        space = _common(study.table, numbers)
    else:
        names = checked_names(params)
        numbers = _with_all(study.table, numbers, names)
        space = _chosen(study.table, numbers, names)
    varying = {name: d for name, d in space.items() if not d.single()}
    return _finite(study, numbers, list(space), varying, target)


def target_values(study: Study, numbers: Ints, target: Target) -> NDArray[np.float64]:
    """Ask for the value that matters of some complete trials.

    Args:
        study: The study.
        numbers: The n trials, ascending.
        target: Gives the value.

    Returns:
        (n,) float64.

    Raises:
        TypeError: if a value is not a number.
    """
    wanted = set(numbers.tolist())
    values = []
    for trial in study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,)):
        if trial.number not in wanted:
            continue
        value: Any = target(trial)
        if isinstance(value, str) or value is None:
            raise TypeError(
                f"get_param_importances(target=...): the target of trial {trial.number} is "
                f"{value!r}; return a number."
            )
        values.append(float(value))
    return np.array(values, dtype=np.float64)


def _finite(
    study: Study,
    numbers: Ints,
    names: list[str],
    varying: dict[str, BaseDistribution],
    target: Target | None,
) -> Matrix:
    table = study.table
    y = table.values[numbers, 0] if target is None else target_values(study, numbers, target)
    finite = np.isfinite(y)
    y, rows = y[finite], table.param_rows(list(varying), numbers[finite])
    y = y / (np.abs(y).max(initial=0.0) or 1.0)  # so that no square overflows
    unit = Space(varying).encode(rows) if varying else rows
    kinds = [isinstance(d, CategoricalDistribution) for d in varying.values()]
    sizes = np.array([_grid(d) for d in varying.values()], dtype=np.intp)
    features = Features(np.ascontiguousarray(unit.T), sizes, ~np.array(kinds, dtype=np.bool_))
    return Matrix(names, list(varying), features, y - y.mean() if len(y) else y)


def _grid(distribution: BaseDistribution) -> int:
    if isinstance(distribution, FloatDistribution | IntDistribution) and distribution.log:
        return 0
    size = distribution.grid_size() or 0
    return size if size <= _LARGEST_GRID else 0


def _common(table: Table, numbers: Ints) -> dict[str, BaseDistribution]:
    space = {}
    for name, column in sorted(table.params.items()):
        codes = column.codes[numbers]
        if len(codes) and codes[0] >= 0 and (codes == codes[0]).all():
            space[name] = column.distributions[codes[0]]
    return space


def _with_all(table: Table, numbers: Ints, names: Sequence[str]) -> Ints:
    kept = numbers
    for name in names:
        column = table.params.get(name)
        kept = kept[:0] if column is None else kept[column.codes[kept] >= 0]
    if names and not len(kept):
        raise ValueError(
            f"get_param_importances(params={list(names)!r}): no complete trial of the study has "
            f"all of them; there are {list(table.params)!r}."
        )
    return kept


def _chosen(table: Table, numbers: Ints, names: Sequence[str]) -> dict[str, BaseDistribution]:
    space = {}
    for name in sorted(names):
        column = table.params[name]
        codes = np.unique(column.codes[numbers])
        if len(codes) > 1:
            raise ValueError(
                f"get_param_importances(params={list(names)!r}): the range of {name!r} changes "
                "from trial to trial. PedAnovaImportanceEvaluator rates such parameters."
            )
        space[name] = column.distributions[codes[0]]
    return space
