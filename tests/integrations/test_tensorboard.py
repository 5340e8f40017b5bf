"""TensorBoard reads one session for each trial."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import steep

from .learning import N_STEPS, RATES, tracked_study

pytest.importorskip("tensorboard", reason="TensorBoard is not installed")

# What TensorBoard's dependencies deprecate is not ours.
pytestmark = pytest.mark.filterwarnings("ignore")


def read(folder: Path) -> Any:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    return EventAccumulator(str(folder)).Reload()


def test_each_trial_is_a_session(tmp_path: Path) -> None:
    from tensorboard.plugins.hparams import metadata

    study = tracked_study(steep.integrations.TensorBoardCallback(str(tmp_path), "loss"))
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"trial-{i}" for i in range(3)]
    for trial in study.trials:
        events = read(tmp_path / f"trial-{trial.number}")
        (loss,) = events.Scalars("loss")
        assert loss.value == pytest.approx(trial.value)
        reports = {event.step: event.value for event in events.Scalars("intermediate_value")}
        assert reports == pytest.approx(trial.intermediate_values)
        told = events.SummaryMetadata(metadata.SESSION_START_INFO_TAG).plugin_data.content
        start = metadata.parse_session_start_info_plugin_data(told)
        assert start.hparams["rate"].number_value == RATES[trial.number]
        assert start.hparams["kind"].string_value == str(trial.params["kind"])
    told = events.SummaryMetadata(metadata.EXPERIMENT_TAG).plugin_data.content
    experiment = metadata.parse_experiment_plugin_data(told)
    rate, kind = experiment.hparam_infos
    assert (rate.domain_interval.min_value, rate.domain_interval.max_value) == (0.0, 1.0)
    assert list(kind.domain_discrete) == ["plain", "None"]
    assert experiment.metric_infos[0].name.tag == "loss"
    assert len(study.trials[0].intermediate_values) == N_STEPS


@pytest.mark.parametrize(
    ("choices", "kind"), [([True, False], "BOOL"), ([1, 2.5], "FLOAT64"), ([1, "a"], "STRING")]
)
def test_choices_keep_their_type(tmp_path: Path, choices: list[Any], kind: str) -> None:
    from tensorboard.plugins.hparams import api_pb2, metadata

    study = steep.create_study()
    callback = steep.integrations.TensorBoardCallback(str(tmp_path), "loss")
    study.optimize(
        lambda trial: float(len(str(trial.suggest_categorical("c", choices)))),
        n_trials=1,
        callbacks=[callback],
    )
    told = read(tmp_path / "trial-0").SummaryMetadata(metadata.EXPERIMENT_TAG)
    (info,) = metadata.parse_experiment_plugin_data(told.plugin_data.content).hparam_infos
    assert api_pb2.DataType.Name(info.type) == f"DATA_TYPE_{kind}"
