"""Which trials are good: against a sort of all trials, and against Optuna's order."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steep.events import Add, Changes, CreateStudy
from steep.kernels.hypervolume import hypervolume
from steep.kernels.pareto import nondominated_ranks
from steep.samplers.tpe import multi_objective
from steep.samplers.tpe.split import Ranking, default_gamma, hyperopt_gamma, rank_key
from steep.states import TrialState
from steep.table import Table

COMPLETE, PRUNED, FAIL = TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL
Row = tuple[TrialState, float | None, dict[int, float], float]
VALUES = st.sampled_from([-math.inf, -1.0, 0.0, 0.5, 2.0, 3.0, math.inf])
REPORTS = st.dictionaries(st.integers(0, 3), st.sampled_from([-1.0, 0.0, 1.0, math.nan]))
ROWS = st.one_of(
    st.tuples(st.just(COMPLETE), VALUES, st.just({}), st.sampled_from([-1.0, 0.5, 2.0])),
    st.tuples(st.just(PRUNED), st.none(), REPORTS, st.sampled_from([-1.0, 0.5, 2.0])),
    st.tuples(st.just(FAIL), st.none(), st.just({}), st.just(0.0)),
)


def new_table(*directions: int) -> Table:
    table = Table()
    table.apply(CreateStudy("tea", list(directions)))
    return table


def add(table: Table, rows: list[Row], constrained: bool = False) -> None:
    for state, value, reports, violation in rows:
        values = None if value is None else [value]
        if state == PRUNED and reports and not math.isnan(reports[max(reports)]):
            values = [reports[max(reports)]]
        attrs = {"constraints:c": violation} if constrained else {}
        changes = Changes(reports=reports, system_attrs=attrs)
        table.apply(Add(state=int(state), values=values, changes=changes))


def best_by_sorting(table: Table, n_good: int) -> frozenset[int]:
    keys = [(rank_key(table, number), number) for number in table.finished.tolist()]
    ranked = sorted((key, number) for key, number in keys if key is not None)
    return frozenset(number for _, number in ranked[:n_good])


@given(st.lists(ROWS, max_size=40), st.integers(0, 40), st.booleans(), st.sampled_from([1, 2]))
def test_the_good_set_holds_the_best(
    rows: list[Row], pause: int, constrained: bool, direction: int
) -> None:
    table, ranking = new_table(direction), Ranking(lambda n: math.ceil(n / 4))
    for part in (rows[:pause], rows[pause:]):
        add(table, part, constrained)
        ranking.update(table)
        counted = sum(table.state_of(number) != FAIL for number in range(table.n))
        assert ranking.n == counted
        assert ranking.good == best_by_sorting(table, math.ceil(counted / 4))


def test_a_gamma_that_jumps_finds_trials_that_were_dropped() -> None:
    sizes = iter([1, 300, 2, 5])
    table, ranking = new_table(1), Ranking(lambda n: next(sizes))
    losses = np.random.default_rng(0).random(400)
    add(table, [(COMPLETE, float(loss), {}, 0.0) for loss in losses[:200]])
    ranking.update(table)
    add(table, [(COMPLETE, float(loss), {}, 0.0) for loss in losses[200:]])
    ranking.update(table)
    assert ranking.good == frozenset(np.argsort(losses)[:300].tolist())


def test_the_good_set_is_the_same_object_until_it_changes() -> None:
    table, ranking = new_table(1), Ranking(default_gamma)
    add(table, [(COMPLETE, float(i), {}, 0.0) for i in range(25)])
    ranking.update(table)
    good = ranking.good
    add(table, [(COMPLETE, 50.0, {}, 0.0)])
    ranking.update(table)
    assert ranking.good is good
    add(table, [(COMPLETE, -1.0, {}, 0.0)])
    ranking.update(table)
    assert ranking.good == {26, 0, 1}


def test_the_order_is_feasible_complete_then_pruned_then_infeasible() -> None:
    table = new_table(1)
    add(
        table,
        [
            (COMPLETE, 9.0, {}, 3.0),  # violates most
            (COMPLETE, 1.0, {}, 1.0),
            (PRUNED, None, {1: 0.0}, 0.0),
            (PRUNED, None, {}, 0.0),  # never reported
            (PRUNED, None, {2: math.nan}, 0.0),
            (PRUNED, None, {2: 5.0}, 0.0),
            (COMPLETE, 7.0, {}, 0.0),
            (FAIL, None, {}, 0.0),
        ],
        constrained=True,
    )
    keys = {number: rank_key(table, number) for number in range(table.n)}
    assert keys.pop(7) is None
    assert sorted(keys, key=lambda number: keys[number] or ()) == [6, 5, 4, 2, 3, 1, 0]


@pytest.mark.parametrize(("n", "good"), [(1, 1), (10, 1), (11, 2), (250, 25), (9999, 25)])
def test_a_tenth_of_the_trials_is_good_but_25_at_most(n: int, good: int) -> None:
    assert default_gamma(n) == good


def test_hyperopt_takes_a_quarter_of_the_root() -> None:
    assert [hyperopt_gamma(n) for n in (1, 16, 17, 100, 10**6)] == [1, 1, 2, 3, 25]


# ---- several objectives --------------------------------------------------------------------------


def add_losses(table: Table, losses: Any, **changes: Any) -> None:
    for row in np.asarray(losses, dtype=float).tolist():
        table.apply(Add(state=int(COMPLETE), values=row, changes=Changes(**changes)))


@pytest.mark.parametrize("m", [2, 3])
def test_whole_fronts_come_before_the_next_one(m: int) -> None:
    table, fronts = new_table(*[1] * m), multi_objective.Fronts(lambda n: n // 5)
    losses = np.random.default_rng(0).random((100, m))
    add_losses(table, losses)
    fronts.update(table)
    ranks = nondominated_ranks(losses)
    good = np.array(sorted(fronts.good))
    assert len(good) == 20
    last = ranks[good].max()
    assert set(np.flatnonzero(ranks < last).tolist()) <= fronts.good


def test_of_a_front_the_points_that_dominate_most_are_good() -> None:
    table, fronts = new_table(1, 1), multi_objective.Fronts(lambda n: 3)
    x = np.array([0.0, 0.01, 0.5, 0.51, 0.99, 1.0])
    add_losses(table, np.stack([x, 1 - x], axis=1))
    fronts.update(table)
    spread = [sorted(group & fronts.good) for group in ({0, 1}, {2, 3}, {4, 5})]
    assert [len(part) for part in spread] == [1, 1, 1]


def test_one_by_one_the_good_set_dominates_nearly_as_much_as_when_chosen_at_once() -> None:
    losses = np.abs(np.random.default_rng(3).normal(size=(600, 2)))
    losses = 2 - losses / np.linalg.norm(losses, axis=1, keepdims=True)
    losses += np.random.default_rng(4).exponential(0.1, size=losses.shape)
    slowly, at_once = new_table(1, 1), new_table(1, 1)
    fronts = multi_objective.Fronts(multi_objective.default_gamma)
    for row in losses:
        add_losses(slowly, [row])
        fronts.update(slowly)
    whole = multi_objective.Fronts(multi_objective.default_gamma)
    add_losses(at_once, losses)
    whole.update(at_once)
    assert len(fronts.good) == len(whole.good) == 64
    assert fronts.n == whole.n == 600
    volumes = [
        hypervolume(losses[sorted(split.good)], np.full(2, 2.5)) for split in (fronts, whole)
    ]
    assert volumes[0] == pytest.approx(volumes[1], rel=0.01)
    assert set(np.flatnonzero(nondominated_ranks(losses) == 0).tolist()) <= fronts.good


def test_good_trials_count_by_what_they_add_to_the_volume() -> None:
    table, fronts = new_table(1, 1), multi_objective.Fronts(lambda n: 5)
    add_losses(table, [[0.0, 10.0], [4.0, 4.0], [10.0, 0.0], [11.0, 11.0], [math.inf, 1.0]])
    fronts.update(table)
    assert fronts.good == {0, 1, 2, 3, 4}
    # Up to (11, 11) the middle adds 36 by itself, and each end 4.
    wanted = [4 / 36, 1.0, 4 / 36, 0.0, 0.0]
    assert fronts.weights([0, 1, 2, 3, 4]) == pytest.approx(wanted, abs=1e-9)
    assert (fronts.weights([3, 4]) > 0.0).all()


def test_equal_good_trials_count_as_one_alone_would() -> None:
    table, fronts = new_table(1, 1), multi_objective.Fronts(lambda n: 3)
    add_losses(table, [[0.0, 4.0], [4.0, 0.0], [4.0, 0.0]])
    fronts.update(table)
    assert fronts.weights([0, 1, 2]).tolist() == [1.0, 1.0, 1.0]


@pytest.mark.parametrize("loss", [math.inf, 0.0, 1e-200, -1e300])
def test_good_trials_without_a_volume_count_all_the_same(loss: float) -> None:
    table, fronts = new_table(1, 1), multi_objective.Fronts(lambda n: 2)
    add_losses(table, [[loss, loss]] * 2)
    fronts.update(table)
    assert fronts.weights([0, 1]).tolist() == [1.0, 1.0]


def test_infeasible_trials_are_good_only_where_feasible_ones_run_out() -> None:
    table, fronts = new_table(1, 1), multi_objective.Fronts(lambda n: 3)
    add_losses(table, [[0, 0], [0, 0]], system_attrs={"constraints:c": 1.0})
    add_losses(table, [[5, 5]], system_attrs={"constraints:c": -1.0})
    add_losses(table, [[0, 0]], system_attrs={"constraints:c": 0.5})
    fronts.update(table)
    assert fronts.good == {2, 3, 0}
    add_losses(table, [[9, 9], [8, 8]], system_attrs={"constraints:c": 0.0})
    fronts.update(table)
    assert fronts.good == {2, 4, 5}


def test_infinite_losses_are_taken_in_their_order() -> None:
    table, fronts = new_table(1, 1), multi_objective.Fronts(lambda n: 2)
    for row in ([math.inf, 0.0], [0.0, math.inf], [1.0, 1.0], [-math.inf, 5.0], [2.0, 2.0]):
        add_losses(table, [row])
        fronts.update(table)
    assert len(fronts.good) == 2
    assert 4 not in fronts.good
