"""Names that Optuna is going to drop still work, and warn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .harness import differential


@differential
@pytest.mark.parametrize("lock", ["JournalFileOpenLock", "JournalFileSymlinkLock"])
def test_parts_of_a_journal(lib: Any, lock: str, tmp_path: Path) -> Any:
    path, storages = str(tmp_path / lib.__name__), lib.storages
    study = lib.create_study(
        storage=storages.JournalStorage(
            storages.JournalFileStorage(path, lock_obj=getattr(storages, lock)(path))
        )
    )
    study.add_trial(lib.create_trial(value=1.0))
    return len(study.trials)


@differential
def test_the_backend_of_redis(lib: Any) -> Any:
    made = lib.storages.JournalRedisStorage("redis://localhost")
    return isinstance(made, lib.storages.journal.JournalRedisBackend)


@differential
def test_the_callback_that_retries(lib: Any) -> Any:
    made = lib.storages.RetryFailedTrialCallback(max_retry=1)
    retry = lib.storages.RetryHeartbeatStaleTrialCallback
    trials = [lib.trial.create_trial(value=1.0, system_attrs={"failed_trial": 3})]
    return isinstance(made, retry), [made.retried_trial_number(trial) for trial in trials]


@differential
@pytest.mark.parametrize("name", ["JournalFileOpenLock", "JournalFileSymlinkLock"])
def test_the_newer_names_do_not_warn(lib: Any, name: str, tmp_path: Path) -> Any:
    lock = getattr(lib.storages.journal, name)(str(tmp_path / lib.__name__))
    return lock.acquire()
