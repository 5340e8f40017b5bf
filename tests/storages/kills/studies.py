"""Studies on a medium, and workers that fall silent."""

from __future__ import annotations

import time
from typing import Any

from storages.kills.herd import wait_until
from storages.media import Medium

import steep
from steep.storages import Storage

RANDOM = steep.samplers.RandomSampler(seed=0)
LONG = 1000.0  # seconds in which no test ends


def create(medium: Medium, name: str = "tea", **options: Any) -> steep.Study:
    return steep.create_study(study_name=name, storage=medium.open(**options), sampler=RANDOM)


def load(medium: Medium, name: str = "tea", **options: Any) -> steep.Study:
    return steep.load_study(study_name=name, storage=medium.open(**options), sampler=RANDOM)


def fall_silent(storage: Storage) -> None:
    """Let a storage send no more heartbeats, as if its process stood still."""
    storage._next_beat = time.monotonic() + LONG


def trial_id(study: steep.Study, number: int) -> int:
    return study._storage.trial_id_of(study._study_id, number)


def reap_until(study: steep.Study, numbers: list[int]) -> None:
    reaped: list[int] = []

    def is_reaped() -> bool:
        reaped.extend(study._storage.reap(study._study_id))
        return reaped == numbers

    wait_until(is_reaped, f"{numbers} are reaped", seconds=20)
