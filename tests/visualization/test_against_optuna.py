"""The plots show the same as Optuna's, and refuse and warn alike.

Both draw with plotly; how they lay a plot out differs, what the marks mean must not.
"""

from __future__ import annotations

import importlib
import inspect
import warnings
from collections.abc import Callable
from datetime import datetime
from typing import Any

import numpy as np
import optuna
import pytest

import steep

from .calls import SHARED, Halving, call, outcome, quiet
from .studies import INF, front, rich, simple


def signature(lib: Any, plot: str) -> Any:
    return inspect.signature(getattr(lib.visualization, plot)).parameters


def show(lib: Any, name: str, *args: Any, **kwargs: Any) -> Any:
    """Call a plot and keep quiet what it says."""
    with quiet(lib), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return getattr(lib.visualization, name)(*args, **kwargs)


def places(traces: Any) -> set[tuple[Any, Any]]:
    """Give all points of some traces."""
    return {
        (plain(x), plain(y))
        for trace in traces
        if trace.x is not None
        for x, y in zip(trace.x, trace.y, strict=True)
        if y is not None and y == y
    }


def plain(value: Any) -> Any:
    return round(float(value), 9) if isinstance(value, int | float | np.number) else str(value)


def markers(figure: Any) -> list[Any]:
    return [trace for trace in figure.data if trace.type == "scatter" and trace.mode == "markers"]


def test_history_has_the_same_feasible_and_infeasible_trials() -> None:
    theirs = show(optuna, "plot_optimization_history", rich(optuna))
    ours = show(steep, "plot_optimization_history", rich(steep))
    points = {trace.name: places([trace]) for trace in markers(theirs)}
    assert {trace.name.split()[0]: places([trace]) for trace in markers(ours)} == {
        "Objective": points["Objective Value"],
        "Infeasible": points["Infeasible Trial"],
    }


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_history_has_the_same_best_so_far(direction: str) -> None:
    values = ["FAIL", 3.0, 2.0, "PRUNED", 4.0, 1.0, 2.0]
    lines = []
    for lib in (optuna, steep):
        study = simple(lib, values, direction=direction)
        figure = show(lib, "plot_optimization_history", study)
        lines.append(
            [
                [None if y != y or abs(y) == INF else float(y) for y in trace.y]
                for trace in figure.data
                if trace.mode == "lines"
            ]
        )
    assert lines[0] == lines[1]


def test_history_with_error_bars_has_the_same_means_and_deviations() -> None:
    shown = []
    for lib in (optuna, steep):
        studies = [simple(lib, values) for values in ([3.0, 2.0, 4.0, 1.0], [5.0, 1.0, 2.0, 0.5])]
        trace = markers(show(lib, "plot_optimization_history", studies, error_bar=True))[0]
        shown.append((list(trace.x), list(trace.y), list(trace.error_y.array)))
    assert shown[0] == shown[1]


def test_intermediate_values_are_the_same_reports() -> None:
    theirs = show(optuna, "plot_intermediate_values", rich(optuna))
    ours = show(steep, "plot_intermediate_values", rich(steep))
    expected = {
        (int(trace.name.removeprefix("Trial")), x, plain(y))
        for trace in theirs.data
        for x, y in zip(trace.x, trace.y, strict=True)
    }
    found = {
        (number, int(x), plain(y))
        for trace in ours.data
        if trace.mode == "lines"
        for number, x, y in trace.customdata
        if number >= 0
    }
    assert found == expected


def _slices(figure: Any, label: Callable[[Any], Any]) -> dict[str, set[Any]]:
    found: dict[str, set[Any]] = {}
    for trace in markers(figure):
        axis = figure.layout[(trace.xaxis or "x").replace("x", "xaxis")]
        numeric = axis.type != "category"
        points = {
            (plain(x) if numeric else label(x), plain(y))
            for x, y in zip(trace.x, trace.y, strict=True)
        }
        found.setdefault(axis.title.text, set()).update(points)
    return found


