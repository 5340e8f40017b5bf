"""Weights, subsets and orders: every value has its columns, every column values give a value."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from steep.distributions import BaseDistribution
from steep.trial.kinds import Kind, Permutation, Simplex, Subset, labelled

LABELS = st.lists(st.text(max_size=3), min_size=1, max_size=8, unique=True)
UNIT = st.floats(0, 1)


def drawn(columns: dict[str, BaseDistribution], data: st.DataObject) -> dict[str, Any]:
    """Draw any values of columns."""
    return {
        name: d.from_unit(data.draw(st.floats(0, 1, exclude_max=True)))
        for name, d in columns.items()
    }


def uniform(kind: Kind, rng: np.random.Generator) -> dict[str, Any]:
    """Draw columns as a random sampler does."""
    return {name: d.from_unit(rng.random()) for name, d in kind.columns.items()}


# ---- simplex -------------------------------------------------------------------------------------


@given(st.lists(UNIT, min_size=1, max_size=10).filter(lambda w: sum(w) > 1e-3))
def test_weights_come_back_from_their_columns(raw: list[float]) -> None:
    weights = [w / math.fsum(raw) for w in raw]
    simplex = Simplex("mix", [str(i) for i in range(len(weights))])
    columns = simplex.encode(weights)
    assert all(simplex.columns[name].contains(value) for name, value in columns.items())
    assert simplex.decode(columns) == pytest.approx(weights, abs=1e-12)


@given(LABELS, st.data())
def test_any_columns_give_weights(labels: list[str], data: st.DataObject) -> None:
    simplex = Simplex("mix", labels)
    weights = simplex.decode({name: data.draw(UNIT) for name in simplex.columns})
    assert len(weights) == len(labels)
    assert min(weights) >= 0
    assert math.fsum(weights) == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("n", [2, 3, 6])
def test_uniform_columns_are_uniform_on_the_simplex(n: int) -> None:
    rng = np.random.default_rng(1)
    simplex = Simplex("mix", [str(i) for i in range(n)])
    weights = np.array([simplex.decode(uniform(simplex, rng)) for _ in range(4000)])
    for one in weights.T:  # each weight of the flat Dirichlet distribution is Beta(1, n - 1)
        assert stats.kstest(one, stats.beta(1, n - 1).cdf).pvalue > 1e-3


def test_weights_are_given_by_label_too() -> None:
    simplex = Simplex("mix", ["a", "b", "c"])
    assert simplex.encode({"c": 0.25, "a": 0.5, "b": 0.25}) == simplex.encode([0.5, 0.25, 0.25])


@pytest.mark.parametrize("value", [[1.0], [0.5, 0.5, 0.5], [1.5, -0.5, 0], "abc", {"a": 1}, None])
def test_what_is_no_weights_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="suggest_simplex"):
        Simplex("mix", ["a", "b", "c"]).encode(value)


# ---- permutations --------------------------------------------------------------------------------


@given(LABELS.flatmap(lambda labels: st.tuples(st.just(labels), st.permutations(labels))))
def test_orders_come_back_from_their_columns(case: tuple[list[str], list[str]]) -> None:
    items, order = case
    permutation = Permutation("steps", items)
    columns = permutation.encode(order)
    assert all(permutation.columns[name].contains(value) for name, value in columns.items())
    assert permutation.decode(columns) == order


@given(LABELS, st.data())
def test_any_columns_give_an_order(items: list[str], data: st.DataObject) -> None:
    permutation = Permutation("steps", items)
    assert sorted(permutation.decode(drawn(permutation.columns, data))) == sorted(items)


def test_uniform_columns_give_every_order_the_same_chance() -> None:
    rng = np.random.default_rng(1)
    permutation = Permutation("steps", "abcd")
    counts = Counter("".join(permutation.decode(uniform(permutation, rng))) for _ in range(6000))
    assert set(counts) == {"".join(p) for p in itertools.permutations("abcd")}
    assert stats.chisquare(list(counts.values())).pvalue > 1e-3


@pytest.mark.parametrize("value", [["a", "b"], ["a", "a", "b"], ["a", "b", "d"], "abc", None])
def test_what_is_no_order_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="no order of"):
        Permutation("steps", ["a", "b", "c"]).encode(value)


# ---- subsets -------------------------------------------------------------------------------------


@st.composite
def subsets(draw: Any) -> tuple[Subset, list[str]]:
    """Draw a kind of subset with any limits, and one of its subsets."""
    items = draw(LABELS)
    low = draw(st.integers(0, len(items)))
    high = draw(st.integers(low, len(items)))
    size = draw(st.integers(low, high))
    chosen = draw(st.permutations(items))[:size]
    return Subset("features", items, low, high), [item for item in items if item in chosen]


@given(subsets())
def test_subsets_come_back_from_their_columns(case: tuple[Subset, list[str]]) -> None:
    subset, chosen = case
    assert subset.decode(subset.encode(chosen)) == chosen
    assert subset.decode(subset.encode(reversed(chosen))) == chosen


def walked(subset: Subset, number: int, draw: Any) -> list[Any]:
    """Draw a subset as a trial does."""
    chosen: dict[str, Any] = {}
    for column in subset.order((), number):
        forced = subset.forced(chosen)
        chosen[column] = draw() if forced is None else forced
    return subset.decode(chosen)


@given(subsets(), st.integers(0, 1000), st.randoms(use_true_random=False))
def test_limits_hold_whatever_is_drawn(
    case: tuple[Subset, list[str]], number: int, random: Any
) -> None:
    walked(case[0], number, lambda: random.random() < 0.5)  # decode() checks the limits


def test_uniform_columns_give_every_subset_of_a_size_the_same_chance() -> None:
    rng = np.random.default_rng(1)
    subset = Subset("features", "abcde", 2, 2)
    counts = Counter(
        "".join(walked(subset, number, lambda: rng.random() < 0.5)) for number in range(4000)
    )
    assert set(counts) == {"".join(c) for c in itertools.combinations("abcde", 2)}
    assert stats.chisquare(list(counts.values())).pvalue > 1e-3


@pytest.mark.parametrize("value", [["a", "b", "c"], [], ["a", "a"], ["d"], "ab", 1])
def test_what_is_no_subset_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="takes 1 to 2 of"):
        Subset("features", ["a", "b", "c"], 1, 2).encode(value)


@pytest.mark.parametrize("limits", [(-1, 2), (3, 2), (4, None)])
def test_limits_that_no_subset_meets_are_refused(limits: tuple[int, int | None]) -> None:
    with pytest.raises(ValueError, match="min_size <= max_size"):
        Subset("features", "abc", *limits)


# ---- items ---------------------------------------------------------------------------------------


def test_items_are_values_or_objects_by_label() -> None:
    objects = {"none": object(), "one": object()}
    subset = Subset("layers", objects)
    assert list(subset.columns) == ["layers[none]", "layers[one]"]
    assert subset.decode(subset.encode(["one"])) == [objects["one"]]
    assert subset.decode(subset.encode([objects["none"]])) == [objects["none"]]


def test_values_of_other_types_are_other_items() -> None:
    subset = Subset("mixed", [1, True, None])
    assert subset.decode(subset.encode([True, None])) == [True, None]


@pytest.mark.parametrize(("items", "error"), [([], ValueError), (["1", 1], ValueError)])
def test_items_that_cannot_be_told_apart_are_refused(items: list[Any], error: Any) -> None:
    with pytest.raises(error, match="suggest_subset"):
        labelled("suggest_subset('x')", items)


def test_objects_need_labels() -> None:
    with pytest.raises(TypeError, match="Give objects by label"):
        labelled("suggest_subset('x')", [object()])
