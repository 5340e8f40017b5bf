"""Studies on storages that several processes share: what each of them sees and may do."""

from __future__ import annotations

import gc
import math
import pickle
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import optuna
import pytest
from storages.media import MEDIA, SHARED, Medium

import steep
from steep.events import Reap
from steep.states import TrialState

COMPLETE, RUNNING, FAIL = TrialState.COMPLETE, TrialState.RUNNING, TrialState.FAIL
WAITING = TrialState.WAITING


@pytest.fixture(params=SHARED)
def medium(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Medium]:
    with SHARED[request.param](tmp_path) as medium:
        yield medium


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Medium]:
    with SHARED["sqlite"](tmp_path) as medium:
        yield medium


def new_study(medium: Medium, **options: Any) -> steep.Study:
    sampler = steep.samplers.RandomSampler(seed=1)
    return steep.create_study(
        study_name="tea", storage=medium.open(**options), sampler=sampler, load_if_exists=True
    )


def load(medium: Medium, **options: Any) -> steep.Study:
    """The study as another process sees it."""
    return steep.load_study(study_name="tea", storage=medium.open(**options))


def bowl(trial: steep.Trial) -> float:
    return trial.suggest_float("x", -1, 1) ** 2


# ---- seeing each other ---------------------------------------------------------------------------


def test_what_one_process_tells_the_others_see(medium: Medium) -> None:
    study, other = new_study(medium), None
    other = load(medium)
    study.optimize(bowl, n_trials=3)
    assert [t.params for t in other.trials] == [t.params for t in study.trials]
    assert other.best_value == study.best_value
    other.optimize(bowl, n_trials=2)
    assert [t.number for t in study.trials] == [0, 1, 2, 3, 4]


def test_a_running_trial_is_seen_in_time_without_another_call(medium: Medium) -> None:
    trial = new_study(medium).ask()
    x = trial.suggest_float("x", 0, 1)
    trial.report(0.5, step=1)
    trial.set_user_attr("note", [1, "two"])
    other = load(medium)
    deadline = time.monotonic() + 20
    while not (other.trials[0].params and other.trials[0].user_attrs):
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.02)
    seen = other.trials[0]
    assert seen.params == {"x": x}
    assert seen.intermediate_values == {1: 0.5}
    assert seen.user_attrs == {"note": [1, "two"]}
    assert seen.state == RUNNING


def test_attributes_are_what_json_makes_of_them_in_every_process(medium: Medium) -> None:
    study = new_study(medium)
    given: dict[str, Any] = {
        "pair": (1, 2),
        "nan": math.nan,
        "odd": {"$float": "x"},
        "é\0": "\u2028",
    }
    trial = study.ask()
    for key, value in given.items():
        study.set_user_attr(key, value)
        trial.set_user_attr(key, value)
    study.tell(trial, 1.0)
    for one in (study, load(medium)):
        for attrs in (one.user_attrs, one.trials[0].user_attrs):
            assert attrs.pop("pair") == [1, 2]
            assert math.isnan(attrs.pop("nan"))
            assert attrs == {"odd": {"$float": "x"}, "é\0": "\u2028"}


def test_an_attribute_that_json_cannot_hold_loses_nothing_else(medium: Medium) -> None:
    study = new_study(medium)
    with pytest.raises(TypeError):
        study.set_user_attr("bad", object())
    study.set_user_attr("good", 1)
    study.optimize(bowl, n_trials=1)
    assert load(medium).user_attrs == {"good": 1}
    assert load(medium).trials[0].state == COMPLETE


CIRCLE: list[Any] = []
CIRCLE.append(CIRCLE)


@pytest.mark.parametrize(
    ("value", "error"), [(object(), TypeError), ({1, 2}, TypeError), (CIRCLE, ValueError)]
)
def test_an_attribute_of_a_trial_that_cannot_be_kept_is_refused_at_once(
    sqlite: Medium, value: Any, error: type[Exception]
) -> None:
    study = new_study(sqlite)
    trial = study.ask()
    trial.set_user_attr("good", 1)
    with pytest.raises(error, match=r"Trial\.set_user_attr\('bad'.*Attributes are None, bool"):
        trial.set_user_attr("bad", value)
    with pytest.raises(TypeError):
        trial.set_user_attr((1, 2), "a bad key")  # type: ignore[arg-type]
    assert study.trials[0].user_attrs == {"good": 1}
    study.tell(trial, 1.0)
    assert load(sqlite).trials == study.trials


