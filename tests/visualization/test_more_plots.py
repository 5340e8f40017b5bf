"""Plots of pruning, of interactions, of times: what is drawn, left out and remarked."""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import steep
from steep.trial import create_trial
from steep.visualization.edf import edf
from steep.visualization.figure import Figure, Grid, Line, Points, Spans
from steep.visualization.hypervolume_history import hypervolume_history
from steep.visualization.interaction import interaction
from steep.visualization.learning_curves import learning_curves
from steep.visualization.param_importances import param_importances
from steep.visualization.parameter_history import parameter_history
from steep.visualization.pareto_front import pareto_front
from steep.visualization.rank import rank
from steep.visualization.terminator_improvement import terminator_improvement
from steep.visualization.timeline import timeline

from .calls import Halving, Product
from .studies import INF, front, rich, simple


def marks(figure: Figure, kind: type) -> list[Any]:
    return [mark for panel in figure.panels for mark in panel.marks if isinstance(mark, kind)]


PLOTS: dict[str, Callable[[Any], Figure]] = {
    "edf": edf,
    "interaction": lambda study: interaction(study, Product()),
    "learning_curves": learning_curves,
    "parameter_history": parameter_history,
    "rank": rank,
    "terminator": lambda study: terminator_improvement(study, True, Halving(), Halving()),
    "timeline": timeline,
}


@pytest.mark.parametrize("plot", PLOTS)
@pytest.mark.parametrize("values", [[], ["FAIL", "FAIL"], ["WAITING"]], ids=repr)
def test_a_figure_without_data_says_why(plot: str, values: list[Any]) -> None:
    figure = PLOTS[plot](simple(steep, values))
    assert figure.notes
    assert bool(figure.panels) == (plot == "timeline" and values == ["FAIL", "FAIL"])


@pytest.mark.parametrize("plot", [rank, parameter_history])
def test_an_unknown_parameter_is_refused_by_name(plot: Callable[..., Figure]) -> None:
    message = f"plot_{plot.__name__}(params=['zz'])"
    with pytest.raises(ValueError, match=re.escape(message)):
        plot(simple(steep, [1.0, 2.0]), ["zz"])


# ---- learning curves -------------------------------------------------------------------------


def pruned_study(pruner: Any, n: int = 12) -> steep.Study:
    """Run trials whose reports are their numbers, in an order that mixes good and bad."""

    def objective(trial: steep.Trial) -> float:
        for step in range(6):
            trial.report(trial.number * 5 % n + 1.0 / (step + 1), step)
            if trial.should_prune():
                raise steep.TrialPruned
        return trial.number * 5 % n

    study = steep.create_study(pruner=pruner)
    study.optimize(objective, n_trials=n)
    return study


@pytest.mark.parametrize("percentile", [25.0, 50.0, 75.0])
def test_each_pruned_trial_is_joined_to_the_bar_that_it_missed(percentile: float) -> None:
    study = pruned_study(steep.pruners.PercentilePruner(percentile, 2, 1))
    figure = learning_curves(study)
    crosses = next(mark for mark in marks(figure, Points) if mark.symbol == "x")
    values = dict(crosses.hover)
    numbers = [t.number for t in study.trials if t.state == steep.trial.TrialState.PRUNED]
    assert list(values["pruned: trial"]) == numbers
    # The pruner stops what is worse than its bar: each cross lies above it, smaller is better.
    assert (np.asarray(values["value"]) > np.asarray(values["bar"])).all()
    for number, step, bar in zip(numbers, values["step"], values["bar"], strict=True):
        before = [t for t in study.trials[:number] if t.state == steep.trial.TrialState.COMPLETE]
        expected = np.percentile([t.intermediate_values[int(step)] for t in before], percentile)
        assert bar == pytest.approx(expected)


def test_bounds_are_drawn_as_lines() -> None:
    study = pruned_study(steep.pruners.ThresholdPruner(lower=-1.0, upper=6.0))
    lines = [mark for mark in marks(learning_curves(study), Line) if mark.name == "Bounds"]
    assert [set(line.y.tolist()) for line in lines] == [{-1.0}, {6.0}]


def test_a_rule_that_is_not_drawn_is_named() -> None:
    study = pruned_study(steep.pruners.SuccessiveHalvingPruner(min_resource=1))
    assert "The rule of SuccessiveHalvingPruner is not drawn" in learning_curves(study).notes[1]


def test_the_lower_panel_counts_who_went_on() -> None:
    study = steep.create_study()
    for length in (1, 3, 3):
        reports = dict.fromkeys(range(length), 1.0)
        study.add_trial(create_trial(value=1.0, intermediate_values=reports))
    line = learning_curves(study).panels[1].marks[1]
    assert line.y.tolist() == [3.0, 2.0, 2.0]


# ---- others ----------------------------------------------------------------------------------


def test_the_line_follows_the_parameter_of_the_best_trial() -> None:
    figure = parameter_history(simple(steep, [3.0, 4.0, 1.0, 2.0]), ["x"])
    (line,) = marks(figure, Line)
    assert (line.x.tolist(), line.y.tolist()) == ([0.0, 2.0, 3.0], [0.0, 0.2, 0.2])


def test_pruned_and_failed_trials_are_in_the_history_of_parameters() -> None:
    names = {mark.name for mark in marks(parameter_history(rich(steep)), Points)}
    assert names == {"", "Infeasible", "Pruned", "Failed"}


