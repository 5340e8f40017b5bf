"""Successive halving decides as Optuna's, without writing to the study."""

from __future__ import annotations

import random
from typing import Any

import optuna
import pytest
from learning_curves import Make, curve, decide, decide_interleaved, random_curves

import steep


def random_pruner(seed: int) -> Make:
    def make(pruners: Any) -> Any:
        rng = random.Random(seed)
        eta, rate = rng.randint(2, 4), rng.randint(0, 2)
        if rng.random() < 0.4:
            return pruners.SuccessiveHalvingPruner("auto", eta, rate)
        return pruners.SuccessiveHalvingPruner(
            rng.randint(1, 3), eta, rate, rng.choice([0, 0, 1, 3])
        )

    return make


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
@pytest.mark.parametrize("seed", range(40))
def test_random_curves_are_pruned_as_by_optuna(seed: int, direction: str) -> None:
    decide(random_pruner(seed), random_curves(seed), direction)


@pytest.mark.parametrize("seed", range(40, 55))
def test_trials_that_go_on_all_the_same_are_judged_as_by_optuna(seed: int) -> None:
    decide(random_pruner(seed), random_curves(seed, gaps=False), obey=False)


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
@pytest.mark.parametrize("seed", range(6))
def test_concurrent_trials_are_pruned_as_by_optuna(seed: int, direction: str) -> None:
    decisions = decide_interleaved(lambda p: p.SuccessiveHalvingPruner(1, 2), seed, direction)
    assert any(answer for *_, answer in decisions)


def test_rungs_lie_at_powers_of_eta() -> None:
    def make(pruners: Any) -> Any:
        return pruners.SuccessiveHalvingPruner(2, 3, min_early_stopping_rate=1)

    answers = decide(make, [curve(*[0] * 60), curve(*[1] * 60)], obey=False)[1]
    assert [step for step, answer in enumerate(answers) if answer] == [6, 18, 54]


@pytest.mark.parametrize(("length", "first_rung"), [(50, 1), (250, 2), (500, 4)])
def test_auto_takes_a_hundredth_of_the_first_complete_trial(length: int, first_rung: int) -> None:
    curves = [curve(*[0] * length), curve(*[1] * 9), curve(*[2] * 9)]
    decisions = decide(lambda p: p.SuccessiveHalvingPruner("auto", 2), curves)
    # The first trial does not compete, and the second is alone on its rungs.
    assert not any(decisions[0] + decisions[1])
    assert decisions[2] == [False] * first_rung + [True]


def test_bootstrapping_prunes_all_that_come_first() -> None:
    decisions = decide(
        lambda p: p.SuccessiveHalvingPruner(1, 2, bootstrap_count=2), [curve(3, 2, 1)] * 3
    )
    assert decisions == [[False, True], [False, True], [False, False, True]]


def test_a_report_at_the_end_of_several_rungs_counts_on_each_that_was_passed() -> None:
    jump = [(0, 1.0), (10, 1.0)]
    late = [(0, 2.0), (10, 2.0)]
    decide(lambda p: p.SuccessiveHalvingPruner(1, 2), [jump, late, [(9, 3.0)], late, jump, jump])


def test_asked_only_now_and_then_a_trial_is_judged_all_the_same() -> None:
    study = steep.create_study(pruner=steep.pruners.SuccessiveHalvingPruner(4, 2))
    answers = []
    for level in (1.0, 2.0):
        trial = study.ask()
        for step in range(10):
            trial.report(level, step)
            if step % 5 == 0:
                answers.append(trial.should_prune())
        study.tell(trial, level)
    assert answers == [False, False, False, True]


BAD: list[tuple[dict[str, Any], str]] = [
    ({"min_resource": 0}, "min_resource=0"),
    ({"min_resource": "foo"}, "min_resource='foo'"),
    ({"reduction_factor": 1}, "reduction_factor=1"),
    ({"min_early_stopping_rate": -1}, "min_early_stopping_rate=-1"),
    ({"min_resource": 1, "bootstrap_count": -1}, "bootstrap_count=-1"),
    ({"bootstrap_count": 1}, "min_resource='auto', bootstrap_count=1"),
]


@pytest.mark.parametrize(("arguments", "quoted"), BAD, ids=repr)
def test_bad_arguments_are_refused_as_by_optuna(arguments: dict[str, Any], quoted: str) -> None:
    with pytest.raises(ValueError, match=rf"^SuccessiveHalvingPruner\({quoted}\)"):
        steep.pruners.SuccessiveHalvingPruner(**arguments)
    with pytest.raises(ValueError):  # noqa: PT011
        optuna.pruners.SuccessiveHalvingPruner(**arguments)
