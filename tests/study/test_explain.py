"""trial.explain(): what it says is what the sampler and the pruner did."""

from __future__ import annotations

import copy
import dataclasses
import gc
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import steep
from steep import pruners, samplers
from steep.study.explain import Explanation
from steep.trial import TrialState

pytestmark = pytest.mark.filterwarnings("ignore:.*WilcoxonPruner")


def conditional(trial: Any) -> float:
    """Be an objective with kinds of parameters of all sorts, one of them in some trials only."""
    x: float = trial.suggest_float("x", -1, 1)
    y = trial.suggest_int("y", 1, 9)
    kind = trial.suggest_categorical("kind", ["a", "b"])
    trial.suggest_int("one", 3, 3)
    z: float = trial.suggest_float("z", 0, 1) if kind == "a" else 0.0
    return x**2 + y + z


def drawn_alone(
    study: steep.Study, objective: Callable[[Any], Any], n: int
) -> set[tuple[Any, ...]]:
    """Run a study and note what its sampler was asked to propose by itself."""
    asked, sampler = set(), study.sampler
    ask = type(sampler).sample_independent

    def noting(study: Any, trial: Any, name: str, distribution: Any) -> Any:
        asked.add((trial.number, name))
        return ask(sampler, study, trial, name, distribution)

    sampler.sample_independent = noting  # type: ignore[method-assign]
    study.optimize(objective, n_trials=n)
    return asked


def quiet(lib: Any) -> dict[str, Any]:
    return {"seed": 1, "warn_independent_sampling": False, **lib}


