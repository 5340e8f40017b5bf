"""What worker processes do, and the program of their parent; see :mod:`storages.kills.herd`.

Lines of a journal: ``A number`` has asked for a trial, ``T number value`` tell has returned,
``L number`` the trial was taken away, ``P answer`` what should_prune said, ``W text`` a warning,
``E`` has come to its end.
"""

from __future__ import annotations

import base64
import json
import os
import pickle
import random
import signal
import sys
import time
import traceback
import warnings
from pathlib import Path
from typing import Any

import steep

REFUSED = "was taken from this worker"


class Journal:
    """Write lines, each with one call of the system."""

    def __init__(self, path: str) -> None:
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def say(self, *words: Any) -> None:
        os.write(self._fd, (" ".join(map(str, words)) + "\n").encode())


def value_of(x: float) -> float:
    """Give the value of a parameter, so that everybody can check it."""
    return 2 * x + 1


# ---- work: functions of a study, a journal and options -------------------------------------------


def run_until_killed(study: steep.Study, journal: Journal, seconds: float) -> None:
    """Ask, suggest, report and tell for ever."""
    pauses = random.Random(os.getpid())
    while True:
        trial = study.ask()
        journal.say("A", trial.number)
        x = trial.suggest_float("x", 0, 1)
        for step in range(2):
            time.sleep(pauses.uniform(0, seconds))
            trial.report(x, step)
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", message=f".*{REFUSED}")
                trial.should_prune()
        trial.set_user_attr("pid", os.getpid())
        _tell(study, journal, trial, value_of(x))


def _tell(study: steep.Study, journal: Journal, trial: Any, value: float) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        study.tell(trial, value)
    if any(REFUSED in str(one.message) for one in caught):
        journal.say("L", trial.number)
    else:
        journal.say("T", trial.number, repr(value))


def optimize(study: steep.Study, journal: Journal, **limits: Any) -> None:
    """Optimize up to a limit; callbacks run when a trial has been told."""

    def objective(trial: Any) -> float:
        journal.say("A", trial.number)
        return value_of(trial.suggest_float("x", 0, 1))

    def acknowledge(_: Any, trial: Any) -> None:
        journal.say("T", trial.number, repr(trial.value))

    study.optimize(objective, callbacks=[acknowledge], **limits)


def optimize_held(
    study: steep.Study, journal: Journal, total_trials: int, gate: str, held_from: int
) -> None:
    """Optimize up to a total; trials from some number on wait for a file."""

    def objective(trial: Any) -> float:
        journal.say("A", trial.number)
        while trial.number >= held_from and not Path(gate).exists():
            time.sleep(0.005)
        return value_of(trial.suggest_float("x", 0, 1))

    study.optimize(objective, total_trials=total_trials)


def stand_still_in_optimize(study: steep.Study, journal: Journal, gate: str) -> None:
    """Run two trials, the first of which waits for a file."""

    def objective(trial: Any) -> float:
        return _stand_still(journal, trial, gate)

    with _telling_warnings(journal):
        study.optimize(objective, n_trials=2)


def stand_still_with_ask_and_tell(study: steep.Study, journal: Journal, gate: str) -> None:
    """Ask for two trials, the first of which waits for a file, and tell them."""
    with _telling_warnings(journal):
        for _ in range(2):
            trial = study.ask()
            study.tell(trial, _stand_still(journal, trial, gate))


def _stand_still(journal: Journal, trial: Any, gate: str) -> float:
    x = trial.suggest_float("x", 0, 1)
    journal.say("A", trial.number)
    while not Path(gate).exists():
        time.sleep(0.005)
    trial.report(x, 0)
    # What others have done to the trial is known within 0.2 s.
    limit = time.monotonic() + 1.0
    while not (said := trial.should_prune()) and time.monotonic() < limit and trial.number == 0:
        time.sleep(0.01)
    journal.say("P", trial.number, said)
    return value_of(x)


class _telling_warnings(warnings.catch_warnings):  # noqa: N801 - like its base
    """Write warnings into the journal."""

    def __init__(self, journal: Journal) -> None:
        super().__init__()
        self._journal = journal

    def __enter__(self) -> Any:
        super().__enter__()
        warnings.simplefilter("always")
        warnings.showwarning = lambda text, *_, **__: self._journal.say("W", text)


def digest(study: steep.Study, journal: Journal) -> None:
    """Say where this process has read to, and what it sees there."""
    table = study._storage.synced(study._study_id)
    journal.say("D", table.position, seen(study))


def seen(study: steep.Study) -> str:
    """Give a digest of everything that a user sees of a study."""
    import hashlib

    shown = [
        [
            *(t.number, t.state, t.values, t.datetime_start, t.datetime_complete),
            *(sorted(t.params.items()), sorted(t.user_attrs.items()), t.system_attrs),
            list(t.intermediate_values.items()),
        ]
        for t in study.trials
    ]
    return hashlib.sha256(repr(shown).encode()).hexdigest()


# ---- the parent ----------------------------------------------------------------------------------


def _main() -> None:
    import sqlalchemy.dialects.sqlite  # noqa: F401 - once, here

    import steep.storages.journal
    import steep.storages.sql

    steep.logging.set_verbosity(steep.logging.ERROR)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # no zombies
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            _be_worker(json.loads(line))
        print(pid, flush=True)


def _be_worker(order: dict[str, Any]) -> None:
    code = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        warnings.filterwarnings("ignore", message=".*may lose studies")
        journal = Journal(order["path"])
        storage = pickle.loads(base64.b64decode(order["storage"]))
        study = steep.load_study(
            study_name=order["study"],
            storage=storage,
            sampler=steep.samplers.RandomSampler(seed=0),
            pruner=steep.pruners.NopPruner(),
        )
        globals()[order["work"]](study, journal, **order["options"])
        storage.close()
        journal.say("E")
        code = 0
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(code)


if __name__ == "__main__":
    _main()
