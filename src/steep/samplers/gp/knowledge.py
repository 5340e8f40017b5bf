"""What other studies have found, as models beside that of this study.

Each of them has a Gaussian process of its own, over the parameters that it shares with this study.
Its points have the coordinates of this study's space, where they may lie outside the unit cube:
ranges need not be the same. What these models expect is the mean of the model of this study, as far
as its own trials bear it out; what it does not explain is modelled as everything is.

Source: Golovin et al. (2017), "Google Vizier: a service for black-box optimization", KDD, sec. 3.3
(a stack of regressors on residuals).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steep.columns import ParamColumn
from steep.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
    OrdinalDistribution,
)
from steep.kernels.gp import Columns
from steep.kernels.likelihood import Prior
from steep.samplers.gp.features import Features
from steep.samplers.gp.history import History
from steep.samplers.gp.surrogate import Gradients, Posterior, Surrogate, Trials
from steep.samplers.gp.targets import Objective
from steep.space import Space
from steep.table import Table

__all__ = ["Knowledge", "Residual", "Stacked", "told_value"]

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]
Indices = NDArray[np.intp]

_CAUTION, _DOUBT = 1.0, 2.0
_RESOLUTION = 0.1
"""Root mean square over the parameters. What lies closer together says where exactly the optimum of
the other study is, and that is what is least like to be the same here."""


class Knowledge:
    """Model what one other study has found.

    Args:
        table: Its trials, all COMPLETE.
        space: The parameters of this study.
        features: Their columns.
        prior: What is believed of the hyperparameters.
    """

    def __init__(self, table: Table, space: Space, features: Features, prior: Prior) -> None:
        units = coordinates(table, space)
        self._history = History(1)
        self._history.update(table)
        rows = np.flatnonzero(~np.isnan(units).all(axis=1))
        rows = rows[_apart(features(units[rows]), len(space), self._history.best(rows))]
        self._features, self._units, self._rows = features, units[rows], rows
        self._surrogate = Surrogate(features.groups, prior)

    @property
    def n(self) -> int:
        """Give the number of trials that share a parameter with this study."""
        return len(self._rows)

    @functools.cached_property
    def posterior(self) -> Posterior:
        """Say what is believed after the other study, which stands; there must be a trial."""
        history, rows = self._history, self._rows
        trials = Trials(
            n=len(rows),
            columns=lambda places: self._features(self._units[places]),
            values=lambda n: history.warped(0, rows[:n]),
            best=lambda n: (history.best(rows[:n]), 1),
        )
        return self._surrogate.posterior(trials, np.zeros((0, self._features.width)))


@dataclass(frozen=True)
class Alignment:
    """Say how what other studies expect is related to what this one finds: z ≈ a + b Σ w_k p_k.

    Attributes:
        weights: (k,) float64, w, what each of the others counts; their sum is 1.
        slope: b, not negative.
        offset: a.
        scale: The deviation of what is left.
    """

    weights: Vector
    slope: float
    offset: float
    scale: float

    @classmethod
    def of(cls, z: Vector, expected: Matrix, trusted: float) -> Alignment:
        """Relate values to what was expected of them.

        Others count by the square of Kendall's rank correlation. The line is fitted as if there
        were a further point that bears the others out, and two that have the deviation 1.

        Args:
            z: (n,) float64, standardised values, n at least 1.
            expected: (k, n) float64, what each of the others expects.
            trusted: After how many trials the others count half as much as the line says.
        """
        agreement = np.maximum([_concordance(z, one) for one in expected], 0.0) ** 2
        counts = agreement if agreement.any() else np.ones(len(expected))
        weights = counts / counts.sum()
        p = weights @ expected
        centred = p - p.mean()
        slope = max(float(centred @ z + _CAUTION) / float(centred @ centred + _CAUTION), 0.0)
        # Each further trial of its own makes a study rely less on others.
        slope /= 1.0 + (len(z) / trusted) ** 2
        offset = float(z.mean() - slope * p.mean())
        left = z - offset - slope * p
        scale = float(np.sqrt((left @ left + _DOUBT) / (len(z) + _DOUBT)))
        return cls(weights, slope, offset, scale)


@dataclass(frozen=True)
class Residual:
    """Explain what other studies do not: a target, see :class:`~steep.samplers.gp.targets.Target`.

    Attributes:
        objective: The objective of this study.
        expected: Gives what each of the k others expects of some trials: (k, n) float64.
        trusted: See :meth:`Alignment.of`.
    """

    objective: Objective
    expected: Callable[[Indices], Matrix] = field(compare=False)
    trusted: float = field(compare=False)

    def known(self, rows: Indices) -> NDArray[np.bool_]:
        """See :class:`~steep.samplers.gp.targets.Target`."""
        return self.objective.known(rows)

    def values(self, rows: Indices) -> Vector:
        """See :class:`~steep.samplers.gp.targets.Target`."""
        z, expected = self.objective.values(rows), self.expected(rows)
        line = Alignment.of(z, expected, self.trusted)
        return (z - line.offset - line.slope * (line.weights @ expected)) / line.scale

    def alignment(self, rows: Indices) -> Alignment:
        """Relate the trials to what the others expect of them."""
        return Alignment.of(self.objective.values(rows), self.expected(rows), self.trusted)


@dataclass(frozen=True)
class Stacked:
    """Believe what others expect, corrected by a model of what they do not explain.

    Attributes:
        others: The models of k other studies.
        own: The model of what is left.
        line: How the others are related to this study.
    """

    others: Sequence[Posterior]
    own: Posterior
    line: Alignment

    def at(self, x: Matrix) -> tuple[Vector, Vector]:
        """See :class:`~steep.samplers.gp.surrogate.Belief`."""
        line = self.line
        expected = line.weights @ np.stack([one.at(x)[0] for one in self.others])
        mean, variance = self.own.at(x)
        return line.offset + line.slope * expected + line.scale * mean, line.scale**2 * variance

    def with_slopes(self, x: Matrix) -> tuple[Vector, Vector, Gradients]:
        """See :class:`~steep.samplers.gp.surrogate.Belief`."""
        line = self.line
        found = [one.with_slopes(x) for one in self.others]
        expected = line.weights @ np.stack([mean for mean, _, _ in found])
        mean, variance, own = self.own.with_slopes(x)
        gradients = _Gradients([slopes for _, _, slopes in found], own, line)
        total = line.offset + line.slope * expected + line.scale * mean
        return total, line.scale**2 * variance, gradients


@dataclass(frozen=True)
class _Gradients:
    """Give gradients of what is believed of a stack of models."""

    others: Sequence[Gradients]
    own: Gradients
    line: Alignment

    def gradient(self, by_mean: Vector, by_variance: Vector, columns: Columns) -> Matrix:
        line, none = self.line, np.zeros_like(by_variance)
        found = self.own.gradient(line.scale * by_mean, line.scale**2 * by_variance, columns)
        for one, weight in zip(self.others, line.weights.tolist(), strict=True):
            found += one.gradient(line.slope * weight * by_mean, none, columns)
        return found


def _concordance(a: Vector, b: Vector) -> float:
    """Give Kendall's rank correlation (tau-a) of two sequences; 0 where there is no pair."""
    i, j = np.triu_indices(len(a), 1)
    return float(np.mean(np.sign(a[i] - a[j]) * np.sign(b[i] - b[j]))) if len(i) else 0.0


