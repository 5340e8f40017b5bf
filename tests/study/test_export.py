"""Trials go into files and come back as they were."""

from __future__ import annotations

import csv
import datetime
import json
import math
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from any_trials import facts, histories
from hypothesis import given

import steep
from steep.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from steep.events import Add
from steep.study import Study, StudyDirection
from steep.study.export import export_trials, read_trials

try:
    import pyarrow.parquet as pq
except ImportError:
    pq = None

needs_arrow = pytest.mark.skipif(pq is None, reason="pyarrow is not installed")
FORMATS = ["csv", "jsonl", pytest.param("parquet", marks=needs_arrow)]
COMPLETE = steep.trial.TrialState.COMPLETE


def study_of(history: tuple[int, list[Add]]) -> Study:
    """Return a study with some trials."""
    n_objectives, adds = history
    storage = steep.storages.InMemoryStorage()
    study_id = storage.create_new_study([StudyDirection.MINIMIZE] * n_objectives, "tea")
    for add in adds:
        storage.append(study_id, add)
    return steep.load_study(study_name="tea", storage=storage)


@pytest.fixture
def study() -> Study:
    """Return a study of some trials that have little in common."""
    study = steep.create_study(sampler=steep.samplers.RandomSampler(seed=0))
    study.optimize(_objective, n_trials=4)
    study.enqueue_trial({"x": 0.5})
    study.ask().suggest_float("x", 0, 1)
    study.enqueue_trial({"x": 0.25}, user_attrs={"note": "later"})
    return study


def _objective(trial: steep.Trial) -> float:
    x = trial.suggest_float("x", 0, 1)
    if trial.number % 2:
        trial.suggest_categorical("c", ["a", None, 1])
        trial.set_user_attr("note", 'it\'s, "fine"\n')
    trial.suggest_int("n", 1, 9)
    trial.report(math.nan, 3)
    trial.report(x, 1)
    trial.set_constraint("size", x - 0.5)
    if trial.number == 3:
        raise steep.TrialPruned
    return math.inf if trial.number == 2 else x


