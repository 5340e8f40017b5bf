from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import steep
from steep.samplers import BaseGASampler, NSGAIISampler, RandomSampler, nsgaii
from steep.samplers.nsga.breeding import tournaments
from steep.trial import FrozenTrial, TrialState

BOTH = ["minimize", "minimize"]


def schaffer(trial: steep.Trial) -> tuple[float, float]:
    x = trial.suggest_float("x", -10, 10)
    return x * x, (x - 2) ** 2


def plane(trial: steep.Trial) -> tuple[float, float]:
    # With a single parameter every child mutates, since the rate is 1/d.
    first, second = schaffer(trial)
    y = trial.suggest_float("y", -10, 10)
    return first + y * y, second + y * y


def run(sampler: steep.samplers.BaseSampler, n: int, objective: Any = schaffer) -> steep.Study:
    study = steep.create_study(directions=BOTH, sampler=sampler, study_name="tea")
    study.optimize(objective, n_trials=n)
    return study


def late(study: steep.Study, n: int = 100) -> list[FrozenTrial]:
    return study.trials[-n:]


def test_later_generations_lie_near_the_front() -> None:
    study = run(NSGAIISampler(population_size=10, seed=0), 300, plane)
    good = [t for t in late(study) if -0.5 <= t.params["x"] <= 2.5 and abs(t.params["y"]) < 2]
    random = [t for t in late(run(RandomSampler(0), 300)) if -0.5 <= t.params["x"] <= 2.5]
    assert len(good) > 30 > 20 > len(random)


@pytest.mark.parametrize("name", [n for n in nsgaii.__all__ if n.endswith("Crossover")][1:])
def test_every_crossover_finds_the_front(name: str) -> None:
    if name == "BaseCrossover":
        return
    sampler = NSGAIISampler(population_size=12, seed=0, crossover=getattr(nsgaii, name)())
    front = run(sampler, 240).best_trials
    assert all(-0.5 <= t.params["x"] <= 2.5 for t in front)


def test_one_objective_is_optimized_too() -> None:
    study = steep.create_study(direction="maximize", sampler=NSGAIISampler(seed=1))
    study.optimize(lambda t: -(t.suggest_float("x", -10, 10) ** 2), n_trials=300)
    assert study.best_value > -0.01


def test_generations_follow_the_order_of_finishing() -> None:
    sampler = NSGAIISampler(population_size=2, seed=0)
    study = steep.create_study(directions=BOTH, sampler=sampler)
    asked = [study.ask() for _ in range(5)]
    for trial in reversed(asked[1:]):
        study.tell(trial, schaffer(trial))
    numbers = [[t.number for t in sampler.get_population(study, g)] for g in range(3)]
    assert numbers == [[3, 4], [1, 2], []]
    generation = [sampler.get_trial_generation(study, t) for t in study.trials]
    assert generation == [2, 1, 1, 0, 0]
    study.tell(asked[0], state=TrialState.FAIL)
    assert sampler.get_trial_generation(study, study.trials[0]) == 2


def test_parents_are_the_best_of_a_generation_and_its_parents() -> None:
    sampler = NSGAIISampler(population_size=5, seed=3)
    study = steep.create_study(sampler=sampler)
    study.optimize(lambda t: t.suggest_float("x", 0, 1), n_trials=20)
    for generation in (1, 2, 3, 4):
        best = sorted(study.trials[: 5 * generation], key=lambda t: t.value or 0)[:5]
        parents = sampler.get_parent_population(study, generation)
        assert [t.number for t in parents] == [t.number for t in best]
        chosen = sampler.select_parent(study, generation)
        assert [t.number for t in chosen] == [t.number for t in best]
    assert sampler.get_parent_population(study, 0) == []
    assert sampler.get_parent_population(study, 5) == []


def test_added_trials_are_a_generation() -> None:
    source = run(RandomSampler(seed=0), 50)
    study = steep.create_study(directions=BOTH, sampler=NSGAIISampler(seed=1, mutation_prob=0.0))
    study.add_trials(source.trials)
    study.optimize(schaffer, n_trials=10)
    known = {t.params["x"] for t in source.trials}
    assert all(t.params["x"] in known for t in study.trials[50:])


