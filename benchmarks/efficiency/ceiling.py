"""How often could a peer win at all that knew beforehand where a table is good?

Near their optimum the tables are rough: neighbours differ by more than what separates good points
from the best. That part cannot be learnt, only drawn. So here a peer is told what can be learnt,
the loss of each point as a forest expects it from all other points of the table, and spends its
evaluations at random among the best few percent by that. Its share of wins is what a peer would
have that needed no evaluation to learn the table.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.efficiency import tasks
from benchmarks.efficiency.results import Results
from benchmarks.efficiency.tables import Table

__all__ = ["ceiling", "wins_of_the_informed"]

Vector = NDArray[np.float64]

_REPEATS = 400


def ceiling(
    results: Results, base: str, names: Sequence[str], shares: Sequence[float], n: int
) -> str:
    """Write a table in Markdown: for each task how often the informed peer wins.

    Args:
        results: The regrets.
        base: The peer that it is compared with.
        names: Tables.
        shares: Shares of the points of a table among which evaluations are spent.
        n: How many evaluations there are.
    """
    head = ["task", base, *[f"best {share:.1%}" for share in shares]]
    lines, rows = [head, ["---"] * len(head)], []
    for name in names:
        task = tasks.load(name, 0)
        assert isinstance(task, Table), "only these are known at every point"
        theirs = np.array([run[n - 1] for run in results.runs(base, name).values()])
        true = tasks.scorer(name, task.losses)
        rows.append(wins_of_the_informed(true, expected(task), theirs, shares, n))
        lines.append([name, f"{theirs.mean():.2f}", *[f"{share:.2f}" for share in rows[-1]]])
    lines.append(["mean", "", *[f"{share:.2f}" for share in np.mean(rows, axis=0)]])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def expected(table: Table) -> Vector:
    """Give the loss of each point as a forest of 200 trees expects it from the others: (m,)."""
    from sklearn.ensemble import RandomForestRegressor

    points = np.indices(table.shape).reshape(len(table.shape), -1).T
    losses = table.losses
    # What is worse than the median need not be told apart.
    losses = np.fmin(losses, np.nanmedian(losses))
    forest = RandomForestRegressor(200, max_features=0.6, oob_score=True, random_state=0)
    found: Vector = forest.fit(points, losses).oob_prediction_
    return found


def wins_of_the_informed(
    true: Vector, known: Vector, theirs: Vector, shares: Sequence[float], n: int
) -> list[float]:
    """Give how often the best of n points is better than what others reached, ties half.

    Args:
        true: (m,) the regret of each point.
        known: (m,) what is known of it beforehand.
        theirs: (s,) the regrets that others reached.
        shares: Shares of all points, the best by what is known, among which n are drawn.
        n: How many are drawn.
    """
    rng, order = np.random.default_rng(0), np.argsort(known, kind="stable")
    found = []
    for share in shares:
        among = order[: max(round(share * len(order)), n)]
        best = np.array([true[rng.choice(among, n, replace=False)].min() for _ in range(_REPEATS)])
        won = (best[:, None] < theirs) + 0.5 * (best[:, None] == theirs)
        found.append(float(won.mean()))
    return found
