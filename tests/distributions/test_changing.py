"""Choices that change between trials: one union, counted alike by all, and masks."""

from __future__ import annotations

import contextlib
import math
import pickle
import sqlite3
from pathlib import Path
from typing import Any

import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st

import steep
from steep.columns import ParamColumn
from steep.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    ChangingDistribution,
    FloatDistribution,
    distribution_to_json,
    json_to_distribution,
)
from steep.samplers import (
    AutoSampler,
    CmaEsSampler,
    GPSampler,
    NSGAIISampler,
    QMCSampler,
    RandomSampler,
    TPESampler,
)
from steep.storages.optuna import export_optuna
from steep.trial import FixedTrial

SAMPLERS: dict[str, Any] = {
    "random": lambda: RandomSampler(seed=1),
    "tpe": lambda: TPESampler(seed=1, n_startup_trials=4),
    "univariate": lambda: TPESampler(seed=1, n_startup_trials=4, multivariate=False),
    "group": lambda: TPESampler(seed=1, n_startup_trials=4, group=True),
    "gp": lambda: GPSampler(seed=1, n_startup_trials=4),
    "auto": lambda: AutoSampler(seed=1),
    "cma": lambda: CmaEsSampler(seed=1, n_startup_trials=2, warn_independent_sampling=False),
    "nsga": lambda: NSGAIISampler(seed=1, population_size=5),
    "qmc": lambda: QMCSampler(seed=1, warn_independent_sampling=False),
}
PHASES = [["a", "b"], ["b", "c"], ["d", "a"], ["c"], ["a", "b", "c", "d"]]
COST = {"a": 3.0, "b": 2.0, "c": 1.0, "d": 0.0}


