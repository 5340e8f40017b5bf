"""The studies of the gallery are real ones, and hold what a plot can stumble over."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import steep
from steep.trial import TrialState
from tools import gallery_studies

pytest.importorskip("sklearn")


@pytest.fixture(autouse=True, scope="module")
def _silence() -> Iterator[None]:
    before = steep.logging.get_verbosity()
    steep.logging.set_verbosity(steep.logging.ERROR)
    yield
    steep.logging.set_verbosity(before)


def test_networks_report_each_epoch_and_their_excess_of_weights() -> None:
    study = gallery_studies.spread_study(3)
    for trial in study.trials:
        assert "weights" in trial.constraints
        assert ("momentum" in trial.params) == (trial.params["optimizer"] == "sgd")
        if trial.state == TrialState.COMPLETE:
            assert len(trial.intermediate_values) == gallery_studies.EPOCHS
            assert trial.value == trial.intermediate_values[gallery_studies.EPOCHS - 1]


def test_a_training_that_diverges_fails() -> None:
    study = steep.create_study()
    study.enqueue_trial(
        {"optimizer": "sgd", "learning_rate": 30.0, "units": 64, "batch_size": 32, "momentum": 0.9}
    )
    study.optimize(gallery_studies.train, n_trials=1, catch=FloatingPointError)
    assert study.trials[0].state == TrialState.FAIL


def test_forests_are_measured_in_as_many_objectives_as_asked_for() -> None:
    for objectives in (2, 3):
        study = gallery_studies.front_study(3, objectives)
        assert study.metric_names is not None
        assert len(study.metric_names) == len(study.directions) == objectives


def test_many_trials_are_pruned_failed_and_infeasible() -> None:
    study = gallery_studies.quick_study(1500)
    assert {trial.state.name for trial in study.trials} == {"COMPLETE", "FAIL", "PRUNED"}
    assert any(trial.constraints["weights"] > 0 for trial in study.trials)


@pytest.mark.filterwarnings("ignore:.*optuna.terminator:FutureWarning")
def test_cross_validation_says_how_exact_a_value_is() -> None:
    study = gallery_studies.cross_validated_study(1)
    assert len(study.trials[0].system_attrs["terminator:cv_scores"]) == 5
