"""The page: one file that holds all it needs and opens without a network."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from html import escape as html_escape
from typing import TYPE_CHECKING

import numpy as np

from steep.logging import get_logger
from steep.report.comparison import Row, compare
from steep.report.diagnosis import diagnose
from steep.report.finding import Finding, in_finishing_order, list_text
from steep.report.plots import Plot, plots
from steep.report.strips import strip
from steep.report.style import STYLE
from steep.report.summary import facts, objective_names, sentences
from steep.version import __version__
from steep.visualization.palette import GREY, MUTED
from steep.visualization.plotly import draw, require
from steep.visualization.scales import number_text

if TYPE_CHECKING:
    from steep.study import Study

__all__ = ["report_page"]

_TITLE_ROOM = 44  # pixels that a figure's own title takes; the caption says it here
_MINUS = re.compile(r"(?<![\w.])-(?=\d)")
_FOOT = "Drag in a figure to zoom, double-click to reset, click a legend entry to hide it."


def report_page(study: Study) -> str:
    """Write the report of a study as HTML.

    Args:
        study: The study, whose table is up to date.

    Returns:
        The page, to be written to a file in UTF-8.

    Raises:
        ImportError: If plotly is not installed.
    """
    require()
    from plotly.offline import get_plotlyjs

    with _quiet():
        drawn = list(plots(study))
    sections = {
        "Diagnosis": _diagnosis(study),
        "The best against the rest": _best(study),
        "Figures": "".join(_figure(index, plot) for index, plot in enumerate(drawn)),
    }
    body = "".join(
        f'<section id="{_anchor(name)}"><h2>{name}</h2>{html}</section>'
        for name, html in sections.items()
        if html
    )
    script = f"<script>{get_plotlyjs()}</script>" if drawn else ""
    name = html_escape(study.study_name)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{name}: report</title><style>{STYLE}</style>{script}</head>\n"
        f'<body><article><header><p class="kicker">Study report</p><h1>{name}</h1>'
        f'<p class="lead">{escape(sentences(study))}</p>{_facts(study)}'
        f"{_contents(drawn)}</header>\n{body}</article>\n"
        f"<footer>Made with steep {__version__}. {_FOOT if drawn else ''}</footer></body></html>\n"
    )


def escape(text: str) -> str:
    """Write a text as HTML, with the minus sign of typesetters before numbers."""
    return html_escape(_MINUS.sub("−", text))


@contextmanager
def _quiet() -> Iterator[None]:
    """Let plots not log what they leave out: each says so once more, and the captions say it."""
    logger = get_logger("steep.visualization")
    level = logger.level
    logger.setLevel("ERROR")
    try:
        yield
    finally:
        logger.setLevel(level)


def _anchor(name: str) -> str:
    return name.lower().replace(" ", "-")


def _facts(study: Study) -> str:
    tiles = "".join(
        f"<div><dd>{escape(value)}</dd><dt>{escape(name)}</dt></div>"
        for name, value in facts(study).items()
    )
    return f'<dl class="facts">{tiles}</dl>'


def _contents(drawn: Sequence[Plot]) -> str:
    if not drawn:
        return ""
    links = "".join(f'<a href="#figure-{i + 1}">{escape(p.name)}</a>' for i, p in enumerate(drawn))
    return f'<nav aria-label="Figures">{links}</nav>'


# ---- the diagnosis -------------------------------------------------------------------------------


def _diagnosis(study: Study) -> str:
    found = diagnose(study.table)
    if not found:
        n = study.table.n_finished
        many = "No trial has" if n == 0 else f"{n:,} trial{' has' if n == 1 else 's have'}"
        return (
            f"<p>{many} finished. That is too little to say whether the search has converged, or "
            "what is wrong with it: most questions need some twenty to a hundred trials.</p>"
            if n < 100
            else "<p>Nothing stands out.</p>"
        )
    return "".join(_finding(finding) for finding in found)


def _finding(finding: Finding) -> str:
    numbers = "".join(
        f"<tr><th>{escape(name)}</th><td>{escape(_text(value))}</td></tr>"
        for name, value in finding.numbers
    )
    aside = f'<aside><table class="numbers">{numbers}</table></aside>' if numbers else ""
    return (
        f'<div class="finding {finding.level}"><div><h3>{escape(finding.title)}</h3>'
        f"<p>{escape(finding.text)}</p></div>{aside}</div>"
    )


def _text(value: float | int | str) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    return number_text(value) if isinstance(value, float) else value


# ---- the best trial ------------------------------------------------------------------------------


def _best(study: Study) -> str:
    table = study.table
    n_feasible = len(in_finishing_order(table))
    rows = compare(table)
    if n_feasible == 0 or not rows:
        return ""
    n_good = max((int(row.good_counts.sum()) for row in rows), default=0)
    if len(study.directions) > 1:
        head, intro = ("Pareto front", ""), _best_of_each(study)
        good = "those on the Pareto front"
    else:
        head, intro = ("Best tenth", f"Trial {table.best}"), ""
        good = f"the best tenth ({n_good:,} trials)" if n_good else ""
    text = "Grey: all trials that have finished. "
    text += f"Blue: {good}, the middle 80 % of them in words. " if good else ""
    text += "Red: the best trial." if table.best is not None else ""
    return f"{intro}<p>{text}</p>{_table(rows, head)}"


def _table(rows: Iterable[Row], head: tuple[str, str]) -> str:
    rows, (good, best) = list(rows), head
    good = good if any(row.good for row in rows) else ""
    cells = "".join(
        f"<tr><th>{escape(row.name)}</th>"
        + (f"<td><b>{escape(row.best or '–')}</b></td>" if best else "")
        + (f"<td>{escape(row.good or '–')}</td>" if good else "")
        + f"<td>{strip(row)}"
        f'<div class="ends"><span>{escape(row.low)}</span><span>{escape(row.high)}</span></div>'
        "</td></tr>"
        for row in rows
    )
    titles = ["Parameter", *filter(None, (best, good)), "Range"]
    header = "".join(f"<th>{escape(title)}</th>" for title in titles)
    return f'<table class="best"><thead><tr>{header}</tr></thead><tbody>{cells}</tbody></table>'


def _best_of_each(study: Study) -> str:
    table, numbers = study.table, in_finishing_order(study.table)
    best = numbers[np.argmin(table.losses[numbers], axis=0)].tolist()
    names = objective_names(study)
    told = [
        f"{name}: {number_text(float(table.values[number, index]))} (trial {number})"
        for index, (name, number) in enumerate(zip(names, best, strict=True))
    ]
    return f"<p>The best of each objective alone: {escape(list_text(told))}.</p>"


# ---- figures -------------------------------------------------------------------------------------


def _figure(index: int, plot: Plot) -> str:
    figure = plot.figure
    notes = " ".join(figure.notes) if figure.panels else ""
    bare = dataclasses.replace(figure, title="", notes=() if figure.panels else figure.notes)
    drawn = draw(bare)
    clear = "rgba(0,0,0,0)"
    bar = {"bgcolor": clear, "color": GREY, "activecolor": MUTED}
    drawn.update_layout(paper_bgcolor=clear, plot_bgcolor=clear, modebar=bar)
    height = drawn.layout.height
    if figure.panels:
        height -= _TITLE_ROOM
        drawn.update_layout(height=height, margin_t=drawn.layout.margin.t - _TITLE_ROOM)
    html = drawn.to_html(
        full_html=False,
        include_plotlyjs=False,
        default_width="100%",
        default_height=f"{height}px",
        config={"responsive": True, "displaylogo": False},
    )
    number = index + 1
    return (
        f'<figure id="figure-{number}">{html}<figcaption><b>Figure {number}. '
        f"{escape(plot.name)}.</b> {escape(plot.caption)} {escape(notes)}</figcaption></figure>"
    )
