"""Study.to_frame: typed, tidy columns for pandas and polars."""

from __future__ import annotations

import builtins
import datetime
import time
from typing import Any

import numpy as np
import pytest

import steep
from steep.trial import TrialState

LIBRARIES = ("pandas", "polars")


def varied() -> steep.Study:
    """Make a study with trials in all states, conditional parameters and attributes."""
    study = steep.create_study(sampler=steep.samplers.RandomSampler(seed=0))

    def objective(trial: Any) -> float:
        x: float = trial.suggest_float("x", 0, 1)
        trial.suggest_categorical("kind", ["a", "b"])
        if trial.number == 0:
            trial.suggest_int("n", 1, 9)
            trial.suggest_categorical("mixed", ["a", 1, None])
            trial.suggest_categorical("flag", [True, False])
            trial.set_user_attr("note", "tea")
            trial.set_user_attr("list", [1, 2])
        trial.set_user_attr("seconds", 3 if trial.number == 1 else 0.5)
        trial.report(x, 3)
        trial.report(x + 1, 1)
        if trial.number == 1:
            raise ValueError
        if trial.number == 2:
            raise steep.TrialPruned
        return x

    study.optimize(objective, n_trials=4, catch=ValueError)
    study.ask()
    study.enqueue_trial({"x": 0.5})
    return study


def cells(frame: Any, name: str) -> list[Any]:
    """Give a column as a list, None where a cell is missing."""
    found = frame[name].tolist() if hasattr(frame[name], "tolist") else frame[name].to_list()
    return [None if cell is None or cell != cell else cell for cell in found]


