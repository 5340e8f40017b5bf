"""One contract for every storage: the public interface keeps its promises over each backend."""

from __future__ import annotations

import math
import pickle
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from storages.media import MEDIA, Medium

import steep
from steep.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from steep.exceptions import DuplicatedStudyError, UpdateFinishedTrialError
from steep.study import StudyDirection
from steep.trial import TrialState

MINIMIZE, MAXIMIZE = StudyDirection.MINIMIZE, StudyDirection.MAXIMIZE
COMPLETE, RUNNING, WAITING = TrialState.COMPLETE, TrialState.RUNNING, TrialState.WAITING
FINISHED = [TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL]


@pytest.fixture(params=MEDIA)
def medium(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Medium]:
    """A place for studies of each kind, with nothing in it."""
    with MEDIA[request.param](tmp_path) as medium:
        yield medium


@pytest.fixture
def storage(medium: Medium) -> Any:
    """Return an empty storage of each kind."""
    return medium.open()


@pytest.fixture
def study_id(storage: Any) -> int:
    """Return the id of a study that minimises one objective."""
    return int(storage.create_new_study([MINIMIZE], "tea"))


def finish(storage: Any, study_id: int, *values: float, state: TrialState = COMPLETE) -> int:
    """Add a finished trial and return its id."""
    trial_id = storage.create_new_trial(study_id)
    storage.set_trial_state_values(trial_id, state, list(values) or None)
    return int(trial_id)


def test_ids_of_studies_and_trials_are_never_used_again(storage: Any) -> None:
    seen_studies, seen_trials = set(), set()
    for _ in range(3):
        study_id = storage.create_new_study([MINIMIZE], "again")
        seen_studies.add(study_id)
        seen_trials |= {storage.create_new_trial(study_id) for _ in range(2)}
        storage.delete_study(study_id)
    assert len(seen_studies) == 3
    assert len(seen_trials) == 6
    assert storage.get_all_studies() == []


def test_names_are_unique_and_found(storage: Any, study_id: int) -> None:
    with pytest.raises(DuplicatedStudyError):
        storage.create_new_study([MAXIMIZE], "tea")
    assert storage.get_study_id_from_name("tea") == study_id
    assert storage.get_study_directions(study_id) == [MINIMIZE]


def test_numbers_have_no_gaps_and_lead_to_ids(storage: Any, study_id: int) -> None:
    other = storage.create_new_study([MINIMIZE], "coffee")
    ids = [
        storage.create_new_trial(study) for study in (study_id, other, study_id, other, study_id)
    ]
    assert [storage.get_trial_number_from_id(i) for i in ids] == [0, 0, 1, 1, 2]
    for study in (study_id, other):
        for trial in storage.get_all_trials(study):
            found = storage.get_trial_id_from_study_id_trial_number(study, trial.number)
            assert found == trial._trial_id
            assert storage.get_trial(found) == trial


@pytest.mark.parametrize("state", FINISHED)
def test_a_finished_trial_is_closed_to_every_write(
    storage: Any, study_id: int, state: TrialState
) -> None:
    trial_id = finish(storage, study_id, *([1.0] if state == COMPLETE else []), state=state)
    before = storage.get_trial(trial_id)
    writes: list[Callable[[], Any]] = [
        lambda: storage.set_trial_param(trial_id, "x", 0.5, FloatDistribution(0, 1)),
        lambda: storage.set_trial_intermediate_value(trial_id, 0, 1.0),
        lambda: storage.set_trial_user_attr(trial_id, "k", 1),
        lambda: storage.set_trial_system_attr(trial_id, "k", 1),
        lambda: storage.set_trial_state_values(trial_id, COMPLETE, [2.0]),
        lambda: storage.set_trial_state_values(trial_id, RUNNING),
    ]
    for write in writes:
        with pytest.raises(UpdateFinishedTrialError):
            write()
    assert storage.get_trial(trial_id) == before


