"""The records: those in the repository, those of this machine, and what they say of each peer."""

from __future__ import annotations

import json
import lzma
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.efficiency import tasks
from benchmarks.efficiency.runs import trace
from benchmarks.shared import Record, read

__all__ = ["FRESH", "KEPT", "Results", "keep", "read_results", "update_reference"]

FRESH = Path(__file__).parent.parent.parent / "build" / "efficiency"
KEPT = Path(__file__).parent / "results"


class Results:
    """Regrets by peer, task and seed.

    Args:
        records: The records; of two of the same run the later one counts.
        evaluations: How many evaluations are looked at; shorter runs are left out.
    """

    def __init__(self, records: Iterable[Record], evaluations: int) -> None:
        self.evaluations = evaluations
        self._runs: dict[str, dict[str, dict[int, NDArray[np.float64]]]] = defaultdict(dict)
        for record in records:
            if record["n"] >= evaluations:
                best = trace(record)[:evaluations]
                of_task = self._runs[record["peer"]].setdefault(record["task"], {})
                of_task[record["seed"]] = tasks.scorer(record["task"], best)

    @property
    def peers(self) -> list[str]:
        """Give the peers that have been run."""
        return list(self._runs)

    def tasks(self, peer: str) -> list[str]:
        """Give the tasks that a peer has been run on."""
        return list(self._runs.get(peer, {}))

    def runs(self, peer: str, task: str) -> dict[int, NDArray[np.float64]]:
        """Give the regret after each evaluation, by seed: (evaluations,) float64 each."""
        return self._runs.get(peer, {}).get(task, {})

    def curve(self, peer: str, names: Sequence[str]) -> NDArray[np.float64]:
        """Give the mean regret over tasks, after each evaluation."""
        means = [np.mean(list(self.runs(peer, name).values()), axis=0) for name in names]
        found: NDArray[np.float64] = np.mean(means, axis=0)
        return found


def read_results(folders: Sequence[Path] = (KEPT, FRESH)) -> list[Record]:
    """Read all records of some folders, packed ones and others."""
    found: list[Record] = []
    for folder in folders:
        for path in sorted(folder.glob("*.jsonl.xz")):
            with lzma.open(path, "rt", encoding="utf-8") as file:
                found += [json.loads(line) for line in file]
        found += read(sorted(folder.glob("*.jsonl")))
    return found


def keep(fresh: Path = FRESH, kept: Path = KEPT) -> int:
    """Pack the records of this machine into the repository, beside those it has.

    Returns:
        How many there are now.
    """
    runs = {_key(record): record for record in read_results((kept, fresh))}
    kept.mkdir(exist_ok=True)
    with lzma.open(kept / "records.jsonl.xz", "wt", encoding="utf-8", preset=9) as file:
        for _, record in sorted(runs.items()):
            file.write(json.dumps(record) + "\n")
    return len(runs)


def _key(record: Record) -> tuple[str, str, int, int]:
    return record["peer"], record["task"], record["seed"], record["n"]


def update_reference() -> None:
    """Write the least and the median loss of each model into `reference.json`.

    The median is that of 100 random configurations, the least that of anything on record, now or
    at an earlier call.
    """
    from benchmarks.efficiency import models
    from benchmarks.efficiency.peers.uniform import Adapter

    references = {}
    earlier = json.loads(models.REFERENCE.read_text())
    records = read_results()
    for name in models.names("models"):
        task = models.load("models", name, 0)
        adapter = Adapter(task.space, 1000, 1, 100)
        losses = [task.evaluate(adapter.ask())[0] for _ in range(100)]
        reached = [r["trace"][-1][1] for r in records if r["task"] == f"models/{name}"]
        least = [earlier[name][0]] if name in earlier else []
        references[name] = [min([*losses, *reached, *least]), float(np.median(losses))]
    models.REFERENCE.write_text(json.dumps(references, indent=1) + "\n")