def test_slices_have_the_same_points() -> None:
    theirs = _slices(show(optuna, "plot_slice", rich(optuna)), lambda text: text.strip("'"))
    ours = _slices(show(steep, "plot_slice", rich(steep)), lambda text: text.strip("'"))
    assert list(ours) == list(theirs)
    infeasible = {plain(t.value) for t in rich(steep).trials if t.constraints["c"] > 0 and t.values}
    for name, points in theirs.items():
        # Optuna leaves infeasible trials out where the parameter is categorical.
        missing = ours[name] - points
        assert points <= ours[name]
        assert missing == set() or name in ("batch", "mixed")
        assert {y for _, y in missing} <= infeasible


def test_a_contour_has_the_same_points() -> None:
    shown = []
    for lib in (optuna, steep):
        figure = show(lib, "plot_contour", rich(lib), ["lr", "units"])
        assert next(trace.type for trace in figure.data) == "contour"
        assert figure.layout.xaxis.title.text == "lr"
        assert figure.layout.yaxis.title.text == "units"
        assert figure.layout.xaxis.type == figure.layout.yaxis.type == "log"
        shown.append(places(markers(figure)))
    assert shown[0] == shown[1]


def test_contours_cover_the_same_pairs() -> None:
    """Optuna draws each pair twice, mirrored; steep draws it once."""
    figure = show(steep, "plot_contour", rich(steep))
    pairs = [trace for trace in figure.data if trace.type in ("contour", "heatmap")]
    assert len(pairs) == 6 * 5 // 2


def test_parallel_axes_have_the_same_names_and_lines() -> None:
    theirs = show(optuna, "plot_parallel_coordinate", rich(optuna))
    ours = show(steep, "plot_parallel_coordinate", rich(steep)).data[0]
    labels = [dimension.label for dimension in ours.dimensions]
    # Constraints are an axis of their own here, dotted lines there.
    assert [label for label in labels if label != "Feasible"] == list(theirs.layout.xaxis.ticktext)
    lines = [trace for trace in theirs.data if trace.mode == "lines" and trace.x[0] is not None]
    assert len(ours.dimensions[0]["values"]) == len(lines)


def test_parallel_axes_of_several_objectives_have_the_same_names() -> None:
    values = [(1.0, 2.0), (2.0, 1.0), (3.0, 3.0)]
    shown = []
    for lib in (optuna, steep):
        study = simple(lib, values, directions=["minimize", "maximize"])
        shown.append(show(lib, "plot_parallel_coordinate", study))
    ours = [dimension.label for dimension in shown[1].data[0].dimensions]
    assert ours == list(shown[0].layout.xaxis.ticktext)


def test_importances_have_the_same_parameters_and_nearly_the_same_lengths() -> None:
    """Numbers alone: for categories the kernels differ, see the tests of the kernel."""
    shown = []
    for lib in (optuna, steep):
        names = ["lr", "units", "depth"]
        trace = show(lib, "plot_param_importances", rich(lib, 400), params=names).data[0]
        shown.append(dict(zip(trace.y, trace.x, strict=True)))
    assert list(shown[0]) == list(shown[1])
    assert shown[1] == pytest.approx(shown[0], abs=0.03)


# ---- what is refused, warned of and logged ---------------------------------------------------


STUDIES: dict[str, tuple[list[Any], dict[str, Any]]] = {
    "empty": ([], {}),
    "one": ([1.0], {}),
    "failed": (["FAIL", "FAIL"], {}),
    "pruned": (["PRUNED", "PRUNED"], {}),
    "infinite": ([INF, -INF, INF], {}),
    "some infinite": ([INF, -INF, 1.0, 2.0, 3.0], {}),
    "fine": ([3.0, 2.0, 1.0, 4.0, "PRUNED", "FAIL"], {}),
    "two objectives": (
        [(1.0, 2.0), (2.0, 1.0), (3.0, 3.0)],
        {"directions": ["minimize", "maximize"]},
    ),
}


EXTRA: dict[str, dict[str, Any]] = {
    "plot_hypervolume_history": {"reference_point": [4.0, 0.0]},
    "plot_terminator_improvement": {
        "improvement_evaluator": Halving(),
        "error_evaluator": Halving(),
        "plot_error": True,
    },
}


BACKENDS = [("visualization", kind) for kind in STUDIES]
BACKENDS += [("visualization.matplotlib", kind) for kind in ("empty", "fine", "two objectives")]


