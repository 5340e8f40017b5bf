"""MLflow gets one run for each trial, whatever became of it."""

from __future__ import annotations

from typing import Any

import pytest

import steep

from .learning import N_STEPS, RATES, learn, tracked_study

pytest.importorskip("mlflow", reason="MLflow is not installed")

# What MLflow's dependencies deprecate is not ours.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def uri(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Name a data base; MLflow takes ten seconds to make one, so all tests share it."""
    return f"sqlite:///{tmp_path_factory.mktemp('mlflow')}/runs.db"


def runs_of(name: str, uri: str) -> list[Any]:
    import mlflow

    client = mlflow.MlflowClient(tracking_uri=uri)
    experiment = client.get_experiment_by_name(name)
    found = client.search_runs([experiment.experiment_id])
    return sorted(found, key=lambda run: int(run.data.tags["number"]))


def test_each_trial_is_a_run(uri: str) -> None:
    callback = steep.integrations.MLflowCallback(uri, metric_name="loss")
    study = tracked_study(callback, name="each")
    first, *others = runs_of("each", uri)
    assert first.info.run_name == "0"
    assert first.data.metrics["loss"] == study.trials[0].value
    assert first.data.params == {
        "rate": str(RATES[0]),
        "kind": study.trials[0].params["kind"] or "None",
    }
    tags = first.data.tags
    assert (tags["state"], tags["direction"], tags["note"]) == ("COMPLETE", "MINIMIZE", "tea")
    assert tags["rate_distribution"].startswith("FloatDistribution(")
    assert [run.data.tags["state"] for run in others] == ["PRUNED", "PRUNED"]
    import mlflow

    client = mlflow.MlflowClient(tracking_uri=uri)
    history = client.get_metric_history(first.info.run_id, "intermediate_value")
    assert [m.step for m in history] == list(range(N_STEPS))


def test_what_the_objective_logs_goes_to_the_same_run(uri: str) -> None:
    callback = steep.integrations.MLflowCallback(
        uri, tag_study_user_attrs=True, tag_trial_user_attrs=False
    )

    @callback.track_in_mlflow()
    def objective(trial: Any) -> float:
        import mlflow

        mlflow.log_metric("extra", trial.number + 0.5)
        return learn(trial)

    tracked_study(callback, objective, name="own")
    runs = runs_of("own", uri)
    assert [run.data.metrics["extra"] for run in runs] == [0.5, 1.5, 2.5]
    assert "value" in runs[0].data.metrics
    assert "note" not in runs[0].data.tags
    assert callback._runs == {}
