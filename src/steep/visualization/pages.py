"""One page of several plots: a single file that opens anywhere, also without a network.

Example:
    >>> import steep
    >>> study = steep.create_study(sampler=steep.samplers.RandomSampler(seed=0))
    >>> study.optimize(lambda trial: trial.suggest_float("x", 0, 1) ** 2, n_trials=20)
    >>> html = page(
    ...     {
    ...         "Importances": steep.visualization.plot_param_importances(study),
    ...         "History": steep.visualization.plot_optimization_history(study),
    ...     },
    ...     title="Tea",
    ...     study=study,
    ... )
    >>> html.startswith("<!doctype html>")
    True
    >>> _ = pathlib.Path("tea.html").write_text(html, encoding="utf-8")  # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any

from steep.states import TrialState
from steep.visualization.plotly import require
from steep.visualization.scales import number_text

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from steep.study import Study

__all__ = ["page"]

_STYLE = """
:root { --ink: #1f2933; --muted: #5f6b7a; --line: #e3e7ec; --ground: #f5f7f9; --accent: #0072b2 }
* { box-sizing: border-box }
html { scroll-behavior: smooth }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 15px/1.5 Inter, 'Segoe UI', 'Helvetica Neue', Helvetica, Arial, 'DejaVu Sans', sans-serif }
header, main { max-width: 1160px; margin: 0 auto; padding: 0 20px }
header { padding-top: 36px }
h1 { margin: 0; font-size: 28px; line-height: 1.25; overflow-wrap: anywhere }
header p { margin: 6px 0 0; color: var(--muted); max-width: 72ch }
nav { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 18px 0 0 }
nav a { color: var(--accent); text-decoration: none }
nav a:hover, nav a:focus { text-decoration: underline }
.facts { display: flex; flex-wrap: wrap; gap: 1px; margin: 20px 0 0; background: var(--line);
  border: 1px solid var(--line); border-radius: 10px; overflow: hidden }
.facts div { flex: 1 1 130px; background: white; padding: 12px 16px }
dt { color: var(--muted); font-size: 13px }
dd { margin: 0; font-size: 22px; font-weight: 600; overflow-wrap: anywhere;
  font-variant-numeric: tabular-nums }
.card { background: white; border: 1px solid var(--line); border-radius: 10px; margin: 20px 0;
  padding: 8px 12px; overflow-x: auto }
.params { padding: 14px 16px }
.params h2 { margin: 0 0 6px; font-size: 17px }
.params ul { list-style: none; margin: 0; padding: 0; columns: 250px; column-gap: 36px }
.params li { display: flex; justify-content: space-between; gap: 16px; padding: 3px 0;
  border-bottom: 1px solid var(--line); break-inside: avoid }
.params span { color: var(--muted); overflow-wrap: anywhere }
.params b { font-weight: 600; text-align: right; overflow-wrap: anywhere;
  font-variant-numeric: tabular-nums }
footer { max-width: 1160px; margin: 0 auto; padding: 4px 20px 36px; color: var(--muted);
  font-size: 13px }
@media (max-width: 700px) { .modebar-container { display: none } }
@media print { body { background: white } nav { display: none } .card { break-inside: avoid } }
"""


_FOOT = (
    "</main><footer>Made with steep. Drag to zoom, double-click to reset, click a legend entry "
    "to hide it.</footer></body></html>"
)


def page(
    figures: Mapping[str, go.Figure],
    *,
    title: str,
    study: Study | None = None,
    facts: Mapping[str, object] | None = None,
    text: str = "",
) -> str:
    """Join plots to one HTML page that holds all it needs, plotly's script once.

    Args:
        figures: The plots under the names that the page links them by.
        title: The headline.
        study: A study to summarise at the top: its trials, best value and best parameters.
        facts: More figures for the summary, e.g. ``{"Epochs": 459}``.
        text: A sentence below the headline.

    Returns:
        The page, to be written to a file in UTF-8.

    Raises:
        ImportError: if plotly is not installed.
    """
    require()
    from plotly.offline import get_plotlyjs

    tiles = {**(_study_facts(study) if study is not None else {}), **(facts or {})}
    links = "".join(
        f'<a href="#plot-{index}">{escape(name)}</a>' for index, name in enumerate(figures)
    )
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style>",
        f"<script>{get_plotlyjs()}</script></head><body><header>",
        f"<h1>{escape(title)}</h1>",
        f"<p>{escape(text)}</p>" if text else "",
        _tiles(tiles),
        f"<nav>{links}</nav></header><main>",
        _best_params(study) if study is not None else "",
        *(_card(index, name, figure) for index, (name, figure) in enumerate(figures.items())),
        _FOOT,
    ]
    return "\n".join(part for part in parts if part)


def _tiles(facts: Mapping[str, object]) -> str:
    if not facts:
        return ""
    tiles = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(_text(value))}</dd></div>"
        for name, value in facts.items()
    )
    return f'<dl class="facts">{tiles}</dl>'


def _card(index: int, name: str, figure: go.Figure) -> str:
    height = figure.layout.height or 480
    plot = figure.to_html(
        full_html=False,
        include_plotlyjs=False,
        default_width="100%",
        default_height=f"{height}px",
        config={"responsive": True, "displaylogo": False},
    )
    label = escape(name, quote=True)
    return f'<section class="card" id="plot-{index}" aria-label="{label}">{plot}</section>'


def _study_facts(study: Study) -> dict[str, object]:
    table = study.table
    facts: dict[str, object] = {"Trials": table.n_trials}
    for name, state in (
        ("Complete", TrialState.COMPLETE),
        ("Pruned", TrialState.PRUNED),
        ("Failed", TrialState.FAIL),
        ("Running", TrialState.RUNNING),
    ):
        if table.n_in(state):
            facts[name] = table.n_in(state)
    if table.best is not None:
        facts["Best value"] = float(table.values[table.best, 0])
        facts["Best trial"] = table.best
    return facts


def _best_params(study: Study) -> str:
    best = study.table.best
    if best is None:
        return ""
    items = "".join(
        f"<li><span>{escape(name)}</span><b>{escape(_text(distribution.to_external_repr(value)))}"
        "</b></li>"
        for name, (value, distribution) in study.table.params_of(best).items()
    )
    heading = f"Best parameters (trial {best})"
    return f'<section class="card params"><h2>{heading}</h2><ul>{items}</ul></section>'


def _text(value: Any) -> str:
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value)
