"""The plots as plain data: what is drawn, left out and remarked."""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import steep
from steep.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from steep.trial import create_trial
from steep.visualization.contour import contour
from steep.visualization.figure import Bars, Figure, Grid, Line, Parallel, Points
from steep.visualization.intermediate_values import intermediate_values
from steep.visualization.optimization_history import optimization_history
from steep.visualization.parallel_coordinate import parallel_coordinate
from steep.visualization.param_importances import param_importances
from steep.visualization.plotly import to_json
from steep.visualization.slice import slice as slice_plot
from steep.visualization.thinning import POINTS

from .studies import INF, rich, simple, wide

PLOTS: list[Callable[..., Figure]] = [
    contour,
    intermediate_values,
    optimization_history,
    parallel_coordinate,
    param_importances,
    slice_plot,
]


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    before = steep.logging.get_verbosity()
    steep.logging.set_verbosity(logging.ERROR)
    yield
    steep.logging.set_verbosity(before)


def marks(figure: Figure, kind: type) -> list[Any]:
    """Give all marks of one kind."""
    return [mark for panel in figure.panels for mark in panel.marks if isinstance(mark, kind)]


def big(n: int, reports: int = 0) -> steep.Study:
    """Make a study of many trials."""
    unit = FloatDistribution(0.0, 1.0)
    space = {f"x{i}": unit for i in range(5)}
    study = steep.create_study()
    for row in np.random.default_rng(0).random((n, 5)).tolist():
        study.add_trial(
            create_trial(
                value=sum(row),
                params=dict(zip(space, row, strict=True)),
                distributions=dict(space),
                intermediate_values={step: row[0] / (step + 1) for step in range(reports)},
            )
        )
    return study


@pytest.fixture(scope="module")
def ten_thousand() -> steep.Study:
    return big(10_000, reports=5)


@pytest.mark.parametrize("plot", PLOTS)
def test_ten_thousand_trials_are_drawn_in_a_fifth_of_a_second(
    plot: Callable[..., Figure], ten_thousand: steep.Study
) -> None:
    to_json(plot(ten_thousand))
    start = time.process_time()
    figure = plot(ten_thousand)
    to_json(figure)
    assert time.process_time() - start < 1.0
    for panel in figure.panels:
        n_points = sum(len(mark.x) for mark in panel.marks if isinstance(mark, Points))
        assert n_points <= POINTS
    if plot is not param_importances:
        assert any("Drawn:" in note and "of 10,000" in note for note in figure.notes)


@pytest.mark.parametrize("plot", PLOTS)
@pytest.mark.parametrize("values", [[], ["FAIL", "FAIL"], [INF, -INF]], ids=repr)
def test_a_figure_without_data_says_why(plot: Callable[..., Figure], values: list[Any]) -> None:
    figure = plot(simple(steep, values))
    if plot is optimization_history and INF in values:
        assert figure.notes == ("2 trials: 2 complete (2 infinite, not drawn).",)
        return
    assert figure.panels == ()
    assert figure.notes


@pytest.mark.parametrize("plot", PLOTS)
def test_a_plot_changes_nothing(plot: Callable[..., Figure]) -> None:
    study = rich(steep)
    before = [repr(trial) for trial in study.trials]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        plot(study)
    assert [repr(trial) for trial in study.trials] == before


# ---- optimization history --------------------------------------------------------------------


def test_the_best_line_is_a_step_and_starts_with_the_first_feasible_trial() -> None:
    (line,) = marks(optimization_history(simple(steep, ["FAIL", 3.0, 4.0, 1.0])), Line)
    assert line.step
    assert np.isnan(line.y[0])
    assert line.y[1:].tolist() == [3.0, 3.0, 1.0]


def test_the_best_line_of_many_trials_keeps_its_corners(ten_thousand: steep.Study) -> None:
    (line,) = marks(optimization_history(ten_thousand), Line)
    assert len(line.x) < 100
    values = ten_thousand.table.values[:, 0]
    best = np.minimum.accumulate(values)
    held = line.y[np.searchsorted(line.x, np.arange(10_000), side="right") - 1]
    assert held.tolist() == best.tolist()


def test_thinning_keeps_the_best_trials(ten_thousand: steep.Study) -> None:
    (points,) = marks(optimization_history(ten_thousand), Points)
    best = np.argsort(ten_thousand.table.values[:, 0])[:100]
    assert set(best.tolist()) <= set(points.x.astype(int).tolist())


def test_a_far_outlier_ends_the_axis_and_is_remarked() -> None:
    figure = optimization_history(simple(steep, [1.0, 2.0, 3.0, 2.5, 1.5, 1e9]))
    assert figure.panels[0].y.range == pytest.approx((0.92, 3.08))
    assert "1 trial lies above 3, beyond the axis." in figure.notes


def test_good_outliers_stay_in_sight() -> None:
    figure = optimization_history(simple(steep, [1.0, 2.0, 3.0, 2.5, 1.5, -1e9]))
    assert figure.panels[0].y.range is None


