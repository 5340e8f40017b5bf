"""Has the search converged?"""

from __future__ import annotations

import numpy as np

from steep.kernels.volume_history import volume_history
from steep.report.finding import Finding, Floats, Ints, in_finishing_order
from steep.states import StudyDirection
from steep.table import Table
from steep.visualization.scales import number_text

__all__ = ["convergence"]

_LEAST = 20  # trials of which one may say anything
_SMALL = 0.01  # of what was gained in all
_CLOSE = 0.5  # of the spread of the first trials
_MOST_OBJECTIVES = 4  # the volume of more takes too long


def convergence(table: Table) -> Finding | None:
    """Tell whether the best value has stopped improving, and whether the search has closed in.

    The last third of the feasible COMPLETE trials is compared with those before. No improvement
    alone proves little: in a random order of values the best is among the first two thirds with
    probability 2/3. So the spread of the late trials is looked at too.

    Args:
        table: The table of a study.

    Returns:
        The finding; None with fewer than 20 trials, or where all are equally good.
    """
    numbers = in_finishing_order(table)
    losses = np.asarray(table.losses[numbers])
    if len(numbers) < _LEAST or not np.isfinite(losses).any(axis=0).all():
        return None
    if losses.shape[1] == 1:
        return _of_one(table, numbers, losses[:, 0])
    return _of_several(losses) if losses.shape[1] <= _MOST_OBJECTIVES else None


def _of_one(table: Table, numbers: Ints, losses: Floats) -> Finding | None:
    n, cut = len(losses), 2 * len(losses) // 3
    best = np.minimum.accumulate(np.where(np.isnan(losses), np.inf, losses))
    middle = float(np.median(losses))
    whole = middle - best[-1]
    if not (np.isfinite(whole) and whole > 0 and np.isfinite(best[cut - 1])):
        return None
    gained = (best[cut - 1] - best[-1]) / whole
    third = n // 3
    early, late = (float(np.median(part) - best[-1]) for part in (losses[:third], losses[cut:]))
    last = int(numbers[np.flatnonzero(best == best[-1])[0]])
    sign = -1.0 if table.directions[0] == StudyDirection.MAXIMIZE else 1.0
    facts = (
        ("feasible complete trials", n),
        ("best after two thirds", number_text(sign * best[cut - 1])),
        ("best now", number_text(sign * best[-1])),
        ("found by trial", last),
        ("gained in the last third", f"{100 * gained:.2g} %"),
        ("median gap to the best, first third", number_text(early)),
        ("median gap to the best, last third", number_text(late)),
    )
    return _finding(gained, late / early if early > 0 else 1.0, facts)


def _finding(
    gained: float, spread: float, facts: tuple[tuple[str, float | int | str], ...]
) -> Finding:
    share = f"{100 * gained:.2g} %"
    if gained >= _SMALL:
        return Finding(
            "convergence",
            "note",
            "It is still improving",
            f"The last third of the trials brought {share} of the distance between the median "
            "trial and the best one. More trials are likely to find better values.",
            facts,
        )
    stopped = "nothing" if gained == 0 else f"no more than {share} of what was gained in all"
    near = f"{100 * spread:.0f} %"
    if spread <= _CLOSE:
        return Finding(
            "convergence",
            "good",
            "It has converged",
            f"The last third of the trials brought {stopped}, and these trials are {near} as far "
            "from the best as the first third was: the search has closed in. More trials in the "
            "same ranges will hardly pay.",
            facts,
        )
    return Finding(
        "convergence",
        "note",
        "It has stalled",
        f"The last third of the trials brought {stopped}, but these trials are {near} as far from "
        "the best as the first third was: the search has not closed in. That the best of all is "
        "not among the last third happens two times in three by chance alone, so this proves no "
        "convergence. A sampler that learns, or more trials, may still find better values.",
        facts,
    )


def _of_several(losses: Floats) -> Finding | None:
    finite = losses[np.isfinite(losses).all(axis=1)]
    if len(finite) < _LEAST:
        return None
    reference = finite.max(axis=0)
    cut = 2 * len(finite) // 3
    before, now = volume_history(finite, reference, np.array([cut - 1, len(finite) - 1])).tolist()
    if not now > 0:
        return None
    gained = (now - before) / now
    share = f"{100 * gained:.2g} %"
    facts = (
        ("feasible complete trials", len(finite)),
        ("volume after two thirds", number_text(before)),
        ("volume now", number_text(now)),
        ("grown in the last third", share),
    )
    measured = (
        "The volume that the front dominates, measured from the worst value of each objective"
    )
    if gained >= _SMALL:
        text = f"{measured}, grew by {share} in the last third of the trials."
        return Finding("convergence", "note", "The front is still growing", text, facts)
    text = (
        f"{measured}, grew by no more than {share} in the last third of the trials. More trials "
        "may fill the front, but hardly move it."
    )
    return Finding("convergence", "good", "The front has settled", text, facts)