class TestOrigins:
    @pytest.mark.parametrize(
        ("sampler", "n_objectives"),
        [
            (samplers.RandomSampler(seed=1), 1),
            (samplers.TPESampler(seed=1), 1),
            (samplers.TPESampler(seed=1), 2),
            (samplers.TPESampler(seed=1, group=True), 1),
            (samplers.TPESampler(seed=1, n_startup_trials=3), 1),
            (samplers.GPSampler(**quiet({"n_startup_trials": 4})), 1),
            (samplers.QMCSampler(seed=1, scramble=True, warn_independent_sampling=False), 1),
            (samplers.CmaEsSampler(**quiet({"n_startup_trials": 2})), 1),
            (samplers.AutoSampler(seed=1), 1),
            (samplers.AutoSampler(seed=1), 2),
        ],
        ids=str,
    )
    def test_joint_and_independent_are_as_the_sampler_was_asked(
        self, sampler: Any, n_objectives: int
    ) -> None:
        if isinstance(sampler, samplers.CmaEsSampler):
            pytest.importorskip("cmaes")
        study = steep.create_study(directions=["minimize"] * n_objectives, sampler=sampler)

        def objective(trial: Any) -> Any:
            value = conditional(trial)
            return value if n_objectives == 1 else (value, -value)

        alone = drawn_alone(study, objective, 16)
        told = {
            (trial.number, origin.name): origin.how
            for trial in study.trials
            for origin in trial.explain().origins
        }
        assert {key for key, how in told.items() if how == "independent"} == alone
        joint = {key for key, how in told.items() if how == "joint"}
        assert joint == {key for key in told if key not in alone and key[1] != "one"}
        assert {how for (_, name), how in told.items() if name == "one"} == {"single"}

    @pytest.mark.parametrize(
        "sampler",
        [
            samplers.TPESampler(seed=1, n_startup_trials=6),
            samplers.TPESampler(seed=1, n_startup_trials=6, group=True),
            samplers.QMCSampler(seed=1, warn_independent_sampling=False),
        ],
        ids=["tpe", "groups", "qmc"],
    )
    def test_what_trials_beside_one_another_leave_open_is_said_to_be_unknown(
        self, sampler: Any
    ) -> None:
        study = steep.create_study(sampler=sampler)
        alone = drawn_alone(study, lambda trial: 0.0, 0)
        draw = random.Random(1)
        running: list[Any] = []
        for _ in range(120):
            if len(running) < 4 and draw.random() < 0.5:
                running.append(study.ask())
            elif running:
                trial = running.pop(draw.randrange(len(running)))
                study.tell(trial, conditional(trial))
        told = {
            (trial.number, origin.name): origin.how
            for trial in study.get_trials(states=[TrialState.COMPLETE])
            for origin in trial.explain().origins
            if origin.name != "one"
        }
        assert not {key for key, how in told.items() if how == "independent"} - alone
        assert not {key for key, how in told.items() if how == "joint"} & alone
        assert {"joint", "independent"} <= set(told.values())

    def test_nsga_says_that_a_generation_is_bred_after_the_first(self) -> None:
        study = steep.create_study(sampler=samplers.NSGAIISampler(seed=1, population_size=4))
        study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=6)
        said = [study.explain(number).origins[0] for number in (3, 5)]
        assert [origin.how for origin in said] == ["independent", "unknown"]
        assert said[0].why == "start-up: 3 of 4 trials had finished"
        assert "or drawn by itself where it mutated" in said[1].why

    def test_the_fallback_of_a_joint_sampler_is_named_with_its_reason(self) -> None:
        sampler = samplers.GPSampler(
            **quiet({"n_startup_trials": 3, "independent_sampler": samplers.TPESampler(seed=1)})
        )
        study = steep.create_study(sampler=sampler)
        study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=3)
        study.optimize(lambda trial: trial.suggest_float("late", 0, 1), n_trials=1)
        late = study.explain(3).origins[0]
        assert (late.how, late.source) == ("independent", "TPESampler")
        assert late.why == "no earlier trial has it"

    def test_the_default_names_the_best_trial_that_it_refines(self) -> None:
        study = steep.create_study(sampler=samplers.AutoSampler(seed=1))
        study.optimize(conditional, n_trials=52)  # beside choices it refines from 50 on
        best = min(study.trials[:51], key=lambda trial: trial.value).number
        said = {origin.name: origin for origin in study.explain(51).origins}
        assert said["x"].source == said["kind"].source == "AutoSampler, LocalSampler"
        assert f"where a quadratic model near trial {best} is lowest, with" in said["x"].why
        assert said["kind"].why.startswith(f"as in trial {best}, the best one, with")

    def test_an_infinite_value_is_not_what_the_default_refines(self) -> None:
        def infinite_once(trial: Any) -> float:
            x: float = trial.suggest_float("x", 0, 1)
            return -float("inf") if trial.number == 5 else x

        study = steep.create_study(sampler=samplers.AutoSampler(seed=1))
        study.optimize(infinite_once, n_trials=12)
        others = [trial for trial in study.trials[:11] if trial.number != 5]
        best = min(others, key=lambda trial: trial.value).number
        (x,) = study.explain(11).origins
        assert x.why == f"where a quadratic model near trial {best} is lowest"

    def test_what_the_best_trial_does_not_have_is_named_with_its_reason(self) -> None:
        study = steep.create_study(sampler=samplers.AutoSampler(seed=1))
        study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=11)
        study.optimize(lambda trial: trial.suggest_float("late", 0, 1), n_trials=1)
        (late,) = study.explain(11).origins
        assert (late.how, late.source) == ("independent", "AutoSampler, TPESampler")
        assert late.why == f"trial {study.best_trial.number}, the best one, does not have it"

    def test_a_better_trial_that_came_meanwhile_leaves_open_which_one_was_refined(self) -> None:
        study = steep.create_study(sampler=samplers.AutoSampler(seed=1))
        study.optimize(lambda trial: 1 + trial.suggest_float("x", 0, 1), n_trials=11)
        slow, quick = study.ask(), study.ask()
        for trial, value in ((quick, 0.0), (slow, 1.0)):
            trial.suggest_float("x", 0, 1)
            study.tell(trial, value)
        (x,) = study.explain(slow.number).origins
        assert (x.how, x.why) == ("unknown", "a better trial finished while this one ran")

    def test_a_parameter_that_trials_lack_is_counted(self) -> None:
        study = steep.create_study(sampler=samplers.TPESampler(seed=1))
        study.optimize(conditional, n_trials=30)
        trial = next(t for t in reversed(study.trials) if "z" in t.params)
        lacking = sum("z" not in other.params for other in study.trials[: trial.number])
        why = trial.explain().origins[-1].why
        assert why.startswith(f"drawn by itself, since {lacking} of {trial.number} earlier trials")

    def test_enqueued_and_added_values_are_told_apart_from_sampled_ones(self) -> None:
        study = steep.create_study(sampler=samplers.RandomSampler(seed=1))
        study.enqueue_trial({"x": 0.5})
        study.optimize(conditional, n_trials=1)
        study.add_trial(study.trials[0])
        run, added = (study.explain(number).origins for number in (0, 1))
        assert [origin.how for origin in run[:2]] == ["fixed", "independent"]
        assert {origin.how for origin in added} == {"added"}

    def test_a_retry_names_the_trial_whose_values_it_took_over(self) -> None:
        study = steep.create_study(sampler=samplers.RandomSampler(seed=1))
        lost = study.ask()
        lost.suggest_float("x", 0, 1)
        retry = steep.storages.RetryHeartbeatStaleTrialCallback()
        retry(study, study.trials[0])
        study.ask()
        x = study.explain(1).origins[0]
        assert (x.how, x.source) == ("fixed", "Retry")
        assert x.why == "taken over from trial 0, whose worker was lost"

    def test_a_trial_that_was_given_back_has_a_caveat(self) -> None:
        study = steep.create_study(sampler=samplers.RandomSampler(seed=1))
        trial = study.ask()
        trial.suggest_float("x", 0, 1)
        study.release_trial(trial)
        study.ask()
        assert study.explain(0).caveats == (
            "The trial was given back and started again; its values may be from before that.",
        )

    def test_a_value_that_a_sampler_holds_fixed_is_said_to_be(self) -> None:
        study = steep.create_study(sampler=samplers.RandomSampler(seed=1))
        study.sampler = samplers.PartialFixedSampler({"x": 0.25}, study.sampler)
        study.optimize(conditional, n_trials=1)
        x, y = study.explain(0).origins[:2]
        assert (x.how, x.source) == ("fixed", "PartialFixedSampler")
        assert (y.how, y.source) == ("independent", "RandomSampler")

    def test_a_sampler_that_was_replaced_is_named_for_its_own_trials(self) -> None:
        study = steep.create_study(sampler=samplers.RandomSampler(seed=1))
        study.optimize(conditional, n_trials=2)
        study.sampler = samplers.TPESampler(seed=1)
        study.optimize(conditional, n_trials=1)
        assert [study.explain(n).origins[0].source for n in (1, 2)] == [
            "RandomSampler",
            "TPESampler",
        ]

    def test_an_enqueued_trial_that_waited_while_the_sampler_changed_names_both(self) -> None:
        study = steep.create_study(sampler=samplers.RandomSampler(seed=1))
        study.enqueue_trial({"x": 0.5})
        study.sampler = samplers.TPESampler(seed=1)
        study.ask().suggest_float("y", 0, 1)
        study.enqueue_trial({"x": 0.5})
        study.sampler = samplers.RandomSampler(seed=1)
        study.ask().suggest_float("y", 0, 1)
        y = study.explain(1).origins[0]
        assert (y.how, y.source) == ("unknown", "TPESampler or RandomSampler")

    def test_someone_elses_sampler_is_named_and_nothing_is_guessed(self) -> None:
        class Middle(samplers.RandomSampler):
            pass

        study = steep.create_study(sampler=Middle())
        study.optimize(conditional, n_trials=1)
        x = study.explain(0).origins[0]
        assert x.how == "unknown"
        assert x.source.endswith("Middle")


