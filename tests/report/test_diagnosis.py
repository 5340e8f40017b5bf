"""Each diagnosis speaks where there is something to say, and stays silent where there is not."""

from __future__ import annotations

import dataclasses
import math
import random
from typing import Any

import pytest

import steep
from steep.report import diagnose
from steep.report.convergence import convergence
from steep.report.diagnosis import DIAGNOSES
from steep.report.edges import edges
from steep.report.idle import idle
from steep.report.regions import failing_region, infeasible_region
from steep.report.savings import savings

from .studies import SPACE, drawn, made, narrowing, pruned


class TestConvergence:
    def test_a_search_that_closes_in_and_gains_nothing_more_has_converged(self) -> None:
        study = made(200, lambda p, i: p["x"] ** 2, params=narrowing)
        found = convergence(study.table)
        assert found is not None
        assert (found.level, found.title) == ("good", "It has converged")
        numbers = dict(found.numbers)
        assert numbers["feasible complete trials"] == 200
        assert numbers["found by trial"] == study.best_trial.number

    def test_a_search_that_gains_until_the_end_is_still_improving(self) -> None:
        found = convergence(made(90, lambda p, i: -float(i)).table)
        assert found is not None
        assert found.title == "It is still improving"
        # From -59 to -89, of 44.5 from the median to the best.
        assert dict(found.numbers)["gained in the last third"] == "67 %"

    def test_a_streak_without_gain_of_a_blind_search_proves_nothing(self) -> None:
        found = convergence(made(90, lambda p, i: 0.0 if i == 3 else 1.0 + abs(p["x"])).table)
        assert found is not None
        assert found.title == "It has stalled"
        assert "proves no convergence" in found.text

    def test_maximising_is_told_in_the_values_of_the_user(self) -> None:
        study = made(60, lambda p, i: -(p["x"] ** 2), params=narrowing, direction="maximize")
        found = convergence(study.table)
        assert found is not None
        assert not str(dict(found.numbers)["best now"]).startswith("0.")

    def test_a_front_that_stands_still_has_settled_and_one_that_moves_has_not(self) -> None:
        still = made(60, lambda p, i: (i % 10, 9 - i % 10), directions=["minimize"] * 2)
        moving = made(60, lambda p, i: (60 - i, 60 - i), directions=["minimize"] * 2)
        titles = [getattr(convergence(study.table), "title", None) for study in (still, moving)]
        assert titles == ["The front has settled", "The front is still growing"]

    @pytest.mark.parametrize(
        "study",
        [
            lambda: made(19, lambda p, i: p["x"]),
            lambda: made(60, lambda p, i: 1.0),
            lambda: made(60, lambda p, i: math.inf),
            lambda: made(60, lambda p, i: (1.0, 1.0), directions=["minimize"] * 2),
        ],
        ids=["few", "equal", "infinite", "equal front"],
    )
    def test_few_equal_or_infinite_values_tell_nothing(self, study: Any) -> None:
        assert convergence(study().table) is None


class TestEdges:
    def test_good_trials_at_the_end_of_a_range_are_seen(self) -> None:
        study = made(200, lambda p, i: -math.log10(p["lr"]) - 2 * p["n"])
        found = edges(study.table)
        assert found is not None
        assert found.title == "n hits its edge"
        assert "n at its upper end (5)" in found.text
        assert found.numbers == (
            ("n, good trials at the upper end", "19 of 20; 4.0 if spread evenly"),
        )

    def test_the_edge_of_a_logarithmic_range_is_measured_in_the_logarithm(self) -> None:
        def towards(draw: random.Random, number: int) -> dict[str, Any]:
            return drawn(draw) | {"lr": 10 ** draw.triangular(-5, -1, -5)}

        found = edges(made(400, lambda p, i: math.log10(p["lr"]), params=towards).table)
        assert found is not None
        assert "lr at its lower end (1e-5)" in found.text

    def test_an_optimum_within_is_no_edge(self) -> None:
        value = lambda p, i: p["x"] ** 2 + (p["n"] - 3) ** 2  # noqa: E731
        assert edges(made(300, value).table) is None

    def test_a_crowd_at_the_edge_that_is_no_better_than_the_rest_is_no_finding(self) -> None:
        def crowd(draw: random.Random, number: int) -> dict[str, Any]:
            return drawn(draw) | {"x": 1.0 if number % 10 else draw.uniform(-1, 0)}

        study = made(200, lambda p, i: (i * 7919) % 1000 / 1000 - (p["x"] < 0) * 0.2, params=crowd)
        assert edges(study.table) is None

    def test_choices_have_no_edge_and_few_trials_no_finding(self) -> None:
        assert edges(made(200, lambda p, i: "abc".index(p["kind"])).table) is None
        assert edges(made(29, lambda p, i: p["x"]).table) is None