def test_parameters_keep_their_distributions(storage: Any, study_id: int) -> None:
    trial_id = storage.create_new_trial(study_id)
    rows = {
        "x": (FloatDistribution(0, 1), 0.1, 0.1),
        "n": (IntDistribution(1, 9, step=2), 3.0, 3),
        "big": (IntDistribution(0, 2**53), float(2**53), 2**53),
        "c": (CategoricalDistribution(["a", None, True]), 1, None),
        "l": (FloatDistribution(1e-8, 1, log=True), 1e-8, 1e-8),
    }
    for name, (distribution, internal, _) in rows.items():
        storage.set_trial_param(trial_id, name, internal, distribution)
    trial = storage.get_trial(trial_id)
    assert list(trial.params) == list(rows)
    for name, (distribution, internal, external) in rows.items():
        assert trial.params[name] == external
        assert type(trial.params[name]) is type(external)
        assert trial.distributions[name] == distribution
        assert storage.get_trial_param(trial_id, name) == internal


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, -0.0, 5e-324, 1.7e308])
def test_numbers_are_kept_to_the_last_bit(storage: Any, study_id: int, value: float) -> None:
    trial_id = storage.create_new_trial(study_id)
    storage.set_trial_intermediate_value(trial_id, 7, value)
    storage.set_trial_user_attr(trial_id, "k", [value, {"deep": value}])
    storage.set_study_user_attr(study_id, "k", value)
    trial = storage.get_trial(trial_id)
    kept = [
        trial.intermediate_values[7],
        *trial.user_attrs["k"][:1],
        trial.user_attrs["k"][1]["deep"],
    ]
    kept.append(storage.get_study_user_attrs(study_id)["k"])
    assert [repr(v) for v in kept] == [repr(value)] * 4


@pytest.mark.parametrize("value", [math.inf, -math.inf, -0.0, 1e300])
def test_objective_values_are_kept(storage: Any, study_id: int, value: float) -> None:
    assert repr(storage.get_trial(finish(storage, study_id, value)).value) == repr(value)


def test_the_sign_of_zero_is_kept_for_every_reader(medium: Medium) -> None:
    writer = steep.create_study(study_name="tea", storage=medium.open())
    # A process keeps one object for equal distributions, so these are found in this test only.
    choices = CategoricalDistribution(["the sign of zero", -0.0])
    writer.add_trial(
        steep.create_trial(
            value=-0.0,
            params={"x": -0.0, "c": -0.0},
            distributions={"x": FloatDistribution(-1, 1), "c": choices},
            intermediate_values={3: -0.0},
            user_attrs={"k": -0.0},
        )
    )
    told = writer.ask()
    writer.tell(told, 0.0)
    writer.amend_trial(told.number, value=-0.0)
    storages = [writer._storage]
    if medium.url:  # what is in memory has one reader
        storages.append(medium.open())
    for storage in storages:
        trials = steep.load_study(study_name="tea", storage=storage).trials
        kept = [*trials[0].params.values(), trials[0].intermediate_values[3]]
        kept += [trials[0].value, trials[0].user_attrs["k"], trials[1].value]
        assert [repr(number) for number in kept] == ["-0.0"] * 6


def test_only_a_waiting_trial_can_be_claimed_and_only_once(storage: Any, study_id: int) -> None:
    waiting = storage.create_new_trial(study_id, steep.create_trial(state=WAITING))
    running = storage.create_new_trial(study_id)
    assert storage.get_trial(waiting).datetime_start is None
    assert storage.set_trial_state_values(waiting, RUNNING) is True
    assert storage.set_trial_state_values(waiting, RUNNING) is False
    assert storage.set_trial_state_values(running, RUNNING) is False
    assert storage.get_trial(waiting).datetime_start is not None


def test_threads_claim_each_waiting_trial_once(storage: Any, study_id: int) -> None:
    ids = [storage.create_new_trial(study_id, steep.create_trial(state=WAITING)) for _ in range(40)]
    claims: list[int] = []

    def claim() -> None:
        claims.extend(i for i in ids if storage.set_trial_state_values(i, RUNNING))

    threads = [threading.Thread(target=claim) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claims) == ids


