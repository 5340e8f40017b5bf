"""The default pruner finds its rungs itself, and prunes nothing where that saves nothing."""

from __future__ import annotations

import logging
import math
from typing import Any

import pytest
from learning_curves import Curve, curve, new_study, run

import steep
from steep.pruners import ASHAPruner


def pruned_at(curves: list[Curve], pruner: ASHAPruner | None = None, **how: Any) -> list[list[int]]:
    """Return for each trial the steps at which it was told to stop."""
    direction = how.pop("direction", "minimize")
    decisions = run(new_study(steep, pruner or ASHAPruner(), direction), curves, **how)
    return [
        [step for (step, _), stop in zip(row, answers, strict=False) if stop]
        for row, answers in zip(curves, decisions, strict=True)
    ]


def shifted(values: list[float], first: int, interval: int) -> Curve:
    return [(first + interval * k, value) for k, value in enumerate(values)]


@pytest.mark.parametrize(
    ("first", "interval", "expected"),
    [
        (0, 1, [0, 2, 8, 26]),
        (1, 1, [1, 3, 9, 27]),
        (100, 100, [100, 300, 900, 2700]),
        (0, 100, [0, 200, 800, 2600]),
        (4, 5, [4, 14, 44, 134]),
    ],
)
def test_rungs_lie_at_the_first_third_and_ninth_report_whatever_the_steps(
    first: int, interval: int, expected: list[int]
) -> None:
    good, bad = (shifted([level] * 40, first, interval) for level in (0.0, 1.0))
    assert pruned_at([good, bad], obey=False) == [[], expected]


def test_the_lowest_rung_may_be_moved_up() -> None:
    good, bad = curve(*[0] * 30), curve(*[1] * 30)
    pruner = ASHAPruner(reduction_factor=2, min_reports=4)
    assert pruned_at([good, bad], pruner, obey=False) == [[], [3, 7, 15]]


def test_it_is_the_default_pruner_of_a_study() -> None:
    assert type(steep.create_study().pruner) is ASHAPruner


def test_the_best_third_passes() -> None:
    levels = [5.0, 6.0, 7.0, 8.0, 9.0, 5.5, 6.5]
    stops = pruned_at([curve(*[level] * 9) for level in levels])
    # Of six the best two pass: 5.5 is second, and fails at the next rung. Of seven still two.
    assert stops == [[], [0], [0], [0], [0], [2], [0]]


def test_trials_are_ranked_by_their_best_report() -> None:
    overfitted = curve(9, 1, 5, 5, 5)
    steady = curve(8, 2, 2, 2, 2)
    assert pruned_at([overfitted, steady]) == [[], [2]]


def test_a_maximized_objective_is_ranked_by_its_largest_report() -> None:
    stops = pruned_at([curve(1, 3, 2, 2), curve(2, 2, 2, 2)], direction="maximize")
    assert stops == [[], [2]]


def test_nothing_is_pruned_where_trials_report_once() -> None:
    assert pruned_at([curve(level) for level in range(20)]) == [[]] * 20


def test_nothing_is_pruned_at_the_last_step() -> None:
    stops = pruned_at([curve(0, 0, 0), curve(1, 1, 1)], obey=False)
    assert stops == [[], [0]]


def test_a_running_trial_shows_the_steps_to_others() -> None:
    study = new_study(steep, ASHAPruner())
    good, bad = study.ask(), study.ask()
    for step in (0, 1):
        good.report(0.0, step)
        assert not good.should_prune()
    bad.report(1.0, 0)
    assert bad.should_prune()


def test_nothing_but_nan_is_pruned_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    steep.logging.enable_propagation()
    try:
        with caplog.at_level(logging.WARNING, logger="steep"):
            stops = pruned_at([curve(0, 0, 0, 0), curve(math.nan, math.nan)])
    finally:
        steep.logging.disable_propagation()
    assert stops == [[], [0]]
    assert "Trial 1 has reported nothing but NaN up to step 0" in caplog.text


def test_nan_between_numbers_is_left_out() -> None:
    good = curve(2, 2, 2, 2, 2)
    assert pruned_at([good, curve(1, math.nan, math.nan, 1, 1)], obey=False) == [[], []]
    assert pruned_at([good, curve(3, math.nan, math.nan, 3, 3)], obey=False) == [[], [0, 2]]


def test_a_trial_that_began_later_is_judged_on_the_rungs_it_passed() -> None:
    good = curve(*[0] * 30)
    resumed = shifted([1.0] * 5, first=5, interval=1)
    assert pruned_at([good, resumed], obey=False) == [[], [5, 6, 8]]


def test_another_process_prunes_alike(tmp_path: Any) -> None:
    url = f"sqlite:///{tmp_path}/study.db"
    study = steep.create_study(storage=url, study_name="s", pruner=ASHAPruner())
    run(study, [curve(0, 0, 0, 0)])
    other = steep.load_study(storage=url, study_name="s")
    assert isinstance(other.pruner, ASHAPruner)
    assert run(other, [curve(1, 1, 1, 1)]) == [[True]]


@pytest.mark.parametrize(
    ("arguments", "error", "quoted"),
    [
        ({"reduction_factor": 1}, ValueError, "reduction_factor=1"),
        ({"min_reports": 0}, ValueError, "min_reports=0"),
        ({"reduction_factor": "3"}, TypeError, "reduction_factor='3'"),
    ],
)
def test_bad_arguments_are_refused(
    arguments: dict[str, Any], error: type[Exception], quoted: str
) -> None:
    with pytest.raises(error, match=rf"^ASHAPruner\({quoted}\)"):
        ASHAPruner(**arguments)
