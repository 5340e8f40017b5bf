"""What the GP sampler learns from pruned trials."""

from __future__ import annotations

import numpy as np
import pytest

import steep
from steep.samplers import GPSampler
from steep.samplers.gp.history import History
from steep.states import TrialState

COMPLETE, PRUNED, FAIL = TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL
Told = tuple[TrialState, list[float]]
FLOAT = steep.distributions.FloatDistribution(-1, 1)


def new_study(*told: Told, sign: float = 1.0, first: int = 0, every: int = 1) -> steep.Study:
    """Return a study of trials that reported some losses and ended so."""
    study = steep.create_study(direction="minimize" if sign > 0 else "maximize")
    for state, losses in told:
        reports = {first + every * i: sign * loss for i, loss in enumerate(losses)}
        value = sign * losses[-1] if losses and state == COMPLETE else None
        study.add_trial(
            steep.trial.create_trial(state=state, value=value, intermediate_values=reports)
        )
    return study


def learnt(study: steep.Study, rows: list[int] | None = None) -> list[float]:
    """Return what the process is to explain: small is good."""
    history = History(1)
    history.update(study.table)
    found = history.warped(0, np.array(rows or range(len(study.trials)), dtype=np.intp))
    return [float(value) for value in found]


SPREAD = [(COMPLETE, [10.0 + i, float(i)]) for i in range(5)]


def test_a_pruned_trial_is_placed_by_those_that_came_as_far() -> None:
    y = learnt(new_study(*SPREAD, (PRUNED, [13.5]), (PRUNED, [99.0])))
    assert y[2] < y[5] < y[3] < y[4] < y[6]


def test_pruned_trials_that_looked_good_are_no_better_than_the_median() -> None:
    y = learnt(new_study(*SPREAD, (PRUNED, [0.0])))
    assert y[1] < y[2] <= y[5] < y[3]


def test_it_matters_when_a_trial_was_pruned() -> None:
    # 8.0 is the worst loss of those that came to the second step, and would be the best at first.
    y = learnt(new_study(*SPREAD, (PRUNED, [10.0, 8.0]), (PRUNED, [10.0])))
    assert y[5] > y[4] > y[6]


@pytest.mark.parametrize(("first", "every"), [(0, 1), (1, 1), (100, 100), (-5, 3)])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_neither_the_direction_nor_the_steps_change_anything(
    sign: float, first: int, every: int
) -> None:
    told = *SPREAD, (PRUNED, [13.5]), (PRUNED, [12.5, 3.5]), (PRUNED, [11.0])
    assert learnt(new_study(*told, sign=sign, first=first, every=every)) == pytest.approx(
        learnt(new_study(*told))
    )


def test_what_a_process_explains_follows_from_its_trials_alone() -> None:
    told: list[Told] = [*SPREAD, (PRUNED, [13.5]), (PRUNED, [12.5])]
    later: list[Told] = [(COMPLETE, [0.0, 50.0]), (PRUNED, [12.9]), (FAIL, [1.0])]
    rows = list(range(len(told)))
    assert learnt(new_study(*told, *later), rows) == learnt(new_study(*told))


def test_pruned_trials_without_a_number_come_last_before_failed_ones() -> None:
    nothing: list[Told] = [(PRUNED, []), (PRUNED, [np.nan]), (FAIL, [0.0])]
    y = learnt(new_study(*SPREAD, (PRUNED, [99.0]), *nothing))
    assert y[4] < y[5] < y[6] == y[7] < y[8]


def test_a_report_of_nan_leaves_the_one_before() -> None:
    y = learnt(new_study(*SPREAD, (PRUNED, [12.5, np.nan]), (PRUNED, [12.5])))
    assert y[2] < y[5] == y[6] < y[3]


@pytest.mark.parametrize("n", [0, 1, 2])
def test_the_order_of_pruned_trials_counts_where_few_are_complete(n: int) -> None:
    y = learnt(new_study(*SPREAD[:n], (PRUNED, [20.0]), (PRUNED, [30.0]), (PRUNED, [40.0])))
    assert y[n] < y[n + 1] < y[n + 2]
    assert y[0] == min(y)


def test_a_complete_trial_that_reported_less_counts_with_its_last_report() -> None:
    stopped = (PRUNED, [5.0, 5.0, 5.0])
    y = learnt(new_study((COMPLETE, [1.0]), (COMPLETE, [4.0]), (COMPLETE, [9.0]), stopped))
    assert y[1] < y[3] < y[2]


def test_the_search_does_not_avoid_what_was_pruned_against_strong_rivals() -> None:
    """Trials near the optimum are pruned one after the other, since the best one is there."""

    def objective(trial: steep.Trial) -> float:
        x = trial.suggest_float("x", -1, 1)
        loss = abs(x - 0.3) + 0.1
        for step in range(4):
            trial.report(loss * (4 - step), step)
            if trial.should_prune():
                raise steep.TrialPruned()
        return loss

    study = steep.create_study(sampler=GPSampler(seed=0, n_startup_trials=5))
    study.optimize(objective, n_trials=50)
    late = [trial.params["x"] for trial in study.trials[-20:]]
    assert np.median(np.abs(np.array(late) - 0.3)) < 0.1
