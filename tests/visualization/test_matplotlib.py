"""The renderer for matplotlib: it draws what the figure says, and touches no style."""

from __future__ import annotations

import re
import sys
import warnings
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot

import steep
from steep.visualization import matplotlib as plots
from steep.visualization.figure import Figure, Mark

from .calls import PLOTS, call
from .studies import rich, simple, wide
from .test_plotly import AT, EVERY_MARK, panel


def drawn(name: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return call(getattr(plots, name), name, steep)


def axes_of(drawn: Any) -> list[Any]:
    return list(drawn.flat) if isinstance(drawn, np.ndarray) else [drawn]


def test_both_backends_have_the_same_plots() -> None:
    ours = {name for name in plots.__all__ if name.startswith("plot_")}
    assert ours == set(PLOTS)


@pytest.mark.parametrize("name", PLOTS)
def test_every_plot_can_be_printed_and_changes_no_style(name: str) -> None:
    before = dict(mpl.rcParams)
    axes = axes_of(drawn(name))
    axes[-1].figure.canvas.draw()
    assert dict(mpl.rcParams) == before
    assert pyplot.get_fignums() == [axes[-1].figure.number]


@pytest.mark.parametrize("mark", EVERY_MARK, ids=lambda mark: type(mark).__name__)
def test_every_mark_is_drawn(mark: Mark) -> None:
    axes = plots.draw(panel(mark))
    assert axes.collections or axes.lines or axes.patches


def test_points_are_where_the_figure_says() -> None:
    axes = plots.draw(panel(EVERY_MARK[0]))
    assert axes.collections[0].get_offsets().tolist() == np.stack([AT, AT], axis=1).tolist()


def test_texts_are_shown_as_they_are() -> None:
    study = simple(steep, [3.0, 2.0, 1.0])
    axes = plots.plot_slice(study, ["x"], target=lambda t: t.value, target_name="$a_b")
    assert axes.get_ylabel() == "$a_b"
    axes.figure.canvas.draw()


def test_long_names_stay_apart_in_their_axes() -> None:
    axes = axes_of(plots.plot_slice(wide(steep, 20, 12)))
    titles = [one.get_xlabel() for one in axes]
    assert len(set(titles)) == 12
    assert max(map(len, titles)) <= 40


def test_pairs_are_found_from_both_sides() -> None:
    table = plots.plot_contour(rich(steep), ["batch", "depth", "lr"])
    assert table[2, 0] is table[0, 2]
    assert (table[2, 0].get_xlabel(), table[2, 0].get_ylabel()) == ("batch", "lr")
    assert not table[1, 1].get_visible()


def test_rows_and_columns_move_together() -> None:
    axes = plots.plot_parameter_history(rich(steep), ["lr", "units", "depth"])
    axes[0].set_xlim(10.0, 20.0)
    assert axes[2].get_xlim() == (10.0, 20.0)


def test_a_figure_without_data_says_why() -> None:
    axes = plots.draw(Figure("Nothing", notes=("No trials yet.",)))
    assert [text.get_text() for text in axes.texts] == ["No trials yet."]
    assert [text.get_text() for text in axes.figure.texts] == ["Nothing"]


def test_a_missing_matplotlib_is_told_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert not plots.is_available()
    with pytest.raises(ImportError, match=re.escape("pip install matplotlib")):
        drawn("plot_slice")
