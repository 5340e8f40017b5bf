"""What happened, in a sentence and in a few figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from steep.states import StudyDirection, TrialState
from steep.study.best import front_numbers
from steep.visualization.scales import counted, duration_text, local_times, number_text

if TYPE_CHECKING:
    from steep.study.reading import StudyView
    from steep.table import Table

__all__ = ["facts", "objective_names", "sentences"]

_STATES = (
    (TrialState.COMPLETE, "complete"),
    (TrialState.PRUNED, "pruned"),
    (TrialState.FAIL, "failed"),
    (TrialState.RUNNING, "running"),
    (TrialState.WAITING, "waiting"),
)


def objective_names(study: StudyView) -> list[str]:
    """Give a name for each objective.

    Args:
        study: The study.
    """
    if study.metric_names is not None:
        return study.metric_names
    n = len(study.directions)
    return ["value"] if n == 1 else [f"objective {i}" for i in range(n)]


def facts(study: StudyView) -> dict[str, str]:
    """Give the figures at the top of the page, by name.

    Args:
        study: The study.
    """
    table = study.table
    found = {"trial" if table.n_trials == 1 else "trials": f"{table.n_trials:,}"}
    found |= {name: f"{table.n_in(state):,}" for state, name in _STATES if table.n_in(state)}
    if len(study.directions) > 1:
        found["on the front"] = f"{len(front_numbers(table)):,}"
    elif table.best is not None:
        found[f"best {objective_names(study)[0]}"] = number_text(_best_value(table))
    return found


def sentences(study: StudyView) -> str:
    """Tell what happened.

    Args:
        study: The study.
    """
    table = study.table
    if table.n_trials == 0:
        return "The study has no trials yet. There will be something to report once it has run."
    verbs = [
        ("maximize " if d == StudyDirection.MAXIMIZE else "minimize ") + name
        for d, name in zip(study.directions, objective_names(study), strict=True)
    ]
    parts = [f"A search to {' and '.join(verbs)}{_by(table)}: {counted(table.n_trials, 'trial')}"]
    parts[0] += f"{_when(table)}."
    return " ".join([*parts, _result(study)])


def _by(table: Table) -> str:
    names = [
        table.configs[role]["class"] for role in ("sampler", "pruner") if role in table.configs
    ]
    return f", by {' and '.join(name.rpartition(':')[2] for name in names)}" if names else ""


def _when(table: Table) -> str:
    start, end = table.start[np.isfinite(table.start)], table.complete
    end = end[np.isfinite(end)]
    if len(start) == 0:
        return ""
    first = str(local_times(start.min(keepdims=True))[0])[:16].replace("T", " ")
    span = float(end.max() - start.min()) if len(end) else 0.0
    return (f" in {duration_text(span)}" if span >= 1.0 else "") + f", begun {first}"


def _result(study: StudyView) -> str:
    table = study.table
    n_complete = table.n_in(TrialState.COMPLETE)
    if n_complete == 0:
        others = [f"{table.n_in(s):,} {name}" for s, name in _STATES if table.n_in(s)]
        return f"None is complete ({', '.join(others)}), so there is no result yet."
    n_feasible = int((table.violation[table.numbers(TrialState.COMPLETE)] <= 0).sum())
    if n_feasible == 0:
        return f"All {n_complete:,} complete trials break a constraint, so there is no best one."
    if len(study.directions) > 1:
        n_front = len(front_numbers(table))
        return (
            f"{counted(n_front, 'trial')} of {n_feasible:,} feasible ones "
            f"{'is' if n_front == 1 else 'are'} on the Pareto front: no other is better in "
            "everything."
        )
    assert table.best is not None, "a feasible trial is complete"
    value, name = number_text(_best_value(table)), objective_names(study)[0]
    return f"The best {name}, {value}, was reached by trial {table.best:,}."


def _best_value(table: Table) -> float:
    assert table.best is not None, "asked for where there is one"
    return float(table.values[table.best, 0])
