"""Spread the first trials evenly over every parameter, whatever parameters there will be.

A Latin hypercube of m points has one point in each m-th part of every parameter. Here each
parameter has a random permutation of its own, which follows from its name, so that neither the
space nor the number of parameters need be known beforehand: the first trial and the parameters of
a branch are spread too.

The middle of a space is nearest to wherever its optimum may be, and the more parameters there are,
the farther are points near its ends from nearly everything. So the hypercube may be drawn together
around the middle. Steps, ints and choices keep all their values: those at the ends are as good as
the others there. So do fronts of several objectives, which begin and end far out.

Sources: McKay, Beckman, Conover (1979), "A comparison of three methods for selecting values of
input variables in the analysis of output from a computer code", Technometrics 21(2), sec. 2.3;
Cauwet et al. (2020), "Fully parallel hyperparameter search: reshaped space-filling", ICML
(recentering).
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

from steep.distributions import BaseDistribution
from steep.samplers.base import IndependentSampler
from steep.streams import Streams

if TYPE_CHECKING:
    from steep.study import Study
    from steep.trial import FrozenTrial

__all__ = ["LatinHypercubeSampler"]

_SALT = 1 << 33  # beside the streams of names that `Streams.uniform` draws from


class LatinHypercubeSampler(IndependentSampler):
    """Take one value from each m-th part of a parameter in m consecutive trials.

    Args:
        m: The number of points of a hypercube, at least 1; further trials begin another one.
        seed: The same seed gives the same parameters; None for other ones each time.
        share: How much of a continuous range, around its middle, the points are spread over, in
            (0, 1]; all of it where there are several objectives.

    Example:
        >>> import steep
        >>> study = steep.create_study(sampler=LatinHypercubeSampler(4, seed=1))
        >>> study.optimize(lambda trial: trial.suggest_int("x", 0, 3), n_trials=4)
        >>> sorted(trial.params["x"] for trial in study.trials)
        [0, 1, 2, 3]
    """

    reads_columns = True

    def __init__(self, m: int, seed: int | None = None, share: float = 1.0) -> None:
        self._m = m
        self._share = share
        self._streams = Streams(seed)

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        """Take a value from the part that is this trial's.

        Args:
            study: The study.
            trial: The running trial.
            param_name: The name of the parameter.
            param_distribution: What to draw from.

        Returns:
            A value of the distribution; it depends on the seed, the number of the trial and the
            name only.
        """
        cube, point = divmod(trial.number, self._m)
        rng = self._streams.generator(study, cube, _SALT | zlib.crc32(param_name.encode()))
        part = rng.permutation(self._m)[point]
        unit = float(part + rng.random(self._m)[point]) / self._m
        if len(study.table.directions) == 1 and param_distribution.grid_size() is None:
            unit = 0.5 + self._share * (unit - 0.5)
        return param_distribution.from_unit(unit)
