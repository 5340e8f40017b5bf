"""The order of trials from best to worst."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from steep.importance.ranking import best_first
from steep.kernels.pareto import nondominated_ranks

losses_of = arrays(
    np.float64,
    st.tuples(st.integers(1, 30), st.integers(2, 3)),
    elements=st.integers(0, 5).map(float),
)


def test_one_objective_is_sorted_and_ties_keep_their_order() -> None:
    assert best_first(np.array([[3.0], [1.0], [2.0], [1.0]])).tolist() == [1, 3, 2, 0]


@given(losses_of)
def test_the_order_is_a_permutation_by_rank(losses: np.ndarray) -> None:
    order = best_first(losses)
    assert sorted(order.tolist()) == list(range(len(losses)))
    assert (np.diff(nondominated_ranks(losses)[order]) >= 0).all()