def objective(trial: steep.Trial) -> float:
    choices = PHASES[trial.number // 3 % len(PHASES)]
    choice = trial.suggest_categorical("choice", choices, changing=True)
    assert choice in choices
    return COST[choice] + trial.suggest_float("x", 0, 1)


# ---- the distribution ----------------------------------------------------------------------------


def test_each_present_choice_gets_an_equal_share() -> None:
    masked = ChangingDistribution("abcd", [1, 3])
    assert [masked.from_unit(u) for u in (0.0, 0.49, 0.5, 0.99)] == ["b", "b", "d", "d"]
    assert [masked.contains(index) for index in range(5)] == [False, True, False, True, False]
    assert not masked.single()
    assert ChangingDistribution("abcd", [1]).single()


def test_a_choice_keeps_its_index_when_others_come_and_go() -> None:
    known = ChangingDistribution("ab")
    later = ChangingDistribution("cb").within(known)
    assert (later.choices, later.shown()) == (("a", "b", "c"), ("b", "c"))
    assert ChangingDistribution("a").within(later).choices == ("a", "b", "c")


def test_all_present_equals_no_mask() -> None:
    assert ChangingDistribution("ab", [0, 1]) == ChangingDistribution("ab")
    assert ChangingDistribution("ab", [0]) != ChangingDistribution("ab")
    assert ChangingDistribution("ab") != CategoricalDistribution("ab")


@pytest.mark.parametrize("mask", [None, [0, 2]])
def test_it_survives_json_and_pickle(mask: list[int] | None) -> None:
    masked = ChangingDistribution(["a", None, math.nan], mask)
    for copied in (
        json_to_distribution(distribution_to_json(masked)),
        pickle.loads(pickle.dumps(masked)),
    ):
        assert copied == masked
        assert hash(copied) == hash(masked)


def test_it_refuses_what_no_storage_keeps() -> None:
    with pytest.raises(TypeError, match="Give objects by label"):
        ChangingDistribution([object()])  # type: ignore[list-item]
    with pytest.raises(ValueError, match="no choice is present"):
        ChangingDistribution("ab", [])
    with pytest.raises(ValueError, match="at least one"):
        ChangingDistribution([])


# ---- its column ----------------------------------------------------------------------------------

CHOICE = st.sampled_from(["a", "b", "c", "d", "e"])


@st.composite
def drawn(draw: Any) -> tuple[Any, BaseDistribution]:
    """Draw a value and what it was drawn from."""
    choices = draw(st.lists(CHOICE, min_size=1, max_size=4, unique=True))
    kind = draw(st.integers(0, 5))
    if kind == 0:
        return draw(st.sampled_from(choices)), CategoricalDistribution(choices)
    if kind == 1:
        return draw(st.floats(0, 1)), FloatDistribution(0, 1)
    present = draw(st.sets(st.integers(0, len(choices) - 1), min_size=1))
    masked = ChangingDistribution(choices, present)
    return draw(st.sampled_from(masked.shown())), masked


@given(st.lists(drawn(), min_size=1, max_size=12))
def test_a_column_gives_every_value_back_whatever_came_together(
    rows: list[tuple[Any, BaseDistribution]],
) -> None:
    column = ParamColumn("x", rows[0][1])
    for number, (value, distribution) in enumerate(rows):
        column.set(number, distribution.to_internal_repr(value), distribution)
    for number, (value, _) in enumerate(rows):
        found = column.get(number)
        assert found is not None
        internal, distribution = found
        assert distribution.contains(internal)
        assert distribution.to_external_repr(internal) == value


def test_two_workers_that_meet_new_choices_at_once_are_told_apart() -> None:
    column = ParamColumn("x", ChangingDistribution("ab"))
    column.set(0, 2.0, ChangingDistribution("abc", [2]))
    column.set(1, 2.0, ChangingDistribution("abd", [0, 2]))
    assert column.values.tolist() == [2.0, 3.0]
    assert column.distributions == [ChangingDistribution("abcd")]


# ---- studies -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SAMPLERS)
def test_samplers_propose_present_choices_and_learn_from_all(name: str) -> None:
    study = steep.create_study(sampler=SAMPLERS[name]())
    study.optimize(objective, n_trials=15)
    column = study.table.columns["choice"]
    assert column.distributions == [ChangingDistribution(["a", "b", "c", "d"])]


def test_tpe_proposes_what_was_good_while_it_is_present() -> None:
    def cost(trial: steep.Trial) -> float:
        choices = "abcd" if trial.number % 2 else "abd"
        return COST[trial.suggest_categorical("choice", list(choices), changing=True)]

    study = steep.create_study(sampler=TPESampler(seed=1, multivariate=False))
    study.optimize(cost, n_trials=60)
    assert all(trial.params["choice"] != "c" for trial in study.trials[::2])
    last = [trial.params["choice"] for trial in study.trials[30:]]
    assert last.count("d") > 20


@pytest.mark.parametrize("name", ["random", "tpe", "gp", "auto"])
@pytest.mark.parametrize("file", ["study.db", "study.log"])
def test_a_kept_study_is_resumed_and_replayed(file: str, name: str, tmp_path: Path) -> None:
    url = str(tmp_path / file)
    study = steep.create_study(study_name="tea", storage=url, sampler=SAMPLERS[name]())
    study.optimize(objective, n_trials=11)
    again = steep.load_study(study_name="tea", storage=url)
    assert [t.params for t in again.trials] == [t.params for t in study.trials]
    again.optimize(objective, n_trials=3)
    here = steep.create_study(study_name="tea", sampler=SAMPLERS[name]())
    here.optimize(objective, n_trials=14)
    assert [t.params for t in again.trials] == [t.params for t in here.trials]
    assert again.replay()


def test_a_study_with_fixed_choices_may_go_over(tmp_path: Path) -> None:
    url = str(tmp_path / "study.log")
    study = steep.create_study(study_name="tea", storage=url)
    study.optimize(lambda t: COST[t.suggest_categorical("choice", ["a", "b"])], n_trials=3)
    before = [trial.params for trial in study.trials]
    again = steep.load_study(study_name="tea", storage=url)
    again.optimize(objective, n_trials=20)
    assert [trial.params for trial in again.trials[:3]] == before
    with pytest.raises(ValueError, match="changing=True"):
        again.optimize(lambda t: COST[t.suggest_categorical("choice", ["a", "b"])], n_trials=1)


def test_workers_of_one_log_meet_new_choices_at_once(tmp_path: Path) -> None:
    url = str(tmp_path / "study.log")
    one = steep.create_study(study_name="tea", storage=url)
    two = steep.load_study(study_name="tea", storage=url)
    asked = [(one, one.ask(), "a"), (two, two.ask(), "b"), (one, one.ask(), "c")]
    for _, trial, choice in asked:
        assert trial.suggest_categorical("x", [choice], changing=True) == choice
    for study, trial, _ in reversed(asked):
        study.tell(trial, 0.0)
    for study in (one, two, steep.load_study(study_name="tea", storage=url)):
        assert [trial.params["x"] for trial in study.trials] == ["a", "b", "c"]


def test_given_values_are_taken_and_absent_ones_warned_about() -> None:
    study = steep.create_study(sampler=RandomSampler(seed=1))
    study.optimize(objective, n_trials=11)
    study.enqueue_trial({"choice": "d", "x": 0.5})  # trial 11 has "c" only
    study.enqueue_trial({"choice": "b", "x": 0.5})
    with pytest.warns(UserWarning, match="out of the range"):
        study.optimize(objective, n_trials=1, catch=AssertionError)
    study.optimize(objective, n_trials=1)
    assert [trial.params["choice"] for trial in study.trials[11:]] == ["d", "b"]


def test_the_same_name_gives_the_same_choice_again_without_a_warning() -> None:
    trial = steep.create_study().ask()
    first = trial.suggest_categorical("x", ["a", "b"], changing=True)
    assert trial.suggest_categorical("x", ["a", "b"], changing=True) == first
    with pytest.warns(RuntimeWarning, match="same trial"):
        trial.suggest_categorical("x", ["a", "b", "c"], changing=True)


def test_other_kinds_stay_other_kinds() -> None:
    study = steep.create_study()
    study.optimize(lambda trial: trial.suggest_int("x", 0, 1), n_trials=1)
    with pytest.raises(ValueError, match="another kind"):
        study.ask().suggest_categorical("x", [0, 1], changing=True)


def test_databases_and_optuna_show_the_choices(tmp_path: Path) -> None:
    study = steep.create_study(
        study_name="tea", storage=str(tmp_path / "study.db"), sampler=RandomSampler(seed=1)
    )
    study.optimize(objective, n_trials=20)
    told = [trial.params["choice"] for trial in study.trials]
    with contextlib.closing(sqlite3.connect(tmp_path / "study.db")) as database:
        query = "SELECT value FROM steep_param WHERE name = 'choice' ORDER BY number"
        assert [value for (value,) in database.execute(query)] == told
    url = f"sqlite:///{tmp_path}/optuna.db"
    export_optuna(study._storage, url)
    theirs = optuna.load_study(study_name="tea", storage=url)
    assert [trial.params["choice"] for trial in theirs.trials] == told


def test_copies_plots_and_importance_know_the_union(tmp_path: Path) -> None:
    study = steep.create_study(study_name="tea", sampler=RandomSampler(seed=1))
    study.optimize(objective, n_trials=20)
    copied = steep.create_study()
    copied.add_trials(study.trials)
    assert [t.params for t in copied.trials] == [t.params for t in study.trials]
    assert "choice" in steep.importance.get_param_importances(study)
    assert '"d"' in str(steep.visualization.plot_slice(study, params=["choice"]).to_json())


# ---- labelled objects ----------------------------------------------------------------------------


def test_labelled_choices_store_the_label_and_give_the_object() -> None:
    functions = {"ceil": math.ceil, "floor": math.floor}
    study = steep.create_study(sampler=RandomSampler(seed=1))
    study.enqueue_trial({"round": "ceil"})
    study.optimize(lambda t: t.suggest_categorical("round", functions)(0.5), n_trials=5)
    assert study.trials[0].params == {"round": "ceil"}
    assert study.trials[0].value == 1
    assert {trial.params["round"] for trial in study.trials} == {"ceil", "floor"}
    assert study.trials[0].suggest_categorical("round", functions) is math.ceil
    assert FixedTrial({"round": "floor"}).suggest_categorical("round", functions) is math.floor


def test_labelled_choices_may_change() -> None:
    study = steep.create_study()
    for functions in ({"ceil": math.ceil}, {"floor": math.floor}):
        trial = study.ask()
        (wanted,) = functions.values()
        assert trial.suggest_categorical("round", functions, changing=True) is wanted
        study.tell(trial, 0.0)
