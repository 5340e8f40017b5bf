"""Which trials a plot shows: the complete ones with a finite value, as columns.

Example:
    >>> import steep
    >>> study = steep.create_study(sampler=steep.samplers.RandomSampler(seed=0))
    >>> study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=3)
    >>> select(study, None, "Loss").numbers
    array([0, 1, 2])
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from steep.importance.ped_anova import param_variances
from steep.logging import get_logger
from steep.states import StudyDirection, TrialState
from steep.trial import FrozenTrial
from steep.visualization.figure import Floats
from steep.visualization.scales import counted

if TYPE_CHECKING:
    from steep.study import Study
    from steep.table import Table

__all__ = [
    "DEFAULT_NAME",
    "Selection",
    "Target",
    "check_target",
    "finite_values",
    "select",
    "target_values",
]

Target = Callable[[FrozenTrial], float]

DEFAULT_NAME = "Objective Value"
_NAMED = 5  # how many trials a warning names before it only counts them

_logger = get_logger(__name__)


@dataclass(frozen=True, eq=False)
class Selection:
    """Hold the trials of one plot.

    Args:
        table: The table of the study.
        numbers: (k,) the numbers of the trials, ascending.
        values: (k,) what the plot shows of each trial, finite.
        small_is_good: Whether small values are the wanted ones.
        n_left_out: The number of complete trials whose value is not finite.
    """

    table: Table
    numbers: NDArray[np.int64]
    values: Floats
    small_is_good: bool
    n_left_out: int = 0

    @property
    def feasible(self) -> NDArray[np.bool_]:
        """Give which trials keep all constraints: (k,) bool."""
        return self.table.violation[self.numbers] <= 0.0

    def param_names(self, params: Sequence[str] | None, call: str) -> list[str]:
        """Give the parameters to show, in the order of the alphabet.

        Args:
            params: What the user asked for; None = all that a selected trial has.
            call: The name of the plot function, for the error.

        Returns:
            The names without repetition.

        Raises:
            ValueError: if no selected trial has one of the parameters.
        """
        present = self._present()
        wanted = present if params is None else params
        unknown = [name for name in wanted if name not in present]
        if unknown:
            raise ValueError(
                f"{call}(params={list(wanted)!r}): no complete trial of the study has "
                f"{unknown!r}; there are {sorted(present)!r}."
            )
        return sorted(set(wanted))

    def _present(self) -> set[str]:
        columns = self.table.params.items()
        return {name for name, column in columns if (column.codes[self.numbers] >= 0).any()}

    def most_important(self, names: list[str], limit: int) -> list[str]:
        """Keep the parameters that matter most where there are more than a figure can show.

        Args:
            names: The parameters, in order.
            limit: How many to keep.

        Returns:
            At most ``limit`` names, in the same order.
        """
        if len(names) <= limit:
            return names
        losses = self.values if self.small_is_good else -self.values
        n_best = max(1, len(losses) // 10)
        best = self.numbers[np.argsort(losses, kind="stable")[:n_best]]
        scores = param_variances(self.table, names, best, self.numbers)
        kept = sorted(names, key=lambda name: -scores[name])[:limit]
        return [name for name in names if name in kept]

    def left_out(self) -> tuple[str, ...]:
        """Give the remark about trials that the plot cannot show; empty where there are none."""
        if self.n_left_out == 0:
            return ()
        trials = counted(self.n_left_out, "complete trial")
        return (f"Left out: {trials} with an infinite or NaN value.",)


def check_target(studies: Sequence[Study], target: Target | None, target_name: str) -> None:
    """Refuse a plot of one value where the study has several and none is chosen.

    Args:
        studies: The studies to be plotted.
        target: Gives the value of a trial; None = its only objective value.
        target_name: The name of that value.

    Raises:
        ValueError: if a study has several objectives and there is no ``target``.
    """
    for study in studies:
        if target is None and len(study.directions) > 1:
            raise ValueError(
                f"The study {study.study_name!r} has {len(study.directions)} objectives: say "
                "which one to plot, e.g. target=lambda trial: trial.values[0]."
            )
    if target is not None and target_name == DEFAULT_NAME:
        warnings.warn(
            f"A `target` is given and `target_name` is still {DEFAULT_NAME!r}: name what is "
            'plotted, e.g. target_name="Duration".',
            UserWarning,
            stacklevel=2,
        )


def target_values(study: Study, numbers: NDArray[np.int64], target: Target | None) -> Floats:
    """Compute what a plot shows of each trial.

    Args:
        study: The study.
        numbers: (k,) the numbers of its complete trials, ascending.
        target: Gives the value of a trial; None = its only objective value.

    Returns:
        (k,) float64.

    Raises:
        ValueError, TypeError: if the target gives what is not a number.
    """
    if target is None:
        values: Floats = study.table.values[numbers, 0]
        return values
    trials = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    return np.array([_as_float(trial, target(trial)) for trial in trials], dtype=np.float64)


def select(
    study: Study, target: Target | None, target_name: str, keep_infinite: bool = False
) -> Selection:
    """Choose the complete trials with a finite value, and say which are left out.

    Args:
        study: The study.
        target: Gives the value of a trial; None = its only objective value.
        target_name: The name of that value.
        keep_infinite: Leave out NaN only.

    Returns:
        The trials.

    Raises:
        ValueError, TypeError: as `check_target` and `target_values`.
    """
    check_target([study], target, target_name)
    chosen = finite_values(study, target, keep_infinite)
    if len(chosen.numbers) == 0:
        _logger.warning("Your study does not have any completed trials with a finite value.")
    return chosen


def finite_values(study: Study, target: Target | None, keep_infinite: bool = False) -> Selection:
    """Choose the complete trials with a finite value.

    Args:
        study: The study; with several objectives there is a ``target``.
        target: Gives the value of a trial; None = its only objective value.
        keep_infinite: Leave out NaN only.

    Returns:
        The trials.

    Raises:
        ValueError, TypeError: as `target_values`.
    """
    numbers = study.table.numbers(TrialState.COMPLETE)
    values = target_values(study, numbers, target)
    kept = ~np.isnan(values) if keep_infinite else np.isfinite(values)
    _warn_left_out(numbers[~kept])
    small_is_good = target is not None or study.directions[0] != StudyDirection.MAXIMIZE
    return Selection(study.table, numbers[kept], values[kept], small_is_good, int((~kept).sum()))


def _as_float(trial: FrozenTrial, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        warnings.warn(
            f"The target of trial {trial.number} is {value!r}, which is not a number.",
            UserWarning,
            stacklevel=5,
        )
        raise


def _warn_left_out(numbers: NDArray[np.int64]) -> None:
    if len(numbers) == 0:
        return
    named = ", ".join(str(number) for number in numbers[:_NAMED])
    more = f" and {len(numbers) - _NAMED} more" if len(numbers) > _NAMED else ""
    _logger.warning(f"Left out of the plot, since the value is inf or nan: trial {named}{more}.")
