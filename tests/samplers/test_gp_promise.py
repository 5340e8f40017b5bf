"""What a point promises where there are several objectives."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from steep.kernels.gp import Regression
from steep.kernels.likelihood import Prior, fit
from steep.samplers.gp.promise import improvement_on
from steep.samplers.gp.surrogate import Gradients, Posterior

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]

T = np.linspace(0.0, 1.0, 11)
FRONT = np.stack([T, (1.0 - T) ** 2], axis=1)


class Known:
    """Believe that the loss of a point is one of its coordinates, nearly for sure."""

    def __init__(self, place: int) -> None:
        self._place = place

    def at(self, x: Matrix) -> tuple[Vector, Vector]:
        return x[:, self._place], np.full(len(x), 1e-6)

    def with_slopes(self, x: Matrix) -> tuple[Vector, Vector, Gradients]:
        raise NotImplementedError


def promised(losses: Matrix, point: tuple[float, float], extends: bool) -> float:
    part = improvement_on([Known(0), Known(1)], losses, extends)
    return math.exp(part.value(np.array([point]))[0])


@pytest.mark.parametrize("extends", [False, True])
def test_a_point_that_is_best_by_a_hair_and_worst_by_far_promises_nothing(extends: bool) -> None:
    losses = np.concatenate([FRONT, FRONT + 0.2, [[-0.001, 30.0]]])
    assert promised(losses, (-0.002, 25.0), extends) < 1e-3
    assert promised(losses, (0.4, 0.2), extends) > 1e-2


def test_only_some_trials_are_to_extend_a_front_at_its_ends() -> None:
    losses = np.concatenate([FRONT, FRONT + 2.0])
    beyond = (-0.3, 1.6)
    assert promised(losses, beyond, extends=True) > 0.05
    assert promised(losses, beyond, extends=False) < 1e-3


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_the_gradient_is_that_of_the_value(k: int) -> None:
    rng = np.random.default_rng(k)
    x, groups = rng.random((15, 3)), np.arange(3)
    posteriors, losses = [], np.empty((15, k))
    for i in range(k):
        losses[:, i] = np.sin(3 * x @ rng.random(3) + i)
        regression = Regression(x, groups, fit(x, losses[:, i], groups, Prior.of(3)))
        posteriors.append(Posterior(regression, losses[:, i], regression.weights(losses[:, i])))
    part = improvement_on(posteriors, losses, extends=True)
    at, columns = rng.random((5, 3)), np.array([0, 2])
    log, gradient = part.slopes(at, columns)
    assert log == pytest.approx(part.value(at))
    for place, column in enumerate(columns):
        step = np.zeros(3)
        step[column] = 1e-5
        slope = (part.value(at + step) - part.value(at - step)) / 2e-5
        assert gradient[:, place] == pytest.approx(slope, rel=1e-3, abs=1e-3)