def test_studies_have_colours_of_their_own() -> None:
    studies = [simple(steep, [2.0, 1.0], study_name=name) for name in "ab"]
    points = marks(optimization_history(studies), Points)
    assert [mark.name for mark in points] == ["a", "b"]
    assert len({mark.color for mark in points}) == 2


def test_counts_are_told() -> None:
    figure = optimization_history(simple(steep, [1.0, INF, "PRUNED", "PRUNED", "FAIL"]))
    assert figure.notes[0] == "5 trials: 2 complete (1 infinite, not drawn), 2 pruned, 1 failed."


# ---- intermediate values ---------------------------------------------------------------------


def test_the_states_are_told_apart_and_the_best_is_bold() -> None:
    lines = marks(intermediate_values(rich(steep)), Line)
    names = [line.name.split(":")[0] for line in lines]
    assert names == ["Pruned", "Infeasible", "Complete", "Best"]
    assert lines[-1].width == max(line.width for line in lines)
    assert len({line.color for line in lines}) == 4


def test_curves_of_a_group_are_one_line_lifted_between_trials() -> None:
    study = steep.create_study()
    for number in range(3):
        study.add_trial(create_trial(value=1.0 + number, intermediate_values={5: 1.0, 0: 2.0}))
    complete = marks(intermediate_values(study), Line)[0]
    assert np.isnan(complete.x).tolist() == [False, False, True, False, False]
    assert complete.x[[0, 1, 3, 4]].tolist() == [0.0, 5.0, 0.0, 5.0]


def test_running_trials_are_drawn() -> None:
    study = steep.create_study()
    trial = study.ask()
    trial.report(1.0, 0)
    study.flush()
    (line,) = marks(intermediate_values(study), Line)
    assert (line.name, line.y.tolist()) == ("Running", [1.0])


def test_long_curves_keep_both_ends() -> None:
    study = steep.create_study()
    for number in range(30):
        reports = {step: float(number) for step in range(2_000)}
        study.add_trial(create_trial(value=float(number), intermediate_values=reports))
    figure = intermediate_values(study)
    for line in marks(figure, Line):
        curve = line.x[: np.append(np.flatnonzero(np.isnan(line.x)), len(line.x))[0]]
        assert (curve[0], curve[-1]) == (0.0, 1999.0)
        assert len(curve) < 1_000
    assert "Long curves are drawn with fewer steps." in figure.notes


# ---- slices ----------------------------------------------------------------------------------


def test_a_slice_has_a_panel_a_parameter_and_only_trials_that_have_it() -> None:
    study = rich(steep)
    figure = slice_plot(study)
    by_name = {panel.x.title: panel for panel in figure.panels}
    assert list(by_name) == ["batch", "depth", "extra", "lr", "mixed", "units"]
    n = sum(len(mark.x) for mark in by_name["extra"].marks)
    complete = [t for t in study.trials if t.values and t.value != INF]
    assert n == sum("extra" in trial.params for trial in complete)


def test_axes_fit_the_distributions() -> None:
    axes = {panel.x.title: panel.x for panel in slice_plot(rich(steep)).panels}
    assert axes["lr"].scale == axes["units"].scale == "log"
    assert axes["batch"].labels == ("32", "64", "128")  # numbers are put in order
    assert axes["mixed"].labels == ("a", "None", "True", "'None'")  # quoted where it must be
    assert axes["depth"].integer


def test_infeasible_trials_stand_back() -> None:
    points = marks(slice_plot(rich(steep), ["lr"]), Points)
    assert [(mark.name, mark.symbol) for mark in points] == [("Infeasible", "x"), ("", "circle")]


# ---- contours --------------------------------------------------------------------------------


def test_a_landscape_is_the_mean_of_its_surroundings() -> None:
    study = big(3_000)
    (grid,) = marks(contour(study, ["x0", "x1"]), Grid)
    expected = grid.x[None, :] + grid.y[:, None] + 1.5
    inside = np.s_[6:-6, 6:-6]
    assert np.abs(grid.z - expected)[inside].max() < 0.25
    assert np.isfinite(grid.z).all()


def test_a_landscape_passes_near_few_trials() -> None:
    space = {"x": FloatDistribution(0.0, 1.0), "y": FloatDistribution(0.0, 1.0)}
    study = steep.create_study()
    for x, y, value in ((0.0, 0.0, 1.0), (1.0, 1.0, 2.0), (0.0, 1.0, 3.0)):
        study.add_trial(create_trial(value=value, params={"x": x, "y": y}, distributions=space))
    (grid,) = marks(contour(study), Grid)
    corners = grid.z[[0, -1, -1], [0, -1, 0]]
    assert corners == pytest.approx([1.0, 2.0, 3.0], abs=0.35)


