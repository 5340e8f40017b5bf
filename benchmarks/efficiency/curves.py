"""Draw the mean regret of each family against the number of evaluations."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.efficiency import tasks
from benchmarks.efficiency.results import Results

__all__ = ["draw"]


def draw(results: Results, peers: Sequence[str], half: set[str], path: Path) -> None:
    """Draw one plot a family; a peer is in it if it was run on each task that the others were.

    Args:
        results: The regrets.
        peers: Whom to draw, in the order of the legend.
        half: The tasks that count.
        path: The picture.
    """
    from matplotlib.figure import Figure

    families = [f for f in tasks.FAMILIES if any(_names(results, p, f, half) for p in peers)]
    columns = min(len(families), 3)
    rows = -(-len(families) // columns)
    figure = Figure(figsize=(4.6 * columns, 3.6 * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for axis, family in zip(axes, families, strict=False):
        _draw_family(axis, results, peers, family, half)
    for axis in axes[len(families) :]:
        axis.set_axis_off()
    pairs = [axis.get_legend_handles_labels() for axis in axes]
    found = {
        label: h for handles, labels in pairs for h, label in zip(handles, labels, strict=True)
    }
    figure.legend(
        found.values(), found.keys(), loc="outside lower center", ncols=min(len(found), 5)
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)


def _names(results: Results, peer: str, family: str, half: set[str]) -> set[str]:
    return {n for n in results.tasks(peer) if tasks.family_of(n) == family and n in half}


def _draw_family(
    axis: Any, results: Results, peers: Sequence[str], family: str, half: set[str]
) -> None:
    found = {peer: _names(results, peer, family, half) for peer in peers}
    whole = max(found.values(), key=len)
    for i, peer in enumerate(peers):
        if found[peer] == whole:
            curve = results.curve(peer, sorted(whole))
            style = "-" if peer.startswith("steep") else "--"
            axis.plot(range(1, len(curve) + 1), curve, style, color=f"C{i}", label=peer)
    if not family.startswith(("bbob", "mixint")):  # their regret is a logarithm already
        axis.set_yscale("log")
    axis.set_title(f"{family} ({len(whole)} tasks)")
