"""Hyperband deals trials to the same brackets as Optuna and prunes as it does."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import optuna
import pytest
from learning_curves import Make, curve, decide, decide_interleaved, random_curves

import steep
from steep.pruners.hyperband import Brackets


def random_pruner(seed: int) -> Make:
    def make(pruners: Any) -> Any:
        rng = random.Random(seed)
        least, most, eta = rng.randint(1, 4), rng.choice([3, 9, 20, 40, "auto"]), rng.randint(2, 4)
        bootstrap_count = 0 if most == "auto" else rng.choice([0, 0, 1])
        return pruners.HyperbandPruner(least, most, eta, bootstrap_count)

    return make


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
@pytest.mark.parametrize("seed", range(40))
def test_random_curves_are_pruned_as_by_optuna(seed: int, direction: str) -> None:
    decide(random_pruner(seed), random_curves(seed), direction)


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
@pytest.mark.parametrize("seed", range(5))
def test_concurrent_trials_are_pruned_as_by_optuna(seed: int, direction: str) -> None:
    decisions = decide_interleaved(lambda p: p.HyperbandPruner(1, 10, 2), seed, direction)
    assert any(answer for *_, answer in decisions)


@pytest.mark.parametrize("name", ["a", "study", "Größe"])
@pytest.mark.parametrize("layout", [(1, 27, 3), (1, 243, 3), (1, 125, 5), (3, 81, 3), (2, 3, 4)])
def test_brackets_are_those_of_optuna(name: str, layout: tuple[int, int, int]) -> None:
    study = optuna.create_study(study_name=name, pruner=optuna.pruners.HyperbandPruner(*layout))
    trial = study.ask()
    trial.report(0.0, 0)
    trial.should_prune()
    for _ in range(30):
        study.tell(study.ask(), 0.0)
    brackets = Brackets(name, *layout)
    # The only way to see a bracket from outside; the decisions above do without.
    wanted = [study.pruner._get_bracket_id(study, t) for t in study.trials]  # type: ignore[attr-defined]
    assert [brackets.of(number) for number in range(31)] == wanted


def test_brackets_get_their_shares() -> None:
    brackets = Brackets("shares", 1, 27, 3)
    counts = Counter(brackets.of(number) for number in range(4900))
    assert brackets.shares == [27, 12, 6, 4]
    for bracket, share in enumerate(brackets.shares):
        assert counts[bracket] == pytest.approx(100 * share, rel=0.2)


def test_with_auto_nothing_is_pruned_before_a_trial_is_complete() -> None:
    decisions = decide(lambda p: p.HyperbandPruner(), [curve(*[level] * 20) for level in range(8)])
    assert not any(decisions[0])
    assert any(any(row) for row in decisions[1:])


def test_without_a_bracket_nothing_is_pruned() -> None:
    assert decide(lambda p: p.HyperbandPruner(10, 5), [curve(1), curve(2)]) == [[False]] * 2


BAD: list[tuple[dict[str, Any], str]] = [
    ({"max_resource": "foo"}, "max_resource='foo'"),
    ({"max_resource": 1.5}, "max_resource=1.5"),
    ({"bootstrap_count": 1}, "max_resource='auto', bootstrap_count=1"),
]
LATE: list[tuple[dict[str, Any], str]] = [
    ({"min_resource": 0}, "min_resource=0"),
    ({"max_resource": 0}, "max_resource=0"),
    ({"reduction_factor": 1}, "reduction_factor=1"),
    ({"bootstrap_count": -1}, "bootstrap_count=-1"),
]


@pytest.mark.parametrize(("arguments", "quoted"), BAD + LATE, ids=repr)
def test_bad_arguments_are_refused(arguments: dict[str, Any], quoted: str) -> None:
    with pytest.raises(ValueError, match=rf"^HyperbandPruner\({quoted}\)"):
        steep.pruners.HyperbandPruner(**arguments)


@pytest.mark.parametrize(("arguments", "quoted"), BAD, ids=repr)
def test_what_optuna_refuses_is_refused(arguments: dict[str, Any], quoted: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        optuna.pruners.HyperbandPruner(**arguments)