def test_infeasible_trials_do_not_become_parents_of_a_feasible_population() -> None:
    def objective(trial: steep.Trial) -> tuple[float, float]:
        trial.set_constraint("x", 1 - trial.suggest_float("x", -10, 10))
        return schaffer(trial)

    sampler = NSGAIISampler(population_size=10, seed=0)
    study = run(sampler, 150, objective)
    parents = sampler.get_parent_population(study, 15)
    assert all(t.params["x"] >= 1 for t in parents)


def test_a_function_gives_constraints() -> None:
    with pytest.warns(FutureWarning, match="set_constraint"):
        sampler = NSGAIISampler(constraints_func=lambda t: (t.params["x"],), seed=0)
    study = run(sampler, 3)
    assert [t.constraints["0"] for t in study.trials] == [t.params["x"] for t in study.trials]


def test_no_attributes_are_written() -> None:
    study = run(NSGAIISampler(population_size=4, seed=0), 20)
    assert study.table.system_attrs == {}
    assert study.table.study_system_attrs == {}


def test_choices_come_from_parents_unless_they_mutate() -> None:
    def objective(trial: steep.Trial) -> float:
        trial.suggest_float("x", 0, 1)
        return float(trial.suggest_categorical("c", list("abcdefgh")) != "c")

    sampler = NSGAIISampler(population_size=16, seed=0, mutation=nsgaii.PolynomialMutation())
    study = steep.create_study(sampler=sampler)
    study.optimize(objective, n_trials=100)
    assert len({t.params["c"] for t in study.trials[-50:]}) > 2
    assert sum(t.params["c"] == "c" for t in study.trials[-50:]) > 15
    calm = NSGAIISampler(population_size=16, seed=1, mutation_prob=0.0)
    study = steep.create_study(sampler=calm)
    study.optimize(objective, n_trials=100)
    assert {t.params["c"] for t in study.trials[-30:]} == {"c"}


class Middle(nsgaii.BaseCrossover):
    n_parents = 2

    def __init__(self) -> None:
        self.seen: list[Any] = []

    def crossover(self, parents_params: Any, rng: Any, study: Any, search_space_bounds: Any) -> Any:
        self.seen.append((parents_params, search_space_bounds))
        rng.rand(3), rng.randint(2), rng.normal(0, 1)
        return parents_params.mean(axis=0)


def test_a_users_crossover_sees_values_and_their_bounds() -> None:
    crossover = Middle()

    def objective(trial: steep.Trial) -> float:
        trial.suggest_categorical("c", ["a", "b"])
        n = trial.suggest_int("n", 1, 9, step=2)
        return n + trial.suggest_float("lr", 1e-3, 1e-1, log=True)

    sampler = NSGAIISampler(population_size=6, seed=0, crossover=crossover, crossover_prob=1)
    study = steep.create_study(sampler=sampler)
    study.optimize(objective, n_trials=12)
    parents, bounds = crossover.seen[0]
    assert bounds == pytest.approx(np.array([[math.log(1e-3), math.log(1e-1)], [0, 10]]))
    logs = [math.log(t.params["lr"]) for t in study.trials[:6]]
    assert all(min(abs(value - log) for log in logs) < 1e-9 for value in parents[:, 0])
    assert set(parents[:, 1].round(9)) <= {1, 3, 5, 7, 9}


class Down(nsgaii.BaseMutation):
    def mutation(self, param: float, rng: Any, study: Any, search_space_bounds: Any) -> float:
        low, high = search_space_bounds
        return float(max(param - (high - low), low) + 0 * rng.rand())


def test_a_users_mutation_is_used_and_clipped() -> None:
    sampler = NSGAIISampler(population_size=4, seed=0, mutation=Down(), mutation_prob=1.0)
    study = run(sampler, 8)
    assert {t.params["x"] for t in study.trials[4:]} == {-10.0}


class Shifted(nsgaii.UniformCrossover):
    def crossover(self, *args: Any) -> Any:
        return super().crossover(*args) * 0 + 1.5


def test_a_subclass_of_a_crossover_is_asked() -> None:
    sampler = NSGAIISampler(
        population_size=4, seed=0, crossover=Shifted(), crossover_prob=1, mutation_prob=0
    )
    assert {t.params["x"] for t in run(sampler, 8).trials[4:]} == {1.5}