def test_threads_create_trials_without_gaps(storage: Any, study_id: int) -> None:
    def create() -> None:
        for _ in range(30):
            finish(storage, study_id, 1.0)

    threads = [threading.Thread(target=create) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [t.number for t in storage.get_all_trials(study_id)] == list(range(90))
    assert all(t.state == COMPLETE for t in storage.get_all_trials(study_id))


def test_trials_by_state(storage: Any, study_id: int) -> None:
    for state in TrialState:
        for _ in range(2):
            value = 1.0 if state == COMPLETE else None
            storage.create_new_trial(study_id, steep.create_trial(state=state, value=value))
    for state in TrialState:
        found = storage.get_all_trials(study_id, deepcopy=False, states=(state,))
        assert [t.state for t in found] == [state, state]
        assert storage.get_n_trials(study_id, state) == 2
    assert storage.get_n_trials(study_id) == 10
    assert storage.get_n_trials(study_id, (COMPLETE, WAITING)) == 4
    assert storage.get_all_trials(study_id, states=()) == []


def test_a_template_is_stored_whole(storage: Any, study_id: int) -> None:
    template = steep.create_trial(
        values=[0.5],
        params={"x": 0.25, "c": None},
        distributions={"x": FloatDistribution(0, 1), "c": CategoricalDistribution([None, 1])},
        user_attrs={"u": [1, "two"]},
        system_attrs={"s": {"a": None}},
        intermediate_values={5: 1.0, 2: -1.0},
    )
    made = storage.get_trial(storage.create_new_trial(study_id, template))
    fields = ["state", "values", "params", "distributions", "user_attrs", "system_attrs"]
    fields += ["intermediate_values", "datetime_start", "datetime_complete"]
    assert [getattr(made, f) for f in fields] == [getattr(template, f) for f in fields]
    assert made.number == 0


def test_best_is_the_first_of_equals(storage: Any) -> None:
    for direction, expected in ((MINIMIZE, 2), (MAXIMIZE, 1)):
        study_id = storage.create_new_study([direction])
        with pytest.raises(ValueError, match="complete"):
            storage.get_best_trial(study_id)
        for value in (3.0, 4.0, 2.0, 2.0, 4.0):
            finish(storage, study_id, value)
        finish(storage, study_id, state=TrialState.PRUNED)
        assert storage.get_best_trial(study_id).number == expected


def test_a_deleted_study_takes_its_trials_along(storage: Any, study_id: int) -> None:
    other = storage.create_new_study([MINIMIZE], "coffee")
    gone, kept = storage.create_new_trial(study_id), storage.create_new_trial(other)
    storage.delete_study(study_id)
    assert storage.get_trial(kept).number == 0
    for call in (storage.get_trial, storage.get_trial_params, storage.get_trial_number_from_id):
        with pytest.raises(KeyError):
            call(gone)
    with pytest.raises(KeyError):
        storage.get_all_trials(study_id)


def test_incompatible_distributions_are_refused_and_change_nothing(
    storage: Any, study_id: int
) -> None:
    first, second = storage.create_new_trial(study_id), storage.create_new_trial(study_id)
    storage.set_trial_param(first, "x", 0.5, FloatDistribution(0, 1))
    storage.set_trial_param(second, "x", 5.0, FloatDistribution(0, 9))
    third = storage.create_new_trial(study_id)
    for distribution in (IntDistribution(0, 1), CategoricalDistribution([0, 1])):
        with pytest.raises(ValueError, match="x|distribution"):
            storage.set_trial_param(third, "x", 1, distribution)
    assert storage.get_trial(third).params == {}
    assert [storage.get_trial(t).params["x"] for t in (first, second)] == [0.5, 5.0]


def test_pickling_keeps_everything_and_parts_ways(storage: Any, study_id: int) -> None:
    finish(storage, study_id, 1.0)
    storage.set_study_user_attr(study_id, "k", math.inf)
    again = pickle.loads(pickle.dumps(storage))
    assert again.get_all_trials(study_id) == storage.get_all_trials(study_id)
    assert again.get_study_user_attrs(study_id) == {"k": math.inf}
    finish(again, study_id, 0.5)
    assert again.get_best_trial(study_id).number == 1


def test_studies_share_a_storage_through_its_interface(storage: Any) -> None:
    study = steep.create_study(storage=storage, study_name="mine")
    trial = study.ask()
    trial.suggest_float("x", 0, 1)
    other = steep.load_study(study_name="mine", storage=storage)
    other.tell(trial.number, 1.0)
    assert [t.value for t in study.trials] == [1.0]
    assert storage.get_trial(trial._trial_id).params == study.trials[0].params


def test_what_no_table_can_hold_never_reaches_the_log(storage: Any, study_id: int) -> None:
    trial_id = storage.create_new_trial(study_id)
    with pytest.raises(ValueError, match="objectives"):
        storage.set_trial_state_values(trial_id, COMPLETE, [1.0, 2.0])
    for step in (-(2**63) - 1, 2**63):
        with pytest.raises(ValueError, match="step"):
            storage.set_trial_intermediate_value(trial_id, step, 1.0)
    two = steep.create_trial(values=[1.0, 2.0])
    with pytest.raises(ValueError, match="objectives"):
        storage.create_new_trial(study_id, template_trial=two)
    storage.set_trial_state_values(trial_id, COMPLETE, [1.0])
    assert [t.values for t in storage.get_all_trials(study_id)] == [[1.0]]
