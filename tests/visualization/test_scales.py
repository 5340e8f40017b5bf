"""Axes and labels fitted to data."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from steep.visualization.scales import (
    clipped_range,
    color_scale,
    labels_of,
    log_ticks,
    padded,
    robust_range,
    short_names,
    shorten,
)
from steep.visualization.thinning import even, thin

finite = st.floats(-1e12, 1e12)


@given(st.text(max_size=80), st.integers(3, 40))
def test_shortened_texts_fit(text: str, width: int) -> None:
    assert len(shorten(text, width)) == min(len(text), width)


@given(st.lists(st.integers(0, 10**6), min_size=2, max_size=20, unique=True))
def test_numbered_names_still_differ_when_short(numbers: list[int]) -> None:
    names = [f"a_rather_long_prefix.layer_{n}.and_a_rather_long_suffix" for n in numbers]
    short = short_names(names, 20)
    assert len(set(short)) == len(names)
    assert max(map(len, short)) <= 20


@given(st.lists(st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=3))))
def test_labels_of_choices_differ(choices: list[object]) -> None:
    assert len(set(labels_of(choices))) == len(choices)


@given(arrays(np.float64, st.integers(1, 20), elements=finite))
def test_padding_holds_all_values(values: np.ndarray) -> None:
    low, high = padded(values) or (0.0, 0.0)
    assert low <= values.min() <= values.max() <= high
    assert low < high


@given(arrays(np.float64, st.integers(1, 20), elements=st.floats(1e-300, 1e300)))
def test_logarithmic_padding_holds_all_values(values: np.ndarray) -> None:
    low, high = padded(values, log=True) or (0.0, 0.0)
    assert low > 0.0
    assert low <= values.min() * (1 + 1e-9)
    assert values.max() <= high * (1 + 1e-9)


def test_nothing_has_no_range() -> None:
    assert padded(np.array([np.nan, np.nan])) is None


@given(arrays(np.float64, st.integers(1, 60), elements=finite), st.booleans())
def test_a_robust_range_holds_the_best_and_counts_the_others(
    values: np.ndarray, small_is_good: bool
) -> None:
    low, high, n_cut = robust_range(values, small_is_good)
    assert (values.min() == low) if small_is_good else (values.max() == high)
    assert n_cut == ((values < low) | (values > high)).sum()
    assert n_cut <= len(values) / 4


def test_ordinary_values_are_not_cut() -> None:
    assert clipped_range(np.random.default_rng(0).normal(size=1000), small_is_good=True) == (
        None,
        (),
    )


def test_the_dark_end_of_the_colours_is_good() -> None:
    values = np.array([1.0, 2.0, 3.0])
    small, _ = color_scale("v", values, small_is_good=True)
    large, _ = color_scale("v", values, small_is_good=False)
    assert small.colors[0] == large.colors[-1] == "#440154"


@given(st.floats(1e-9, 1.0), st.floats(1.5, 1e9), st.integers(3, 12))
def test_log_ticks_lie_in_the_range_and_have_room(low: float, factor: float, n: int) -> None:
    ticks = log_ticks(low, low * factor, n)
    assert all(low <= tick <= low * factor for tick in ticks)
    assert len(ticks) <= n + 4


@given(st.integers(1, 3_000), st.integers(2, 300))
def test_an_even_sample_has_both_ends(n: int, limit: int) -> None:
    chosen = even(n, limit)
    assert len(set(chosen.tolist())) == min(n, limit)
    assert (chosen[0], chosen[-1]) == (0, n - 1)


@given(arrays(np.float64, st.integers(1, 400), elements=finite), st.integers(2, 100))
def test_thinning_keeps_the_best_and_the_number(losses: np.ndarray, limit: int) -> None:
    chosen = thin(losses, limit)
    assert len(set(chosen.tolist())) == min(len(losses), limit)
    assert losses[chosen].min() == losses.min()


@pytest.mark.parametrize("choices", [[1, "1"], [None, "None"], [True, "True", 1.5]])
def test_look_alikes_are_quoted(choices: list[object]) -> None:
    assert repr(choices[1]) in labels_of(choices)
