"""Hyperband: several brackets of successive halving, whose lowest rungs differ in height.

Early rungs save the most and err the most. Hyperband hedges: it deals the trials to brackets, of
which the first judges from ``min_resource`` on, the next from η times that on, and so forth (Li et
al., 2018, `Hyperband: A Novel Bandit-Based Approach to Hyperparameter Optimization
<https://www.jmlr.org/papers/volume18/16-558/16-558.pdf>`__, algorithm 1).
"""

from __future__ import annotations

import math
import zlib
from bisect import bisect_right
from functools import partial
from itertools import accumulate
from typing import TYPE_CHECKING

from steep.pruners.checks import check_at_least
from steep.pruners.rungs import RungPruner, Rungs

if TYPE_CHECKING:
    from steep.table import Table

__all__ = ["Brackets", "HyperbandPruner"]


class Brackets:
    """Deal the trials of a study to brackets.

    Args:
        study_name: The name of the study.
        min_resource: r, ≥ 1.
        max_resource: R, ≥ 1.
        factor: η, ≥ 2.

    Attributes:
        shares: How many of sum(shares) trials each bracket gets; empty where R < r.
        members: For each bracket, a function that tells whether a trial belongs to it.

    Example:
        >>> brackets = Brackets("example", min_resource=1, max_resource=27, factor=3)
        >>> brackets.shares, brackets.of(0), brackets.of(1)
        ([27, 12, 6, 4], 1, 1)
    """

    def __init__(self, study_name: str, min_resource: int, max_resource: int, factor: int) -> None:
        # In floating point as the formula is documented: log(243, 3) is a little less than 5.
        s_max = math.floor(math.log(max_resource / min_resource, factor))
        # Algorithm 1, line 3: bracket s starts n = ceil((s_max + 1) · η^s / (s + 1)) trials.
        self.shares = [math.ceil((s_max + 1) * factor**s / (s + 1)) for s in range(s_max, -1, -1)]
        self.members = [partial(self._is_in, bracket) for bracket in range(len(self.shares))]
        self._ends = list(accumulate(self.shares))
        self._study_name = study_name

    def of(self, number: int) -> int | None:
        """Give the bracket of a trial; 0 judges earliest.

        Args:
            number: The number of the trial.

        Returns:
            The bracket, or None where there is none.
        """
        if not self._ends:
            return None
        draw = zlib.crc32(f"{self._study_name}_{number}".encode()) % self._ends[-1]
        return bisect_right(self._ends, draw)

    def _is_in(self, bracket: int, number: int) -> bool:
        return self.of(number) == bracket


class HyperbandPruner(RungPruner):
    """Deal the trials to brackets, and prune each by successive halving in its own.

    There are ``floor(log_η(max_resource / min_resource)) + 1`` brackets. Bracket s judges at steps
    ``min_resource · η^(s + k)``, k = 0, 1, ..., and gets more trials the earlier it judges. The
    bracket of a trial follows from the name of the study and the number of the trial, so name the
    study to repeat a run.

    Note:
        Samplers learn from the trials of all brackets. Optuna shows them only the trials of the
        running trial's bracket, which leaves a model a fraction of the observations. A value
        means the same whatever the bracket, so steep holds nothing back.

    Args:
        min_resource: r, the lowest step at which a trial may be pruned, ≥ 1.
        max_resource: R, the steps of a whole trial, ≥ 1. With "auto" nothing is pruned before one
            trial is COMPLETE, R is its largest step plus one, and the trials that had finished by
            then do not compete. Give the number where trials differ in length. Where it is
            smaller than ``min_resource``, there is no bracket and nothing is pruned.
        reduction_factor: η, ≥ 2; choose it such that there are about 4 to 6 brackets.
        bootstrap_count: Nobody passes a rung to which at most this many trials of the bracket have
            come, ≥ 0; not together with "auto".

    Raises:
        ValueError: If an argument is out of its range, or bootstrap_count goes with "auto".

    Example:
        >>> import steep
        >>> def objective(trial):
        ...     for step in range(1, 28):
        ...         trial.report(trial.number, step)
        ...         if trial.should_prune():
        ...             raise steep.TrialPruned()
        ...     return trial.number
        >>> pruner = steep.pruners.HyperbandPruner(min_resource=1, max_resource=27)
        >>> study = steep.create_study(study_name="example", pruner=pruner)
        >>> study.optimize(objective, n_trials=8)
        >>> [trial.last_step for trial in study.trials]
        [27, 3, 27, 1, 1, 3, 3, 27]
    """

    def __init__(
        self,
        min_resource: int = 1,
        max_resource: str | int = "auto",
        reduction_factor: int = 3,
        bootstrap_count: int = 0,
    ) -> None:
        if not isinstance(max_resource, int | str):
            raise ValueError(
                f"HyperbandPruner(max_resource={max_resource!r}) is neither an int nor 'auto'; "
                "give 1 or more, or 'auto'."
            )
        super().__init__("max_resource", max_resource, reduction_factor, bootstrap_count)
        check_at_least(self, "min_resource", min_resource, 1)
        self._min_resource = min_resource

    def _resource_of(self, last_step: int) -> int:
        return last_step + 1

    def _rungs_of(self, table: Table, number: int, resource: int, start: int) -> Rungs | None:
        brackets = self._brackets(table, resource)
        bracket = brackets.of(number)
        if bracket is None:
            return None
        lowest = self._min_resource * self._reduction_factor**bracket
        return self._rungs(table, lowest, start, brackets.members[bracket])

    def _brackets(self, table: Table, max_resource: int) -> Brackets:
        layout = (self._min_resource, max_resource, self._reduction_factor)
        return table.memo((Brackets, layout), partial(Brackets, table.study_name, *layout))
