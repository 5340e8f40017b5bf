"""Distributions as axes of the unit cube."""

from __future__ import annotations

import numpy as np
import pytest

from steep.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from steep.samplers.tpe.axes import axis_of, ends_of, unit_of
from steep.space import Space

DISTRIBUTIONS: list[BaseDistribution] = [
    FloatDistribution(-2, 3),
    FloatDistribution(1e-5, 10, log=True),
    FloatDistribution(0, 1, step=0.25),
    FloatDistribution(-1, 1, step=0.001),
    FloatDistribution(-1.7e308, 1.7e308),
    IntDistribution(3, 9),
    IntDistribution(0, 1000, step=10),
    IntDistribution(1, 8, log=True),
    IntDistribution(4, 512, log=True),
    CategoricalDistribution(["a", "b", None]),
    IntDistribution(5, 5),
]


def some_values(distribution: BaseDistribution) -> list[float]:
    units = np.linspace(0, 1, 13)[:-1]
    values = {distribution.to_internal_repr(distribution.from_unit(float(u))) for u in units}
    return sorted(values | set(ends_of(distribution)))


@pytest.mark.parametrize("distribution", DISTRIBUTIONS, ids=str)
def test_one_value_is_mapped_as_many_are(distribution: BaseDistribution) -> None:
    values = some_values(distribution)
    units = Space({"x": distribution}).encode(np.array(values)[:, None])[:, 0]
    unit = unit_of(distribution)
    assert [unit(value) for value in values] == pytest.approx(units.tolist(), abs=1e-12)


@pytest.mark.parametrize("distribution", DISTRIBUTIONS, ids=str)
def test_a_value_sits_inside_its_cell(distribution: BaseDistribution) -> None:
    axis, unit = axis_of(distribution), unit_of(distribution)
    values = some_values(distribution)
    if axis.edges is not None:
        cells = [axis.cell(unit(value)) for value in values]
        assert cells == sorted(set(cells))
        assert axis.size == distribution.grid_size()
        if axis.centres is not None:
            assert [axis.centres[cell] for cell in cells] == pytest.approx(
                [unit(value) for value in values]
            )
    for value in values:
        again = distribution.to_internal_repr(distribution.from_unit(min(unit(value), 1 - 1e-16)))
        assert unit(again) == pytest.approx(unit(value), abs=1e-9)


@pytest.mark.parametrize(
    ("distribution", "size"),
    [
        (FloatDistribution(0, 1), 0),
        (FloatDistribution(0, 1, step=0.25), 5),
        (IntDistribution(1, 32), 32),
        (IntDistribution(1, 33), 0),
        (IntDistribution(1, 32, log=True), 32),
        (CategoricalDistribution(range(100)), 100),
    ],
)
def test_small_grids_and_categories_have_tables(distribution: BaseDistribution, size: int) -> None:
    assert axis_of(distribution).size == size


def test_the_cells_of_a_fine_logarithmic_grid_shrink() -> None:
    distribution = IntDistribution(4, 512, log=True)
    axis, unit = axis_of(distribution), unit_of(distribution)
    for value in (4, 50, 511):
        width = unit(value + 0.5) - unit(value - 0.5)
        assert axis.width * np.exp(-axis.decay * unit(value)) == pytest.approx(width, rel=0.02)
