"""How much did pruning save?"""

from __future__ import annotations

import numpy as np

from steep.report.finding import Finding, Ints, counted_trials
from steep.states import TrialState
from steep.table import Table
from steep.visualization.scales import duration_text, number_text

__all__ = ["savings"]

_LEAST = 10  # trials that reported


def savings(table: Table) -> Finding | None:
    """Tell how many steps, and how much time, pruning has saved.

    A pruned trial is taken to have gone on as long as the median COMPLETE one.

    Args:
        table: The table of a study.

    Returns:
        The finding; None where fewer than ten trials reported, or none of them is COMPLETE.
    """
    numbers, lengths = np.unique(table.reports.flat()[0], return_counts=True)
    state = table.state[numbers]
    full, cut = lengths[state == TrialState.COMPLETE], lengths[state == TrialState.PRUNED]
    if len(numbers) < _LEAST or len(full) == 0 or full.max() < 2:
        return None
    if len(cut) == 0:
        text = (
            f"{counted_trials(len(numbers))} reported up to {int(full.max()):,} times, and none "
            "was pruned. Either the objective does not ask trial.should_prune(), or the pruner "
            "found no reason."
        )
        return Finding("pruning", "note", "Nothing was pruned", text, (("pruned", 0),))
    length = float(np.median(full))
    saved, made = float(np.maximum(0.0, length - cut).sum()), float(lengths.sum())
    share = 100 * saved / (saved + made)
    time = _time(table, numbers[state == TrialState.PRUNED])
    title = f"Pruning saved {share:.0f} % of the steps"
    text = (
        f"{len(cut):,} of {counted_trials(len(numbers))} were pruned, after "
        f"{number_text(float(np.median(cut)))} of {number_text(length)} reports in the median. "
        f"Without pruning there would have been {saved:,.0f} reports more than the {made:,.0f} "
        f"that were made{time}."
    )
    facts = (
        ("pruned", f"{len(cut):,} of {len(numbers):,}"),
        ("reports made", int(made)),
        ("reports saved", round(saved)),
        ("median reports of a complete trial", number_text(length)),
    )
    return Finding("pruning", "good" if share >= 10 else "note", title, text, facts)


def _time(table: Table, pruned: Ints) -> str:
    """Say how long the pruned trials would have run on, where that is known."""
    took = table.complete - table.start
    full = took[table.numbers(TrialState.COMPLETE)]
    full, cut = full[np.isfinite(full)], took[pruned][np.isfinite(took[pruned])]
    if len(full) == 0 or len(cut) == 0:
        return ""
    seconds = float(np.maximum(0.0, np.median(full) - cut).sum())
    return f", about {duration_text(seconds)} of running time" if seconds >= 1.0 else ""