def test_categories_that_were_never_tried_together_stay_empty() -> None:
    space = {"a": CategoricalDistribution(["u", "v"]), "b": CategoricalDistribution(["u", "v"])}
    study = steep.create_study()
    for a, b, value in (("u", "u", 1.0), ("v", "v", 2.0), ("u", "v", 3.0), ("u", "v", 5.0)):
        study.add_trial(create_trial(value=value, params={"a": a, "b": b}, distributions=space))
    (grid,) = marks(contour(study), Grid)
    assert not grid.contours
    np.testing.assert_array_equal(grid.z, [[1.0, np.nan], [4.0, 2.0]])


def test_an_outlier_does_not_spoil_the_landscape() -> None:
    values = [1.0, 2.0, 3.0, 2.5, 1.5, 2.2, 1.8, 1e12]
    figure = contour(simple(steep, values), ["x", "k"])
    (grid,) = marks(figure, Grid)
    assert np.nanmax(grid.z) <= 3.0
    assert "Colours end at 3; 1 worse trial shares the last colour." in figure.notes


def test_of_many_parameters_the_most_important_are_drawn() -> None:
    figure = contour(wide(steep, 60, 30))
    assert len(figure.panels) == 8 * 7 // 2
    assert "Drawn: the 8 most important of 30 parameters; name others in `params`." in figure.notes


def test_parameters_that_never_meet_warn_and_leave_the_panel_empty() -> None:
    unit = FloatDistribution(0.0, 1.0)
    study = steep.create_study()
    for number in range(6):
        name = "ab"[number % 2]
        study.add_trial(
            create_trial(value=1.0, params={name: number / 6}, distributions={name: unit})
        )
    with pytest.warns(UserWarning, match="No trial has both 'a' and 'b'"):
        assert contour(study).panels[0].marks == ()


# ---- parallel coordinates --------------------------------------------------------------------


def test_absent_parameters_constraints_and_the_best_on_top() -> None:
    figure = parallel_coordinate(rich(steep))
    (lines,) = marks(figure, Parallel)
    assert [d.axis.title for d in lines.dimensions[:2]] == ["Objective Value", "Feasible"]
    extra = next(d for d in lines.dimensions if d.axis.title == "extra")
    assert np.isnan(extra.values).any()
    assert "Lines below an axis: the trial does not have that parameter." in figure.notes
    assert (np.diff(lines.color) <= 0).all()


def test_several_objectives_are_coloured_by_rank() -> None:
    study = simple(steep, [(1.0, 2.0), (2.0, 1.0), (3.0, 0.0)], directions=["minimize", "maximize"])
    study.set_metric_names(["loss", "gain"])
    (lines,) = marks(parallel_coordinate(study), Parallel)
    assert [d.axis.title for d in lines.dimensions[:2]] == ["loss", "gain"]
    assert sorted(lines.color.tolist()) == [0.0, 1.0, 2.0]


# ---- importances -----------------------------------------------------------------------------


def test_the_most_important_parameter_is_on_top() -> None:
    (bars,) = marks(param_importances(big(300), params=["x0", "x1"]), Bars)
    assert bars.y.tolist() == [0.0, 1.0]
    assert bars.length[1] >= bars.length[0]


def test_the_importance_of_a_rare_parameter_comes_with_a_note() -> None:
    study = steep.create_study(sampler=steep.samplers.RandomSampler(seed=0))
    study.optimize(
        lambda trial: (
            trial.suggest_float("x", 0, 1)
            + (trial.suggest_float("rare", 0, 1) if trial.number == 5 else 0.0)
        ),
        n_trials=20,
    )
    with pytest.warns(UserWarning, match="'rare'"):
        figure = param_importances(study)
    assert figure.notes == ("Seen in too few trials to be sure: rare.",)


def test_each_objective_is_rated_in_its_own_direction() -> None:
    rng = np.random.default_rng(0)
    space = {"x": FloatDistribution(0.0, 1.0), "y": FloatDistribution(0.0, 1.0)}
    study = steep.create_study(directions=["minimize", "maximize"])
    for x, y in rng.random((300, 2)).tolist():
        # y matters for large second values only.
        values = [x, x if x < 0.8 else 1.0 + y]
        study.add_trial(create_trial(values=values, params={"x": x, "y": y}, distributions=space))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        first, second = marks(param_importances(study), Bars)
    assert (first.name, second.name) == ("Objective 0", "Objective 1")
    of_y = [dict(zip(bars.hover[0][1], bars.length, strict=True))["y"] for bars in (first, second)]
    assert of_y[1] > 4.0 * of_y[0]


def test_an_integer_parameter_of_one_value_can_be_drawn() -> None:
    study = steep.create_study()
    for number in range(4):
        study.add_trial(
            create_trial(
                value=float(number), params={"n": 3}, distributions={"n": IntDistribution(3, 3)}
            )
        )
    for plot in PLOTS:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            to_json(plot(study))


@pytest.mark.parametrize("plot", PLOTS)
def test_the_largest_and_smallest_numbers_can_be_drawn(plot: Callable[..., Figure]) -> None:
    values = [1e308, -1e308, 0.0, 5e-324, 1.0, -1e308]
    to_json(plot(simple(steep, values)))
