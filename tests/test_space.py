"""Space: encode and decode are inverse, monotone, in range, and agree with the distributions."""

from __future__ import annotations

import math
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steep.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from steep.space import Space

finite = st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def distributions(draw: st.DrawFn) -> BaseDistribution:
    kind = draw(st.sampled_from(["float", "log", "step", "int", "int log", "choices"]))
    if kind == "float":
        return FloatDistribution(*sorted([draw(finite), draw(finite)]))
    if kind == "log":
        positive = st.floats(1e-300, 1e300)
        return FloatDistribution(*sorted([draw(positive), draw(positive)]), log=True)
    low, count = draw(st.integers(-1000, 1000)), draw(st.integers(1, 5000))
    if kind == "step":
        step = draw(st.sampled_from([0.1, 0.25, 1e-3, 3.0]))
        start, end = (round((low + steps) * step, 9) for steps in (0, count - 1))
        return FloatDistribution(start, end, step=step)
    if kind == "int":
        step = draw(st.integers(1, 9))
        return IntDistribution(low, low + (count - 1) * step, step=step)
    if kind == "int log":
        return IntDistribution(abs(low) + 1, abs(low) + count, log=True)
    return CategoricalDistribution(range(min(count, 60)))


def points(distribution: BaseDistribution, n: int = 50) -> np.ndarray[Any, Any]:
    """Make internal values of a distribution, as a column."""
    values = [distribution.from_unit(i / n) for i in range(n)]
    return np.array([[distribution.to_internal_repr(value)] for value in values])


@pytest.mark.filterwarnings("ignore:.*does not divide the range")
@given(distribution=distributions())
def test_decode_undoes_encode(distribution: BaseDistribution) -> None:
    space, internal = Space({"x": distribution}), points(distribution)
    unit = space.encode(internal)
    back = space.decode(unit)
    assert ((unit >= 0) & (unit <= 1)).all()
    if distribution.grid_size() is not None:
        np.testing.assert_allclose(back, internal, rtol=0, atol=1e-9)
    elif getattr(distribution, "log", False):
        np.testing.assert_allclose(back, internal, rtol=1e-12)
    else:
        assert isinstance(distribution, FloatDistribution)
        width = distribution.high / 2 - distribution.low / 2
        largest = max(abs(distribution.low), abs(distribution.high))
        atol = min(1e-15 * (width + largest), 1e300) + 1e-323
        np.testing.assert_allclose(back / 2, internal / 2, rtol=1e-15, atol=atol)


@pytest.mark.filterwarnings("ignore:.*does not divide the range")
@given(distribution=distributions(), seed=st.integers(0, 2**32))
def test_encode_undoes_decode_within_a_cell(distribution: BaseDistribution, seed: int) -> None:
    space = Space({"x": distribution})
    unit = np.random.default_rng(seed).random((40, 1))
    internal = space.decode(unit)
    assert all(distribution.contains(value) for value in internal[:, 0])
    back, size = space.encode(internal), distribution.grid_size()
    if isinstance(distribution, IntDistribution) and distribution.log:
        low, high = np.log(distribution.low - 0.5), np.log(distribution.high + 0.5)
        left, right = ((np.log(internal + side) - low) / (high - low) for side in (-0.5, 0.5))
        assert ((left - 1e-9 <= unit) & (unit <= right + 1e-9)).all()
        assert ((left <= back) & (back <= right)).all()
    elif size is not None:
        assert (np.abs(back - unit) <= 0.5 / size + 1e-12).all()
    elif _is_wide(distribution):
        np.testing.assert_allclose(back, unit, rtol=0, atol=1e-9)


def _is_wide(distribution: BaseDistribution) -> bool:
    """Tell whether float64 has enough values between the ends of the range to invert the map."""
    assert isinstance(distribution, FloatDistribution)
    low, high = distribution.low / 2, distribution.high / 2
    return high - low > 1e-6 * max(abs(low), abs(high)) and high - low > 1e-300


@pytest.mark.filterwarnings("ignore:.*does not divide the range")
@given(distribution=distributions())
def test_both_ways_are_monotone(distribution: BaseDistribution) -> None:
    space = Space({"x": distribution})
    unit = np.linspace(0, 1, 101)[:, None]
    assert (np.diff(space.decode(unit), axis=0) >= 0).all()
    internal = np.sort(points(distribution), axis=0)
    assert (np.diff(space.encode(internal), axis=0) >= 0).all()


