"""Ordinals: to users their values, to samplers a range of ints, to Optuna a categorical."""

from __future__ import annotations

import contextlib
import pickle
import sqlite3
from pathlib import Path
from typing import Any

import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st

import steep
from steep.distributions import (
    IntDistribution,
    OrdinalDistribution,
    check_distribution_compatibility,
    distribution_to_json,
    json_to_distribution,
    ordinal_distribution,
)
from steep.report.comparison import compare
from steep.report.regions import failing_region
from steep.samplers import (
    AutoSampler,
    BaseSampler,
    BruteForceSampler,
    CmaEsSampler,
    GPSampler,
    GridSampler,
    NSGAIISampler,
    QMCSampler,
    RandomSampler,
    TPESampler,
)
from steep.samplers.gp.knowledge import coordinates
from steep.space import Space
from steep.storages.optuna import export_optuna

SIZES = ["tiny", "small", "medium", "large", "huge"]


@given(st.lists(st.text(max_size=3), min_size=1, max_size=9, unique=True), st.data())
def test_values_come_back_from_their_indices(values: list[str], data: st.DataObject) -> None:
    ordinal = OrdinalDistribution(values)
    value = data.draw(st.sampled_from(values))
    internal = ordinal.to_internal_repr(value)
    assert ordinal.contains(internal)
    assert ordinal.to_external_repr(internal) == value
    assert ordinal.grid_size() == len(values)
    assert ordinal.single() == (len(values) == 1)


def test_the_unit_interval_is_shared_evenly_and_in_order() -> None:
    ordinal = OrdinalDistribution(SIZES)
    assert [ordinal.from_unit((i + 0.5) / 5) for i in range(5)] == SIZES


def test_it_survives_json_and_pickle() -> None:
    ordinal = OrdinalDistribution([16, "x", None, 0.5])
    for copied in (
        json_to_distribution(distribution_to_json(ordinal)),
        json_to_distribution('{"type": "ordinal", "values": [16, "x", null, 0.5]}'),
        pickle.loads(pickle.dumps(ordinal)),
    ):
        assert copied == ordinal
        assert hash(copied) == hash(ordinal)
        assert copied.to_external_repr(1.0) == "x"


def test_one_object_stands_for_equal_values_of_equal_types() -> None:
    assert ordinal_distribution([1, 2]) is ordinal_distribution((1, 2))
    assert ordinal_distribution([1, 2]) is not ordinal_distribution([1.0, 2.0])


@pytest.mark.parametrize("values", [[], [1, 1], [1, True], [float("nan")]])
def test_it_refuses_values_that_cannot_be_told_apart(values: list[Any]) -> None:
    with pytest.raises(ValueError, match="OrdinalDistribution"):
        OrdinalDistribution(values)


def test_it_refuses_what_no_storage_keeps() -> None:
    with pytest.raises(TypeError, match="tuple"):
        OrdinalDistribution([(1, 2)])  # type: ignore[list-item]


def test_a_study_keeps_its_values_and_its_kind() -> None:
    check_distribution_compatibility(OrdinalDistribution("ab"), OrdinalDistribution("ab"))
    for other in (OrdinalDistribution("ba"), IntDistribution(0, 1)):
        with pytest.raises(ValueError, match="cannot get"):
            check_distribution_compatibility(OrdinalDistribution("ab"), other)


def test_an_unknown_value_is_named() -> None:
    with pytest.raises(ValueError, match="'vast' is not one of the values"):
        OrdinalDistribution(SIZES).to_internal_repr("vast")


SAMPLERS: dict[str, Any] = {
    "random": lambda: RandomSampler(seed=1),
    "tpe": lambda: TPESampler(seed=1, n_startup_trials=5),
    "univariate": lambda: TPESampler(seed=1, n_startup_trials=5, multivariate=False),
    "gp": lambda: GPSampler(seed=1, n_startup_trials=5),
    "cma": lambda: CmaEsSampler(seed=1, n_startup_trials=2),
    "nsga": lambda: NSGAIISampler(seed=1, population_size=6),
    "qmc": lambda: QMCSampler(seed=1),
    "auto": lambda: AutoSampler(seed=1),
    "grid": lambda: GridSampler({"size": SIZES, "x": [0.0, 1.0]}, seed=1),
}


def objective(trial: steep.Trial) -> float:
    size = trial.suggest_ordinal("size", SIZES)
    return abs(SIZES.index(size) - 3) + trial.suggest_float("x", 0, 1)


