"""The page of several plots."""

from __future__ import annotations

import re

import plotly.graph_objects as go

import steep
from steep.trial import create_trial

from .studies import simple


def test_a_page_holds_the_script_once_and_every_plot() -> None:
    study = simple(steep, [3.0, 2.0, 1.0])
    html = steep.visualization.page(
        {
            "History": steep.visualization.plot_optimization_history(study),
            "Slices": steep.visualization.plot_slice(study),
        },
        title="Tea",
        study=study,
    )
    assert html.count("Plotly.newPlot(") - _own_calls() == 2
    assert html.count("plotly.js v") == 1
    assert '<a href="#plot-1">Slices</a>' in html
    assert html.startswith("<!doctype html>")
    assert html.rstrip().endswith("</html>")


def _own_calls() -> int:
    """Count how often plotly's own script mentions its function."""
    from plotly.offline import get_plotlyjs

    return str(get_plotlyjs()).count("Plotly.newPlot(")


def test_a_page_asks_no_other_server_for_scripts_or_styles() -> None:
    html = steep.visualization.page({"Empty": go.Figure()}, title="Tea")
    assert not re.search(r"<(?:script|link)[^>]+(?:src|href)=", html)


def test_the_summary_tells_trials_best_value_and_parameters() -> None:
    study = simple(steep, [3.0, 2.0, "PRUNED", "FAIL"])
    html = steep.visualization.page({}, title="Tea", study=study, facts={"Epochs": 1459})
    for name, value in (
        ("Trials", "4"),
        ("Complete", "2"),
        ("Pruned", "1"),
        ("Failed", "1"),
        ("Best value", "2"),
        ("Epochs", "1,459"),
    ):
        assert f"<dt>{name}</dt><dd>{value}</dd>" in html
    assert "<li><span>k</span><b>None</b></li>" in html


def test_texts_of_the_user_are_escaped() -> None:
    study = steep.create_study()
    study.add_trial(create_trial(value=1.0))
    evil = "<script>alert(1)</script>"
    html = steep.visualization.page(
        {evil: go.Figure(layout={"title": {"text": evil}})},
        title=evil,
        text=evil,
        facts={evil: evil},
        study=study,
    )
    assert evil not in html


def test_a_study_without_a_best_trial_has_a_page() -> None:
    study = steep.create_study(directions=["minimize", "maximize"])
    html = steep.visualization.page({}, title="Two", study=study)
    assert "Best" not in html.split("<body>")[1]