def test_an_attribute_is_kept_as_it_was_when_it_was_set(sqlite: Medium) -> None:
    study, notes = new_study(sqlite), ["first"]
    trial = study.ask()
    trial.set_user_attr("notes", notes)
    notes.append("later")
    assert study.tell(trial, 1.0).user_attrs == {"notes": ["first"]}


def test_choices_that_cannot_be_kept_are_refused_when_they_are_suggested(sqlite: Medium) -> None:
    study = new_study(sqlite)
    trial = study.ask()
    with (
        pytest.raises(TypeError, match=r"suggest_\*\('kind'.*choose by name"),
        pytest.warns(UserWarning, match="Choose by name"),
    ):
        trial.suggest_categorical("kind", [object(), 1])  # type: ignore[list-item]
    with pytest.raises(TypeError, match="suggest_"):
        trial.suggest_float((1, 2), 0, 1)  # type: ignore[arg-type]
    x = trial.suggest_float("x", 0, 1)
    assert study.trials[0].params == {"x": x}
    study.tell(trial, 1.0)
    assert load(sqlite).trials == study.trials


NOT_TO_BE_KEPT: list[Any] = [
    lambda study, trial: study.set_user_attr("k", object()),
    lambda study, trial: trial.set_user_attr("k", {1, 2}),
    lambda study, trial: trial.set_user_attr("k", CIRCLE),
    lambda study, trial: trial.set_user_attr("k", {(1, 2): 3}),
    lambda study, trial: trial.set_user_attr("k", (1, [None, math.nan])),
    lambda study, trial: trial.suggest_categorical("bad", [object(), 1]),
    lambda study, trial: trial.suggest_categorical("good", [(1, 2), [3]]),
]


@pytest.mark.filterwarnings("ignore:.*[Cc]hoice")
def test_what_cannot_be_kept_raises_as_in_optuna(tmp_path: Path) -> None:
    def outcome(call: Any, study: Any) -> type[Exception] | None:
        trial = study.ask()
        try:
            call(study, trial)
        except Exception as error:
            return type(error)
        study.tell(trial, 1.0)
        return None

    def outcomes(lib: Any) -> list[type[Exception] | None]:
        storage = lib.storages.RDBStorage(f"sqlite:///{tmp_path / lib.__name__}.db")
        study = lib.create_study(storage=storage)
        return [outcome(call, study) for call in NOT_TO_BE_KEPT]

    assert outcomes(steep) == outcomes(optuna)


def test_memory_holds_attributes_and_choices_of_any_kind() -> None:
    study, thing = steep.create_study(), object()
    trial = study.ask()
    trial.set_user_attr("thing", thing)
    with pytest.warns(UserWarning, match="Choose by name"):
        assert trial.suggest_categorical("kind", [thing]) is thing  # type: ignore[list-item]
    study.tell(trial, 1.0)
    assert study.trials[0].params == {"kind": thing}


def test_a_study_that_another_process_deleted_is_gone(medium: Medium) -> None:
    study = new_study(medium)
    study.optimize(bowl, n_trials=1)
    steep.delete_study(study_name="tea", storage=medium.open())
    with pytest.raises(KeyError):
        _ = study.trials
    assert steep.get_all_study_names(medium.open()) == []
    again = new_study(medium)
    again.optimize(bowl, n_trials=1)
    assert len(again.trials) == 1


def test_a_pickled_study_goes_on_in_another_process(medium: Medium) -> None:
    study = new_study(medium)
    study.optimize(bowl, n_trials=2)
    again = pickle.loads(pickle.dumps(study))
    again.optimize(bowl, n_trials=2)
    assert len(study.trials) == 4
    again._storage.close()


def test_many_trials_are_added_in_one_step(medium: Medium) -> None:
    source = steep.create_study(sampler=steep.samplers.RandomSampler(seed=0))
    source.enqueue_trial({"x": 0.5})
    source.optimize(bowl, n_trials=300)
    study = new_study(medium)
    study.add_trials(source.trials)
    assert [t.params for t in load(medium).trials] == [t.params for t in source.trials]


# ---- total_trials --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", MEDIA)
def test_total_trials_counts_all_runs_together(kind: str, tmp_path: Path) -> None:
    with MEDIA[kind](tmp_path) as medium:
        study = new_study(medium)
        study.optimize(bowl, n_trials=3)
        study.optimize(bowl, total_trials=5, n_jobs=3)
        assert len(study.trials) == 5
        study.optimize(bowl, total_trials=5)
        assert len(study.trials) == 5
        study.optimize(bowl, n_trials=2, total_trials=100)
        assert len(study.trials) == 7


