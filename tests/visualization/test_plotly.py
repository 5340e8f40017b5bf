"""The renderer: valid plotly, texts as they are, no global style touched."""

from __future__ import annotations

import inspect
import json
import logging
import re
import sys
import warnings
from collections.abc import Iterator

import numpy as np
import optuna
import plotly.graph_objects as go
import plotly.io
import pytest

import steep
from steep.distributions import FloatDistribution
from steep.trial import create_trial
from steep.visualization.figure import (
    Axis,
    Band,
    Bars,
    ColorScale,
    Dimension,
    Figure,
    Grid,
    Line,
    Mark,
    Panel,
    Parallel,
    Points,
)
from steep.visualization.plotly import draw, is_available, to_json

from .calls import PLOTS, SHARED, call
from .studies import rich, wide

AT = np.array([0.0, 1.0, 2.0])
SCALE = ColorScale("colour", 0.0, 2.0, ("#000000", "#ffffff"), ((0.0, "low"), (2.0, "high")))
EVERY_MARK: list[Mark] = [
    Points(AT, AT, AT, "points", y_error=AT, hover=(("trial", [0, 1, 2]),)),
    Line(AT, AT, "#000000", "line", step=True, dash="dot"),
    Band(AT, AT, AT + 1.0, "#0072B2", name="band"),
    Bars(AT, AT, "#000000", ("a", "b", "c"), "bars", error=AT),
    Grid(AT, AT[:2], np.ones((2, 3))),
    Grid(AT, AT[:2], np.ones((2, 3)), contours=True),
]


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    before = steep.logging.get_verbosity()
    steep.logging.set_verbosity(logging.ERROR)
    yield
    steep.logging.set_verbosity(before)


def panel(*marks: Mark, x: Axis | None = None, y: Axis | None = None) -> Figure:
    """Make a figure of one panel."""
    return Figure("Title", (Panel(x or Axis("x"), y or Axis("y"), marks),), colors=SCALE)


@pytest.mark.parametrize("mark", EVERY_MARK, ids=lambda mark: type(mark).__name__)
def test_every_mark_is_valid_plotly(mark: Mark) -> None:
    assert draw(panel(mark)).data


def test_texts_of_bars_stand_behind_their_whiskers() -> None:
    bars, texts = draw(panel(Bars(AT, AT, "#000000", ("a", "b", "c"), error=AT))).data
    assert bars.text is None
    assert list(texts.text) == ["a", "b", "c"]
    assert list(texts.x) == [0.0, 2.0, 4.0]
    assert bars.offsetgroup == texts.offsetgroup != ""
    assert not texts.showlegend


def test_parallel_axes_are_valid_plotly_and_absent_values_lie_below() -> None:
    values = np.array([1.0, np.nan, 100.0])
    dimension = Dimension(Axis("lr", "log", range=(1.0, 100.0)), values)
    trace = draw(panel(Parallel((dimension, dimension), AT))).data[0]
    first = trace.dimensions[0]
    assert first["ticktext"][0] == "absent"
    assert first["values"][1] == first["tickvals"][0] == first.range[0] < 0.0


@pytest.mark.parametrize("name", PLOTS)
def test_plots_become_strict_json(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        figure = call(getattr(steep.visualization, name), name, steep)
    assert isinstance(figure, go.Figure)
    text = figure.to_json()
    assert json.loads(text, parse_constant=pytest.fail)["data"]


@pytest.mark.parametrize("name", SHARED)
def test_plots_take_the_same_arguments_as_optuna(name: str) -> None:
    ours = inspect.signature(getattr(steep.visualization, name)).parameters
    theirs = inspect.signature(getattr(optuna.visualization, name)).parameters
    assert [(p.name, p.kind, p.default) for p in ours.values()] == [
        (p.name, p.kind, p.default) for p in theirs.values()
    ]


def test_global_styles_stay_as_they_are() -> None:
    before = plotly.io.templates.default
    steep.visualization.plot_slice(rich(steep))
    assert plotly.io.templates.default == before


def test_a_template_of_the_user_takes_over() -> None:
    figure = steep.visualization.plot_slice(rich(steep))
    figure.update_layout(template="plotly_dark")
    assert figure.layout.template.layout.paper_bgcolor == "rgb(17,17,17)"
    assert figure.layout.paper_bgcolor is None


def test_names_with_tags_are_shown_as_they_are() -> None:
    study = steep.create_study()
    for x in (0.1, 0.2, 0.4):
        name = "<b>x</b><script>"
        params, space = {name: x}, {name: FloatDistribution(0.0, 1.0)}
        study.add_trial(create_trial(value=x, params=params, distributions=space))
    figure = steep.visualization.plot_slice(study, target=lambda t: t.value, target_name="a<b")
    assert figure.layout.xaxis.title.text == "&lt;b&gt;x&lt;/b&gt;&lt;script&gt;"
    assert figure.layout.yaxis.title.text == "a&lt;b"


def test_logarithmic_ranges_are_given_as_exponents() -> None:
    axis = Axis("x", "log", range=(1e-4, 1.0))
    layout = to_json(panel(EVERY_MARK[0], x=axis))["layout"]
    assert layout["xaxis"]["range"] == [-4.0, 0.0]
    assert layout["xaxis"]["ticktext"][0] == "0.0001"


def test_categories_are_drawn_by_their_labels() -> None:
    axis = Axis("x", "category", ("u", "v", "w"))
    json_of = to_json(panel(Points(AT, AT, "#000000"), x=axis))
    assert json_of["data"][0]["x"] == ["u", "v", "w"]
    assert json_of["layout"]["xaxis"]["categoryarray"] == ["u", "v", "w"]


def test_a_name_appears_once_in_the_legend() -> None:
    figure = steep.visualization.plot_slice(rich(steep))
    named = [trace for trace in figure.data if trace.name == "Infeasible"]
    assert [trace.showlegend for trace in named] == [True] + [False] * (len(named) - 1)


def test_thirty_long_names_stay_apart() -> None:
    figure = steep.visualization.plot_slice(wide(steep, 20, 30))
    titles = [figure.layout[f"xaxis{i or ''}"].title.text for i in [0, *range(2, 31)]]
    assert len(set(titles)) == 30
    assert max(map(len, titles)) <= 30


def test_panels_do_not_overlap() -> None:
    figure = steep.visualization.plot_contour(rich(steep))
    names = [key.removeprefix("xaxis") for key in to_json_keys(figure) if key.startswith("xaxis")]
    boxes = [(figure.layout[f"xaxis{n}"].domain, figure.layout[f"yaxis{n}"].domain) for n in names]
    for i, (x, y) in enumerate(boxes):
        for other_x, other_y in boxes[:i]:
            apart_x = x[1] < other_x[0] or other_x[1] < x[0]
            apart_y = y[1] < other_y[0] or other_y[1] < y[0]
            assert apart_x or apart_y


def to_json_keys(figure: go.Figure) -> list[str]:
    return list(figure.layout.to_plotly_json())


def test_a_missing_plotly_is_told_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "plotly", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert not is_available()
    for name in PLOTS:
        with pytest.raises(ImportError, match=re.escape("pip install plotly")):
            call(getattr(steep.visualization, name), name, steep)
