from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from steep.kernels import crossover

N, D = 4000, 3
BOUNDS = np.array([[0.0, 1.0]] * D)
Law = Callable[[Any, Any], Any]
LAWS: dict[str, tuple[int, Law]] = {
    "uniform": (2, lambda p, r: crossover.uniform(p, r, 0.5)),
    "blend": (2, lambda p, r: crossover.blend(p, r, 0.5)),
    "sbx": (2, lambda p, r: crossover.sbx(p, BOUNDS, r, 2.0, 0.5, 1.0)),
    "vsbx": (2, lambda p, r: crossover.vsbx(p, r, 20.0, 0.5, 1.0)),
    "simplex": (3, lambda p, r: crossover.simplex(p, r, None)),
    "undx": (3, lambda p, r: crossover.undx(p, r, 0.5, None)),
}
every_law = pytest.mark.parametrize("name", LAWS)


def children(name: str, points: list[list[float]] | None = None) -> tuple[Any, Any]:
    k, law = LAWS[name]
    rng = np.random.default_rng(1)
    own = np.array(points) if points else rng.uniform(0.3, 0.7, size=(k, D))
    return own, law(np.tile(own, (N, 1, 1)), rng)


@every_law
def test_the_mean_of_the_children_is_that_of_the_parents(name: str) -> None:
    own, made = children(name)
    centre = own[:2].mean(axis=0) if name == "undx" else own.mean(axis=0)
    assert made.shape == (N, D)
    assert np.abs(made.mean(axis=0) - centre).max() < 0.02


@pytest.mark.parametrize("name", [name for name in LAWS if name != "vsbx"])  # it reaches everywhere
def test_equal_parents_have_children_that_equal_them(name: str) -> None:
    _, made = children(name, [[0.25] * D] * LAWS[name][0])
    assert np.abs(made - 0.25).max() < 1e-9


@every_law
def test_what_is_not_known_stays_so(name: str) -> None:
    k, law = LAWS[name]
    parents = np.full((5, k, D), 0.5)
    parents[:, :, 1] = np.nan
    made = law(parents, np.random.default_rng(0))
    assert np.isnan(made[:, 1]).all()


@every_law
def test_old_generators_serve_too(name: str) -> None:
    k, law = LAWS[name]
    assert law(np.full((1, k, D), 0.5), np.random.RandomState(0)).shape == (1, D)


def test_blend_fills_its_box() -> None:
    _, made = children("blend", [[0.4] * D, [0.6] * D])
    assert made.min() == pytest.approx(0.3, abs=0.01)
    assert made.max() == pytest.approx(0.7, abs=0.01)


def test_sbx_stays_in_bounds_and_near_its_parents() -> None:
    parents = np.tile([[0.0] * D, [0.1] * D], (N, 1, 1))
    made = crossover.sbx(parents, BOUNDS, np.random.default_rng(0), 0.0, 0.5, 1.0)
    assert made.min() >= 0.0
    assert made.max() <= 1.0
    near = crossover.sbx(parents, BOUNDS, np.random.default_rng(0), 1e6, 0.5, 1.0)
    assert np.minimum(near, np.abs(near - 0.1)).max() < 1e-5


def test_sbx_without_genes_of_children_gives_those_of_parents() -> None:
    parents = np.tile([[0.2] * D, [0.7] * D], (N, 1, 1))
    made = crossover.sbx(parents, BOUNDS, np.random.default_rng(0), 2.0, 0.5, 0.0)
    assert set(np.unique(made)) == {0.2, 0.7}


def test_simplex_keeps_within_its_corners() -> None:
    corners = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    made = crossover.simplex(np.tile(corners, (N, 1, 1)), np.random.default_rng(0), 1.0)
    assert made.min() >= 0.0
    assert made.sum(axis=1).max() <= 1.0 + 1e-12
    assert np.abs(made.mean(axis=0) - 1 / 3).max() < 0.02


def test_undx_spreads_along_and_across_as_the_paper_says() -> None:
    parents = np.tile([[0.0, 0.0], [2.0, 0.0], [1.0, 3.0]], (20 * N, 1, 1))
    made = crossover.undx(parents, np.random.default_rng(0), 0.5, 0.1)
    assert made.std(axis=0) == pytest.approx([0.5 * 2, 0.1 * 3], rel=0.02)


def test_undx_of_one_coordinate_is_a_line() -> None:
    parents = np.tile([[0.0], [1.0], [5.0]], (N, 1, 1))
    made = crossover.undx(parents, np.random.default_rng(0), 0.5, None)
    assert made.std() == pytest.approx(0.5, rel=0.05)


@pytest.mark.parametrize("value", [0.0, 0.3, 1.0])
def test_mutation_stays_in_bounds(value: float) -> None:
    values = np.full((N, D), value)
    made = crossover.polynomial_mutation(values, BOUNDS, np.random.default_rng(0), 5.0)
    assert made.min() >= 0.0
    assert made.max() <= 1.0
    assert (made != value).mean() > 0.4
    near = crossover.polynomial_mutation(values, BOUNDS, np.random.default_rng(0), 1e6)
    assert np.abs(near - value).max() < 1e-3


def test_mutation_agrees_with_its_formula() -> None:
    class Half:
        def random(self, size: tuple[int, ...]) -> Any:
            return np.full(size, 0.25)

    # u = ¼, η = 1, δ₁ = ½: δ = (½ + ½·(1 - ½)²)^½ - 1
    made = crossover.polynomial_mutation(np.array([[2.0]]), np.array([[0.0, 4.0]]), Half(), 1.0)
    assert made[0, 0] == pytest.approx(2 + 4 * (np.sqrt(0.5 + 0.5 * 0.25) - 1))
