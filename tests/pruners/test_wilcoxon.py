"""The Wilcoxon pruner tests a trial against the best one, case by case."""

from __future__ import annotations

import math
import random
import warnings
from collections.abc import Sequence
from typing import Any

import optuna
import pytest
from learning_curves import Curve, curve, decide_interleaved, new_study

import steep

NAN, INF = math.nan, math.inf
EASY = [1.0, 2, 3, 1, 2, 3, 1, 2, 3, 1]
# No two differences are equal: with ties the reference takes up to a second for each decision.
HARD = [value + 0.125 * (i * 7 % 10 + 1) for i, value in enumerate(EASY)]


def answers(
    lib: Any, trials: Sequence[tuple[float | None, Curve]], direction: str, **arguments: Any
) -> tuple[list[list[bool]], list[str]]:
    """Tell (value, reports) of one trial after another; return the decisions and the warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        study = new_study(lib, lib.pruners.WilcoxonPruner(**arguments), direction)
        rows = []
        for value, reports in trials:
            trial, row = study.ask(), []
            for step, report in reports:
                trial.report(report, step)
                row.append(trial.should_prune())
            rows.append(row)
            state = None if value is not None else lib.trial.TrialState.FAIL
            study.tell(trial, value, state)
    names = [w.category.__name__ for w in caught]
    return rows, [name for name in names if name != "ExperimentalWarning"]


def compare(
    *trials: tuple[float | None, Curve], direction: str = "minimize", **arguments: Any
) -> tuple[list[list[bool]], list[str]]:
    """Return decisions and warnings under steep, after making sure that Optuna's are the same."""
    found = answers(steep, trials, direction, **arguments)
    assert found == answers(optuna, trials, direction, **arguments)
    return found


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
@pytest.mark.parametrize("seed", range(12))
def test_random_scores_are_pruned_as_by_optuna(seed: int, direction: str) -> None:
    rng = random.Random(seed)
    trials = []
    for _ in range(5):
        level, cases = rng.uniform(0, 1), rng.sample(range(14), 12)
        reports = [(c, c % 5 + level + rng.gauss(0, 0.5)) for c in cases]
        trials.append((level, reports))
    arguments = {
        "p_threshold": rng.choice([0.05, 0.2, 0.5]),
        "n_startup_steps": rng.choice([0, 2, 4]),
    }
    compare(*trials, direction=direction, **arguments)


@pytest.mark.parametrize("seed", range(3))
def test_concurrent_trials_are_pruned_as_by_optuna(seed: int) -> None:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "WilcoxonPruner: ")
        decide_interleaved(lambda p: p.WilcoxonPruner(), seed)


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_a_worse_trial_is_pruned_once_that_is_sure(direction: str) -> None:
    best, worse = (EASY, HARD) if direction == "minimize" else (HARD, EASY)
    rows, _ = compare((1, curve(*best)), (1, curve(*worse)), direction=direction)
    assert rows[1].index(True) == 3
    rows, _ = compare((1, curve(*worse)), (1, curve(*best)), direction=direction)
    assert not any(rows[1])


@pytest.mark.parametrize(("n_startup_steps", "first"), [(0, 1), (1, 1), (2, 1), (5, 4)])
def test_a_few_pairs_are_needed(n_startup_steps: int, first: int) -> None:
    rows, _ = compare(
        (1, curve(*[1.0] * 6)),
        (2, curve(2, 3, 4, 5, 6, 7)),
        n_startup_steps=n_startup_steps,
        p_threshold=0.5,
    )
    assert rows[1].index(True) == first


def test_ties_and_zeros_are_pruned_as_by_optuna() -> None:
    worse = [value + i % 3 for i, value in enumerate(EASY[:7])]
    rows, _ = compare((1, curve(*EASY[:7])), (2, curve(*worse)), p_threshold=0.3)
    assert any(rows[1])


def test_equal_scores_are_split_and_never_pruned() -> None:
    rows, _ = compare((1, curve(*EASY)), (1, curve(*EASY)), p_threshold=1.0)
    assert not any(rows[1])


def test_a_mean_as_good_as_the_best_trial_s_spares_whatever_the_test_says() -> None:
    rows, _ = compare((1, curve(*[0.0] * 8, 100.0)), (2, curve(*[1.0] * 8)))
    assert not any(rows[1])


def test_without_a_complete_trial_nothing_is_pruned() -> None:
    assert compare((None, curve(*EASY)), (2, curve(*HARD))) == ([[False] * 10] * 2, [])


@pytest.mark.parametrize("odd", [NAN, INF, -INF], ids=repr)
def test_a_report_that_is_not_finite_warns_and_does_not_prune(odd: float) -> None:
    worse = curve(*HARD[:6], odd, *HARD[7:])
    rows, warned = compare((1, curve(*EASY)), (2, worse))
    assert rows[1][6:] == [False] * 4
    assert warned == ["UserWarning"] * 4
    rows, warned = compare((1, curve(1.0, odd)), (2, curve(*HARD[:3])))
    assert rows[1] == [False] * 3
    assert warned == ["UserWarning"] * 4


def test_a_best_trial_without_reports_warns() -> None:
    assert compare((1, []), (2, curve(1.0))) == ([[], [False]], ["UserWarning"])


def test_steps_that_the_best_trial_lacks_warn_and_are_left_out() -> None:
    shifted = [(step + 5, value + 5) for step, value in curve(*HARD)]
    rows, warned = compare((1, curve(*EASY)), (2, shifted))
    assert rows[1].index(True) == 3
    assert len(warned) == 5
    rows, _ = compare((1, curve(*EASY)), (2, [(step + 20, value) for step, value in shifted]))
    assert not any(rows[1])


def test_warnings_point_at_the_objective() -> None:
    study = new_study(steep, steep.pruners.WilcoxonPruner())
    trial = study.ask()
    trial.report(NAN, 0)
    with pytest.warns(UserWarning, match=r"^WilcoxonPruner: Trial 0 has reported") as caught:
        trial.should_prune()
    assert caught[0].filename == __file__


@pytest.mark.parametrize(
    "arguments",
    [{"p_threshold": -0.1}, {"p_threshold": 1.1}, {"p_threshold": NAN}, {"n_startup_steps": -1}],
    ids=repr,
)
def test_bad_arguments_are_refused_as_by_optuna(arguments: dict[str, Any]) -> None:
    [(name, value)] = arguments.items()
    with pytest.raises(ValueError, match=rf"^WilcoxonPruner\({name}={value}\)"):
        steep.pruners.WilcoxonPruner(**arguments)
    with (
        pytest.warns(optuna.exceptions.ExperimentalWarning),
        pytest.raises(ValueError, match=name),
    ):
        optuna.pruners.WilcoxonPruner(**arguments)