def noisy_curves(n_steps: int, seed: int) -> Callable[[Any], float]:
    draw = random.Random(seed)

    def objective(trial: Any) -> float:
        end: float = trial.suggest_float("end", 0, 1)
        value = end
        for step in range(n_steps):
            value = end + draw.random() / (step + 1)
            trial.report(value, step)
            if trial.should_prune():
                raise steep.TrialPruned
        return value

    return objective


PRUNERS = [
    pruners.ASHAPruner(),
    pruners.ASHAPruner(2, min_reports=2),
    pruners.MedianPruner(n_startup_trials=3, n_warmup_steps=2, interval_steps=2),
    pruners.PercentilePruner(25.0, n_startup_trials=2, n_min_trials=3),
    pruners.SuccessiveHalvingPruner(),
    pruners.SuccessiveHalvingPruner(min_resource=2, reduction_factor=2, bootstrap_count=2),
    pruners.HyperbandPruner(min_resource=1, max_resource=9),
    pruners.HyperbandPruner(),
    pruners.ThresholdPruner(upper=1.2, n_warmup_steps=1),
    pruners.PatientPruner(None, patience=1),
    pruners.PatientPruner(pruners.MedianPruner(n_startup_trials=2), patience=1),
    pruners.WilcoxonPruner(p_threshold=0.2),
    pruners.NopPruner(),
]


