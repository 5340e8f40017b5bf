"""Mutations: how :class:`NSGAIISampler` and :class:`NSGAIIISampler` change a child's parameter."""

from __future__ import annotations

import abc
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from steep.arguments import RemembersArguments
from steep.kernels.crossover import polynomial_mutation

if TYPE_CHECKING:
    from steep.study import Study

__all__ = ["BaseMutation", "PolynomialMutation"]

Array = NDArray[np.float64]


class BaseMutation(RemembersArguments, abc.ABC):
    """Change a numerical parameter; categorical ones are always drawn anew."""

    def __str__(self) -> str:
        return type(self).__name__

    @abc.abstractmethod
    def mutation(self, param: float, rng: Any, study: Study, search_space_bounds: Array) -> float:
        """Change one value.

        Args:
            param: The value, or its logarithm where the range is logarithmic.
            rng: A ``numpy.random.RandomState``.
            study: The study.
            search_space_bounds: (2,) float64, the range in the same unit; half a step is added to
                both ends of a grid.

        Returns:
            The changed value; out of bounds it counts as the nearer end.
        """


class PolynomialMutation(BaseMutation):
    """Move a value by a polynomially distributed step.

    Args:
        eta: The larger, the shorter the steps.

    Raises:
        ValueError: If it is negative.

    Source: Deb et al., "A fast and elitist multiobjective genetic algorithm: NSGA-II", IEEE TEC
    6(2), 2002.

    Example:
        >>> import steep
        >>> sampler = steep.samplers.NSGAIISampler(mutation=PolynomialMutation(), seed=1)
    """

    def __init__(self, eta: float = 20.0) -> None:
        if eta < 0:
            raise ValueError(f"PolynomialMutation(eta={eta!r}): give 0 or more.")
        self._eta = eta

    def mutation(self, param: float, rng: Any, study: Study, search_space_bounds: Array) -> float:
        """Change one value, as :meth:`BaseMutation.mutation` says."""
        bounds = np.asarray(search_space_bounds, dtype=np.float64).reshape(1, 2)
        return float(self.mutate(np.array([param]), bounds, rng)[0])

    def mutate(self, values: Array, bounds: Array, rng: Any) -> Array:
        """Change many values.

        Args:
            values: (n, d) float64.
            bounds: (d, 2) float64.
            rng: A generator of NumPy.

        Returns:
            (n, d) float64.
        """
        return polynomial_mutation(values, bounds, rng, self._eta)
