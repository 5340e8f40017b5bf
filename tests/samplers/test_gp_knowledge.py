"""What other studies know: coordinates across spaces, and how much they count."""

from __future__ import annotations

import numpy as np

from steep.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from steep.events import Add, Changes, CreateStudy
from steep.samplers.gp.knowledge import Alignment, coordinates
from steep.space import Space
from steep.table import Table


def told(name: str, distribution: BaseDistribution, *internal: float) -> Table:
    table = Table()
    table.apply(CreateStudy("coffee", [1]))
    for value in internal:
        changes = Changes(params={name: (value, distribution)})
        table.apply(Add(state=1, values=[0.0], changes=changes))
    return table


def in_space(table: Table, distribution: BaseDistribution) -> list[float]:
    return [round(float(u), 6) for u in coordinates(table, Space({"x": distribution}))[:, 0]]


def test_other_ranges_have_the_coordinates_of_this_one() -> None:
    table = told("x", FloatDistribution(0, 30), 0.0, 10.0, 30.0)
    assert in_space(table, FloatDistribution(10, 20)) == [-1.0, 0.0, 2.0]
    assert in_space(table, IntDistribution(0, 9)) == [0.05, 1.05, 3.05]


def test_logarithms_are_those_of_this_study() -> None:
    table = told("x", FloatDistribution(-1, 10), -1.0, 0.1, 10.0)
    assert np.isnan(in_space(table, FloatDistribution(1, 100, log=True))[0])
    assert in_space(table, FloatDistribution(1, 100, log=True))[1:] == [-0.5, 0.5]


def test_choices_are_found_again_by_their_value() -> None:
    table = told("x", CategoricalDistribution(["a", "b", "c"]), 0.0, 1.0, 2.0)
    first, second, third = in_space(table, CategoricalDistribution(["c", "a"]))
    assert (first, third) == (0.75, 0.25)
    assert np.isnan(second)


def test_kinds_are_not_mixed() -> None:
    table = told("x", CategoricalDistribution([1, 2]), 0.0, 1.0)
    assert np.isnan(in_space(table, IntDistribution(1, 2))).all()
    assert np.isnan(
        in_space(told("y", FloatDistribution(0, 1), 0.5), FloatDistribution(0, 1))
    ).all()


def test_who_agrees_counts_and_who_contradicts_does_not() -> None:
    z = np.linspace(-1, 1, 9)
    line = Alignment.of(z, np.array([2 * z + 5, -z]), trusted=100.0)
    assert line.weights.tolist() == [1.0, 0.0]
    assert np.allclose(line.offset + line.slope * (2 * z + 5), z, atol=0.1)
    assert Alignment.of(z, np.array([-z]), trusted=100.0).slope == 0.0


def test_own_trials_outweigh_others_in_the_end() -> None:
    z = np.linspace(-1, 1, 50)
    slopes = [Alignment.of(z, z[None, :], trusted).slope for trusted in (1e9, 50.0, 5.0)]
    assert np.allclose(slopes, [1.0, 0.5, 1 / 101], rtol=0.1)