@pytest.mark.parametrize(("backend", "kind"), BACKENDS)
@pytest.mark.parametrize("plot", SHARED)
def test_odd_studies_have_the_same_outcome(plot: str, kind: str, backend: str) -> None:
    values, create = STUDIES[kind]

    def call(lib: Any) -> Any:
        module = importlib.import_module(f"{lib.__name__}.{backend}")
        return getattr(module, plot)(simple(lib, values, **create), **EXTRA.get(plot, {}))

    theirs, ours = outcome(optuna, call), outcome(steep, call)
    if "infinite" in kind or kind == "one" or backend.endswith("matplotlib"):
        # There arithmetic, limits and legends complain in Optuna; steep says what it left out.
        theirs = (theirs[0], [], ours[2] or theirs[2])
        ours = (ours[0], [name for name in ours[1] if name == "FutureWarning"], ours[2])
    if (plot, kind) == ("plot_param_importances", "two objectives"):
        # Optuna warns that it reads a maximised objective as if small were good; steep does not.
        theirs = (theirs[0], [], theirs[2])
    assert ours == theirs


PARAMS = [[], ["x"], ["k", "x"], ["zz"], ["x", "x"], ("x", "k")]


@pytest.mark.parametrize("params", PARAMS, ids=repr)
@pytest.mark.parametrize("plot", ["plot_contour", "plot_parallel_coordinate", "plot_slice"])
def test_params_have_the_same_outcome(plot: str, params: Any) -> None:
    def call(lib: Any) -> Any:
        return getattr(lib.visualization, plot)(simple(lib, [3.0, 2.0, 1.0]), params)

    assert outcome(steep, call) == outcome(optuna, call)


TARGETS: dict[str, Callable[[Any], Any]] = {
    "number": lambda trial: trial.value * 2,
    "text": lambda trial: "abc",
    "None": lambda trial: None,
    "nan": lambda trial: float("nan"),
}


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("plot", [plot for plot in SHARED if "target" in signature(steep, plot)])
def test_targets_have_the_same_outcome(plot: str, target: str, named: bool) -> None:
    name = {"target_name": "q"} if named else {}

    def call(lib: Any) -> Any:
        study = simple(lib, [3.0, 2.0, 1.0])
        return getattr(lib.visualization, plot)(study, target=TARGETS[target], **name)

    theirs, ours = outcome(optuna, call), outcome(steep, call)
    if plot == "plot_rank" and target == "nan":
        assert ours == (None, [] if named else ["UserWarning"], True)  # Optuna divides by zero
        return
    if plot in ("plot_optimization_history", "plot_rank") and target in ("text", "None"):
        # Optuna draws an axis of texts, or fails in NumPy; steep refuses as in all other plots.
        assert ours[0] in ("ValueError", "TypeError")
        return
    assert ours == theirs


@pytest.mark.parametrize("error_bar", [True, False])
@pytest.mark.parametrize("kinds", [[], ["fine", "some infinite"], ["failed", "empty"], ["fine"]])
def test_several_studies_have_the_same_outcome(kinds: list[str], error_bar: bool) -> None:
    def call(lib: Any) -> Any:
        studies = [simple(lib, STUDIES[kind][0]) for kind in kinds]
        return lib.visualization.plot_optimization_history(studies, error_bar=error_bar)

    assert outcome(steep, call) == outcome(optuna, call)


# ---- the other plots -------------------------------------------------------------------------


def test_distributions_are_the_same_steps() -> None:
    studies = [simple(lib, [3.0, 1.0, 2.0, 2.0, INF]) for lib in (optuna, steep)]
    theirs, ours = (
        show(lib, "plot_edf", study) for lib, study in zip((optuna, steep), studies, strict=True)
    )
    steps, shares = np.asarray(ours.data[0].x), np.asarray(ours.data[0].y)
    at = np.searchsorted(steps, np.asarray(theirs.data[0].x), side="right") - 1
    assert shares[at].tolist() == list(theirs.data[0].y)