class TestPruning:
    @pytest.mark.parametrize("direction", ["minimize", "maximize"])
    @pytest.mark.parametrize("index", range(len(PRUNERS)))
    def test_the_checks_decide_as_the_pruner_did(self, index: int, direction: str) -> None:
        pruner = PRUNERS[index]
        study = steep.create_study(
            study_name="checks",
            direction=direction,
            sampler=samplers.RandomSampler(seed=index),
            pruner=pruner,
        )
        study.optimize(noisy_curves(9, seed=index), n_trials=40)
        for trial in study.trials:
            said = trial.explain().pruning
            failed = [check for check in said.checks if not check.passed]
            assert said.pruner == type(pruner).__name__
            if trial.state == TrialState.PRUNED:
                assert said.outcome == "pruned"
                assert [check.step for check in failed] == [trial.last_step], said
                assert said.why == failed[0].text
            else:
                assert said.outcome in ("kept", "not judged")
                assert not failed, said

    def test_the_value_and_the_bar_are_said_in_words(self) -> None:
        study = steep.create_study(pruner=pruners.MedianPruner(n_startup_trials=2))

        def objective(trial: Any) -> float:
            trial.report(float(trial.number), 0)
            if trial.should_prune():
                raise steep.TrialPruned
            return float(trial.number)

        study.optimize(objective, n_trials=3)
        said = study.explain(2).pruning
        assert said.why == (
            "at step 0 its best report, 2, was outside the median of 2 complete trials, 0.5"
        )
        assert (said.checks[0].value, said.checks[0].bar) == (2.0, 0.5)
        assert study.explain(0).pruning.why == "start-up: 0 of 2 trials were complete"

    def test_an_objective_that_prunes_by_itself_is_not_blamed_on_the_pruner(self) -> None:
        study = steep.create_study(pruner=pruners.NopPruner())

        def objective(trial: Any) -> float:
            trial.report(1.0, 0)
            raise steep.TrialPruned

        study.optimize(objective, n_trials=1)
        assert "The objective may have raised it by itself" in study.explain(0).pruning.why

    def test_an_objective_that_did_not_ask_is_said_to_have_gone_on(self) -> None:
        study = steep.create_study(pruner=pruners.ThresholdPruner(upper=1.0))
        trial = study.ask()
        trial.report(2.0, 0)
        study.tell(trial, 2.0)
        said = study.explain(0).pruning
        assert said.outcome == "kept"
        assert said.why.endswith("outside the bounds, -inf to 1; the objective went on")

    def test_several_objectives_and_no_report_are_not_judged(self) -> None:
        study = steep.create_study(directions=["minimize"] * 2)
        study.optimize(lambda trial: (1.0, 2.0), n_trials=1)
        assert study.explain(0).pruning.outcome == "not judged"
        study = steep.create_study()
        study.optimize(lambda trial: 1.0, n_trials=1)
        assert study.explain(0).pruning.why == "no report"

    def test_someone_elses_pruner_is_named_and_nothing_is_guessed(self) -> None:
        class Impatient(pruners.BasePruner):
            def prune(self, study: Any, trial: Any) -> bool:
                return True

        study = steep.create_study(pruner=Impatient())
        study.optimize(noisy_curves(3, seed=0), n_trials=1)
        said = study.explain(0).pruning
        assert said.outcome == "pruned"
        assert "cannot be followed" in said.why

    def test_trials_that_ran_beside_are_a_caveat(self) -> None:
        study = steep.create_study(pruner=pruners.MedianPruner(n_startup_trials=1))
        study.optimize(noisy_curves(2, seed=0), n_trials=1)
        beside, trial = study.ask(), study.ask()
        trial.report(0.0, 0)
        study.tell(trial, 0.0)
        assert study.explain(trial.number).caveats[0].startswith("1 other trial ran at the same")
        study.tell(beside, 1.0)
        assert study.explain(0).caveats == ()