def test_interactions_fill_the_half_below_the_diagonal() -> None:
    (grid,) = marks(interaction(rich(steep), Product(), ["lr", "depth", "batch"]), Grid)
    assert np.isnan(grid.z).sum() == 1
    assert sorted(text for text in grid.text if text) == ["0.10", "0.10", "0.25"]


def test_an_evaluator_without_interactions_is_refused() -> None:
    evaluator: Any = steep.importance.PedAnovaImportanceEvaluator()
    with pytest.raises(TypeError, match="rates no pairs"):
        interaction(rich(steep), evaluator)


class WithErrors(steep.importance.BaseImportanceEvaluator):
    """Rate all alike, with errors."""

    def evaluate(self, study: Any, params: Any = None, *, target: Any = None) -> dict[str, float]:
        return {"x": 3.0, "k": 1.0}

    def evaluate_with_errors(
        self, study: Any, params: Any = None, *, target: Any = None, normalize: bool = False
    ) -> dict[str, Any]:
        assert normalize
        return {"x": (0.75, 0.1), "k": (0.25, math.nan)}


def test_importances_have_whiskers_on_the_scale_of_the_bars() -> None:
    figure = param_importances(simple(steep, [1.0, 2.0, 3.0]), WithErrors())
    (bars,) = figure.panels[0].marks
    assert bars.length.tolist() == [0.25, 0.75]
    assert bars.error.tolist() == [0.0, 0.1]  # nothing is drawn where it is unknown
    assert "Whiskers: one standard error." in figure.notes


def test_equal_values_share_a_rank_and_infinite_ones_have_one() -> None:
    (points,) = marks(rank(simple(steep, [2.0, 1.0, 2.0, INF]), ["x", "k"]), Points)
    assert sorted(points.color.tolist()) == [0.0, 0.5, 0.5, 1.0]


def test_one_parameter_is_ranked_against_the_value() -> None:
    assert rank(simple(steep, [2.0, 1.0]), ["x"]).panels[0].y.title == "Objective Value"


def test_the_improvement_is_faint_before_trials_may_be_terminated() -> None:
    study = simple(steep, [1.0, 2.0, 3.0, 4.0])
    figure = terminator_improvement(study, improvement_evaluator=Halving(), min_n_trials=2)
    early, late = marks(figure, Line)
    assert (early.x.tolist(), late.x.tolist()) == ([0.0, 1.0, 2.0], [2.0, 3.0])
    assert early.opacity < late.opacity


@pytest.mark.parametrize(("n", "most"), [(40, 1_000), (500, 16_000), (6_000, 160_000)])
def test_an_evaluator_is_handed_a_bounded_number_of_trials_in_all(n: int, most: int) -> None:
    handed: list[int] = []

    class Counting:
        def evaluate(self, trials: list[Any], study_direction: Any) -> float:
            handed.append(len(trials))
            return 1.0

    study = steep.create_study()
    study.add_trials([steep.create_trial(value=1.0)] * n)
    terminator_improvement(study, improvement_evaluator=Counting())
    assert handed[-1] == n
    assert 20 <= len(handed) <= 60
    assert sum(handed) < most


def test_running_trials_reach_until_now_and_waiting_ones_are_counted() -> None:
    study = steep.create_study()
    study.ask()
    study.enqueue_trial({"x": 1.0})
    figure = timeline(study)
    (bars,) = marks(figure, Spans)
    assert bars.name == "Running"
    assert bars.end[0] >= bars.start[0]
    assert "Not drawn: 1 trial without a start." in figure.notes


@pytest.mark.parametrize(("wrong", "error"), [(0, ValueError), (-1, ValueError), (2.5, TypeError)])
def test_a_number_of_recent_trials_is_positive(wrong: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match=re.escape(f"n_recent_trials={wrong}")):
        timeline(simple(steep, [1.0]), wrong)


def test_many_trials_are_thinned_and_the_figures_say_so() -> None:
    study = steep.create_study()
    unit = steep.distributions.FloatDistribution(0.0, 1.0)
    for number in range(6_000):
        x = number / 6_000
        params, space = {"x": x, "k": 1.0 - x}, {"x": unit, "k": unit}
        study.add_trial(create_trial(value=x, params=params, distributions=space))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert sum(len(mark.y) for mark in marks(timeline(study), Spans)) <= 2_000
        assert "2,000 of 6,000 trials" in timeline(study).notes[-1]
        assert len(marks(edf(study), Line)[0].x) <= 2_003
        assert "5,000 of 6,000" in rank(study, ["x", "k"]).notes[-1]


def test_a_history_of_many_objectives_is_computed_at_some_places() -> None:
    figure = hypervolume_history(front(steep, 40, objectives=4), [6.0, -6.0, 6.0, -6.0])
    assert "Computed after 24 trials of 36, at even distances." in figure.notes


def test_infinite_values_are_left_out_of_the_front() -> None:
    study = simple(steep, [(1.0, INF), (1.0, 2.0)], directions=["minimize", "minimize"])
    figure = pareto_front(study)
    assert sum(len(mark.x) for mark in marks(figure, Points)) == 1
    assert "Left out: 1 trial with an infinite or NaN value." in figure.notes