@pytest.mark.parametrize("objectives", [2, 3, 4])
def test_hypervolumes_are_the_same(objectives: int) -> None:
    reference = [6.0, -6.0, 6.0, -6.0][:objectives]
    theirs, ours = (
        show(lib, "plot_hypervolume_history", front(lib, 20, objectives=objectives), reference)
        for lib in (optuna, steep)
    )
    assert list(ours.data[0].x) == list(theirs.data[0].x)
    assert list(ours.data[0].y) == pytest.approx(list(theirs.data[0].y))


def _space(trace: Any) -> set[tuple[float, ...]]:
    columns = [trace[axis] for axis in "xyz" if axis in trace and trace[axis] is not None]
    return {tuple(map(float, row)) for row in zip(*columns, strict=True)}


FRONTS: list[tuple[int, dict[str, Any]]] = [
    (2, {}),
    (3, {}),
    (2, {"include_dominated_trials": False}),
    (2, {"constraints_func": lambda trial: [trial.values[0] - 3.0]}),
    (4, {"targets": lambda trial: trial.values[1:3]}),
    (
        2,
        {
            "targets": lambda trial: [trial.number, trial.values[1], 1.0],
            "target_names": list("abc"),
        },
    ),
]


@pytest.mark.parametrize(("objectives", "arguments"), FRONTS)
def test_fronts_have_the_same_trials(objectives: int, arguments: dict[str, Any]) -> None:
    theirs, ours = (
        show(lib, "plot_pareto_front", front(lib, objectives=objectives), **arguments)
        for lib in (optuna, steep)
    )
    drawn = [trace for trace in ours.data if trace.mode == "markers"]
    found, expected = ([_space(trace) for trace in traces] for traces in (drawn, theirs.data))
    assert list(filter(None, found)) == list(filter(None, expected))


@pytest.mark.parametrize("params", [["lr", "units"], ["units", "lr"], ["mixed", "extra"]])
def test_ranks_have_the_same_points(params: list[str]) -> None:
    theirs, ours = (show(lib, "plot_rank", rich(lib), params) for lib in (optuna, steep))
    bare = {(x.strip("'") if isinstance(x, str) else x, y) for x, y in places(markers(ours))}
    assert bare == places(markers(theirs)[:1])
    assert ours.layout.xaxis.title.text == params[0]


def test_timelines_have_the_same_trials_in_the_same_states() -> None:
    names = {"Failed": "FAIL", "Complete": "COMPLETE", "Pruned": "PRUNED"}
    theirs, ours = (show(lib, "plot_timeline", rich(lib)) for lib in (optuna, steep))
    found = {names.get(t.name, t.name.upper()): [int(y) for y in t.y] for t in ours.data}
    assert found == {trace.name: list(trace.y) for trace in theirs.data}


def test_a_timeline_begins_and_ends_when_the_trials_did() -> None:
    study = steep.create_study()
    study.optimize(lambda trial: float(trial.number), n_trials=2)
    bars = show(steep, "plot_timeline", study).data[0]
    for trial, base, length in zip(study.trials, bars.base, bars.x, strict=True):
        assert datetime.fromisoformat(base) == trial.datetime_start
        assert length == pytest.approx(trial.duration.total_seconds() * 1000.0, abs=1e-2)


def test_improvements_are_the_same_where_a_trial_is_complete() -> None:
    values = ["FAIL", 1.0, 2.0, "PRUNED", 3.0, 4.0]
    extra = EXTRA["plot_terminator_improvement"]
    theirs, ours = (
        show(lib, "plot_terminator_improvement", simple(lib, values), **extra, min_n_trials=3)
        for lib in (optuna, steep)
    )
    lines = [trace for trace in ours.data if trace.mode == "lines"]
    assert places(lines) < places(theirs.data)
    assert {x for x, _ in places(lines)} == {1.0, 2.0, 4.0, 5.0}


def _kind_of(axes: Any) -> Any:
    return axes.shape if isinstance(axes, np.ndarray) else "3d" if hasattr(axes, "zaxis") else "2d"


@pytest.mark.parametrize("plot", SHARED)
def test_matplotlib_gives_the_same_kind_of_axes(plot: str) -> None:
    kinds = []
    for lib in (optuna, steep):
        module = importlib.import_module(f"{lib.__name__}.visualization.matplotlib")
        with quiet(lib), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            kinds.append(_kind_of(call(getattr(module, plot), plot, lib)))
    assert kinds[0] == kinds[1]
