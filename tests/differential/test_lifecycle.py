"""create_study, load_study, delete_study, copy_study, and the lists of studies."""

from __future__ import annotations

from typing import Any

import pytest

from .harness import attempt, attempt_each, differential
from .programs import mixed, new_study, pair, quadratic, storage_of


@differential
@pytest.mark.parametrize(
    "options",
    [
        {"directions": []},
        {"direction": "minimize", "directions": ["maximize"]},
        {"direction": ["minimize", "maximize"]},
        {"direction": ["minimize"]},
        {"directions": "minimize"},
        {"directions": ["minimize", "upwards"]},
        {"direction": "upwards"},
        {"direction": "MINIMIZE"},
        {"directions": ["minimize", None]},
    ],
    ids=str,
)
def test_bad_arguments_of_create_study(lib: Any, options: dict[str, Any]) -> Any:
    return attempt(lib.create_study, **options)


@differential
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"direction": "maximize"},
        {"directions": ["maximize"]},
        {"directions": ("minimize", "maximize")},
        {"study_name": "tea"},
        {"study_name": ""},
        {"directions": ["minimize"] * 4},
    ],
    ids=str,
)
def test_a_new_study(lib: Any, options: dict[str, Any]) -> Any:
    study = lib.create_study(**options)
    return study, attempt(lambda: study.direction), study.directions, study.trials


@differential
def test_directions_may_be_members_of_the_enumeration(lib: Any) -> Any:
    up, unset = lib.study.StudyDirection.MAXIMIZE, lib.study.StudyDirection.NOT_SET
    return [
        lib.create_study(direction=up).direction,
        lib.create_study(directions=[up, "minimize"]).directions,
        attempt(lib.create_study, direction=unset),
    ]


@differential
def test_the_default_name_of_a_study(lib: Any) -> Any:
    return lib.create_study().study_name


@differential
def test_a_study_keeps_the_sampler_and_pruner_it_was_given(lib: Any) -> Any:
    sampler, pruner = lib.samplers.RandomSampler(seed=1), lib.pruners.NopPruner()
    study = lib.create_study(sampler=sampler, pruner=pruner)
    study.sampler, study.pruner = study.sampler, study.pruner
    return study.sampler is sampler, study.pruner is pruner


@differential
def test_private_names_that_tools_use(lib: Any) -> Any:
    storage = storage_of(lib)
    study = lib.create_study(storage=storage)
    trial = study.ask()
    return study._storage is storage, study._study_id, trial._trial_id, study.trials[0]._trial_id


@differential
def test_in_memory_studies_without_a_storage_are_strangers(lib: Any) -> Any:
    first, second = lib.create_study(study_name="tea"), lib.create_study(study_name="tea")
    first.optimize(quadratic, n_trials=1)
    return len(first.trials), len(second.trials)


@differential
def test_a_name_is_used_once_in_a_storage(lib: Any) -> Any:
    storage = storage_of(lib)
    lib.create_study(study_name="tea", storage=storage)
    return attempt(lib.create_study, study_name="tea", storage=storage)


@differential(logs=True)
def test_load_if_exists_gives_the_existing_study(lib: Any) -> Any:
    storage = storage_of(lib)
    options = {"study_name": "tea", "storage": storage, "load_if_exists": True}
    new_study(lib, direction="maximize", **options).optimize(quadratic, n_trials=2)
    again = new_study(lib, direction="minimize", **options)
    return again.direction, len(again.trials), storage.get_all_studies()[0].study_name


@differential
def test_load_study_by_name(lib: Any) -> Any:
    storage = storage_of(lib)
    new_study(lib, study_name="tea", storage=storage).optimize(mixed, n_trials=3)
    return lib.load_study(study_name="tea", storage=storage)


@differential
def test_load_study_without_a_name_needs_exactly_one_study(lib: Any) -> Any:
    storage = storage_of(lib)
    outcomes = [attempt(lib.load_study, study_name=None, storage=storage)]
    lib.create_study(study_name="only", storage=storage)
    outcomes.append(lib.load_study(study_name=None, storage=storage).study_name)
    lib.create_study(study_name="second", storage=storage)
    return [*outcomes, attempt(lib.load_study, study_name=None, storage=storage)]


@differential
def test_load_study_of_an_unknown_name(lib: Any) -> Any:
    return attempt(lib.load_study, study_name="nobody", storage=storage_of(lib))


@differential
def test_load_study_of_several_objectives_takes_a_sampler(lib: Any) -> Any:
    storage = storage_of(lib)
    lib.create_study(study_name="two", storage=storage, directions=["minimize"] * 2)
    given = lib.samplers.RandomSampler()
    loaded = lib.load_study(study_name="two", storage=storage, sampler=given)
    return loaded.sampler is given


@differential
def test_delete_study(lib: Any) -> Any:
    storage = storage_of(lib)
    study = new_study(lib, study_name="tea", storage=storage)
    study.optimize(quadratic, n_trials=2)
    lib.delete_study(study_name="tea", storage=storage)
    return [
        lib.get_all_study_names(storage),
        attempt(lib.delete_study, study_name="tea", storage=storage),
        attempt(lambda: study.trials),
        attempt(study.ask),
        attempt(lambda: study.study_name),
        lib.create_study(study_name="tea", storage=storage).trials,
    ]


@differential
def test_names_of_all_studies(lib: Any) -> Any:
    storage = storage_of(lib)
    empty = lib.get_all_study_names(storage)
    for name in ("zebra", "ant", "Tea"):
        lib.create_study(study_name=name, storage=storage)
    return empty, lib.get_all_study_names(storage), lib.study.get_all_study_names(storage=storage)


