"""Genetic algorithms and CMA-ES: arguments, errors, warnings and what users hand in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from .harness import attempt, attempt_each, differential
from .programs import mixed, pair, quadratic

NAN = float("nan")
GENETIC = ["NSGAIISampler", "NSGAIIISampler"]
genetic = pytest.mark.parametrize("name", GENETIC)


def make(lib: Any, name: str, **options: Any) -> Any:
    return getattr(lib.samplers, name)(**options)


# Genetic algorithms


@differential
@genetic
def test_arguments_of_genetic_samplers(lib: Any, name: str) -> Any:
    nsgaii = lib.samplers.nsgaii
    cases: list[dict[str, Any]] = [
        {},
        {"population_size": 1},
        {"population_size": 2},
        {"population_size": 2, "crossover": nsgaii.UNDXCrossover()},
        {"population_size": 3, "crossover": nsgaii.SPXCrossover()},
        {"crossover": "uniform"},
        {"crossover": nsgaii.UniformCrossover},
        {"mutation": "polynomial"},
        {"mutation": nsgaii.PolynomialMutation()},
        {"mutation_prob": -0.1},
        {"mutation_prob": 0.0},
        {"mutation_prob": 1.5},
        {"crossover_prob": -0.1},
        {"crossover_prob": 1.1},
        {"swapping_prob": -0.1},
        {"swapping_prob": 1.1},
        {"constraints_func": lambda trial: (0.0,)},
        {"after_trial_strategy": lambda *args: None},
        {"unknown": 1},
    ]
    numbered = list(range(len(cases)))
    return attempt_each(lambda i: type(make(lib, name, **cases[i])).__name__, numbered)


@differential
def test_arguments_of_crossovers_and_mutations(lib: Any) -> Any:
    cases: list[tuple[str, dict[str, Any]]] = [
        ("UniformCrossover", {"swapping_prob": 1.1}),
        ("UniformCrossover", {"swapping_prob": 0.0}),
        ("BLXAlphaCrossover", {"alpha": -1}),
        ("SPXCrossover", {"epsilon": -1}),
        ("UNDXCrossover", {"sigma_xi": -1, "sigma_eta": 0}),
        ("SBXCrossover", {"eta": -1}),
        ("SBXCrossover", {"eta": 0}),
        ("SBXCrossover", {"uniform_crossover_prob": -0.1}),
        ("SBXCrossover", {"uniform_crossover_prob": 1.1}),
        ("SBXCrossover", {"use_child_gene_prob": 0.0}),
        ("SBXCrossover", {"use_child_gene_prob": 1.0}),
        ("VSBXCrossover", {"eta": -1}),
        ("VSBXCrossover", {"uniform_crossover_prob": -0.1}),
        ("VSBXCrossover", {"use_child_gene_prob": 1.1}),
        ("PolynomialMutation", {"eta": -1}),
        ("PolynomialMutation", {"eta": 0}),
        ("BaseCrossover", {}),
        ("BaseMutation", {}),
    ]
    return attempt_each(lambda case: str(getattr(lib.samplers.nsgaii, case[0])(**case[1])), cases)


CROSSOVERS = "Uniform BLXAlpha SPX SBX VSBX UNDX".split()


@differential
@pytest.mark.parametrize("kind", CROSSOVERS)
@pytest.mark.parametrize("n", [1, 2, 5])
def test_crossovers_called_by_hand(lib: Any, kind: str, n: int) -> Any:
    crossover = getattr(lib.samplers.nsgaii, f"{kind}Crossover")()
    study = lib.create_study()
    rng = np.random.RandomState(1)
    parents = rng.rand(crossover.n_parents, n) * 4
    bounds = np.array([[0.0, 4.0]] * n)
    children = [crossover.crossover(parents, rng, study, bounds) for _ in range(4000)]
    spread = np.std(children, axis=0) / np.std(parents[:2], axis=0)
    wide = "UNDX" in kind  # Optuna squares the deviations of the paper
    return np.shape(children), crossover.n_parents, wide or (spread < 20).tolist()


@differential
def test_a_mutation_called_by_hand(lib: Any) -> Any:
    mutation = lib.samplers.nsgaii.PolynomialMutation(eta=3)
    study, rng = lib.create_study(), np.random.RandomState(0)
    bounds = np.array([1.0, 3.0])
    moved = [mutation.mutation(2.0, rng, study, bounds) for _ in range(50)]
    return np.round(moved, 9).tolist()


@differential
@genetic
def test_genetic_samplers_run(lib: Any, name: str) -> Any:
    study = lib.create_study(
        directions=["minimize", "maximize"], sampler=make(lib, name, population_size=4, seed=0)
    )
    study.optimize(pair, n_trials=20)
    return [(t.number, t.state, sorted(t.params)) for t in study.trials]


@differential
@genetic
def test_generations_of_a_sequential_study(lib: Any, name: str) -> Any:
    sampler = make(lib, name, population_size=4, seed=0)
    study = lib.create_study(sampler=sampler)
    study.optimize(quadratic, n_trials=14)
    trials = study.trials
    return (
        sampler.population_size,
        [sampler.get_trial_generation(study, t) for t in trials],
        [[t.number for t in sampler.get_population(study, g)] for g in range(5)],
        [len(sampler.get_parent_population(study, g)) for g in range(4)],
        len(sampler.select_parent(study, 2)),
    )


@differential
def test_parents_are_the_best_of_their_generation(lib: Any) -> Any:
    sampler = make(lib, "NSGAIISampler", population_size=4, seed=0)
    study = lib.create_study(sampler=sampler)
    study.optimize(quadratic, n_trials=4)
    best = sorted(t.number for t in study.trials)
    return best == sorted(t.number for t in sampler.get_parent_population(study, 1))


@differential
@genetic
def test_functions_take_part(lib: Any, name: str) -> Any:
    calls: list[Any] = []

    def elect(study: Any, population: list[Any]) -> list[Any]:
        calls.append(("elect", [t.number for t in population]))
        return population[:2]

    def child(study: Any, space: dict[str, Any], parents: list[Any]) -> dict[str, Any]:
        calls.append(("child", sorted(space), [t.number for t in parents]))
        return {name: parents[0].params[name] for name in space}

    def after(study: Any, trial: Any, state: Any, values: Any) -> None:
        calls.append(("after", trial.number, state, len(values or [])))

    sampler = make(
        lib,
        name,
        population_size=3,
        seed=0,
        elite_population_selection_strategy=elect,
        child_generation_strategy=child,
        after_trial_strategy=after,
    )
    study = lib.create_study(sampler=sampler)
    study.optimize(quadratic, n_trials=8)
    return calls, len({str(t.params) for t in study.trials[3:]})


CONSTRAINTS: list[Any] = [
    lambda trial: (0.0,),
    lambda trial: [1.0, -1.0],
    lambda trial: (NAN,),
    lambda trial: (),
    lambda trial: None,
]


@differential
@genetic
@pytest.mark.parametrize("function", CONSTRAINTS, ids=range(len(CONSTRAINTS)))
def test_constraint_functions_of_genetic_samplers(lib: Any, name: str, function: Any) -> Any:
    sampler = make(lib, name, seed=0, constraints_func=function, population_size=2)
    study = lib.create_study(sampler=sampler)
    outcome = attempt(study.optimize, quadratic, n_trials=5)
    return type(outcome).__name__, [(t.state, t.system_attrs["constraints"]) for t in study.trials]


@differential
def test_reference_points_that_do_not_fit(lib: Any) -> Any:
    sampler = make(lib, "NSGAIIISampler", population_size=2, reference_points=np.eye(3), seed=0)
    study = lib.create_study(directions=["minimize"] * 2, sampler=sampler)
    return type(attempt(study.optimize, pair, n_trials=4)).__name__


@differential
def test_a_users_crossover(lib: Any) -> Any:
    shapes = []

    class Mean(lib.samplers.nsgaii.BaseCrossover):  # type: ignore[misc, name-defined]
        n_parents = 3

        def crossover(
            self, parents_params: Any, rng: Any, study: Any, search_space_bounds: Any
        ) -> Any:
            shapes.append((parents_params.shape, np.round(search_space_bounds, 9).tolist()))
            rng.rand(), rng.choice(3), rng.normal()
            return parents_params.mean(axis=0)

    sampler = make(lib, "NSGAIISampler", population_size=4, crossover=Mean(), seed=0)
    study = lib.create_study(sampler=sampler)
    study.optimize(mixed, n_trials=12)
    return str(Mean()), sorted(set(map(str, shapes)))


@differential
def test_the_base_of_genetic_samplers(lib: Any) -> Any:
    class Own(lib.samplers.BaseGASampler):  # type: ignore[misc, name-defined]
        def select_parent(self, study: Any, generation: int) -> Any:
            return self.get_population(study, generation - 1)

        def infer_relative_search_space(self, study: Any, trial: Any) -> Any:
            return {}

        def sample_relative(self, study: Any, trial: Any, search_space: Any) -> Any:
            generation = self.get_trial_generation(study, trial)
            seen.append([t.number for t in self.get_parent_population(study, generation)])
            return {}

        def sample_independent(self, study: Any, trial: Any, name: str, distribution: Any) -> Any:
            return distribution.low

    seen: list[Any] = []
    sampler = Own(population_size=3)
    study = lib.create_study(sampler=sampler)
    study.optimize(quadratic, n_trials=8)
    sampler.population_size = 5
    return seen, sampler.population_size, attempt(lib.samplers.BaseGASampler, 3)


# CMA-ES


@differential
def test_arguments_of_cmaes(lib: Any) -> Any:
    source = lib.create_study(sampler=lib.samplers.RandomSampler(seed=0))
    source.optimize(quadratic, n_trials=2)
    trials = source.trials
    cases: list[dict[str, Any]] = [
        {},
        {"x0": {"x": 1.0}},
        {"sigma0": 0.1},
        {"restart_strategy": "ipop"},
        {"restart_strategy": "nonsense"},
        {"inc_popsize": 2},
        {"source_trials": trials},
        {"source_trials": trials, "x0": {"x": 1.0}},
        {"source_trials": trials, "sigma0": 0.1},
        {"source_trials": trials, "use_separable_cma": True},
        {"source_trials": [], "use_separable_cma": True},
        {"use_separable_cma": True, "with_margin": True},
        {"lr_adapt": True, "with_margin": True},
        {"lr_adapt": True, "use_separable_cma": True},
        {"lr_adapt": True, "source_trials": trials},
        {"with_margin": True, "source_trials": trials},
        {"consider_pruned_trials": True},
        {"popsize": 3},
        {"n_startup_trials": 0},
        {"unknown": 1},
    ]
    numbered = list(range(len(cases)))
    return attempt_each(lambda i: type(lib.samplers.CmaEsSampler(**cases[i])).__name__, numbered)


@differential
@pytest.mark.parametrize("n", [1, 3, 6])
def test_positions_of_cmaes(lib: Any, n: int) -> Any:
    values = (None, None, 1, None, True, 0, False)
    return type(lib.samplers.CmaEsSampler(*values[:n])).__name__


@differential
def test_cmaes_of_two_objectives(lib: Any) -> Any:
    study = lib.create_study(directions=["minimize"] * 2, sampler=lib.samplers.CmaEsSampler())
    return attempt(study.optimize, pair, n_trials=1)


@differential
def test_the_relative_space_of_cmaes(lib: Any) -> Any:
    def objective(trial: Any) -> float:
        trial.suggest_int("only", 3, 3)
        trial.suggest_float("one", 1.0, 1.0)
        trial.suggest_categorical("c", ["a", "b"])
        if trial.number % 2:
            trial.suggest_float("sometimes", 0, 1)
        return float(trial.suggest_float("x", 0, 1) + trial.suggest_int("n", 1, 9, log=True))

    sampler = lib.samplers.CmaEsSampler(seed=0, warn_independent_sampling=False)
    study = lib.create_study(sampler=sampler)
    study.optimize(objective, n_trials=6)
    return sampler.infer_relative_search_space(study, study.trials[-1])


@differential
def test_cmaes_warns_of_constraints(lib: Any) -> Any:
    def objective(trial: Any) -> float:
        trial.set_constraint("c", -1.0)
        return quadratic(trial)

    study = lib.create_study(sampler=lib.samplers.CmaEsSampler(seed=0))
    study.optimize(objective, n_trials=2)
    return len(study.trials)


@differential
def test_separable_cmaes_of_one_parameter(lib: Any) -> Any:
    sampler = lib.samplers.CmaEsSampler(seed=0, use_separable_cma=True)
    study = lib.create_study(sampler=sampler)
    study.optimize(lambda t: t.suggest_float("x", 0, 1), n_trials=2)
    return len(study.trials)


@differential
def test_source_trials_of_another_space(lib: Any) -> Any:
    source = lib.create_study(sampler=lib.samplers.RandomSampler(seed=0))
    source.optimize(quadratic, n_trials=20)
    study = lib.create_study(sampler=lib.samplers.CmaEsSampler(source_trials=source.trials))
    return attempt(study.optimize, lambda t: t.suggest_float("other", 0, 1), n_trials=3)


@differential(logs=True)
@pytest.mark.parametrize("warns", [True, False])
def test_cmaes_and_independent_parameters(lib: Any, warns: bool) -> Any:
    study = lib.create_study(
        study_name="s",
        sampler=lib.samplers.CmaEsSampler(seed=0, warn_independent_sampling=warns),
    )
    lib.logging.set_verbosity(lib.logging.WARNING)
    study.optimize(lambda t: len(t.suggest_categorical("c", ["a", "b"])), n_trials=3)
    return [t.state for t in study.trials]


@differential
@pytest.mark.parametrize(
    "options", [{}, {"use_separable_cma": True}, {"with_margin": True}, {"lr_adapt": True}], ids=str
)
def test_kinds_of_cmaes_run(lib: Any, options: dict[str, Any]) -> Any:
    def objective(trial: Any) -> float:
        return float(
            trial.suggest_float("x", 0, 1, step=0.25)
            + trial.suggest_int("n", 1, 9, log=True)
            + trial.suggest_float("lr", 1e-5, 1e-1, log=True)
            + trial.suggest_int("m", 0, 10, step=5)
        )

    study = lib.create_study(sampler=lib.samplers.CmaEsSampler(seed=0, **options))
    study.optimize(objective, n_trials=40)
    return [
        {name: type(value).__name__ for name, value in t.params.items()} for t in study.trials
    ], study.best_value < 2.5