@pytest.mark.parametrize("suffix", FORMATS)
def test_any_trials_come_back_as_they_were(
    suffix: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("any") / f"study.{suffix}"
    tell: Callable[[Any], Any] = _with_floats if suffix == "parquet" else facts

    @given(histories())
    def check(history: tuple[int, list[Add]]) -> None:
        study = study_of(history)
        export_trials(study, path)
        assert [tell(trial) for trial in read_trials(path)] == [tell(t) for t in study.trials]

    check()


def _with_floats(trial: Any) -> Any:
    """Return the facts of a trial, ints told as floats: they share columns in Parquet."""
    for cells in (trial.params, trial.user_attrs, trial.system_attrs):
        for key, cell in cells.items():
            if type(cell) is int and abs(cell) <= 2**53:
                cells[key] = float(cell)
    return facts(trial)


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_study_is_the_same_after_the_way_there_and_back(
    suffix: str, study: Study, tmp_path: Path
) -> None:
    path = tmp_path / f"study.{suffix}"
    study.export(str(path))
    again = steep.create_study()
    again.add_trials(steep.read_trials(str(path)))
    assert [facts(trial) for trial in again.trials] == [facts(trial) for trial in study.trials]
    assert again.best_params == study.best_params


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_study_without_trials_gives_none(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"study.{suffix}"
    export_trials(steep.create_study(), path)
    assert path.is_file()
    assert read_trials(path) == []


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("names", [None, [f"b{9 - i}" for i in range(12)], ["same"] * 12])
def test_values_of_many_objectives_keep_their_order(
    suffix: str, names: list[str] | None, tmp_path: Path
) -> None:
    study = steep.create_study(directions=["minimize"] * 12)
    if names is not None:
        study.set_metric_names(names)
    study.add_trial(steep.create_trial(values=[float(i) for i in range(12)]))
    path = tmp_path / f"study.{suffix}"
    export_trials(study, path)
    assert read_trials(path)[0].values == [float(i) for i in range(12)]


@pytest.mark.parametrize("metric", [None, "accuracy"])
def test_a_csv_file_has_the_columns_of_the_data_frame(
    metric: str | None, study: Study, tmp_path: Path
) -> None:
    if metric is not None:
        study.set_metric_names([metric])
    path = tmp_path / "study.csv"
    export_trials(study, path)
    read, shown = pd.read_csv(path), study.trials_dataframe()
    n = len(shown.columns)
    assert list(read.columns[:n]) == list(shown.columns)
    assert list(read.columns[n:]) == [
        *(f"distributions_{name}" for name in ("c", "n", "x")),
        "intermediate_values",
    ]
    value = "value" if metric is None else f"value_{metric}"
    for column in ("number", value, "params_x", "state"):
        pd.testing.assert_series_equal(read[column], shown[column], check_dtype=False)


@needs_arrow
def test_a_parquet_file_has_columns_with_types(study: Study, tmp_path: Path) -> None:
    study.add_trial(steep.create_trial(value=1.0, user_attrs={"a": 1, "b": True, "m": 1}))
    study.add_trial(steep.create_trial(value=1.0, user_attrs={"a": 2, "m": 0.5, "big": 2**70}))
    path = tmp_path / "study.parquet"
    export_trials(study, path)
    types = {field.name: str(field.type) for field in pq.read_schema(path)}
    assert list(types)[: len(study.trials_dataframe().columns)] == list(study.trials_dataframe())
    for name, expected in {
        "number": "int64",
        "value": "double",
        "datetime_start": "timestamp[us, tz=UTC]",
        "duration": "duration[us]",
        "params_x": "double",
        "params_n": "int64",
        "params_c": "string",
        "user_attrs_a": "int64",
        "user_attrs_b": "bool",
        "user_attrs_m": "double",
        "user_attrs_big": "string",
        "state": "string",
    }.items():
        assert types[name] == expected
    shown = pd.read_parquet(path)
    assert shown["value"].tolist()[-1] == 1.0


def test_a_line_of_jsonl_is_strict_json_with_the_fields_of_a_trial(tmp_path: Path) -> None:
    study = steep.create_study()
    study.add_trial(
        steep.create_trial(
            value=math.inf,
            params={"c": "a"},
            distributions={"c": CategoricalDistribution(["a", math.nan])},
            intermediate_values={1: math.nan},
        )
    )
    path = tmp_path / "study.jsonl"
    export_trials(study, path)

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is not JSON")

    line = json.loads(path.read_text(encoding="ascii"), parse_constant=refuse)
    start, complete = line.pop("datetime_start"), line.pop("datetime_complete")
    assert datetime.datetime.fromisoformat(start).tzinfo is not None
    assert start <= complete
    assert line == {
        "number": 0,
        "state": "COMPLETE",
        "values": [{"$float": "inf"}],
        "params": {"c": "a"},
        "distributions": {
            "c": {
                "name": "CategoricalDistribution",
                "attributes": {"choices": ["a", {"$float": "nan"}]},
            }
        },
        "user_attrs": {},
        "system_attrs": {},
        "intermediate_values": {"1": {"$float": "nan"}},
    }


@pytest.mark.parametrize("suffix", FORMATS)
def test_times_are_moments_wherever_they_are_read(
    suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"study.{suffix}"
    berlin, tokyo = "CET-1CEST,M3.5.0,M10.5.0/3", "JST-9"
    # The hour after the second of these moments comes twice in Berlin.
    moments = [1729985400.123456, 1729989000.654321, 1729992600.000001]
    try:
        monkeypatch.setenv("TZ", berlin)
        time.tzset()
        changes = steep.events.Changes()
        export_trials(study_of((1, [Add(1, [0.0], at, at, changes) for at in moments])), path)
        assert [t.datetime_start.timestamp() for t in read_trials(path)] == moments  # type: ignore[union-attr]
        monkeypatch.setenv("TZ", tokyo)
        time.tzset()
        assert [t.datetime_start.timestamp() for t in read_trials(path)] == moments  # type: ignore[union-attr]
        assert read_trials(path)[0].datetime_start == datetime.datetime(
            2024, 10, 27, 8, 30, 0, 123456
        )
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_choice_that_is_no_json_is_named(suffix: str, tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="storages on disk"):
        odd = CategoricalDistribution([object(), 1])  # type: ignore[list-item]
    add = Add(1, [0.0], 1.0, 2.0, steep.events.Changes({"c": (1.0, odd)}))
    with pytest.raises(TypeError, match=r"Study\.export\(\) cannot write .*trial 0.*object"):
        export_trials(study_of((1, [add])), tmp_path / f"study.{suffix}")


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_failed_export_leaves_the_old_file(suffix: str, study: Study, tmp_path: Path) -> None:
    path = tmp_path / f"study.{suffix}"
    export_trials(study, path)
    before = path.read_bytes()
    study.add_trial(steep.create_trial(value=1.0, user_attrs={"k": object()}))
    with pytest.raises(TypeError, match=r"Study\.export\(\) cannot write .*JSON"):
        export_trials(study, path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_a_link(study: Study, tmp_path: Path) -> None:
    path, link = tmp_path / "study.csv", tmp_path / "link.csv"
    path.write_text("old")
    link.symlink_to(path)
    export_trials(study, link)
    assert link.is_symlink()
    assert len(read_trials(path)) == len(study.trials)


def test_other_formats_are_refused(study: Study, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"ends in \.csv, \.jsonl, \.parquet"):
        export_trials(study, tmp_path / "study.xlsx")
    with pytest.raises(ValueError, match=r"read_trials\('study'\).*ends in"):
        read_trials("study")
    assert list(tmp_path.iterdir()) == []


def test_parquet_without_pyarrow_says_what_to_install(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("pyarrow", "pyarrow.parquet"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError, match="pip install pyarrow"):
        export_trials(study, tmp_path / "study.parquet")
    with pytest.raises(ImportError, match="pip install pyarrow"):
        read_trials(tmp_path / "study.parquet")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.csv", "number,state\n0,COMPLETE,7\n", "line 2"),
        ("a.csv", "number,state,odd\n0,COMPLETE,7\n", "line 1 .*no column 'odd'"),
        ("a.csv", "number,state\n0,DONE\n", "line 2 .*DONE"),
        ("a.csv", "number,state\n,COMPLETE\n", "line 2 .*number"),
        ("a.csv", "number,state,value\n0,COMPLETE,much\n", "line 2 .*much"),
        ("a.jsonl", "\n", "line 1"),
        ("a.jsonl", "[]\n", "line 1"),
        ("a.jsonl", '{"number":0}\n', "line 1 .*datetime_start"),
    ],
)
def test_files_of_others_are_refused_by_line(
    name: str, text: str, message: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(ValueError, match=f"read_trials.*{name}.*{message}"):
        read_trials(tmp_path / name)


@needs_arrow
def test_parquet_files_of_others_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    path.write_text("no parquet at all")
    with pytest.raises(ValueError, match=r"a\.parquet.*not written by Study\.export"):
        read_trials(path)
    pd.DataFrame({"number": [0], "odd": [1]}).to_parquet(path)
    with pytest.raises(ValueError, match=r"a\.parquet.*no column 'odd'"):
        read_trials(path)


def test_a_csv_file_may_be_written_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    spec = '"{""name"": ""FloatDistribution"", ""attributes"": {""low"": 0, ""high"": 1}}"'
    path.write_text(
        "number,state,value,datetime_start,datetime_complete,params_x,distributions_x,"
        f"user_attrs_note\n0,COMPLETE,3,2024-03-01 12:00,2024-03-01 12:01,1,{spec},fine\n"
    )
    (trial,) = read_trials(path)
    assert repr((trial.value, trial.params)) == "(3.0, {'x': 1.0})"
    assert trial.duration == datetime.timedelta(minutes=1)
    study = steep.create_study()
    study.add_trial(trial)
    assert study.best_trial.user_attrs == {"note": "fine"}


def test_cells_of_csv_may_be_long(tmp_path: Path) -> None:
    study = steep.create_study()
    study.add_trial(steep.create_trial(value=1.0, user_attrs={"text": "tea " * 50_000}))
    path = tmp_path / "study.csv"
    limit = csv.field_size_limit()
    export_trials(study, path)
    assert read_trials(path)[0].user_attrs == {"text": "tea " * 50_000}
    assert csv.field_size_limit() == limit


@pytest.mark.parametrize("suffix", FORMATS)
def test_deprecated_distributions_come_back_as_those_in_their_place(
    suffix: str, tmp_path: Path
) -> None:
    with pytest.warns(FutureWarning):
        old = steep.distributions.IntUniformDistribution(0, 9, step=3)
    changes = steep.events.Changes({"x": (3.0, old)})
    path = tmp_path / f"study.{suffix}"
    export_trials(study_of((1, [Add(1, [0.0], 1.0, 2.0, changes)])), path)
    assert read_trials(path)[0].distributions == {"x": IntDistribution(0, 9, step=3)}


@pytest.mark.parametrize("suffix", FORMATS)
def test_ranges_that_change_stay_with_their_trials(suffix: str, tmp_path: Path) -> None:
    study = steep.create_study()
    for high in (1.0, 2.0):
        study.add_trial(
            steep.create_trial(
                value=high, params={"x": 0.5}, distributions={"x": FloatDistribution(0, high)}
            )
        )
    path = tmp_path / f"study.{suffix}"
    export_trials(study, path)
    assert [t.distributions["x"] for t in read_trials(path)] == [
        FloatDistribution(0, 1.0),
        FloatDistribution(0, 2.0),
    ]