@differential
def test_summaries_of_all_studies(lib: Any) -> Any:
    storage = storage_of(lib)
    lib.create_study(study_name="empty", storage=storage)
    one = new_study(lib, study_name="one", storage=storage, direction="maximize")
    one.set_user_attr("team", ["a", 1])
    one.enqueue_trial({"x": 0.75})
    one.optimize(quadratic, n_trials=3)
    one.ask()
    two = new_study(lib, study_name="two", storage=storage, directions=["minimize", "maximize"])
    two.optimize(pair, n_trials=2)
    return lib.get_all_study_summaries(storage=storage)


@differential
def test_summaries_without_the_best_trial(lib: Any) -> Any:
    storage = storage_of(lib)
    new_study(lib, study_name="one", storage=storage).optimize(quadratic, n_trials=3)
    return lib.get_all_study_summaries(storage=storage, include_best_trial=False)


@differential
def test_the_direction_of_a_summary(lib: Any) -> Any:
    storage = storage_of(lib)
    lib.create_study(study_name="a", storage=storage, direction="maximize")
    lib.create_study(study_name="b", storage=storage, directions=["maximize", "minimize"])
    summaries = lib.get_all_study_summaries(storage)
    return [attempt(lambda s=s: s.direction) for s in summaries], summaries[0] == summaries[0]


@differential
def test_a_summary_of_infeasible_trials_has_no_best(lib: Any) -> Any:
    storage = storage_of(lib)
    study = new_study(lib, study_name="one", storage=storage)

    def objective(trial: Any) -> float:
        trial.set_constraint("c", 1.0)
        return quadratic(trial)

    study.optimize(objective, n_trials=2)
    return lib.get_all_study_summaries(storage)


@differential
def test_copy_study(lib: Any) -> Any:
    source, target = storage_of(lib), storage_of(lib)
    study = new_study(lib, study_name="tea", storage=source, direction="maximize")
    study.set_user_attr("owner", {"name": "ann"})
    study.set_metric_names(["taste"])
    study.enqueue_trial({"x": 0.25}, user_attrs={"why": "hunch"})
    study.optimize(quadratic, n_trials=4)
    study.enqueue_trial({"x": 0.5})
    study.ask()
    lib.copy_study(from_study_name="tea", from_storage=source, to_storage=target)
    lib.copy_study(
        from_study_name="tea", from_storage=source, to_storage=source, to_study_name="coffee"
    )
    copies = [lib.load_study(study_name="tea", storage=target)]
    copies.append(lib.load_study(study_name="coffee", storage=source))
    return copies, [t.duration is not None for t in copies[0].trials]


@differential
def test_copy_study_to_a_used_or_from_an_unknown_name(lib: Any) -> Any:
    storage = storage_of(lib)
    lib.create_study(study_name="tea", storage=storage)
    to_itself = {"from_study_name": "tea", "from_storage": storage, "to_storage": storage}
    return [
        attempt(lib.copy_study, **to_itself),
        attempt(lib.copy_study, **{**to_itself, "from_study_name": "nobody"}),
        lib.get_all_study_names(storage),
    ]


@differential
def test_get_trials_by_state(lib: Any) -> Any:
    study = new_study(lib)
    states = lib.trial.TrialState

    def objective(trial: Any) -> float:
        if trial.number == 1:
            raise lib.TrialPruned
        if trial.number == 2:
            raise ValueError("no")
        return quadratic(trial)

    study.optimize(objective, n_trials=4, catch=ValueError)
    study.ask()
    study.enqueue_trial({})
    wanted = [None, (states.COMPLETE,), [states.PRUNED, states.FAIL], {states.WAITING}, ()]
    by_states = [[t.number for t in study.get_trials(states=w)] for w in wanted]
    return by_states, [t.number for t in study.get_trials(deepcopy=False)]


@differential
def test_trials_given_out_are_copies(lib: Any) -> Any:
    study = new_study(lib)
    study.optimize(quadratic, n_trials=1)
    trial = study.trials[0]
    trial.params["x"] = 9.0
    trial.user_attrs["new"] = 1
    trial.values = [7.0]
    return study.trials, trial


@differential
@pytest.mark.parametrize(
    "value", [1, "text", None, [1, {"a": None}], float("inf"), True, ""], ids=str
)
def test_user_attributes_of_a_study(lib: Any, value: Any) -> Any:
    study = lib.create_study()
    study.set_user_attr("key", value)
    attrs = study.user_attrs
    attrs["other"] = 1
    study.set_user_attr("again", 1)
    study.set_user_attr("again", 2)
    return study.user_attrs


@differential
def test_metric_names(lib: Any) -> Any:
    study = lib.create_study(directions=["minimize", "maximize"])
    before = study.metric_names
    cases = [["a"], ["a", "b", "c"], [], ("x", "y"), ["a", "a"]]
    outcomes = attempt_each(study.set_metric_names, cases)
    return before, outcomes, study.metric_names


@differential
def test_a_study_survives_pickling(lib: Any) -> Any:
    import pickle

    study = lib.create_study(sampler=lib.samplers.RandomSampler(seed=1), direction="maximize")
    study.enqueue_trial({"x": 0.25})
    study.optimize(quadratic, n_trials=1)
    again = pickle.loads(pickle.dumps(study))
    again.enqueue_trial({"x": 0.5})
    again.optimize(quadratic, n_trials=1)
    return again, len(study.trials)
