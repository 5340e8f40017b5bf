"""What one search by cross-validation has evaluated: trials × folds, with gaps.

scikit-learn evaluates candidates on all folds, in one go. A search that prunes evaluates a
candidate on some folds, looks at the scores, and goes on or not. Here is what joins the two: a
splitter that gives the folds that are due, and the table that is filled up in the end.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Folds", "Row", "completed", "score_of"]

Split = tuple[Any, Any]  # the numbers of the training and of the test samples
Out = dict[str, Any]  # what scikit-learn measured on one fold: scores, times, counts


class Folds:
    """Split as another splitter does, once, and give the folds that are due.

    Args:
        splitter: What splits: has ``split(X, y, **params)``.
        sampled: Takes the number of samples and gives the numbers of those to search with; None
            for all of them.

    Example:
        >>> class Halves:
        ...     def split(self, X, y=None):
        ...         return [([0, 1], [2, 3]), ([2, 3], [0, 1])]
        >>> Folds(Halves()).due(range(1, 2)).split(["a", "b", "c", "d"])
        [([2, 3], [0, 1])]
    """

    def __init__(
        self, splitter: Any, sampled: Callable[[int], np.ndarray[Any, Any]] | None = None
    ) -> None:
        self._splitter = splitter
        self._sampled = sampled
        self._splits: list[Split] = []
        self._due = range(0)

    def due(self, folds: range) -> Folds:
        """Let the next split give these folds.

        Args:
            folds: Their numbers.

        Returns:
            Itself.
        """
        self._due = folds
        return self

    def split(self, X: Any, y: Any = None, **params: Any) -> list[Split]:  # noqa: N803
        """Give the folds that are due; scikit-learn calls it.

        Args:
            X: The samples.
            y: What to predict.
            **params: What the splitter needs as well, such as ``groups``.

        Returns:
            The numbers of the training and of the test samples, for each fold.
        """
        if not self._splits:
            # A splitter that shuffles would give other folds each time.
            self._splits = self._split_all(X, y, params)
        return self._splits[self._due.start : self._due.stop]

    def _split_all(self, X: Any, y: Any, params: Mapping[str, Any]) -> list[Split]:  # noqa: N803
        if self._sampled is None:
            return list(self._splitter.split(X, y, **params))
        from sklearn.utils import _safe_indexing

        chosen = self._sampled(X.shape[0] if hasattr(X, "shape") else len(X))

        def part(of: Any) -> Any:
            return None if of is None else _safe_indexing(of, chosen)

        given = {name: part(value) for name, value in params.items()}
        splits = self._splitter.split(part(X), part(y), **given)
        return [(chosen[train], chosen[test]) for train, test in splits]


class Row(NamedTuple):
    """Hold what was measured for one trial.

    Attributes:
        number: The number of the trial.
        params: Its parameters, as the estimator takes them.
        outs: What was measured on each fold so far, in the order of folds.
    """

    number: int
    params: dict[str, Any]
    outs: list[Out]


def score_of(out: Out, metric: str | None) -> float:
    """Give the score of a fold.

    Args:
        out: What was measured.
        metric: The name of the metric; None where there is only one.

    Returns:
        The score, NaN where the fit failed and no other score stands for that.

    Raises:
        ValueError: If several metrics were measured and none is named.

    Example:
        >>> score_of({"test_scores": {"accuracy": 0.9, "f1": 0.8}}, "f1")
        0.8
    """
    scores = out["test_scores"]
    if not isinstance(scores, dict):
        return float(scores)
    if metric is None:
        raise ValueError(
            f"SearchCV(scoring=...) gave the metrics {sorted(scores)}; name the one to search by "
            "and to refit with: SearchCV(refit=NAME)."
        )
    return float(scores[metric])


def completed(rows: Sequence[Row], n_folds: int) -> list[Out]:
    """Fill the gaps of the table: folds that were not evaluated score NaN.

    Args:
        rows: The trials.
        n_folds: How many folds there are.

    Returns:
        Trial by trial what was measured on each fold, all with the same keys.

    Example:
        >>> rows = [Row(0, {}, [{"test_scores": 0.5}, {"test_scores": 0.7}]),
        ...         Row(1, {}, [{"test_scores": 0.1}])]
        >>> [out["test_scores"] for out in completed(rows, 2)]
        [0.5, 0.7, 0.1, nan]
    """
    whole = max((out for row in rows for out in row.outs), key=len)
    table = []
    for row in rows:
        missing = [{"test_scores": math.nan}] * (n_folds - len(row.outs))
        table += [_like(whole, out) for out in [*row.outs, *missing]]
    return table


def _like(whole: Out, out: Out) -> Out:
    """Give an incomplete record the keys of a complete one."""
    if out.keys() == whole.keys():
        return out
    score = out["test_scores"]
    return {
        key: dict.fromkeys(value, score)
        if isinstance(value, dict)
        else score
        if key in ("test_scores", "train_scores")
        else math.nan
        for key, value in whole.items()
    }
