"""What every sampler promises, a third party's included."""

from __future__ import annotations

import inspect
import math
import operator
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import optuna
import pytest

import steep
from steep.distributions import BaseDistribution
from steep.samplers import (
    AutoSampler,
    BaseSampler,
    BruteForceSampler,
    CmaEsSampler,
    GPSampler,
    GridSampler,
    NSGAIIISampler,
    NSGAIISampler,
    PartialFixedSampler,
    QMCSampler,
    RandomSampler,
    TPESampler,
    nsgaii,
)
from steep.samplers.local import LocalSampler
from steep.trial import FrozenTrial, TrialState

# Some of the objectives below have a single parameter.
pytestmark = pytest.mark.filterwarnings("ignore:CmaEsSampler.use_separable_cma")

Objective = Callable[[steep.Trial], float]


class ThirdParty(BaseSampler):
    """Sample jointly what trials have in common, and note it, as Optuna's users write samplers."""

    def __init__(self, seed: int | None) -> None:
        self._space = steep.search_space.IntersectionSearchSpace()
        self._random = RandomSampler(seed)

    def before_trial(self, study: steep.Study, trial: FrozenTrial) -> None:
        study._storage.set_trial_system_attr(trial._trial_id, "third:began", trial.number)

    def infer_relative_search_space(
        self, study: steep.Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        assert trial.system_attrs["third:began"] == trial.number
        trials = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
        return steep.search_space.intersection_search_space(trials)

    def sample_relative(
        self, study: steep.Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        return {
            name: self.sample_independent(study, trial, name, distribution)
            for name, distribution in search_space.items()
        }

    def sample_independent(
        self,
        study: steep.Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        return self._random.sample_independent(study, trial, param_name, param_distribution)


def mixed(trial: steep.Trial) -> float:
    """Suggest every kind of parameter, some only in some trials, with a range that moves."""
    x = trial.suggest_float("x", -1, 1)
    lr = trial.suggest_float("lr", 1e-5, 1e-1, log=True)
    step = trial.suggest_float("step", 0, 1, step=0.25)
    n = trial.suggest_int("n", 1, 4)
    units = trial.suggest_int("units", 1, 512, log=True)
    kind = trial.suggest_categorical("kind", ["a", None, 3, math.nan])
    trial.suggest_int("only", 7, 7)
    if kind == "a":
        trial.suggest_float("inner", 0, 1)
    trial.suggest_float("moving", 0, 1 + trial.number % 3)
    return x * x + lr + step + n + units / 512


def finite(trial: steep.Trial) -> float:
    """Suggest from a space that is small enough to be tried out; not all of it in each trial."""
    x = trial.suggest_int("x", 0, 11)
    kind = trial.suggest_categorical("kind", ["a", None, 3, math.nan])
    trial.suggest_int("only", 7, 7)
    units = trial.suggest_int("units", 1, 3, log=True)
    if kind == "a":
        trial.suggest_float("inner", 0, 1, step=0.5)
    return x + units


GRID = {
    "x": range(12),
    "kind": ["a", None, 3, math.nan],
    "inner": [0, 0.5, 1],
    "units": [1, 2, 3],
}


@dataclass(frozen=True)
class Case:
    """A sampler and what it can sample."""

    make: Callable[[int | None], BaseSampler]
    objective: Objective = mixed

    def study(self, seed: int | None, n_trials: int = 0, **options: Any) -> steep.Study:
        study = steep.create_study(sampler=self.make(seed), study_name="tea", **options)
        study.optimize(self.objective, n_trials=n_trials)
        return study


def fixed_on(base: Callable[[int | None], BaseSampler]) -> Callable[[int | None], BaseSampler]:
    return lambda seed: PartialFixedSampler({"units": 2, "kind": None}, base(seed))


def tpe(**options: Any) -> Callable[[int | None], BaseSampler]:
    return lambda seed: TPESampler(seed=seed, n_startup_trials=4, **options)


def cma(**options: Any) -> Callable[[int | None], BaseSampler]:
    return lambda seed: CmaEsSampler(seed=seed, warn_independent_sampling=False, **options)


CASES = {
    "auto": Case(lambda seed: AutoSampler(seed=seed)),
    "auto, finite": Case(lambda seed: AutoSampler(seed=seed), finite),
    "local, finite": Case(lambda seed: LocalSampler(RandomSampler(seed), seed), finite),
    "random": Case(RandomSampler),
    "tpe": Case(tpe()),
    "tpe, one by one": Case(tpe(multivariate=False)),
    "tpe, in groups": Case(tpe(group=True)),
    "gp": Case(lambda seed: GPSampler(seed=seed, n_startup_trials=4), mixed),
    "gp, finite": Case(lambda seed: GPSampler(seed=seed, n_startup_trials=4), finite),
    "cma-es": Case(cma()),
    "cma-es, margin": Case(cma(with_margin=True)),
    "cma-es, separable": Case(cma(use_separable_cma=True)),
    "nsga-ii": Case(lambda seed: NSGAIISampler(seed=seed, population_size=4)),
    "nsga-ii, operators": Case(
        lambda seed: NSGAIISampler(
            seed=seed,
            population_size=3,
            crossover=nsgaii.UNDXCrossover(),
            mutation=nsgaii.PolynomialMutation(),
        )
    ),
    "nsga-iii": Case(lambda seed: NSGAIIISampler(seed=seed, population_size=4)),
    "sobol": Case(lambda seed: QMCSampler(seed=seed, warn_independent_sampling=False)),
    "halton, scrambled": Case(
        lambda seed: QMCSampler(
            qmc_type="halton",
            scramble=True,
            seed=seed,
            warn_asynchronous_seeding=False,
            warn_independent_sampling=False,
        )
    ),
    "grid": Case(lambda seed: GridSampler(GRID, seed), finite),
    "brute force": Case(BruteForceSampler, finite),
    "fixed on tpe": Case(fixed_on(tpe())),
    "fixed on random": Case(fixed_on(RandomSampler)),
    "third party": Case(ThirdParty),
}
every_sampler = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


def params_of(study: steep.Study) -> list[str]:
    """Give what the trials got, NaN included, as text."""
    return [repr(sorted(trial.params.items())) for trial in study.trials]


@every_sampler
def test_the_same_seed_gives_the_same_parameters(case: Case) -> None:
    first, second = (params_of(case.study(5, n_trials=15)) for _ in range(2))
    assert first == second


PROGRAM = """
import sys, steep
sys.path.insert(0, {folder!r})
import test_contract as contract
steep.logging.set_verbosity(steep.logging.ERROR)
for name, case in contract.CASES.items():
    print(name, contract.params_of(case.study(5, n_trials=8)))
"""


def test_the_same_seed_gives_the_same_parameters_in_another_process() -> None:
    here = [f"{name} {params_of(case.study(5, n_trials=8))}" for name, case in CASES.items()]
    program = PROGRAM.format(folder=__file__.rpartition("/")[0])
    # Another salt for the hashes of strings: no order may depend on them.
    run = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": ":".join(sys.path), "PYTHONHASHSEED": "77"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.splitlines() == here


@every_sampler
def test_other_seeds_give_other_parameters(case: Case) -> None:
    runs = {tuple(params_of(case.study(seed, n_trials=4))) for seed in (1, 2, 3)}
    assert len(runs) == 3


@pytest.mark.parametrize(
    "name", [name for name in CASES if name not in ("brute force", "local, finite")]
)
def test_the_order_of_the_calls_does_not_matter(name: str) -> None:
    # These two are left out: they never ask for what a running trial has, from the second trial on,
    # so the order decides who gets what.
    def suggest(trial: steep.Trial) -> float:
        return trial.suggest_int("x", 0, 11)

    def asked(order: list[int]) -> list[Any]:
        study = CASES[name].study(5)
        study.optimize(suggest, n_trials=1)
        trials = [study.ask() for _ in order]
        found = {number: suggest(trials[number]) for number in order}
        return [found[number] for number in sorted(order)]

    assert asked([0, 1, 2, 3]) == asked([2, 0, 3, 1])


@every_sampler
def test_values_are_python_objects_within_their_distribution(case: Case) -> None:
    seen: list[Any] = []

    def objective(trial: steep.Trial) -> float:
        value = case.objective(trial)
        seen.extend(trial.params.values())
        return value

    study = case.study(0)
    study.optimize(objective, n_trials=30)
    assert {type(value) for value in seen} <= {float, int, str, type(None)}
    for trial in study.trials:
        for name, value in trial.params.items():
            distribution = trial.distributions[name]
            assert distribution.contains(distribution.to_internal_repr(value))


@every_sampler
def test_a_value_given_to_the_objective_is_the_one_that_is_recorded(case: Case) -> None:
    given: list[int] = []

    def objective(trial: steep.Trial) -> float:
        given.append(trial.suggest_int("x", 0, 11))
        return case.objective(trial) if case.objective is finite else given[-1]

    study = case.study(0)
    study.optimize(objective, n_trials=12)
    assert [trial.params["x"] for trial in study.trials] == given


@every_sampler
def test_enqueued_values_are_used(case: Case) -> None:
    study = case.study(0, n_trials=6)
    wanted = study.trials[3].params  # trial 6 has the same ranges
    study.enqueue_trial(wanted)
    study.optimize(case.objective, n_trials=2)
    assert repr(study.trials[6].params["kind"]) == repr(wanted["kind"])
    assert study.trials[6].params["x"] == wanted["x"]
    assert len(study.trials) == 8


@every_sampler
def test_failed_pruned_and_infinite_trials_do_no_harm(case: Case) -> None:
    def objective(trial: steep.Trial) -> float:
        x = case.objective(trial)
        trial.report(math.nan if trial.number % 2 else x, 0)
        if trial.number % 5 == 1:
            raise steep.TrialPruned
        if trial.number % 5 == 2:
            raise ValueError
        return [x, math.nan, math.inf, -math.inf][trial.number % 4]

    study = case.study(0)
    study.optimize(objective, n_trials=30, catch=ValueError)
    assert len(study.trials) == 30
    assert study.table.n_in(TrialState.FAIL) > 6


@pytest.mark.parametrize("name", [name for name in CASES if not name.startswith("cma")])
def test_several_objectives_are_served(name: str) -> None:
    case = CASES[name]
    study = case.study(0, directions=["minimize", "maximize", "minimize"])
    study.optimize(lambda t: (case.objective(t), t.params["x"], 1.0), n_trials=20)
    assert study.table.n_in(TrialState.COMPLETE) == 20


@every_sampler
def test_threads_share_a_sampler(case: Case) -> None:
    study = case.study(0)
    study.optimize(case.objective, n_trials=30, n_jobs=2)
    assert study.table.n_in(TrialState.COMPLETE) == 30


@every_sampler
def test_one_sampler_serves_two_studies_at_once(case: Case) -> None:
    shared = case.make(3)
    studies = [steep.create_study(sampler=shared, study_name=name) for name in "ab"]
    threads = [
        threading.Thread(target=study.optimize, args=(case.objective, 12)) for study in studies
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for study in studies:
        alone = steep.create_study(sampler=case.make(3), study_name=study.study_name)
        alone.optimize(case.objective, n_trials=12)
        assert params_of(study) == params_of(alone)


@every_sampler
def test_a_study_goes_on_with_a_new_sampler_as_with_the_old_one(case: Case) -> None:
    whole = case.study(4, n_trials=12)
    half = case.study(4, n_trials=6)
    half.sampler = case.make(4)
    half.optimize(case.objective, n_trials=6)
    assert params_of(half) == params_of(whole)


@every_sampler
def test_a_pickled_study_goes_on_as_the_original(case: Case) -> None:
    study = case.study(3, n_trials=8)
    copy = pickle.loads(pickle.dumps(study))
    for one in (study, copy):
        one.optimize(case.objective, n_trials=4)
    assert params_of(copy) == params_of(study)


@every_sampler
def test_asked_trials_that_are_never_told_do_no_harm(case: Case) -> None:
    study = case.study(0)
    for number in range(24):
        trial = study.ask()
        value = case.objective(trial)
        if number % 3:
            study.tell(trial, value)
    assert study.table.n_in(TrialState.RUNNING) == 8


@every_sampler
def test_trials_added_by_hand_do_no_harm(case: Case) -> None:
    source = case.study(1, n_trials=6)
    study = case.study(0)
    study.add_trials(source.trials)
    study.optimize(case.objective, n_trials=6)
    assert len(study.trials) == 12


@every_sampler
def test_a_sampler_prints_as_its_class(case: Case) -> None:
    sampler = case.make(0)
    assert str(sampler) == type(sampler).__name__


@every_sampler
def test_reseeding_keeps_the_numbers_of_a_seed(case: Case) -> None:
    study = case.study(5)
    for _ in range(6):
        study.sampler.reseed_rng()
        study.optimize(case.objective, n_trials=1)
    assert params_of(study) == params_of(case.study(5, n_trials=6))


NAMES = [
    f"{room}{name}"
    for room, module in (("", steep.samplers), ("nsgaii.", steep.samplers.nsgaii))
    for name in module.__all__
    if name not in ("AutoSampler", "BaseSampler", "BaseCrossover", "BaseMutation", "nsgaii")
]


@pytest.mark.parametrize("name", NAMES)
def test_the_arguments_are_those_of_optuna_and_others_by_name(name: str) -> None:
    mine, theirs = (
        list(
            inspect.signature(operator.attrgetter(name)(lib.samplers).__init__).parameters.values()
        )
        for lib in (steep, optuna)
    )
    assert [(p.name, p.kind, p.default) for p in mine[: len(theirs)]] == [
        (p.name, p.kind, p.default) for p in theirs
    ]
    for own in mine[len(theirs) :]:
        assert own.kind == own.KEYWORD_ONLY
        assert own.default is not own.empty
