"""The protocol of samplers: which method is called when, and with what."""

from __future__ import annotations

from typing import Any

import pytest

from .harness import attempt, differential
from .programs import mixed, quadratic, value_at


def spy(lib: Any, log: list[Any], relative: dict[str, Any] | None = None, fail_in: str = "") -> Any:
    """Return a sampler that logs each call, and raises KeyError in the method `fail_in`."""

    class Spy(lib.samplers.BaseSampler):  # type: ignore[misc]
        def note(self, method: str, study: Any, trial: Any, *rest: Any) -> None:
            log.append(
                (method, trial.number, trial.state.name, dict(trial.params), trial.values, *rest)
            )
            if method == fail_in:
                raise KeyError(method)

        def reseed_rng(self) -> None:
            log.append("reseed_rng")

        def before_trial(self, study: Any, trial: Any) -> None:
            self.note("before_trial", study, trial, type(study).__name__)

        def infer_relative_search_space(self, study: Any, trial: Any) -> dict[str, Any]:
            self.note("infer_relative_search_space", study, trial)
            return {name: lib.distributions.FloatDistribution(0, 1) for name in (relative or {})}

        def sample_relative(self, study: Any, trial: Any, search_space: Any) -> dict[str, Any]:
            self.note("sample_relative", study, trial, search_space)
            return dict(relative or {})

        def sample_independent(
            self, study: Any, trial: Any, param_name: str, param_distribution: Any
        ) -> Any:
            self.note("sample_independent", study, trial, param_name, param_distribution)
            return value_at(param_distribution, 0.0)

        def after_trial(self, study: Any, trial: Any, state: Any, values: Any) -> None:
            self.note(
                "after_trial",
                study,
                trial,
                state.name,
                values,
                [t.state.name for t in study.trials],
            )

    return Spy()


@differential
def test_order_of_the_hooks(lib: Any) -> Any:
    log: list[Any] = []
    lib.create_study(sampler=spy(lib, log)).optimize(mixed, n_trials=2)
    return log


@differential
def test_order_of_the_hooks_with_ask_and_tell(lib: Any) -> Any:
    log: list[Any] = []
    study = lib.create_study(sampler=spy(lib, log))
    log.append("made")
    trial = study.ask()
    log.append("asked")
    trial.suggest_float("x", 0, 1)
    log.append("suggested")
    study.tell(trial, 1.0)
    return log


@differential
def test_single_values_and_enqueued_ones_are_not_sampled(lib: Any) -> Any:
    log: list[Any] = []
    study = lib.create_study(sampler=spy(lib, log))
    study.enqueue_trial({"x": 0.5})

    def objective(trial: Any) -> float:
        single = trial.suggest_int("one", 1, 1) + trial.suggest_float("two", 2, 2.5, step=1)
        trial.suggest_categorical("three", [3])
        return float(trial.suggest_float("x", 0, 1) + single)

    study.optimize(objective, n_trials=2)
    return log, study.trials


@differential
def test_relative_parameters_are_used_where_they_fit(lib: Any) -> Any:
    log: list[Any] = []
    study = lib.create_study(sampler=spy(lib, log, {"x": 0.25, "unused": 0.5, "narrow": 0.75}))
    trial = study.ask()
    asked = trial.relative_params
    values = [
        trial.suggest_float("x", 0, 1),
        attempt(trial.suggest_float, "narrow", 0, 0.5),
        trial.suggest_float("y", 0, 1),
    ]
    return asked, values, trial.params, [entry[0] for entry in log]


@differential
def test_a_relative_parameter_of_another_kind_is_refused(lib: Any) -> Any:
    trial = lib.create_study(sampler=spy(lib, [], {"x": 0.25})).ask()
    return attempt(trial.suggest_int, "x", 0, 3), attempt(trial.suggest_float, "x", 0, 1)


@differential
def test_relative_values_wait_for_their_suggestion(lib: Any) -> Any:
    study = lib.create_study(sampler=spy(lib, [], {"x": 0.25, "y": 0.5}))
    trial = study.ask()
    before = study.trials[0].params
    trial.suggest_float("y", 0, 1)
    return before, study.trials[0].params, study.tell(trial, 1.0)


@differential
@pytest.mark.parametrize(
    "ending", ["value", "none", "prune", "prune after report", "error", "interrupt"]
)
def test_what_after_trial_sees(lib: Any, ending: str) -> Any:
    log: list[Any] = []
    study = lib.create_study(sampler=spy(lib, log))

    def objective(trial: Any) -> Any:
        if ending == "prune after report":
            trial.report(0.5, 0)
        if ending.startswith("prune"):
            raise lib.TrialPruned
        if ending in ("error", "interrupt"):
            raise {"error": ValueError, "interrupt": KeyboardInterrupt}[ending]
        return 1.0 if ending == "value" else None

    outcome = attempt(study.optimize, objective, n_trials=1)
    return outcome, [entry for entry in log if entry[0] == "after_trial"]


