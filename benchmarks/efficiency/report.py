"""Compare peers: mean regret of each family, and how often one beats another.

Peers are paired over seeds: only tasks and seeds that both have count. A win is a seed whose regret
is smaller than that of the base peer, a tie is half a win. Intervals are of a bootstrap that draws
tasks anew, and within each the seeds.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.efficiency import tasks
from benchmarks.efficiency.results import Results

__all__ = ["bootstrap", "family_report", "report", "wins"]

Groups = list[NDArray[np.float64]]


def report(results: Results, base: str, checkpoints: Sequence[int], half: set[str]) -> str:
    """Write tables in Markdown, one a family.

    Args:
        results: The regrets.
        base: The peer that the others are compared with.
        checkpoints: Numbers of evaluations.
        half: The tasks that count.
    """
    lines: list[str] = []
    for family in tasks.FAMILIES:
        lines += family_report(results, base, checkpoints, family, half)
    return "\n".join(lines)


def family_report(
    results: Results, base: str, checkpoints: Sequence[int], family: str, half: set[str]
) -> list[str]:
    """Write the lines of one family; none where nobody has been run on it."""
    rows = []
    for peer in results.peers:
        names = [n for n in results.tasks(peer) if tasks.family_of(n) == family and n in half]
        # A mean over other tasks than those of the base peer would say nothing.
        names = [n for n in names if results.runs(base, n)]
        if names:
            rows.append(_row(results, peer, base, checkpoints, names))
    if not rows:
        return []
    heads = [f"regret at {n}" for n in checkpoints]
    heads += [f"{base}, paired" for _ in checkpoints[-1:]] + [f"wins at {n}" for n in checkpoints]
    head = ["peer", "tasks × seeds", *heads]
    return [f"\n### {family}\n", _line(head), _line(["---"] * len(head)), *map(_line, rows)]


def _row(
    results: Results, peer: str, base: str, checkpoints: Sequence[int], names: list[str]
) -> list[str]:
    n_runs = sum(len(results.runs(peer, name)) for name in names)
    curve = results.curve(peer, names)
    cells = [peer, f"{len(names)} × {n_runs / len(names):.3g}"]
    cells += [f"{curve[n - 1]:.2f}" for n in checkpoints]
    if peer == base:
        return [*cells, "", *["" for _ in checkpoints]]
    cells.append(_paired_mean(results, peer, base, names))
    for n in checkpoints:
        groups = wins(results, peer, base, names, n)
        cells.append("–" if not groups else "{:.2f} [{:.2f}, {:.2f}]".format(*bootstrap(groups)))
    return cells


def _paired_mean(results: Results, peer: str, base: str, names: list[str]) -> str:
    """Give the regret of the base peer on the very runs that this peer has."""
    means = []
    for name in names:
        ours, theirs = results.runs(peer, name), results.runs(base, name)
        common = sorted(ours.keys() & theirs.keys())
        if common:
            means.append(np.mean([theirs[seed][-1] for seed in common]))
    return f"{np.mean(means):.2f}" if means else "–"


def wins(results: Results, peer: str, base: str, names: Sequence[str], n: int) -> Groups:
    """Give, for each task that both have, 1 for a won seed, ½ for a tie and 0 for a lost one."""
    groups = []
    for name in names:
        ours, theirs = results.runs(peer, name), results.runs(base, name)
        pairs = [(ours[s][n - 1], theirs[s][n - 1]) for s in sorted(ours.keys() & theirs.keys())]
        if pairs:
            groups.append(np.array([float(a < b) + 0.5 * float(a == b) for a, b in pairs]))
    return groups


def bootstrap(groups: Groups, resamples: int = 5000) -> tuple[float, float, float]:
    """Give the mean over tasks of the means over seeds, with a 95% interval.

    Args:
        groups: For each task the values of its seeds.
        resamples: How often tasks, and seeds within each, are drawn anew.

    Example:
        >>> bootstrap([np.array([1.0, 1.0]), np.array([0.0, 0.0])])
        (0.5, 0.0, 1.0)
    """
    rng = np.random.default_rng(0)
    # For each task the means that its seeds would give if they were drawn anew.
    drawn = np.stack(
        [g[rng.integers(len(g), size=(resamples, len(g)))].mean(axis=1) for g in groups]
    )
    chosen = rng.integers(len(groups), size=(resamples, len(groups)))
    means = drawn[chosen, np.arange(resamples)[:, None]].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(np.mean([g.mean() for g in groups])), float(low), float(high)


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