def _apart(x: Matrix, d: int, order: Indices) -> Indices:
    """Choose points, from the best on, that are not too near to chosen ones; ascending."""
    chosen: list[int] = []
    nearest = np.full(len(x), np.inf)
    for i in order.tolist():
        if nearest[i] >= _RESOLUTION**2 * d:
            chosen.append(i)
            nearest = np.minimum(nearest, ((x - x[i]) ** 2).sum(axis=1))
    return np.sort(np.array(chosen, dtype=np.intp))


def coordinates(table: Table, space: Space) -> Matrix:
    """Give the points of another study in the coordinates of a space.

    Args:
        table: The other study.
        space: The d parameters.

    Returns:
        (n, d) float64: [0, 1] is the range of a parameter in the space, NaN is where a trial does
        not have it, or a value of another kind.
    """
    found = np.full((table.n, len(space)), np.nan)
    for j, (name, target) in enumerate(zip(space.names, space.distributions, strict=True)):
        if name in table.columns:
            found[:, j] = _coordinates(table.params[name], target, space.bounds[j])
    return found


def _coordinates(column: ParamColumn, target: BaseDistribution, bounds: Vector) -> Vector:
    values = np.array([_as_internal(column.get(i), target) for i in range(len(column.values))])
    if _is_range(target) and target.log:  # type: ignore[attr-defined]
        values = np.log(np.where(values > 0, values, np.nan))
    low, high = bounds.tolist()
    return np.asarray((values - low) / (high - low))


def _as_internal(known: tuple[float, BaseDistribution] | None, target: BaseDistribution) -> float:
    """Give a value of one distribution as another one would have it, or NaN."""
    if known is None:
        return np.nan
    value, source = known
    choices = CategoricalDistribution | OrdinalDistribution
    if isinstance(source, choices) and isinstance(target, choices):
        choice = source.to_external_repr(value)
        return target.to_internal_repr(choice) if _has(target, choice) else np.nan
    if _is_range(source) and _is_range(target):
        return value
    return np.nan


def _is_range(distribution: BaseDistribution) -> bool:
    is_number = isinstance(distribution, FloatDistribution | IntDistribution)
    return is_number and not isinstance(distribution, OrdinalDistribution)


def _has(distribution: CategoricalDistribution | OrdinalDistribution, choice: Any) -> bool:
    return any(choice is own or choice == own for own in distribution.choices)


def told_value(table: Table, number: int, name: str, target: BaseDistribution) -> Any | None:
    """Give a parameter of the best trial of another study, for the first trials of this one.

    Args:
        table: The table of this study.
        number: The trial that it is for: each of the first ones takes another study.
        name: The name of the parameter.
        target: Its distribution.

    Returns:
        A value of the distribution, or None where the other study does not have one.
    """
    if number >= len(table.priors):
        return None
    prior = table.priors[number]
    column = prior.columns.get(name)
    if prior.best is None or column is None:
        return None
    internal = _as_internal(column.get(prior.best), target)
    if np.isnan(internal) or not target.contains(internal):
        return None
    return target.to_external_repr(internal)
