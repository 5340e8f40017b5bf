"""The fold: what a log says is what the columns say, whole or in pieces."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from event_logs import FINAL, OPEN, Model, assert_like_model, fold, logs
from hypothesis import given
from hypothesis import strategies as st

from steep.distributions import FloatDistribution
from steep.events import Add, Ask, Changes, Claim, CreateStudy, Event, Finish, Release, Update
from steep.states import TrialState
from steep.table import Table

X = FloatDistribution(0, 1)
COMPLETE, PRUNED, FAIL = map(int, FINAL)


def begun(*events: Event, directions: tuple[int, ...] = (1,)) -> Table:
    return fold([CreateStudy("tea", list(directions)), *events])


@given(logs())
def test_a_log_folds_to_what_the_plainest_fold_says(log: list[Event]) -> None:
    assert_like_model(fold(log), Model.fold(log))


@given(logs(), st.data())
def test_any_prefix_of_a_log_folds_to_a_valid_table(log: list[Event], data: st.DataObject) -> None:
    prefix = log[: data.draw(st.integers(1, len(log)))]
    table = fold(prefix)
    assert table.position == len(prefix)
    assert_like_model(table, Model.fold(prefix))
    for name, column in table.params.items():
        assert column.name == name
        assert len(column.values) == len(column.codes) == table.n
        assert (np.isnan(column.values) == (column.codes == -1)).all()


@given(logs(), st.data())
def test_folding_in_pieces_equals_folding_at_once(log: list[Event], data: st.DataObject) -> None:
    table = Table()
    for event in log:
        if data.draw(st.booleans()):
            # Readers between two events, and a process that stops and goes on, change nothing.
            _ = (table.params, table.violation, table.reports.flat())
            table = pickle.loads(pickle.dumps(table))
        table.apply(event)
    assert_like_model(table, Model.fold(log))


@given(logs())
def test_effects_tell_beforehand_what_folding_does(log: list[Event]) -> None:
    table = fold(log[:1])
    for event in log[1:]:
        effect, before = table.effects_of([event])[0], table.n
        result = table.apply(event)
        assert (effect.created is not None) == (table.n > before)
        if isinstance(event, Ask | Add):
            assert effect.number == result
        elif hasattr(event, "number"):
            assert effect.number == (event.number if result else None)


@given(logs())
def test_the_best_trial_is_the_best_feasible_complete_one(log: list[Event]) -> None:
    directions = log[0].directions  # type: ignore[union-attr]  # CreateStudy comes first
    if len(directions) == 1:
        assert fold(log).best == Model.fold(log).best(directions[0])


def test_ask_takes_the_lowest_waiting_trial_before_it_makes_one() -> None:
    waiting = Add(int(TrialState.WAITING))
    table = begun(Ask(1.0), waiting, waiting)
    assert [table.apply(Ask(2.0)) for _ in range(3)] == [1, 2, 3]


def test_a_released_trial_is_asked_for_again() -> None:
    table = begun(Ask(1.0))
    assert table.apply(Release(0)) is True
    assert table.apply(Ask(2.0)) == 0
    assert table.start[0] == 2.0


def test_a_trial_is_claimed_once() -> None:
    table = begun(Add(int(TrialState.WAITING)))
    assert [table.apply(Claim(0, 1.0)), table.apply(Claim(0, 2.0))] == [True, False]
    assert table.start[0] == 1.0


@pytest.mark.parametrize("late", [Finish(0, FAIL, None, 9.0), Update(0, Changes(reports={1: 1.0}))])
def test_events_about_a_finished_trial_have_no_effect(late: Event) -> None:
    table = begun(Ask(1.0), Finish(0, COMPLETE, [2.0], 3.0))
    assert table.apply(late) is False
    assert table.values_of(0) == [2.0]
    assert table.reports.of(0) == {}


def test_losses_negate_maximised_objectives_only() -> None:
    table = begun(Ask(1.0), Finish(0, COMPLETE, [2.0, 3.0], 3.0), directions=(1, 2))
    assert table.values.tolist() == [[2.0, 3.0]]
    assert table.losses.tolist() == [[2.0, -3.0]]


def test_of_equal_values_the_first_to_finish_is_the_best() -> None:
    table = begun(
        Ask(1.0), Ask(1.0), Finish(1, COMPLETE, [2.0], 3.0), Finish(0, COMPLETE, [2.0], 4.0)
    )
    assert table.best == 1


def test_a_changed_range_keeps_the_old_rows_with_their_own_distribution() -> None:
    wide = FloatDistribution(0, 9)
    first, second = Changes(params={"x": (0.5, X)}), Changes(params={"x": (8.0, wide)})
    table = begun(Ask(1.0), Ask(1.0), Update(0, first), Update(1, second), Ask(1.0))
    column = table.params["x"]
    assert [column.distribution_of(number) for number in range(3)] == [X, wide, None]
    assert column.distribution == wide
    assert column.codes.tolist() == [0, 1, -1]


def test_param_rows_give_nan_where_a_trial_lacks_the_parameter() -> None:
    table = begun(Ask(1.0), Ask(1.0), Update(0, Changes(params={"x": (0.5, X)})))
    rows = table.param_rows(["x"], np.array([1, 0]))
    assert np.array_equal(rows, [[np.nan], [0.5]], equal_nan=True)


def test_memo_builds_once_and_is_not_pickled() -> None:
    table = begun()
    built = table.memo("key", lambda: [1])
    assert table.memo("key", lambda: [2]) is built
    assert pickle.loads(pickle.dumps(table)).memo("key", lambda: [2]) == [2]


def test_states_count_every_trial_once() -> None:
    table = begun(Ask(1.0), Ask(1.0), Finish(0, PRUNED, None, 2.0), Add(int(TrialState.WAITING)))
    assert [table.n_in(state) for state in (*OPEN, *FINAL)] == [1, 1, 0, 1, 0]