@differential
@pytest.mark.parametrize(
    "method",
    [
        "before_trial",
        "infer_relative_search_space",
        "sample_relative",
        "sample_independent",
        "after_trial",
    ],
)
@pytest.mark.parametrize("catch", [(), KeyError], ids=str)
def test_a_hook_that_raises(lib: Any, method: str, catch: Any) -> Any:
    study = lib.create_study(sampler=spy(lib, [], fail_in=method))
    outcome = attempt(study.optimize, quadratic, n_trials=1, catch=catch)
    return outcome, study.trials


@differential
def test_after_trial_that_raises_after_a_failure(lib: Any) -> Any:
    study = lib.create_study(sampler=spy(lib, [], fail_in="after_trial"))

    def objective(trial: Any) -> float:
        raise ValueError

    return attempt(study.optimize, objective, n_trials=1, catch=ValueError), study.trials


@differential
def test_after_trial_that_raises_in_tell(lib: Any) -> Any:
    study = lib.create_study(sampler=spy(lib, [], fail_in="after_trial"))
    return attempt(study.tell, study.ask(), 1.0), study.trials


@differential
@pytest.mark.parametrize(("n_trials", "n_jobs"), [(1, 1), (3, 1), (1, 2), (4, 2), (3, -1)])
def test_reseeding(lib: Any, n_trials: int, n_jobs: int) -> Any:
    log: list[Any] = []
    study = lib.create_study(sampler=spy(lib, log))
    study.optimize(quadratic, n_trials=n_trials, n_jobs=n_jobs)
    return log.count("reseed_rng"), len(study.trials)


@differential
def test_system_attributes_set_by_a_sampler(lib: Any) -> Any:
    class Writer(lib.samplers.RandomSampler):  # type: ignore[misc]
        def before_trial(self, study: Any, trial: Any) -> None:
            study._storage.set_trial_system_attr(trial._trial_id, "before", trial.number)

        def after_trial(self, study: Any, trial: Any, state: Any, values: Any) -> None:
            study._storage.set_trial_system_attr(trial._trial_id, "after", values)
            study._storage.set_study_system_attr(study._study_id, "last", trial.number)

    study = lib.create_study(sampler=Writer(seed=0))
    study.optimize(lambda trial: 1.0, n_trials=2)
    return study.trials, study._storage.get_study_system_attrs(study._study_id)


@differential
def test_the_base_sampler_is_abstract(lib: Any) -> Any:
    class Least(lib.samplers.BaseSampler):  # type: ignore[misc]
        def infer_relative_search_space(self, study: Any, trial: Any) -> dict[str, Any]:
            return {}

        def sample_relative(self, study: Any, trial: Any, search_space: Any) -> dict[str, Any]:
            return {}

        def sample_independent(
            self, study: Any, trial: Any, param_name: str, param_distribution: Any
        ) -> Any:
            return 0.5

    study = lib.create_study(sampler=Least())
    study.optimize(quadratic, n_trials=1)
    return attempt(lib.samplers.BaseSampler), repr(Least())[:5], study.trials


@differential
@pytest.mark.parametrize("value", [7.0, "a", None, float("nan")], ids=repr)
def test_a_sampler_that_returns_nonsense(lib: Any, value: Any) -> Any:
    class Nonsense(lib.samplers.RandomSampler):  # type: ignore[misc]
        def sample_independent(
            self, study: Any, trial: Any, param_name: str, param_distribution: Any
        ) -> Any:
            return value

    study = lib.create_study(sampler=Nonsense())
    return attempt(
        study.optimize, lambda trial: trial.suggest_float("x", 0, 1) and 1.0, n_trials=1
    ), [t.state for t in study.trials]


@differential
def test_a_sampler_reads_the_history(lib: Any) -> Any:
    """As in the tutorial on user-defined samplers: simulated annealing over the last trial."""

    class Walker(lib.samplers.BaseSampler):  # type: ignore[misc]
        def infer_relative_search_space(self, study: Any, trial: Any) -> Any:
            return lib.search_space.intersection_search_space(study.get_trials(deepcopy=False))

        def sample_relative(self, study: Any, trial: Any, search_space: Any) -> dict[str, Any]:
            if not search_space:
                return {}
            last = study.get_trials(deepcopy=False)[-2]
            spaces.append(search_space)
            return {name: last.params[name] / 2 for name in search_space}

        def sample_independent(
            self, study: Any, trial: Any, param_name: str, param_distribution: Any
        ) -> Any:
            return param_distribution.high

    spaces: list[Any] = []
    study = lib.create_study(sampler=Walker())
    study.optimize(quadratic, n_trials=4)
    return spaces, study.trials