@pytest.mark.parametrize("library", LIBRARIES)
class TestTrials:
    def test_is_a_frame_of_that_library(self, library: str) -> None:
        frame = varied().to_frame(library)  # type: ignore[arg-type]
        assert type(frame).__module__.split(".")[0] == library

    def test_columns_hold_what_the_trials_hold(self, library: str) -> None:
        study = varied()
        frame = study.to_frame(library)  # type: ignore[arg-type]
        trials = study.trials
        assert cells(frame, "number") == [trial.number for trial in trials]
        assert cells(frame, "state") == [trial.state.name for trial in trials]
        assert cells(frame, "value") == [trial.value for trial in trials]
        for name in ("x", "kind", "n", "flag"):
            expected = [trial.params.get(name) for trial in trials]
            assert cells(frame, f"params_{name}") == expected
        for name in ("note", "seconds"):
            expected = [trial.user_attrs.get(name) for trial in trials]
            assert cells(frame, f"user_attrs_{name}") == expected

    def test_what_has_no_common_type_is_text(self, library: str) -> None:
        study = steep.create_study()
        space = {"mixed": steep.distributions.CategoricalDistribution(["a", 1, None])}
        for choice in ("a", 1, None):
            trial = steep.create_trial(
                value=0.0, params={"mixed": choice}, distributions=space, user_attrs={"l": [1]}
            )
            study.add_trial(trial)
        frame = study.to_frame(library)  # type: ignore[arg-type]
        assert cells(frame, "params_mixed") == ["a", "1", None]
        assert cells(frame, "user_attrs_l") == ["[1]"] * 3

    def test_ordered_values_are_shown_as_the_user_knows_them(self, library: str) -> None:
        study = steep.create_study()
        space = {"size": steep.distributions.OrdinalDistribution(["small", "large"])}
        for size in ("large", "small"):
            study.add_trial(
                steep.create_trial(value=0.0, params={"size": size}, distributions=space)
            )
        frame = study.to_frame(library)  # type: ignore[arg-type]
        assert cells(frame, "params_size") == ["large", "small"]

    def test_times_are_utc_and_a_duration_is_their_difference(self, library: str) -> None:
        study = varied()
        frame = study.to_frame(library)  # type: ignore[arg-type]
        start, end = frame["datetime_start"][0], frame["datetime_complete"][0]
        trial = study.trials[0]
        assert trial.datetime_start is not None
        assert start.utcoffset() == datetime.timedelta(0)
        assert abs(start.timestamp() - trial.datetime_start.timestamp()) < 2e-6
        assert abs((end - start - frame["duration"][0]).total_seconds()) <= 2e-6
        assert cells(frame, "duration")[4:] == [None, None]

    def test_deleted_trials_are_left_out(self, library: str) -> None:
        study = varied()
        study.delete_trial(0)
        frame = study.to_frame(library)  # type: ignore[arg-type]
        assert cells(frame, "number") == [1, 2, 3, 4, 5]
        assert "params_n" not in frame.columns

    def test_a_new_study_has_the_columns_and_no_rows(self, library: str) -> None:
        frame = steep.create_study().to_frame(library)  # type: ignore[arg-type]
        assert list(frame.columns)[:3] == ["number", "state", "value"]
        assert len(frame) == 0

    def test_several_objectives_get_a_column_each(self, library: str) -> None:
        study = steep.create_study(directions=["minimize", "maximize"])
        study.add_trial(steep.create_trial(values=[1.0, 2.0]))
        frame = study.to_frame(library)  # type: ignore[arg-type]
        assert (cells(frame, "values_0"), cells(frame, "values_1")) == ([1.0], [2.0])
        study.set_metric_names(["loss", "accuracy"])
        assert "values_accuracy" in study.to_frame(library).columns  # type: ignore[arg-type]

    def test_violations_are_shown_where_there_are_constraints(self, library: str) -> None:
        study = steep.create_study()
        assert "violation" not in study.to_frame(library).columns  # type: ignore[arg-type]
        study.add_trial(steep.create_trial(value=0.0, system_attrs={"constraints:c": 2.0}))
        assert cells(study.to_frame(library), "violation") == [2.0]  # type: ignore[arg-type]

    def test_a_running_trial_shows_what_it_has_suggested(self, library: str) -> None:
        study = steep.create_study(sampler=steep.samplers.RandomSampler(seed=0))
        x = study.ask().suggest_float("x", 0, 1)
        assert cells(study.to_frame(library), "params_x") == [x]  # type: ignore[arg-type]

    def test_reports_are_rows_in_the_order_of_trials_and_steps(self, library: str) -> None:
        study = varied()
        study.ask().report(7.0, 5)
        frame = study.to_frame(library, rows="reports")  # type: ignore[arg-type]
        expected = [
            (trial.number, step, value)
            for trial in study.trials
            for step, value in sorted(trial.intermediate_values.items())
        ]
        rows = zip(cells(frame, "number"), cells(frame, "step"), cells(frame, "value"), strict=True)
        assert list(rows) == expected

    def test_a_hundred_thousand_trials_take_no_loop_over_trials(self, library: str) -> None:
        n = 20_000
        study = steep.create_study()
        kinds = steep.distributions
        space: dict[str, Any] = {
            "x": kinds.FloatDistribution(0.0, 1.0),
            "n": kinds.IntDistribution(0, 9),
            "k": kinds.CategoricalDistribution(["a", "b", "c"]),
        }
        params: dict[str, Any] = {"x": 0.5, "n": 3, "k": "b"}
        trial = steep.create_trial(value=1.0, params=params, distributions=space)
        study.add_trials([trial] * n)
        study.to_frame(library)  # type: ignore[arg-type]  # loads the library
        began = time.perf_counter()
        study.to_frame(library)  # type: ignore[arg-type]
        assert time.perf_counter() - began < 0.5  # 0.02 s here; objects for trials take 0.6 s


def test_types_of_polars_columns_are_those_of_the_parameters() -> None:
    import polars as pl

    schema = varied().to_frame("polars").schema
    assert schema["params_x"] == pl.Float64
    assert schema["params_n"] == pl.Int64
    assert schema["params_flag"] == pl.Boolean
    assert schema["params_kind"] == pl.String
    assert schema["user_attrs_seconds"] == pl.Float64


@pytest.mark.parametrize("missing", ["narwhals", "polars"])
def test_a_missing_package_is_named_with_the_command_that_installs_it(
    missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def refuse(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == missing:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(ImportError, match=f"{missing} is not installed: pip install narwhals po"):
        varied().to_frame("polars")


def test_an_unknown_library_is_refused() -> None:
    with pytest.raises(ValueError, match=r"Study.to_frame\('arrow'\): give 'pandas' or 'polars'"):
        steep.create_study().to_frame("arrow")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="rows='params'"):
        steep.create_study().to_frame(rows="params")  # type: ignore[arg-type]


def test_the_table_lines_up_with_the_trials() -> None:
    study = varied()
    table = study.table
    done = table.numbers(TrialState.COMPLETE)
    trials = study.get_trials(states=[TrialState.COMPLETE])
    np.testing.assert_array_equal(
        table.params["x"].values[done], [trial.params["x"] for trial in trials]
    )