def test_waiting_trials_do_not_count_until_they_run(sqlite: Medium) -> None:
    study = new_study(sqlite)
    for x in (0.1, 0.2, 0.3):
        study.enqueue_trial({"x": x})
    study.optimize(bowl, total_trials=2)
    assert [t.state for t in study.trials] == [COMPLETE, COMPLETE, WAITING]


# ---- edits ---------------------------------------------------------------------------------------


def test_every_process_sees_an_edit_at_its_next_step(medium: Medium) -> None:
    study = new_study(medium)
    study.optimize(bowl, n_trials=6)
    other = load(medium)
    best = other.best_trial.number
    study.delete_trial(best)
    assert other.best_trial.number != best
    assert [t.number for t in other.trials] == [n for n in range(6) if n != best]
    worst = max(other.trials, key=lambda t: t.value or 0)
    other.amend_trial(worst, value=-7.0, user_attrs={"why": "unit"})
    assert study.best_trial.number == worst.number
    assert study.best_trial.user_attrs == {"why": "unit"}
    study.amend_trial(worst.number, state=FAIL)
    assert other.best_value > -7.0
    other.optimize(bowl, n_trials=1)
    assert study.trials[-1].number == 6


@pytest.mark.parametrize("kind", MEDIA)
def test_samplers_and_pruners_forget_what_was_deleted(kind: str, tmp_path: Path) -> None:
    def objective(trial: steep.Trial) -> float:
        x = trial.suggest_float("x", 0, 1)
        for step in range(3):
            trial.report(x, step)
            if trial.should_prune():
                raise steep.TrialPruned
        return x

    with MEDIA[kind](tmp_path) as medium:
        study = steep.create_study(
            storage=medium.open(), sampler=steep.samplers.TPESampler(seed=3, n_startup_trials=5)
        )
        study.optimize(objective, n_trials=15)
        for number in range(0, 15, 2):
            study.delete_trial(number)
        study.optimize(objective, n_trials=10)
        assert len(study.trials) == 7 + 10
        if medium.url:
            assert study.replay()


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda s: s.delete_trial("0"), TypeError),
        (lambda s: s.delete_trial(99), ValueError),
        (lambda s: s.amend_trial(0, value=1.0, values=[1.0]), ValueError),
        (lambda s: s.amend_trial(0, state=COMPLETE), ValueError),
        (lambda s: s.amend_trial(0, state=FAIL, value=1.0), ValueError),
        (lambda s: s.amend_trial(0, state=RUNNING), ValueError),
        (lambda s: s.amend_trial(0, value=math.nan), ValueError),
        (lambda s: s.amend_trial(0, values=[1.0, 2.0]), ValueError),
        (lambda s: s.amend_trial(1, value=1.0), ValueError),  # it runs
    ],
)
def test_an_edit_that_makes_no_sense_is_refused_and_changes_nothing(call: Any, error: Any) -> None:
    study = steep.create_study()
    study.optimize(bowl, n_trials=1)
    study.ask()
    before = study.trials
    with pytest.raises(error, match=r"Study\.(delete|amend)_trial"):
        call(study)
    assert study.trials == before


def test_a_deleted_trial_is_gone_from_every_call() -> None:
    study = steep.create_study()
    study.optimize(bowl, n_trials=2)
    storage, gone = study._storage, study.trials[0]._trial_id
    study.delete_trial(0)
    for call in (storage.get_trial, storage.get_trial_params, storage.get_trial_number_from_id):
        with pytest.raises(KeyError):
            call(gone)
    with pytest.raises(KeyError):
        storage.get_trial_id_from_study_id_trial_number(study._study_id, 0)
    with pytest.raises(ValueError, match="no trial"):
        study.tell(0, 1.0)
    assert storage.get_n_trials(study._study_id) == 1
    assert len(study.trials_dataframe()) == 1


# ---- resuming ------------------------------------------------------------------------------------


def test_a_loaded_study_goes_on_as_if_it_had_never_stopped(medium: Medium) -> None:
    def search(storage: Any, *n_trials: int) -> list[dict[str, Any]]:
        sampler = steep.samplers.TPESampler(seed=5, n_startup_trials=4)
        study = steep.create_study(study_name="s", storage=storage, sampler=sampler)
        for n in n_trials:
            study.optimize(bowl, n_trials=n)
            study = steep.load_study(study_name="s", storage=storage)
        return [trial.params for trial in study.trials]

    assert search(medium.open(), 7, 5) == search(steep.storages.InMemoryStorage(), 12)


