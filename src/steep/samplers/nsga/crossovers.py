"""Crossovers: how :class:`NSGAIISampler` and :class:`NSGAIIISampler` mix the parents of a child.

The built-in ones are called once for many children; one that a user writes, by subclassing
:class:`BaseCrossover`, once for each child.
"""

from __future__ import annotations

import abc
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from steep.arguments import RemembersArguments
from steep.kernels import crossover as kernels

if TYPE_CHECKING:
    from steep.study import Study

__all__ = [
    "ArrayCrossover",
    "BLXAlphaCrossover",
    "BaseCrossover",
    "SBXCrossover",
    "SPXCrossover",
    "UNDXCrossover",
    "UniformCrossover",
    "VSBXCrossover",
]

Array = NDArray[np.float64]


class BaseCrossover(RemembersArguments, abc.ABC):
    """Mix the numerical parameters of parents; categorical ones are always mixed uniformly.

    Example:
        >>> import steep
        >>> class Middle(BaseCrossover):
        ...     n_parents = 2
        ...     def crossover(self, parents_params, rng, study, search_space_bounds):
        ...         return parents_params.mean(axis=0)
        >>> sampler = steep.samplers.NSGAIISampler(crossover=Middle(), population_size=4)
        >>> study = steep.create_study(sampler=sampler)
        >>> study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=8)
    """

    def __str__(self) -> str:
        return type(self).__name__

    @property
    @abc.abstractmethod
    def n_parents(self) -> int:
        """Give how many parents a child has."""

    @abc.abstractmethod
    def crossover(
        self, parents_params: Array, rng: Any, study: Study, search_space_bounds: Array
    ) -> Array:
        """Make one child.

        Args:
            parents_params: (k, d) float64, the numerical parameters of the k parents: values, or
                their logarithms where the range is logarithmic.
            rng: A ``numpy.random.RandomState``.
            study: The study.
            search_space_bounds: (d, 2) float64, the range of each parameter in the same unit; half
                a step is added to both ends of a grid.

        Returns:
            (d,) float64. If it is out of bounds, other parents are tried.
        """


class ArrayCrossover(BaseCrossover):
    """Mix the parents of many children at once."""

    def crossover(
        self, parents_params: Array, rng: Any, study: Study, search_space_bounds: Array
    ) -> Array:
        """Make one child, as :meth:`BaseCrossover.crossover` says."""
        parents = np.asarray(parents_params, dtype=np.float64)[None]
        bounds = np.asarray(search_space_bounds, dtype=np.float64)
        return np.asarray(self.mix(parents, bounds, rng, len(study.directions))[0])

    @abc.abstractmethod
    def mix(self, parents: Array, bounds: Array, rng: Any, n_objectives: int) -> Array:
        """Make many children.

        Args:
            parents: (n, k, d) float64.
            bounds: (d, 2) float64.
            rng: A generator of NumPy.
            n_objectives: The number of objectives of the study.

        Returns:
            (n, d) float64.
        """


class UniformCrossover(ArrayCrossover):
    """Take each parameter from one of two parents.

    Args:
        swapping_prob: The probability that it is the second.

    Raises:
        ValueError: If the probability is not in [0, 1].

    Source: Syswerda, "Uniform crossover in genetic algorithms", ICGA 1989.
    """

    n_parents = 2

    def __init__(self, swapping_prob: float = 0.5) -> None:
        if not 0.0 <= swapping_prob <= 1.0:
            raise ValueError(
                f"UniformCrossover(swapping_prob={swapping_prob!r}): give a number in [0, 1]."
            )
        self._swapping_prob = swapping_prob

    def mix(self, parents: Array, bounds: Array, rng: Any, n_objectives: int) -> Array:
        """Make many children."""
        return kernels.uniform(parents, rng, self._swapping_prob)


class BLXAlphaCrossover(ArrayCrossover):
    """Draw from the box between two parents, enlarged.

    Args:
        alpha: By how much of its side the box grows at each end.

    Source: Eshelman, Schaffer, "Real-coded genetic algorithms and interval-schemata", FOGA 1992.
    """

    n_parents = 2

    def __init__(self, alpha: float = 0.5) -> None:
        self._alpha = alpha

    def mix(self, parents: Array, bounds: Array, rng: Any, n_objectives: int) -> Array:
        """Make many children."""
        return kernels.blend(parents, rng, self._alpha)


