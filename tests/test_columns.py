"""Columns grow without losing anything."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steep.columns import Column, ParamColumn
from steep.distributions import CategoricalDistribution, FloatDistribution

LOW, HIGH = FloatDistribution(0, 1), FloatDistribution(0, 9)


@given(st.lists(st.lists(st.floats(allow_nan=False), max_size=40), max_size=6))
def test_a_column_holds_what_was_appended(batches: list[list[float]]) -> None:
    column = Column(np.float64)
    for batch in batches:
        column.extend(batch)
        column.append(1.0)
    assert column.view.tolist() == [value for batch in batches for value in (*batch, 1.0)]


def test_equal_choices_of_other_types_stay_apart() -> None:
    numbers, flags = CategoricalDistribution([1, 0]), CategoricalDistribution([True, False])
    assert numbers == flags
    column = ParamColumn("x", numbers)
    for number, distribution in enumerate((numbers, flags, numbers)):
        column.set(number, 0.0, distribution)
    found = [column.distribution_of(number) for number in range(3)]
    assert [repr(d.to_external_repr(0.0)) for d in found if d] == ["1", "True", "1"]


def test_rows_that_were_not_set_hold_the_fill() -> None:
    column = Column(np.int8, width=2, fill=7)
    column.grow(100)
    assert column.view.shape == (100, 2)
    assert (column.view == 7).all()


def test_reserved_rows_are_not_in_use() -> None:
    column = Column(np.float64)
    column.reserve(1000)
    assert column.size == 0


@given(st.dictionaries(st.integers(0, 200), st.sampled_from([LOW, HIGH]), min_size=1))
def test_a_parameter_knows_the_distribution_of_each_row(
    rows: dict[int, FloatDistribution],
) -> None:
    column = ParamColumn("x", next(iter(rows.values())))
    for number, distribution in rows.items():
        column.set(number, float(number), distribution)
    for number in range(202):
        known = rows.get(number)
        assert column.distribution_of(number) == known
        assert (column.code_of(number) < 0) == (known is None)
        assert column.item(number) == (number if known else pytest.approx(np.nan, nan_ok=True))
    filled = ~np.isnan(column.values)
    assert np.flatnonzero(filled).tolist() == sorted(rows)
    assert column.values[filled].tolist() == sorted(map(float, rows))
