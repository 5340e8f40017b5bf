"""The trust region: it follows success, refines quickly, and stays where it is meant to be."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import steep
from steep.samplers import RandomSampler
from steep.samplers.local import LocalSampler, Region, region_of
from steep.samplers.local.region import KEY, radius_after
from steep.trial import TrialState

Objective = Callable[[steep.Trial], float]


def search(objective: Objective, n: int, n_random: int = 8, **kwargs: Any) -> steep.Study:
    """Run some random trials, then local ones."""
    study = steep.create_study(sampler=RandomSampler(seed=3), **kwargs)
    study.optimize(objective, n_trials=n_random)
    study.sampler = LocalSampler(RandomSampler(seed=4), seed=1)
    study.optimize(objective, n_trials=n)
    return study


def region(study: steep.Study) -> Region | None:
    return region_of(study.table)


def turned(trial: steep.Trial) -> float:
    """Be a turned bowl, a hundred times steeper along one diagonal."""
    x, y = trial.suggest_float("x", -5, 5), trial.suggest_float("y", 1e-3, 1e3, log=True)
    a, b = x - 1.5, math.log10(y) - 0.5
    return (a + b) ** 2 + 100 * (a - b) ** 2


class TestTheRadius:
    def after(self, *trials: tuple[float, float, float]) -> float:
        """Give the radius after trials of one parameter: place, loss, own radius."""
        x, losses, radii = np.array(trials).T
        return radius_after(x[:, None], losses, radii)

    def test_grows_with_success_to_twice_the_step_and_never_shrinks_by_it(self) -> None:
        assert self.after((0.5, 1, 0), (0.7, 0.5, 0.2)) == pytest.approx(0.4)
        assert self.after((0.5, 1, 0), (0.51, 0.5, 0.2)) == pytest.approx(0.2)

    def test_shrinks_without_success(self) -> None:
        assert self.after((0.5, 1, 0), (0.7, 2, 0.2), (0.6, 3, 0.12)) == pytest.approx(0.072)

    def test_shrinks_once_by_trials_that_ran_side_by_side(self) -> None:
        beside = [(0.5 + 0.01 * i, 2.0, 0.2) for i in range(8)]
        assert self.after((0.5, 1, 0), *beside) == pytest.approx(0.12)

    def test_does_not_change_by_what_others_try_in_vain(self) -> None:
        assert self.after((0.5, 1, 0), (0.7, 2, 0), (0.1, math.inf, 0)) == pytest.approx(0.2)

    def test_reaches_as_far_as_what_another_sampler_has_found(self) -> None:
        assert self.after((0.5, 1, 0), (0.8, 0.5, 0)) == pytest.approx(0.3)
        assert self.after((0.0, 1, 0), (1.0, 0.5, 0)) == 0.5

    @given(
        arrays(float, (12, 2), elements=st.one_of(st.floats(0, 1), st.just(math.nan))),
        arrays(float, 12, elements=st.one_of(st.floats(-1e300, 1e300), st.just(math.inf))),
        arrays(float, 12, elements=st.sampled_from([0.0, 1e-3, 0.2, 0.5])),
    )
    def test_is_always_positive_and_at_most_half_of_the_range(
        self, units: Any, losses: Any, radii: Any
    ) -> None:
        assert 0 < radius_after(units, losses, radii) <= 0.5


class TestTheRegion:
    @pytest.mark.parametrize("state", [TrialState.PRUNED, TrialState.FAIL])
    def test_there_is_none_without_a_complete_trial(self, state: TrialState) -> None:
        study = steep.create_study()
        assert region(study) is None
        trial = study.ask()
        trial.suggest_float("x", 0, 1)
        study.tell(trial, state=state)
        assert region(study) is None

    def test_there_is_none_where_nothing_is_numerical(self) -> None:
        study = search(lambda t: len(t.suggest_categorical("kind", ["a", "bb"])), 0)
        assert region(study) is None

    def test_there_is_none_where_it_has_collapsed_until_something_better_is_found(self) -> None:
        study = search(lambda t: float(t.suggest_float("x", 0, 1) > 2), 0)
        study.sampler = LocalSampler(RandomSampler(seed=1), seed=1)
        study.optimize(lambda t: float(t.suggest_float("x", 0, 1) < 2), n_trials=20)
        marked = [KEY in trial.system_attrs for trial in study.trials]
        assert marked[8:24] == [True] * 15 + [False]
        assert region(study) is None
        study.enqueue_trial({"x": 0.25})
        study.optimize(lambda t: t.suggest_float("x", 0, 1) - 9, n_trials=1)
        assert region(study) is not None

    def test_it_has_the_parameters_of_the_best_trial(self) -> None:
        def branches(trial: steep.Trial) -> float:
            if trial.suggest_categorical("kind", ["a", "b"]) == "a":
                return 2 + trial.suggest_float("x", 0, 1) ** 2
            return trial.suggest_float("y", 0, 1) ** 2

        found = region(search(branches, 0))
        assert found is not None
        assert set(found.space.names) == {"kind", "y"}
        assert [found.space.names[j] for j in found.numeric] == ["y"]
        assert found.losses.max() < 2

    def test_trials_without_a_loss_are_known_points_all_the_same(self) -> None:
        def pruning(trial: steep.Trial) -> float:
            n, m = trial.suggest_int("n", 1, 3), trial.suggest_int("m", 1, 3)
            if n == m:
                raise steep.TrialPruned
            return abs(n - m) - n / 10

        study = search(pruning, 9, n_random=6)
        points = [tuple(trial.params.values()) for trial in study.trials[6:]]
        new = set(points) - {tuple(trial.params.values()) for trial in study.trials[:6]}
        assert len(new) == 9 - len({tuple(t.params.values()) for t in study.trials[:6]})

    def test_a_pruned_trial_is_no_success(self) -> None:
        def pruning(trial: steep.Trial) -> float:
            x = trial.suggest_float("x", 0, 1)
            trial.report(x, 1)
            raise steep.TrialPruned

        study = search(lambda t: 1 + t.suggest_float("x", 0, 1), 0)
        before = region(study)
        study.optimize(pruning, n_trials=1)
        after = region(study)
        assert before is not None
        assert after is not None
        assert after.radius == pytest.approx(0.6 * before.radius)
        assert after.best == before.best


class TestTheProposal:
    def test_a_turned_bowl_is_refined_in_few_trials(self) -> None:
        assert search(turned, 12).best_value < 1e-6

    def test_what_is_maximised_is_refined_too(self) -> None:
        assert search(lambda t: -turned(t), 12, direction="maximize").best_value > -1e-6

    def test_it_lies_in_the_region(self) -> None:
        study = search(turned, 0)
        for _ in range(10):
            found = region(study)
            assert found is not None
            best = found.units[found.best]
            study.optimize(turned, n_trials=1)
            point = found.space.encode(found.space.to_internal(study.trials[-1].params)[None])[0]
            assert np.abs(point - best).max() <= found.radius + 1e-9
            assert study.trials[-1].system_attrs[KEY] == found.radius

    def test_choices_stay_as_the_best_trial_has_them(self) -> None:
        def mixed(trial: steep.Trial) -> float:
            kind = trial.suggest_categorical("kind", ["a", "b", "c"])
            return (trial.suggest_float("x", 0, 1) - 0.3) ** 2 + "abc".index(kind)

        study = search(mixed, 8)
        assert {trial.params["kind"] for trial in study.trials[8:]} == {"a"}
        assert study.best_value < 1e-9

    def test_what_the_best_trial_lacks_is_left_to_the_other_sampler(self) -> None:
        def late(trial: steep.Trial) -> float:
            x = trial.suggest_float("x", 0, 1)
            return x + (trial.suggest_float("late", 5, 6) if trial.number >= 8 else 0)

        study = search(late, 1)
        assert study.best_trial.number < 8
        assert 5 <= study.trials[-1].params["late"] <= 6
        assert KEY in study.trials[-1].system_attrs

    def test_no_point_of_a_grid_is_tried_twice_while_there_are_others_near(self) -> None:
        def grid(trial: steep.Trial) -> float:
            n, units = trial.suggest_int("n", 1, 6), trial.suggest_int("units", 1, 64, log=True)
            step = trial.suggest_float("step", 0, 1, step=0.25)
            return (n - 3) ** 2 + math.log(units / 8) ** 2 + step

        study = search(grid, 20)
        points = [tuple(trial.params.values()) for trial in study.trials[8:]]
        assert len(set(points)) == 20
        assert study.best_params == {"n": 3, "units": 8, "step": 0.0}

    def test_a_grid_that_is_used_up_is_no_error(self) -> None:
        study = search(lambda t: t.suggest_int("n", 1, 3), 6)
        assert study.best_params == {"n": 1}

    def test_running_trials_are_given_room(self) -> None:
        study = search(turned, 0)
        found = region(study)
        assert found is not None
        points = []
        for _ in range(6):
            trial = study.ask()
            trial.suggest_float("x", -5, 5)
            trial.suggest_float("y", 1e-3, 1e3, log=True)
            points.append(found.space.encode(found.space.to_internal(trial.params)[None])[0])
        away = np.abs(np.array(points)[:, None] - points).max(axis=2)
        assert away[np.triu_indices(6, 1)].min() >= 0.25 * found.radius

    def test_what_the_objective_does_not_accept_is_not_proposed_again(self) -> None:
        def picky(trial: steep.Trial) -> float:
            x, y = trial.suggest_float("x", 0, 1), trial.suggest_float("y", 0, 1)
            trial.require(x < y)
            return (x - 0.6) ** 2 + (y - 0.5) ** 2

        study = search(picky, 20)
        assert all(trial.params["x"] < trial.params["y"] for trial in study.trials)
        assert study.best_value < 0.006

    @pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e300, -1e300, 0.0])
    def test_no_value_is_too_much(self, value: float) -> None:
        def wild(trial: steep.Trial) -> float:
            x = trial.suggest_float("x", -1, 1)
            return value if trial.number % 2 else x * 1e290

        study = search(wild, 10)
        assert len(study.trials) == 18

    def test_two_hundred_parameters_are_refined_together(self) -> None:
        def wide(trial: steep.Trial) -> float:
            return sum((trial.suggest_float(f"x{i}", -1, 1) - 0.1) ** 2 for i in range(200))

        study = search(wide, 20)
        first = min(trial.value for trial in study.trials[:8])
        assert study.best_value < 0.8 * first

    def test_the_same_seed_gives_the_same_trials(self) -> None:
        first, second = (search(turned, 6, study_name="tea") for _ in range(2))
        assert [t.params for t in first.trials] == [t.params for t in second.trials]