class SPXCrossover(ArrayCrossover):
    """Draw from the simplex of three parents, expanded.

    Args:
        epsilon: The rate of expansion; √(d + 2) for d parameters if None.

    Source: Tsutsui, Goldberg, Sastry, "Progress toward linkage learning in real-coded GAs with
    simplex crossover", IlliGAL report, 2000.
    """

    n_parents = 3

    def __init__(self, epsilon: float | None = None) -> None:
        self._epsilon = epsilon

    def mix(self, parents: Array, bounds: Array, rng: Any, n_objectives: int) -> Array:
        """Make many children."""
        return kernels.simplex(parents, rng, self._epsilon)


class UNDXCrossover(ArrayCrossover):
    """Draw from a normal distribution along the line of two parents, as wide as a third is far.

    Args:
        sigma_xi: The deviation along the line.
        sigma_eta: The deviation across it; 0.35/√d for d parameters if None.

    Source: Kita, Ono, Kobayashi, "Multi-parental extension of the unimodal normal distribution
    crossover for real-coded genetic algorithms", CEC 1999.
    """

    n_parents = 3

    def __init__(self, sigma_xi: float = 0.5, sigma_eta: float | None = None) -> None:
        self._sigma_xi = sigma_xi
        self._sigma_eta = sigma_eta

    def mix(self, parents: Array, bounds: Array, rng: Any, n_objectives: int) -> Array:
        """Make many children."""
        return kernels.undx(parents, rng, self._sigma_xi, self._sigma_eta)


class _Binary(ArrayCrossover):
    """Take the arguments of simulated binary crossovers."""

    n_parents = 2

    def __init__(
        self,
        eta: float | None = None,
        uniform_crossover_prob: float = 0.5,
        use_child_gene_prob: float = 0.5,
    ) -> None:
        call = type(self).__name__
        if eta is not None and eta < 0.0:
            raise ValueError(f"{call}(eta={eta!r}): give 0 or more.")
        if not 0.0 <= uniform_crossover_prob <= 1.0:
            raise ValueError(
                f"{call}(uniform_crossover_prob={uniform_crossover_prob!r}): give a number in "
                "[0, 1]."
            )
        if not 0.0 < use_child_gene_prob <= 1.0:
            raise ValueError(
                f"{call}(use_child_gene_prob={use_child_gene_prob!r}): give a number in (0, 1]."
            )
        self._eta = eta
        self._swap = uniform_crossover_prob
        self._use = use_child_gene_prob

    def _index(self, n_objectives: int) -> float:
        if self._eta is not None:
            return self._eta
        return 20.0 if n_objectives > 1 else 2.0


class SBXCrossover(_Binary):
    """Draw near two parents, as near as one-point crossover of bit strings would.

    Args:
        eta: The larger, the nearer; 2 with one objective and 20 with several if None.
        uniform_crossover_prob: The probability that the two children exchange a parameter, of
            which one child is kept.
        use_child_gene_prob: The probability that a parameter is a child's; else it is a parent's.

    Raises:
        ValueError: If ``eta`` is negative or a probability is none.

    Source: Deb, Agrawal, "Simulated binary crossover for continuous search space", Complex
    Systems 9, 1995.
    """

    def mix(self, parents: Array, bounds: Array, rng: Any, n_objectives: int) -> Array:
        """Make many children."""
        eta = self._index(n_objectives)
        return kernels.sbx(parents, bounds, rng, eta, self._swap, self._use)


class VSBXCrossover(_Binary):
    """Draw near two parents, as :class:`SBXCrossover`, but leave no region out.

    Args:
        eta: The larger, the nearer; 2 with one objective and 20 with several if None.
        uniform_crossover_prob: The probability that the two children exchange a parameter, of
            which one child is kept.
        use_child_gene_prob: The probability that a parameter is a child's; else it is a parent's.

    Raises:
        ValueError: If ``eta`` is negative or a probability is none.

    Source: Ballester, Carter, "Real-parameter genetic algorithms for finding multiple optimal
    solutions in multi-modal optimization", GECCO 2003.
    """

    def mix(self, parents: Array, bounds: Array, rng: Any, n_objectives: int) -> Array:
        """Make many children."""
        return kernels.vsbx(parents, rng, self._index(n_objectives), self._swap, self._use)
