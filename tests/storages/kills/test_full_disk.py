"""A disk that is full: the user hears of it, what was acknowledged is kept, the study goes on."""

from __future__ import annotations

import contextlib
import resource
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from storages.media import SHARED, Medium

import steep
from steep.exceptions import StorageInternalError
from steep.trial import TrialState

RANDOM = steep.samplers.RandomSampler(seed=0)
COMPLETE, RUNNING = TrialState.COMPLETE, TrialState.RUNNING
SIZE, BALLAST = 1 << 20, 256 << 10
NOTE = "n" * 4000  # so large that it is a result that finds no room, and no question

MakeRoom = Callable[[], None]


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[tuple[Path, MakeRoom]]:
    """Give a folder on a small file system, and what makes room there."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "none", str(folder)]
    mounted = subprocess.run(command, capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("only root may mount a small file system")
    ballast = folder / "ballast"
    try:
        ballast.write_bytes(bytes(BALLAST))
        yield folder, ballast.unlink
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextlib.contextmanager
def small_files(folder: Path) -> Iterator[tuple[Path, MakeRoom]]:
    """Let files grow no further than to some size; Python ignores the signal."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def limit(size: int) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))

    limit(SIZE)
    try:
        yield folder, lambda: limit(before[0])
    finally:
        limit(before[0])


DISKS = {"a small disk": small_disk, "small files": small_files}


def fill(study: steep.Study, told: list[tuple[int, float | None]]) -> Any:
    """Run trials until the disk is full; give the one that could not be told, or None."""
    trial = None
    with contextlib.suppress(StorageInternalError):
        while True:
            trial = None
            trial = study.ask()
            x = trial.suggest_float("x", 0, 1)
            trial.set_user_attr("note", NOTE)
            study.tell(trial, x)
            told.append((trial.number, x))
    return trial


def open_study(medium: Medium) -> steep.Study:
    return steep.load_study(study_name="tea", storage=medium.open(), sampler=RANDOM)


@pytest.mark.parametrize("disk", DISKS)
@pytest.mark.parametrize("kind", ["file", "sqlite"])
def test_a_full_disk_is_told_and_the_study_goes_on_when_there_is_room(
    kind: str, disk: str, tmp_path: Path
) -> None:
    with DISKS[disk](tmp_path) as (folder, make_room), SHARED[kind](folder) as medium:
        study = steep.create_study(study_name="tea", storage=medium.open(), sampler=RANDOM)
        told: list[tuple[int, float | None]] = []
        trial = fill(study, told)
        with pytest.raises(StorageInternalError, match="space|full|large|I/O") as caught:
            study.ask() if trial is None else study.tell(trial, 1.0)  # still
        assert str(folder) in str(caught.value)
        assert len(told) > 5
        kept = [(t.number, t.value) for t in open_study(medium).get_trials(states=(COMPLETE,))]
        assert kept == told

        make_room()
        if trial is not None:
            again = study.tell(trial, 1.0)
            assert again.state == COMPLETE
            assert again.user_attrs == {"note": NOTE}
            assert list(again.params) == ["x"]
        study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=3)
        trials = open_study(medium).trials
        assert [t.number for t in trials] == list(range(len(trials)))
        assert [(t.number, t.value) for t in trials[: len(told)]] == told
        assert {t.state for t in trials} == {COMPLETE}
        assert study.trials == trials
