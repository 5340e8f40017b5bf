"""Show trials in the HPARAMS tab of TensorBoard.

Example::

    show = steep.integrations.TensorBoardCallback("logs", metric_name="loss")
    study.optimize(objective, n_trials=20, callbacks=[show])  # then: tensorboard --logdir logs

Neither TensorFlow nor PyTorch is needed: the event files are written by TensorBoard itself.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from steep.distributions import BaseDistribution, CategoricalDistribution, OrdinalDistribution
from steep.integrations.frameworks import framework
from steep.integrations.tracking import named_values
from steep.states import TrialState
from steep.trial import FrozenTrial

with framework("tensorboard"):
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.plugins.hparams import api_pb2, metadata
    from tensorboard.plugins.hparams.plugin_data_pb2 import (
        HParamsPluginData,
        SessionEndInfo,
        SessionStartInfo,
    )
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

if TYPE_CHECKING:
    from steep.study import Study

__all__ = ["TensorBoardCallback"]


class TensorBoardCallback:
    """Write each trial as a session: its parameters, its values and its reports.

    Args:
        dirname: The folder; each trial gets one inside, ``trial-NUMBER``.
        metric_name: The name of the objective value; several are numbered.
    """

    def __init__(self, dirname: str, metric_name: str) -> None:
        self._folder = Path(dirname)
        self._metric_name = metric_name

    def __call__(self, study: Study, trial: FrozenTrial) -> None:
        """Write a trial; the study calls it.

        Args:
            study: The study.
            trial: The trial, which has finished.
        """
        ended = trial.datetime_complete
        assert ended is not None, "a trial that has finished has ended"
        values = named_values("TensorBoardCallback(metric_name=...)", self._metric_name, trial)
        writer = EventFileWriter(str(self._folder / f"trial-{trial.number}"))
        try:
            for content in (_experiment(trial, list(values)), _start(trial), _end(trial)):
                writer.add_event(Event(summary=content, wall_time=ended.timestamp()))
            for step, value in trial.intermediate_values.items():
                writer.add_event(_scalar("intermediate_value", value, step, ended.timestamp()))
            for name, value in values.items():
                writer.add_event(_scalar(name, value, trial.number, ended.timestamp()))
        finally:
            writer.close()


def _told(value: Any) -> Any:
    """Give a value as TensorBoard takes it."""
    return value if isinstance(value, bool | int | float | str) else str(value)


def _scalar(name: str, value: float, step: int, when: float) -> Event:
    told = Summary(value=[Summary.Value(tag=name, simple_value=value)])
    return Event(summary=told, step=step, wall_time=when)


def _experiment(trial: FrozenTrial, metrics: list[str]) -> Summary:
    infos = [_info(name, distribution) for name, distribution in trial.distributions.items()]
    names = [api_pb2.MetricInfo(name=api_pb2.MetricName(tag=name)) for name in metrics]
    experiment = api_pb2.Experiment(hparam_infos=infos, metric_infos=names)
    return _summary(metadata.EXPERIMENT_TAG, HParamsPluginData(experiment=experiment))


def _start(trial: FrozenTrial) -> Summary:
    began = trial.datetime_start
    assert began is not None, "a trial that has finished has begun"
    start = SessionStartInfo(start_time_secs=began.timestamp())
    for name, value in trial.params.items():
        told = _told(value)
        kind = {bool: "bool", str: "string"}.get(type(told), "number")
        setattr(start.hparams[name], f"{kind}_value", told)
    data = HParamsPluginData(session_start_info=start)
    return _summary(metadata.SESSION_START_INFO_TAG, data)


def _end(trial: FrozenTrial) -> Summary:
    ended = trial.datetime_complete
    assert ended is not None, "a trial that has finished has ended"
    failed = trial.state == TrialState.FAIL
    status = api_pb2.STATUS_FAILURE if failed else api_pb2.STATUS_SUCCESS
    end = SessionEndInfo(status=status, end_time_secs=ended.timestamp())
    return _summary(metadata.SESSION_END_INFO_TAG, HParamsPluginData(session_end_info=end))


def _summary(tag: str, data: HParamsPluginData) -> Summary:
    about = metadata.create_summary_metadata(data)
    return Summary(value=[Summary.Value(tag=tag, tensor=metadata.NULL_TENSOR, metadata=about)])


def _info(name: str, distribution: BaseDistribution) -> Any:
    info = api_pb2.HParamInfo(name=name)
    if isinstance(distribution, CategoricalDistribution | OrdinalDistribution):
        choices = [_told(choice) for choice in distribution.choices]
        if all(isinstance(choice, bool) for choice in choices):
            info.type = api_pb2.DATA_TYPE_BOOL
        elif all(isinstance(choice, int | float) for choice in choices):
            info.type = api_pb2.DATA_TYPE_FLOAT64
        else:
            info.type = api_pb2.DATA_TYPE_STRING
        info.domain_discrete.extend(choices)
    else:
        info.type = api_pb2.DATA_TYPE_FLOAT64
        info.domain_interval.min_value = getattr(distribution, "low")  # noqa: B009
        info.domain_interval.max_value = getattr(distribution, "high")  # noqa: B009
    return info