class TestRegions:
    def test_a_threshold_beyond_which_trials_fail_is_found(self) -> None:
        fails = lambda p: p["lr"] > 1e-2  # noqa: E731
        study = made(300, lambda p, i: p["x"], fails=fails)
        found = failing_region(study.table)
        assert found is not None
        assert found.level == "warning"
        assert found.title.startswith("Trials fail with lr ≥ 0.01")
        n_failed = sum(trial.state.name == "FAIL" for trial in study.trials)
        assert ("trials that failed", f"{n_failed} of 300") in found.numbers

    def test_a_choice_with_which_trials_fail_is_found(self) -> None:
        study = made(100, lambda p, i: p["x"], fails=lambda p: p["kind"] == "b")
        found = failing_region(study.table)
        assert found is not None
        assert found.title == "Trials fail with kind = b"
        assert "elsewhere 0 of" in found.text

    def test_failures_without_a_pattern_name_no_region(self) -> None:
        draw = random.Random(3)
        found = failing_region(
            made(300, lambda p, i: 1.0, fails=lambda p: draw.random() < 0.2).table
        )
        assert found is not None
        assert found.title == "Trials fail, and no region stands out"

    def test_no_or_two_failures_are_no_finding(self) -> None:
        assert failing_region(made(100, lambda p, i: p["x"]).table) is None
        rare = iter([True, True])
        study = made(100, lambda p, i: p["x"], fails=lambda p: next(rare, False))
        assert failing_region(study.table) is None

    def test_the_region_that_breaks_constraints_is_found(self) -> None:
        study = made(200, lambda p, i: p["x"], violates=lambda p: p["n"] >= 4)
        found = infeasible_region(study.table)
        assert found is not None
        assert found.title == "Trials break a constraint with n ≥ 4"
        assert infeasible_region(made(200, lambda p, i: p["x"]).table) is None


class TestIdle:
    def test_parameters_without_any_influence_are_named(self) -> None:
        found = idle(made(600, lambda p, i: p["x"] ** 2 + p["n"]).table)
        assert found is not None
        assert found.title == "lr and kind do nothing"

    def test_influence_through_an_interaction_alone_counts(self) -> None:
        value = lambda p, i: (p["x"] > 0) ^ (p["lr"] > 1e-3) ^ False  # noqa: E731
        found = idle(made(600, lambda p, i: float(value(p, i))).table)
        assert found is not None
        assert found.title == "n and kind do nothing"

    def test_where_all_matter_nothing_is_said(self) -> None:
        value = lambda p, i: (  # noqa: E731
            p["x"] + math.log10(p["lr"]) / 2 + p["n"] / 2 + "abc".index(p["kind"])
        )
        assert idle(made(600, value).table) is None

    def test_few_trials_equal_values_and_several_objectives_are_not_judged(self) -> None:
        assert idle(made(99, lambda p, i: p["x"]).table) is None
        assert idle(made(200, lambda p, i: 1.0).table) is None
        two = made(200, lambda p, i: (p["x"], 1.0), directions=["minimize"] * 2)
        assert idle(two.table) is None


class TestSavings:
    def test_the_steps_that_pruned_trials_did_not_make_are_counted(self) -> None:
        found = savings(pruned(40, every=2).table)
        assert found is not None
        # 20 complete trials made 10 reports, 20 pruned ones 2 each: 160 of 400 were saved.
        assert found.title == "Pruning saved 40 % of the steps"
        assert dict(found.numbers)["reports saved"] == 160

    def test_reports_without_pruning_are_told(self) -> None:
        found = savings(pruned(40, every=0).table)
        assert found is not None
        assert found.title == "Nothing was pruned"

    def test_where_nothing_was_reported_nothing_is_said(self) -> None:
        assert savings(made(100, lambda p, i: p["x"]).table) is None
        assert savings(pruned(9, every=2).table) is None
        assert savings(pruned(40, every=1).table) is None
        assert savings(pruned(40, every=0, length=1).table) is None


class TestAll:
    @pytest.mark.parametrize("ask", DIAGNOSES, ids=lambda ask: ask.__name__)
    @pytest.mark.parametrize(
        "study",
        [
            steep.create_study,
            lambda: made(1, lambda p, i: 1.0),
            lambda: steep.create_study(directions=["minimize", "maximize"]),
            lambda: made(50, lambda p, i: 1.0, params=lambda draw, number: {}),
        ],
        ids=["empty", "one", "empty front", "no parameters"],
    )
    def test_studies_with_nothing_in_them_are_no_error(self, ask: Any, study: Any) -> None:
        assert ask(study().table) is None

    def test_a_study_of_failures_only_is_told_so(self) -> None:
        study = made(30, lambda p, i: 1.0, fails=lambda p: True)
        assert [found.topic for found in diagnose(study.table)] == ["failures"]

    def test_deleted_and_running_trials_do_not_disturb(self) -> None:
        study = made(200, lambda p, i: p["x"] ** 2, params=narrowing)
        study.delete_trial(7)
        study.ask()
        assert diagnose(study.table)[0].topic == "convergence"

    def test_a_finding_is_plain_data(self) -> None:
        found = diagnose(pruned(40, every=2).table)[0]
        assert dataclasses.asdict(found)["numbers"][0] == ("pruned", "20 of 40")

    def test_infinite_ranges_are_passed_over(self) -> None:
        study = steep.create_study()
        space = {**SPACE, "wild": steep.distributions.FloatDistribution(0, math.inf)}
        for number in range(200):
            params = drawn(random.Random(number)) | {"wild": float(number)}
            study.add_trial(
                steep.create_trial(value=params["x"], params=params, distributions=space)
            )
        assert "wild" not in str(edges(study.table))
