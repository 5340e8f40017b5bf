"""The sampler that chooses: what it chooses, that it says so, and that it can be made again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import steep
from steep.events import Reap
from steep.samplers import AutoSampler, auto


def objective(trial: steep.Trial) -> float:
    x = trial.suggest_float("x", -1, 1)
    kind = trial.suggest_categorical("kind", ["a", "b"])
    return x * x + (trial.suggest_float("inner", 0, 1) if kind == "a" else 0.2)


def chosen(study: steep.Study) -> list[str | None]:
    return [AutoSampler().chosen(trial) for trial in study.trials]


def finished(n: int, state: steep.trial.TrialState) -> list[steep.trial.FrozenTrial]:
    x = steep.distributions.FloatDistribution(-1, 1)
    is_complete = state == steep.trial.TrialState.COMPLETE
    return [
        steep.create_trial(
            params={"x": i / n},
            distributions={"x": x},
            value=i / n if is_complete else None,
            state=state,
        )
        for i in range(n)
    ]


COMPLETE, PRUNED = steep.trial.TrialState.COMPLETE, steep.trial.TrialState.PRUNED


def test_a_latin_hypercube_comes_first_and_then_process_and_region_take_turns() -> None:
    study = steep.create_study(sampler=AutoSampler(seed=1))
    study.optimize(lambda t: t.suggest_float("x", -1, 1) ** 2, n_trials=14)
    assert chosen(study) == ["latin"] * 10 + ["gp", "local"] * 2


def test_where_there_are_choices_the_process_has_more_turns_and_the_region_later_ones() -> None:
    study = steep.create_study(sampler=AutoSampler(seed=1))
    study.optimize(objective, n_trials=58)
    turns = ["gp", "gp", "gp", "tpe"] * 10 + ["gp", "local", "gp", "tpe"] * 2
    assert chosen(study) == ["latin"] * 10 + turns


def test_after_a_failure_only_the_process_goes_on() -> None:
    def failing(trial: steep.Trial) -> float:
        if trial.suggest_float("x", 0, 1) > 0.6:
            raise ValueError
        return 1 - trial.params["x"]

    study = steep.create_study(sampler=AutoSampler(seed=1))
    study.optimize(failing, n_trials=14, catch=ValueError)
    failed = [t.number for t in study.trials if t.state == steep.trial.TrialState.FAIL]
    assert min(failed) < 10
    n = 10 + sum(number < 12 for number in failed)  # those that failed are no part of the ten
    assert chosen(study) == ["latin"] * n + ["gp"] * (14 - n)


@pytest.mark.parametrize(
    ("n", "state", "expected"),
    [
        (9, COMPLETE, "latin"),
        (10, COMPLETE, "gp"),
        (11, COMPLETE, "local"),
        (998, COMPLETE, "gp"),
        (1000, COMPLETE, "tpe"),
        (10, PRUNED, "tpe"),
    ],
)
def test_the_choice_follows_from_the_trials_that_are_known(
    n: int, state: steep.trial.TrialState, expected: str
) -> None:
    study = steep.create_study(sampler=AutoSampler(seed=1))
    study.add_trials(finished(n, state))
    study.optimize(lambda trial: trial.suggest_float("x", -1, 1), n_trials=1)
    assert chosen(study) == [None] * n + [expected]


@pytest.mark.parametrize(
    ("n_objectives", "n", "expected"),
    [
        (2, 9, "latin"),
        (3, 10, "gp"),
        (3, 1000, "tpe"),
        (4, 10, "gp"),
        (5, 10, "tpe"),
        (4, 1000, "nsgaii"),
    ],
)
def test_several_objectives_are_left_to_samplers_that_have_them(
    n_objectives: int, n: int, expected: str
) -> None:
    study = steep.create_study(directions=["minimize"] * n_objectives, sampler=AutoSampler(seed=1))
    for trial in finished(n, COMPLETE):
        trial.values = [trial.params["x"]] * n_objectives
        study.add_trial(trial)
    study.optimize(lambda t: [t.suggest_float("x", -1, 1)] * n_objectives, n_trials=1)
    assert chosen(study)[-1] == expected


def of_floats(n: int, d: int = 2, **changes: Any) -> list[steep.trial.FrozenTrial]:
    """Make n complete trials of d continuous parameters."""
    distribution = changes.pop("distribution", steep.distributions.FloatDistribution(-1, 1))
    return [
        steep.create_trial(
            params={f"x{j}": 0.5 for j in range(d)},
            distributions={f"x{j}": distribution for j in range(d)},
            value=float(i),
            **changes,
        )
        for i in range(n)
    ]


def next_choice(
    trials: list[steep.trial.FrozenTrial], *names: str, step: float | None = None
) -> str | None:
    study = steep.create_study(sampler=AutoSampler(seed=1))
    study.add_trials(trials)
    study.optimize(
        lambda t: sum(t.suggest_float(name, -1, 1, step=step) for name in names), n_trials=1
    )
    return chosen(study)[-1]


def test_continuous_parameters_are_refined_by_cma_es() -> None:
    assert next_choice(of_floats(298), "x0", "x1") == "gp"
    assert next_choice(of_floats(300), "x0", "x1") == "cma"
    assert next_choice(of_floats(301), "x0", "x1") == "local"
    assert next_choice(of_floats(1101), "x0", "x1") == "cma"


def test_cma_es_takes_nothing_that_it_cannot_search() -> None:
    steps = steep.distributions.FloatDistribution(-1, 1, step=0.5)
    pruned = finished(1, PRUNED)
    alone = of_floats(1, d=1)
    constrained = of_floats(1, constraints={"left": -1.0})
    assert next_choice(of_floats(300, distribution=steps), "x0", "x1", step=0.5) == "gp"
    for one in (pruned, alone, constrained):
        assert next_choice(of_floats(301) + one, "x0", "x1") == "gp"
    assert next_choice(of_floats(300, d=1), "x0") == "gp"


def test_a_missing_package_is_said_once_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("steep.samplers.auto.find_spec", lambda name: None)
    auto._has_cmaes.cache_clear()
    steep.logging.enable_propagation()
    try:
        assert next_choice(of_floats(300), "x0", "x1") == "gp"
        assert next_choice(of_floats(1000), "x0", "x1") == "tpe"
    finally:
        auto._has_cmaes.cache_clear()
    assert [record.message for record in caplog.records if "steep[cmaes]" in record.message] != []


def test_cma_es_goes_on_from_the_trials_of_the_process() -> None:
    def bowl(trial: steep.Trial) -> float:
        return (trial.suggest_float("x", -5, 5) - 1) ** 2 + trial.suggest_float("y", -5, 5) ** 2

    study = steep.create_study(sampler=steep.samplers.GPSampler(seed=1))
    study.optimize(bowl, n_trials=40)
    study.add_trials(study.trials * 7)
    study.sampler = AutoSampler(seed=1)
    study.optimize(bowl, n_trials=30)
    assert set(chosen(study)[-30::2]) == {"cma"}
    assert set(chosen(study)[-29::2]) <= {"local", "cma"}
    assert sum(t.value for t in study.trials[-30:]) / 30 < 0.5  # at random it is 18


def test_enqueued_trials_count_as_known_ones() -> None:
    study = steep.create_study(sampler=AutoSampler(seed=1))
    for i in range(10):
        study.enqueue_trial({"x": i / 10, "kind": "b"})
    study.optimize(objective, n_trials=11)
    assert chosen(study) == [None] * 10 + ["gp"]


@pytest.mark.parametrize("seed", [3, None])
def test_a_kept_study_says_what_was_chosen_replays_and_goes_on(
    tmp_path: Path, seed: int | None
) -> None:
    url = f"sqlite:///{tmp_path / 'study.db'}"
    study = steep.create_study(storage=url, study_name="tea", sampler=AutoSampler(seed=seed))
    study.optimize(objective, n_trials=12)
    loaded = steep.load_study(study_name="tea", storage=url)
    assert isinstance(loaded.sampler, AutoSampler)
    loaded.optimize(objective, n_trials=2)
    assert chosen(loaded) == ["latin"] * 10 + ["gp", "gp", "gp", "tpe"]
    replayed = loaded.replay()
    assert replayed
    assert replayed.confirmed > 20
    assert not replayed.skipped


def test_the_estimator_takes_the_turns_of_a_region_that_there_is_not() -> None:
    def choices(trial: steep.Trial) -> float:
        return float(sum(trial.suggest_categorical(name, [0, 1, 2]) for name in "abc"))

    def constrained(trial: steep.Trial) -> float:
        trial.set_constraint("all", trial.suggest_float("x", 0, 1) - 2)
        return 1.0

    def flat(trial: steep.Trial) -> float:
        return 0.0 * trial.suggest_float("x", 0, 1)

    def pruned(trial: steep.Trial) -> float:
        x = trial.suggest_float("x", 0, 1)
        if trial.number % 3:
            trial.report(x, 1)
            raise steep.TrialPruned
        return x

    for objective in (constrained, pruned):
        study = steep.create_study(sampler=AutoSampler(seed=1))
        study.optimize(objective, n_trials=16)
        assert chosen(study)[11::2] == ["tpe"] * 3
    for objective, collapses_at in ((choices, 10), (flat, 41)):
        study = steep.create_study(sampler=AutoSampler(seed=1))
        study.optimize(objective, n_trials=56)
        turns = chosen(study)[11::2]
        n = (collapses_at - 10) // 2
        assert turns[:n] == ["local"] * n
        # The process has every other one of them until there are 50 trials.
        assert turns[n:20] == (["gp", "tpe"] * 10)[n:20]
        assert turns[20:] == ["tpe"] * 3


def test_a_lost_worker_does_not_end_the_turns() -> None:
    study = steep.create_study(sampler=AutoSampler(seed=1))
    study.optimize(objective, n_trials=12)
    number = study.ask().number
    lease = study.table.lease_of(number)
    assert study.table.apply(Reap(number, lease, study.table.start[number] + 1))
    study.optimize(objective, n_trials=3)
    assert chosen(study)[-3:] == ["tpe", "gp", "gp"]


def test_constraints_are_obeyed() -> None:
    def constrained(trial: steep.Trial) -> float:
        x = trial.suggest_float("x", -1, 1)
        trial.set_constraint("left", x)
        return -x

    study = steep.create_study(sampler=AutoSampler(seed=1))
    study.optimize(constrained, n_trials=25)
    assert -0.2 < study.best_params["x"] <= 0


def test_it_finds_the_optimum_of_a_bowl() -> None:
    study = steep.create_study(sampler=AutoSampler(seed=1))
    study.optimize(lambda t: sum((t.suggest_float(n, -5, 5) - 1) ** 2 for n in "xyz"), n_trials=40)
    assert study.best_value < 0.05


@pytest.mark.parametrize("directions", [["minimize"], ["minimize", "maximize"]])
def test_it_is_the_default(directions: list[str]) -> None:
    assert isinstance(steep.create_study(directions=directions).sampler, AutoSampler)
