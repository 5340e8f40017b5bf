"""The base class asks for one method."""

from __future__ import annotations

from typing import Any

import pytest
from learning_curves import curve, decide, new_study, run

import steep
from steep.pruners import BasePruner


def test_it_cannot_be_used_itself() -> None:
    with pytest.raises(TypeError, match="prune"):
        BasePruner()  # type: ignore[abstract]


def test_a_pruner_sees_the_study_and_the_reports_so_far() -> None:
    seen = []

    class Watching(BasePruner):
        def prune(self, study: steep.Study, trial: steep.trial.FrozenTrial) -> bool:
            seen.append((study, trial.number, trial.last_step, dict(trial.intermediate_values)))
            return False

    study = new_study(steep, Watching())
    run(study, [curve(1.0, 2.0)])
    assert seen == [(study, 0, 0, {0: 1.0}), (study, 0, 1, {0: 1.0, 1: 2.0})]


def test_a_third_party_s_pruner_decides_as_under_optuna() -> None:
    def make(pruners: Any) -> Any:
        class WorseThanLast(pruners.BasePruner):  # type: ignore[misc]
            def prune(self, study: Any, trial: Any) -> bool:
                values = trial.intermediate_values
                before = study.get_trials(deepcopy=False)[: trial.number]
                return any(
                    t.intermediate_values.get(trial.last_step, 9) < values[0] for t in before
                )

        return WorseThanLast()

    decisions = decide(make, [curve(3, 2, 1), curve(2, 3, 3), curve(3, 1), curve(0, 0, 0)])
    assert [sum(row) for row in decisions] == [0, 1, 1, 0]