class TestExplanation:
    def make(self) -> steep.Study:
        study = steep.create_study(sampler=samplers.RandomSampler(seed=1))
        study.enqueue_trial({"<x>": 0.5})
        study.optimize(lambda trial: trial.suggest_float("<x>", 0, 1), n_trials=1)
        return study

    def test_a_frozen_trial_a_live_one_and_the_study_say_the_same(self) -> None:
        study = self.make()
        live = study.ask()
        live.suggest_float("<x>", 0, 1)
        assert live.explain() == study.explain(1) == study.trials[1].explain()
        assert live.explain().state == "RUNNING"
        assert study.explain(study.trials[0]) == study.best_trial.explain()

    def test_it_is_plain_data_text_and_escaped_html(self) -> None:
        said = self.make().explain(0)
        assert dataclasses.asdict(said)["origins"][0]["value"] == 0.5
        assert str(said).splitlines()[:2] == [
            "Trial 0 (COMPLETE)",
            "  <x> = 0.5  Study.enqueue_trial: the value was enqueued",
        ]
        assert "&lt;x&gt;" in said._repr_html_()

    def test_a_trial_that_knows_no_study_says_what_to_call(self) -> None:
        study = self.make()
        for trial in (copy.deepcopy(study.best_trial), steep.create_trial(value=1.0)):
            with pytest.raises(RuntimeError, match=r"call study\.explain\("):
                trial.explain()

    def test_a_trial_does_not_keep_its_study_alive(self) -> None:
        study = self.make()
        trial = study.best_trial
        del study
        gc.collect()
        with pytest.raises(RuntimeError, match=r"call study\.explain\(0\)"):
            trial.explain()

    def test_a_number_that_is_not_there_is_refused(self) -> None:
        study = self.make()
        study.delete_trial(0)
        for number in (0, 7, -1):
            with pytest.raises(ValueError, match=rf"Study\.explain\({number}\)"):
                study.explain(number)

    def test_a_study_that_is_opened_again_explains_as_before(self, tmp_path: Path) -> None:
        url = f"sqlite:///{tmp_path / 'study.db'}"
        study = steep.create_study(
            study_name="tea", storage=url, sampler=samplers.TPESampler(seed=1, n_startup_trials=2)
        )
        study.optimize(conditional, n_trials=4)
        study.add_trial(study.trials[0])
        said: list[Explanation] = [study.explain(number) for number in range(5)]
        again = steep.load_study(study_name="tea", storage=url)
        assert [again.explain(number) for number in range(5)] == said

    def test_a_replaced_sampler_is_recorded_once(self, tmp_path: Path) -> None:
        study = steep.create_study(storage=f"sqlite:///{tmp_path / 'study.db'}")
        study.sampler = samplers.RandomSampler(seed=1)
        study.optimize(conditional, n_trials=3)
        roles = [role for _, role, _ in study.table.config_history]
        assert roles == ["sampler", "pruner", "sampler"]
        assert (
            steep.load_study(study_name=study.study_name, storage=study._storage).sampler.__class__
            is samplers.RandomSampler
        )