def test_a_loaded_study_repeats_no_point_even_without_a_seed(sqlite: Medium) -> None:
    steep.create_study(study_name="tea", storage=sqlite.open())
    for _ in range(3):
        load(sqlite).optimize(bowl, n_trials=4)
    assert len({trial.params["x"] for trial in load(sqlite).trials}) == 12


def test_loading_restores_sampler_and_pruner_unless_others_are_given(sqlite: Medium) -> None:
    pruner = steep.pruners.PatientPruner(steep.pruners.HyperbandPruner(max_resource=9), 2)
    sampler = steep.samplers.PartialFixedSampler({"y": 1}, steep.samplers.TPESampler(seed=2))
    steep.create_study(study_name="tea", storage=sqlite.open(), sampler=sampler, pruner=pruner)
    loaded: Any = load(sqlite)
    assert isinstance(loaded.sampler, steep.samplers.PartialFixedSampler)
    assert isinstance(loaded.pruner._wrapped_pruner, steep.pruners.HyperbandPruner)
    given = steep.samplers.RandomSampler(seed=0)
    assert steep.load_study(study_name="tea", storage=sqlite.open(), sampler=given).sampler is given
    assert isinstance(load(sqlite).sampler, steep.samplers.RandomSampler)


def test_what_cannot_be_restored_is_said(sqlite: Medium, caplog: pytest.LogCaptureFixture) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # gamma is deprecated
        sampler = steep.samplers.TPESampler(gamma=lambda n: 3)
    steep.create_study(study_name="tea", storage=sqlite.open(), sampler=sampler)
    steep.logging.enable_propagation()
    try:
        assert isinstance(load(sqlite).sampler, steep.samplers.AutoSampler)
    finally:
        steep.logging.disable_propagation()
    assert "gamma" in caplog.text
    assert "sampler=" in caplog.text


# ---- replay --------------------------------------------------------------------------------------


def mixed(trial: steep.Trial) -> float:
    kind = trial.suggest_categorical("kind", ["a", "b"])
    x = trial.suggest_float("x", 0, 1)
    name = "y" if kind == "a" else "z"
    return x * trial.suggest_int(name, 1, 9)


SAMPLERS = {
    "tpe": lambda: steep.samplers.TPESampler(n_startup_trials=5),
    "one by one": lambda: steep.samplers.TPESampler(multivariate=False, n_startup_trials=5),
    "group": lambda: steep.samplers.TPESampler(group=True, n_startup_trials=5),
    "cma-es": lambda: steep.samplers.CmaEsSampler(warn_independent_sampling=False),
    "cma-es, margin": lambda: steep.samplers.CmaEsSampler(
        warn_independent_sampling=False, with_margin=True, popsize=3
    ),
    "nsga-ii": lambda: steep.samplers.NSGAIISampler(
        population_size=4, crossover=steep.samplers.nsgaii.SBXCrossover(eta=3)
    ),
    "nsga-iii": lambda: steep.samplers.NSGAIIISampler(population_size=4),
    "random": steep.samplers.RandomSampler,
    "grid": lambda: steep.samplers.GridSampler(
        {"kind": ["a", "b"], "x": [0.1, 0.2], "y": [1, 2, 3], "z": [1, 2, 3]}
    ),
    "brute force": lambda: steep.samplers.RandomSampler(seed=3),
    "sobol": lambda: steep.samplers.QMCSampler(warn_independent_sampling=False),
    "gp": lambda: steep.samplers.GPSampler(n_startup_trials=4, warn_independent_sampling=False),
}


@pytest.mark.parametrize("name", SAMPLERS)
def test_every_suggestion_follows_from_what_its_sampler_saw(name: str, sqlite: Medium) -> None:
    study = steep.create_study(study_name="tea", storage=sqlite.open(), sampler=SAMPLERS[name]())
    others = [load(sqlite), load(sqlite)]
    for _ in range(4):  # three processes, whose trials overlap
        asked = [(one, one.ask()) for one in (study, *others)]
        for one, trial in asked:
            one.tell(trial, mixed(trial))
    study.optimize(mixed, n_trials=6, n_jobs=2)
    result = study.replay()
    assert result, result.differing
    assert result.confirmed == sum(len(t.params) for t in study.trials)


