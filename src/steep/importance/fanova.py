"""The fANOVA evaluator: which share of the variance does each parameter explain?"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from steep.importance.forest import ForestImportanceEvaluator
from steep.importance.matrix import Matrix, matrix_of
from steep.kernels.forest import Trees
from steep.kernels.forest_variance import Decomposition

if TYPE_CHECKING:
    from steep.study import Study
    from steep.trial import FrozenTrial

__all__ = ["FanovaImportanceEvaluator"]


class FanovaImportanceEvaluator(ForestImportanceEvaluator):
    """Rate parameters by the share of the variance that they explain, by functional ANOVA.

    A forest predicts the value from the parameters; the variance of its prediction over the whole
    space is split exactly into what each parameter explains alone and what pairs explain together
    (:meth:`interactions`). Spread the trials over the space, e.g. with a
    :class:`~steep.samplers.RandomSampler`: where there are none, the forest has to guess.

    Ranges that are logarithmic are measured in the logarithm, and choices count alike.

    Sources: Hutter, Hoos, Leyton-Brown (2014), "An efficient approach for assessing hyperparameter
    importance", ICML; Geurts, Ernst, Wehenkel (2006), "Extremely randomized trees", Machine
    Learning 63.

    Args:
        n_trees: The number of trees, at least 1.
        max_depth: The largest depth of a tree, at least 1.
        seed: The same seed gives the same scores; None for other ones each time.

    Raises:
        ValueError: if ``n_trees`` or ``max_depth`` is below 1.

    Example:
        >>> import steep
        >>> def objective(trial):
        ...     x, y = trial.suggest_float("x", -1, 1), trial.suggest_float("y", -1, 1)
        ...     return x + 3 * y
        >>> study = steep.create_study(sampler=steep.samplers.RandomSampler(seed=0))
        >>> study.optimize(objective, n_trials=200)
        >>> scores = FanovaImportanceEvaluator(seed=0).evaluate(study)
        >>> list(scores), round(scores["y"], 1)
        (['y', 'x'], 0.9)
    """

    def interactions(
        self,
        study: Study,
        params: list[str] | None = None,
        *,
        target: Callable[[FrozenTrial], float] | None = None,
    ) -> dict[tuple[str, str], float]:
        """Rate pairs of parameters by what they explain together and neither explains alone.

        Args:
            study: The study.
            params: The parameters whose pairs are rated, as for :meth:`evaluate`.
            target: Gives the value of a trial that matters; None = the objective value.

        Returns:
            The share of the variance, in [0, 1], for each pair; the largest first, and the two
            names in the order of the alphabet.

        Raises:
            ValueError: as :meth:`evaluate`.
            TypeError: as :meth:`evaluate`.

        Example:
            >>> import steep
            >>> def objective(trial):
            ...     a, b, c = (trial.suggest_float(name, -1, 1) for name in "abc")
            ...     return a * c + 0.1 * b
            >>> study = steep.create_study(sampler=steep.samplers.RandomSampler(seed=0))
            >>> study.optimize(objective, n_trials=200)
            >>> next(iter(FanovaImportanceEvaluator(seed=0).interactions(study)))
            ('a', 'c')
        """
        data = matrix_of(study, params, target)
        scores = dict.fromkeys(combinations(sorted(data.names), 2), 0.0)
        if len(data.varying) > 1 and len(data.y) > 1:
            scores |= self._pairs(data)
        return dict(sorted(scores.items(), key=lambda item: -item[1]))

    def _pairs(self, data: Matrix) -> dict[tuple[str, str], float]:
        rng = np.random.default_rng(self._seed)
        pairs = list(combinations(range(len(data.varying)), 2))
        samples = [np.arange(len(data.y))] * self._n_trees
        fractions = []
        for trees in self._grown(data, samples, rng):
            parts = Decomposition(trees)
            found = np.stack([parts.interaction(i, j) for i, j in pairs], axis=1)
            fractions.append(_fractions(found, parts))
        means = _means(np.concatenate(fractions))
        names = [(data.varying[i], data.varying[j]) for i, j in pairs]
        return dict(zip(names, means.tolist(), strict=True))

    def _whole(self, data: Matrix, rng: np.random.Generator) -> NDArray[np.float64]:
        scores = super()._whole(data, rng)
        _means(scores)
        return scores

    def _scores(self, trees: Trees) -> NDArray[np.float64]:
        parts = Decomposition(trees)
        d = trees.low.shape[1]
        return _fractions(np.stack([parts.main(j) for j in range(d)], axis=1), parts)


def _fractions(variances: NDArray[np.float64], parts: Decomposition) -> NDArray[np.float64]:
    total = parts.total[:, None]
    nothing = np.full_like(variances, np.nan)
    return np.divide(variances, total, out=nothing, where=total > 0.0)


def _means(fractions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Average over the trees that vary at all."""
    kept = fractions[~np.isnan(fractions).any(axis=1)]
    if not len(kept):
        raise RuntimeError(
            "FanovaImportanceEvaluator: all trials have the same value, so that no parameter "
            "explains a difference. Run more trials, or give another target."
        )
    return np.asarray(kept.mean(axis=0))