@pytest.mark.parametrize("name", SAMPLERS)
@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_every_sampler_proposes_its_values(name: str) -> None:
    sampler: BaseSampler = SAMPLERS[name]()
    study = steep.create_study(sampler=sampler)
    study.optimize(objective, n_trials=25)
    assert {trial.params["size"] for trial in study.trials} <= set(SIZES)
    if name != "grid":
        assert study.best_params["size"] in ("medium", "large", "huge")


def test_brute_force_tries_each_once() -> None:
    study = steep.create_study(sampler=BruteForceSampler(seed=1))
    study.optimize(lambda trial: len(trial.suggest_ordinal("size", SIZES)))
    assert sorted(trial.params["size"] for trial in study.trials) == sorted(SIZES)


@pytest.mark.parametrize("file", ["study.db", "study.log"])
def test_a_kept_study_is_resumed_with_its_values(file: str, tmp_path: Path) -> None:
    url = str(tmp_path / file)
    study = steep.create_study(storage=url, study_name="tea", sampler=TPESampler(seed=1))
    study.enqueue_trial({"size": "huge"})
    study.optimize(objective, n_trials=12)
    again = steep.load_study(study_name="tea", storage=url)
    assert again.trials[0].params["size"] == "huge"
    assert again.trials == study.trials
    assert again.trials[0].distributions["size"] == OrdinalDistribution(SIZES)
    again.optimize(objective, n_trials=3)
    assert again.replay()


def test_the_views_of_a_database_show_its_values(tmp_path: Path) -> None:
    study = steep.create_study(storage=str(tmp_path / "study.db"))
    study.optimize(lambda trial: trial.suggest_ordinal("batch", [16, 64]), n_trials=1)
    with contextlib.closing(sqlite3.connect(tmp_path / "study.db")) as database:
        shown = database.execute("SELECT value FROM steep_param").fetchall()
    assert shown == [(study.trials[0].params["batch"],)]


def test_optuna_gets_a_categorical_with_the_same_values(tmp_path: Path) -> None:
    study = steep.create_study(study_name="tea", sampler=RandomSampler(seed=1))
    study.optimize(objective, n_trials=4)
    url = f"sqlite:///{tmp_path}/optuna.db"
    export_optuna(study._storage, url)
    theirs = optuna.load_study(study_name="tea", storage=url)
    assert [t.params for t in theirs.trials] == [t.params for t in study.trials]
    assert theirs.trials[0].distributions["size"] == optuna.distributions.CategoricalDistribution(
        SIZES
    )


def test_a_file_of_trials_keeps_them(tmp_path: Path) -> None:
    study = steep.create_study(sampler=RandomSampler(seed=1))
    study.optimize(lambda trial: trial.suggest_ordinal("batch", [16, 64, 512]), n_trials=4)
    study.export(tmp_path / "trials.csv")
    read = steep.read_trials(tmp_path / "trials.csv")
    assert [t.params for t in read] == [t.params for t in study.trials]
    assert read[0].distributions == study.trials[0].distributions


def test_plots_name_its_values() -> None:
    study = steep.create_study(sampler=RandomSampler(seed=1))
    study.optimize(objective, n_trials=6)
    shown = steep.visualization.plot_slice(study, params=["size"])
    assert "medium" in str(shown.to_json())


def test_frames_have_its_values() -> None:
    study = steep.create_study(sampler=RandomSampler(seed=1))
    study.optimize(objective, n_trials=6)
    frame = study.to_frame()
    (column,) = (name for name in frame.columns if "size" in name)
    assert list(frame[column]) == [trial.params["size"] for trial in study.trials]


def test_the_diagnosis_names_its_values() -> None:
    def failing(trial: steep.Trial) -> float:
        if SIZES.index(trial.suggest_ordinal("size", SIZES)) > 2:
            raise MemoryError
        return trial.suggest_float("x", 0, 1)

    study = steep.create_study(sampler=RandomSampler(seed=1))
    study.optimize(failing, n_trials=60, catch=MemoryError)
    finding = failing_region(study.table)
    assert finding is not None
    assert "size ≥ large" in str(finding)
    (row,) = (row for row in compare(study.table) if row.name == "size")
    assert (row.low, row.high) == ("tiny", "huge")


def test_the_gp_takes_over_values_of_other_studies_by_name() -> None:
    study = steep.create_study(sampler=RandomSampler(seed=1))
    study.enqueue_trial({"size": "large", "x": 0.5})
    study.optimize(objective, n_trials=1)
    space = Space({"size": OrdinalDistribution(["large", "huge"])})
    assert coordinates(study.table, space)[0, 0] == pytest.approx(0.25)