def test_what_is_left_to_the_independent_sampler_follows_as_well(
    sqlite: Medium, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sampler proposes nothing jointly, and just then another thread ends a trial.

    With that trial it would have proposed something.
    """
    sampler = steep.samplers.GPSampler(n_startup_trials=1)
    study = steep.create_study(storage=sqlite.open(), sampler=sampler)
    first, propose = study.ask(), steep.Trial._relative
    first.suggest_float("x", 0, 1)
    ending = threading.Thread(target=study.tell, args=(first, 1.0))

    def propose_late(trial: steep.Trial) -> Any:
        found = propose(trial)
        ending.start()
        ending.join(0.3)
        return found

    monkeypatch.setattr(steep.Trial, "_relative", propose_late)
    second = study.ask()
    second.suggest_float("x", 0, 1)
    ending.join()
    study.tell(second, 2.0)
    assert second.relative_params == {}
    assert study.replay().confirmed == 2


def test_a_suggestion_that_does_not_follow_is_named(sqlite: Medium) -> None:
    study = new_study(sqlite)
    trial = study.ask()
    trial.suggest_float("x", 0, 1)
    value, distribution = trial._draft.params["x"]
    trial._draft.params["x"] = (1 - value, distribution)
    study.tell(trial, 1.0)
    result = study.replay()
    assert not result
    assert [(s.number, s.name, s.value) for s in result.differing] == [(0, "x", 1 - value)]


def test_a_study_in_memory_says_that_it_cannot_be_replayed() -> None:
    with pytest.raises(ValueError, match="keeps no log"):
        steep.create_study().replay()


# ---- leases --------------------------------------------------------------------------------------

WATCHED = {"heartbeat_interval": 0.05, "grace_period": 0.2}


def abandoned(medium: Medium, **options: Any) -> tuple[steep.Study, steep.Trial]:
    """A study whose other worker has started a trial and was killed."""
    study = new_study(medium, **WATCHED, **options)
    dead = load(medium, **WATCHED)
    trial = dead.ask()
    x = trial.suggest_float("x", 0, 1)
    trial.report(x, step=0)
    dead.flush()
    dead._storage.tick = lambda: False  # type: ignore[method-assign]  # no more heartbeats
    return study, trial


def until_reaped(study: steep.Study) -> None:
    deadline = time.monotonic() + 20
    while study.trials[0].state == RUNNING:
        assert time.monotonic() < deadline, "it was never reaped"
        steep.storages.fail_stale_trials(study)
        time.sleep(0.02)


def test_a_trial_whose_worker_is_gone_fails_and_its_retry_waits(medium: Medium) -> None:
    retry = steep.storages.RetryHeartbeatStaleTrialCallback(
        max_retry=1, inherit_intermediate_values=True
    )
    study, lost = abandoned(medium, failed_trial_callback=retry)
    until_reaped(study)
    first, second = study.trials
    assert (first.state, second.state) == (FAIL, WAITING)
    again = study.ask()
    assert again.number == 1
    assert again.suggest_float("x", 0, 1) == lost.params["x"]
    assert study.trials[1].intermediate_values == first.intermediate_values
    assert retry.retried_trial_number(study.trials[1]) == 0
    assert retry.retry_history(study.trials[1]) == [0]


def test_a_late_worker_gets_a_warning_and_goes_on(medium: Medium) -> None:
    study, lost = abandoned(medium)
    until_reaped(study)
    late = lost.study
    lost.report(2.0, step=1)
    with pytest.warns(UserWarning, match="taken from this worker"):
        assert late.tell(lost, 1.0).state == FAIL
    late.optimize(bowl, n_trials=1)
    assert [t.state for t in study.trials] == [FAIL, COMPLETE]


def test_a_late_worker_is_told_to_stop_and_its_loop_goes_on(sqlite: Medium) -> None:
    study = new_study(sqlite)
    prunes = []

    def objective(trial: steep.Trial) -> float:
        if trial.number == 0:
            thief = load(sqlite)
            thief._storage.append(thief._study_id, Reap(0, 1, 1.0))
            time.sleep(0.25)
            trial.report(1.0, step=0)
            with pytest.warns(UserWarning, match="taken from this worker"):
                prunes.append(trial.should_prune())
            raise steep.TrialPruned
        return 0.5

    with pytest.warns(UserWarning, match="going on with the next trial"):
        study.optimize(objective, n_trials=2)
    assert prunes == [True]
    assert [t.state for t in study.trials] == [FAIL, COMPLETE]


def test_trials_without_heartbeats_are_left_alone(sqlite: Medium) -> None:
    load_from = new_study(sqlite)
    load_from.ask()
    watcher = load(sqlite, **WATCHED)
    time.sleep(0.3)
    steep.storages.fail_stale_trials(watcher)
    assert watcher.trials[0].state == RUNNING


def test_a_custom_callback_is_told_of_each_lost_trial_once(sqlite: Medium) -> None:
    told: list[int] = []
    study, _ = abandoned(sqlite, failed_trial_callback=lambda s, t: told.append(t.number))
    until_reaped(study)
    study.optimize(bowl, n_trials=2)
    assert told == [0]


def test_an_ask_looks_for_lost_trials_once(sqlite: Medium, monkeypatch: pytest.MonkeyPatch) -> None:
    study, looked = new_study(sqlite, heartbeat_interval=1000), []
    reap = study._storage.reap
    monkeypatch.setattr(study._storage, "reap", lambda of: looked.append(of) or reap(of))
    study.ask()
    assert looked == [study._study_id]


@pytest.mark.parametrize("name", ["heartbeat_interval", "grace_period"])
def test_intervals_are_positive(name: str, sqlite: Medium) -> None:
    with pytest.raises(ValueError, match=name):
        sqlite.open(**{name: 0})


# ---- snapshots -----------------------------------------------------------------------------------


def test_loading_from_a_snapshot_gives_the_same_study(
    medium: Medium, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steep.storages.core, "_FIRST_SNAPSHOT", 10)
    study = new_study(medium)
    study.optimize(bowl, n_trials=30)
    study_id = study._study_id
    assert study._storage._backend.load_snapshot(study_id) is not None
    assert load(medium).trials == study.trials
    study._storage._backend.save_snapshot(study_id, 5, b"damaged")
    assert load(medium).trials == study.trials


def saved(medium: Medium, name: str, n_trials: int) -> tuple[Any, int]:
    """A study that has saved a snapshot."""
    sampler = steep.samplers.RandomSampler(seed=n_trials)
    study = steep.create_study(study_name=name, storage=medium.open(), sampler=sampler)
    study.optimize(bowl, n_trials=n_trials)
    assert study._storage._backend.load_snapshot(study._study_id) is not None
    return study, study._study_id


@pytest.mark.parametrize("n_trials", [4, 14])
def test_a_snapshot_of_another_history_is_ignored(
    medium: Medium, n_trials: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its position lies beyond the end of this log, or at another event of it."""
    monkeypatch.setattr(steep.storages.core, "_FIRST_SNAPSHOT", 8)
    study, study_id = saved(medium, "tea", n_trials)
    other, other_id = saved(medium, "coffee", 9)
    backend = study._storage._backend
    foreign = other._storage._backend.load_snapshot(other_id)
    backend.save_snapshot(study_id, other.table.position, foreign)
    again = load(medium)
    assert again.trials == study.trials
    again.optimize(bowl, n_trials=1)
    assert load(medium).trials == again.trials
    assert backend.load_snapshot(study_id) != foreign, "a right one replaces it"


def test_a_log_that_lost_its_end_opens_with_what_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steep.storages.core, "_FIRST_SNAPSHOT", 20)
    path = tmp_path / "study.log"
    with SHARED["file"](tmp_path) as medium:
        saved(medium, "tea", 20)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:12]))
    with SHARED["file"](tmp_path) as medium:
        left = load(medium)
        n_left = len(left.trials)
        left.optimize(bowl, n_trials=20)
        assert [t.state for t in load(medium).trials][n_left:] == [COMPLETE] * 20


def test_a_log_that_was_begun_anew_knows_nothing_of_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steep.storages.core, "_FIRST_SNAPSHOT", 20)
    with SHARED["file"](tmp_path) as medium:
        saved(medium, "tea", 20)
    (tmp_path / "study.log").unlink()
    with SHARED["file"](tmp_path) as medium:
        source = steep.create_study(study_name="source")
        source.optimize(bowl, n_trials=60)
        anew = steep.create_study(study_name="tea", storage=medium.open())
        anew._storage._next_snapshot[anew._study_id] = 10**6  # none that would replace the old one
        anew.add_trials(source.trials)
        assert load(medium).trials == anew.trials


def test_a_dropped_storage_closes_its_connections(medium: Medium) -> None:
    storage = medium._open()
    steep.create_study(study_name="tea", storage=storage)
    del storage
    gc.collect()  # an open connection would warn here
    assert steep.get_all_study_names(medium.open()) == ["tea"]