def test_functions_choose_parents_and_children() -> None:
    elected: list[int] = []

    def elect(study: steep.Study, population: list[FrozenTrial]) -> list[FrozenTrial]:
        elected.append(len(population))
        return population[:2]

    def child(study: steep.Study, space: Any, parents: list[FrozenTrial]) -> dict[str, Any]:
        return {name: parents[0].params[name] for name in space}

    seen: list[int] = []
    sampler = NSGAIISampler(
        population_size=4,
        seed=0,
        elite_population_selection_strategy=elect,
        child_generation_strategy=child,
        after_trial_strategy=lambda study, trial, state, values: seen.append(trial.number),
    )
    study = run(sampler, 12)
    assert elected == [4, 6]
    assert seen == list(range(12))
    assert {t.params["x"] for t in study.trials[4:]} == {study.trials[0].params["x"]}
    alone = NSGAIISampler(population_size=4, seed=0, elite_population_selection_strategy=elect)
    assert len(run(alone, 12).trials) == 12


class Newest(BaseGASampler):
    def __init__(self) -> None:
        super().__init__(population_size=3)
        self.calls: list[int] = []

    def select_parent(self, study: steep.Study, generation: int) -> list[FrozenTrial]:
        self.calls.append(generation)
        return self.get_population(study, generation - 1)

    def infer_relative_search_space(self, study: steep.Study, trial: FrozenTrial) -> Any:
        return steep.search_space.IntersectionSearchSpace().calculate(study)

    def sample_relative(self, study: steep.Study, trial: FrozenTrial, search_space: Any) -> Any:
        generation = self.get_trial_generation(study, trial)
        parents = self.get_parent_population(study, generation)
        return dict(parents[-1].params) if parents else {}

    def sample_independent(self, study: Any, trial: Any, param_name: Any, param_distribution: Any):  # type: ignore[no-untyped-def]
        return param_distribution.from_unit((trial.number % 9) / 9)


def test_a_genetic_sampler_of_somebody_else() -> None:
    sampler = Newest()
    study = run(sampler, 9)
    assert sampler.calls == [1, 2]
    assert [t.params["x"] for t in study.trials[3:]] == [study.trials[2].params["x"]] * 6
    assert sampler.population_size == 3
    sampler.population_size = 9
    assert len(sampler.get_population(study, 0)) == 9


def test_a_trial_without_a_parameter_as_parent() -> None:
    def objective(trial: steep.Trial) -> tuple[float, float]:
        if trial.number % 3:
            trial.suggest_float("y", 0, 1)
        return schaffer(trial)

    assert len(run(NSGAIISampler(population_size=3, seed=0), 30, objective).trials) == 30


def test_the_middle_of_nothing_is_never_out_of_bounds() -> None:
    def objective(trial: steep.Trial) -> float:
        return sum(trial.suggest_float(f"x{i}", 0, 1) for i in range(40))

    sampler = NSGAIISampler(population_size=8, seed=0, crossover=nsgaii.BLXAlphaCrossover(2.0))
    study = steep.create_study(sampler=sampler)
    study.optimize(objective, n_trials=40)
    assert all(0 <= v <= 1 for t in study.trials for v in t.params.values())


def test_tournaments_choose_different_parents_and_prefer_the_better() -> None:
    places = np.array([0, 1, 1, 2, 3])
    chosen = tournaments(places, 5000, 3, np.random.default_rng(0))
    assert all(len(set(row)) == 3 for row in chosen.tolist())
    counts = np.bincount(chosen[:, 0], minlength=5) / 5000
    # The best wins all its tournaments: 1 - (4/5)²; the worst only those against itself.
    assert counts == pytest.approx([9 / 25, 6 / 25, 6 / 25, 3 / 25, 1 / 25], abs=0.02)
    everybody = tournaments(places[:3], 50, 3, np.random.default_rng(0))
    assert (np.sort(everybody) == [0, 1, 2]).all()


def test_the_sampler_is_made_again_from_its_description() -> None:
    from steep.study.config import build, describe

    crossover = nsgaii.SBXCrossover(eta=5)
    sampler = NSGAIISampler(
        population_size=7, seed=4, crossover=crossover, mutation=nsgaii.PolynomialMutation(3)
    )
    made = build("sampler", describe(sampler))
    assert isinstance(made, NSGAIISampler)
    first, second = ([t.params for t in run(s, 30, schaffer).trials] for s in (sampler, made))
    assert first == second
