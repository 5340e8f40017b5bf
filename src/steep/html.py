"""Small HTML tables of studies and trials, for notebooks.

The tables take colour and font of the page around them, so that they are readable on light and on
dark ground, and everything that a user wrote is escaped.

Example:
    >>> import steep
    >>> study = steep.create_study(study_name="<tea>", sampler=steep.samplers.RandomSampler(seed=0))
    >>> "&lt;tea&gt;" in study_html(study)
    True
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from html import escape
from typing import TYPE_CHECKING, Any

from steep.states import StudyDirection, TrialState

if TYPE_CHECKING:
    from steep.study.reading import StudyView
    from steep.trial import FrozenTrial

__all__ = ["study_html", "trial_html"]

_BOX = "display:inline-block;max-width:100%;overflow-x:auto;line-height:1.45"
_TABLE = "border-collapse:collapse;color:inherit;background:transparent;margin:4px 0"
_LINE = "border-bottom:1px solid rgba(128,128,128,0.35)"
_CELL = (
    f"text-align:left;vertical-align:top;padding:2px 16px 2px 0;{_LINE};color:inherit;"
    "background:transparent;max-width:48em;overflow-wrap:anywhere"
)
_QUIET = "opacity:0.7;font-weight:normal"
_PARAMS = 40  # rows of parameters; a table is to be read
_VALUE = 200  # characters of a value


def study_html(study: StudyView) -> str:
    """Write a study as a table: its trials by state, and the best one.

    Args:
        study: The study.

    Returns:
        HTML.
    """
    table = study.table
    counts = [f"{table.n_in(state):,} {_name(state)}" for state in TrialState if table.n_in(state)]
    rows = [
        ("Objectives" if len(study.directions) > 1 else "Objective", _objectives(study)),
        ("Trials", f"{table.n_trials:,}" + (f" ({', '.join(counts)})" if counts else "")),
    ]
    if len(study.directions) > 1:
        front = len(study.best_trials)
        rows.append(("Pareto front", f"{front:,} {'trial' if front == 1 else 'trials'}"))
    elif table.best is None:
        rows.append(("Best trial", "none yet"))
    else:
        value = table.values[table.best, 0]
        rows.append(("Best trial", f"{table.best} with value {_text(float(value))}"))
    parts = [_heading("Study", study.study_name), _rows(rows)]
    if len(study.directions) == 1 and table.best is not None:
        params = {
            name: distribution.to_external_repr(value)
            for name, (value, distribution) in table.params_of(table.best).items()
        }
        parts.append(_params("Best parameters", params))
    return _box(parts)


def trial_html(trial: FrozenTrial) -> str:
    """Write a trial as a table: state, values, duration, parameters, reports and attributes.

    Args:
        trial: The trial.

    Returns:
        HTML.
    """
    values = trial.values
    rows = [("State", _name(trial.state))]
    if values is not None:
        name = "Value" if len(values) == 1 else "Values"
        rows.append((name, ", ".join(_text(value) for value in values)))
    if trial.datetime_start is not None:
        rows.append(("Started", trial.datetime_start.isoformat(" ", "seconds")))
    if trial.duration is not None:
        rows.append(("Duration", _duration(trial.duration)))
    reports = trial.intermediate_values
    if reports:
        last = max(reports)
        count = f"{len(reports):,} {'report' if len(reports) == 1 else 'reports'}"
        rows.append(("Reported", f"{count}, last {_text(reports[last])} at step {last}"))
    violated = [name for name, value in trial.constraints.items() if value > 0]
    if violated:
        rows.append(("Violates", ", ".join(violated)))
    parts = [_heading("Trial", str(trial.number)), _rows(rows)]
    parts += [_params("Parameters", trial.params)] if trial.params else []
    parts += [_params("Attributes", trial.user_attrs)] if trial.user_attrs else []
    return _box(parts)


def _objectives(study: StudyView) -> str:
    names = study.metric_names or [""] * len(study.directions)
    return ", ".join(
        f"{_verb(direction)} {name}".strip()
        for name, direction in zip(names, study.directions, strict=True)
    )


def _name(state: TrialState) -> str:
    return "failed" if state == TrialState.FAIL else state.name.lower()


def _verb(direction: StudyDirection) -> str:
    return "maximize" if direction == StudyDirection.MAXIMIZE else "minimize"


def _box(parts: Iterable[str]) -> str:
    return f'<div class="steep" style="{_BOX}">{"".join(parts)}</div>'


def _heading(kind: str, name: str) -> str:
    return f'<div><span style="{_QUIET}">{kind}</span> <b>{escape(_cut(name))}</b></div>'


def _rows(rows: Sequence[tuple[str, str]]) -> str:
    body = "".join(
        f'<tr><th scope="row" style="{_CELL};{_QUIET}">{escape(_cut(name))}</th>'
        f'<td style="{_CELL}">{escape(text)}</td></tr>'
        for name, text in rows
    )
    return f'<table style="{_TABLE}"><tbody>{body}</tbody></table>'


def _params(title: str, params: Mapping[str, Any]) -> str:
    rows = [(name, _text(value)) for name, value in params.items()]
    hidden = len(rows) - _PARAMS
    more = f'<div style="{_QUIET}">and {hidden:,} more</div>' if hidden > 0 else ""
    return f'<div style="{_QUIET}">{title}</div>{_rows(rows[:_PARAMS])}{more}'


def _text(value: Any) -> str:
    """Write a value as short as it can be read: six digits of floats, texts as they are."""
    return f"{value:.6g}" if isinstance(value, float) else _cut(str(value))


def _cut(text: str) -> str:
    return text if len(text) <= _VALUE else f"{text[: _VALUE - 1]}…"


def _duration(duration: timedelta) -> str:
    seconds = duration.total_seconds()
    if seconds < 60:
        return f"{seconds:.3g} s"
    return str(timedelta(seconds=round(seconds)))
