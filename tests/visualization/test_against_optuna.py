"""The plots show the same as Optuna's, and refuse and warn alike.

Both draw with plotly; how they lay a plot out differs, what the marks mean must not.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import optuna
import pytest

import steep

from .studies import INF, rich, simple

PLOTS = (
    "plot_contour",
    "plot_intermediate_values",
    "plot_optimization_history",
    "plot_parallel_coordinate",
    "plot_param_importances",
    "plot_slice",
)


def show(lib: Any, name: str, *args: Any, **kwargs: Any) -> Any:
    """Call a plot and keep quiet what it says."""
    with quiet(lib), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return getattr(lib.visualization, name)(*args, **kwargs)


@contextmanager
def quiet(lib: Any) -> Iterator[None]:
    before = lib.logging.get_verbosity()
    lib.logging.set_verbosity(lib.logging.ERROR)
    yield
    lib.logging.set_verbosity(before)


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


def outcome(lib: Any, call: Callable[[Any], Any]) -> Any:
    """Give the class of the error, the classes of warnings, and whether a warning was logged."""
    logged: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: logged.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger(lib.__name__)
    lib.logging.disable_default_handler()
    logger.addHandler(handler)
    error = None
    try:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            call(lib)
    except Exception as caught:
        error = type(caught).__name__
    finally:
        logger.removeHandler(handler)
        lib.logging.enable_default_handler()
    return error, sorted({warning.category.__name__ for warning in warned}), bool(logged)


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


@pytest.mark.parametrize("plot", PLOTS)
@pytest.mark.parametrize("kind", STUDIES)
def test_odd_studies_have_the_same_outcome(plot: str, kind: str) -> None:
    values, create = STUDIES[kind]

    def call(lib: Any) -> Any:
        return getattr(lib.visualization, plot)(simple(lib, values, **create))

    theirs, ours = outcome(optuna, call), outcome(steep, call)
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
@pytest.mark.parametrize("plot", [plot for plot in PLOTS if plot != "plot_intermediate_values"])
def test_targets_have_the_same_outcome(plot: str, target: str, named: bool) -> None:
    name = {"target_name": "q"} if named else {}

    def call(lib: Any) -> Any:
        study = simple(lib, [3.0, 2.0, 1.0])
        return getattr(lib.visualization, plot)(study, target=TARGETS[target], **name)

    theirs, ours = outcome(optuna, call), outcome(steep, call)
    if plot == "plot_optimization_history" and target in ("text", "None"):
        # Optuna draws an axis of texts; steep refuses as in all other plots.
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