@pytest.mark.filterwarnings("ignore:.*does not divide the range")
@given(distribution=distributions(), u=st.floats(0, 1, exclude_max=True))
def test_a_column_decodes_as_its_distribution_samples(
    distribution: BaseDistribution, u: float
) -> None:
    decoded = Space({"x": distribution}).decode([[u]])[0, 0]
    sampled = distribution.to_internal_repr(distribution.from_unit(u))
    if distribution.grid_size() is None:
        assert math.isclose(decoded / 2, sampled / 2, rel_tol=1e-12, abs_tol=1e-323)
    else:
        assert decoded == sampled


EVERY_KIND = Space(
    {
        "float": FloatDistribution(-2, 2),
        "log": FloatDistribution(1e-4, 1, log=True),
        "step": FloatDistribution(0, 0.9, step=0.3),
        "int": IntDistribution(0, 9, step=3),
        "int log": IntDistribution(1, 3, log=True),
        "choice": CategoricalDistribution(["a", "b"]),
        "single": IntDistribution(7, 7),
    }
)
ROW = {
    "float": -1.0,
    "log": 1e-2,
    "step": 0.3,
    "int": 6,
    "int log": 2,
    "choice": "b",
    "single": 7,
}


def test_columns_sit_where_they_should() -> None:
    unit = EVERY_KIND.encode([EVERY_KIND.to_internal(ROW)])
    log_of_two = math.log(2 / 0.5) / math.log(3.5 / 0.5)
    expected = [[0.25, 0.5, 0.375, 0.625, log_of_two, 0.75, 0.5]]
    np.testing.assert_allclose(unit, expected, rtol=1e-14)


def test_a_row_comes_back_as_plain_python() -> None:
    row = EVERY_KIND.decode(EVERY_KIND.encode([EVERY_KIND.to_internal(ROW)]))[0]
    external = EVERY_KIND.to_external(row)
    assert {name: type(value) for name, value in external.items()} == {
        name: type(value) for name, value in ROW.items()
    }
    assert external == pytest.approx(ROW)


def test_values_outside_a_range_count_as_its_ends_and_nan_stays() -> None:
    space = Space({"x": FloatDistribution(1, 10, log=True), "i": IntDistribution(0, 3)})
    unit = space.encode([[-5.0, 9.0], [100.0, -1.0], [math.nan, 2.0]])
    np.testing.assert_array_equal(unit, [[0.0, 0.875], [1.0, 0.125], [math.nan, 0.625]])
    np.testing.assert_array_equal(space.decode([[-1.0, 2.0]]), [[1.0, 3.0]])


@pytest.mark.parametrize("scale", [1.0, 1e308, 1e-308, 5e-324])
def test_huge_and_tiny_ranges_map_without_overflow(scale: float) -> None:
    space = Space({"x": FloatDistribution(-scale, scale)})
    np.testing.assert_array_equal(space.encode([[-scale], [0.0], [scale]]), [[0.0], [0.5], [1.0]])
    np.testing.assert_array_equal(space.decode([[0.0], [1.0]]), [[-scale], [scale]])


@pytest.mark.parametrize("ends", [(0, math.inf), (-math.inf, 0), (math.nan, 1), (0, math.nan)])
def test_an_infinite_range_has_no_place_in_the_unit_cube(ends: tuple[float, float]) -> None:
    with pytest.raises(OverflowError, match="finite ends"):
        Space({"x": FloatDistribution(*ends)})


def test_inputs_are_left_as_they_were() -> None:
    unit = np.full((3, 7), 0.4)
    internal = EVERY_KIND.decode(unit)
    kept = internal.copy()
    EVERY_KIND.encode(internal)
    assert (unit == 0.4).all()
    assert (internal == kept).all()


def test_spaces_are_values() -> None:
    columns = {"x": FloatDistribution(0, 1), "y": IntDistribution(0, 1)}
    space = Space(columns)
    assert space == Space(dict(columns))
    assert space == pickle.loads(pickle.dumps(space))
    assert hash(space) == hash(Space(columns))
    assert space != Space(dict(reversed(columns.items())))
    assert (len(space), space.names) == (2, ("x", "y"))
    assert len(Space({})) == 0
    assert Space({}).decode(np.empty((4, 0))).shape == (4, 0)
