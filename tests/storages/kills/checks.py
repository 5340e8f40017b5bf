"""What must be true of a study whose workers were killed, whatever happened in between."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from storages.kills.herd import Herd
from storages.kills.work import value_of

import steep
from steep.events import Add, Ask, Claim, Finish, Reap
from steep.table import Table
from steep.trial import TrialState

__all__ = ["History", "check_acknowledged", "check_history"]


@dataclass
class History:
    """What took effect on each trial, read off the log event by event."""

    starts: Counter[int] = field(default_factory=Counter)
    ends: Counter[int] = field(default_factory=Counter)
    reaped_at: dict[int, float] = field(default_factory=dict)
    retries: dict[int, int] = field(default_factory=dict)
    """The number of the retry by that of the trial that was lost."""
    table: Table = field(default_factory=Table)

    @classmethod
    def of(cls, study: steep.Study) -> History:
        """Read the log of a study."""
        history = cls()
        for event in study._storage.read_log(study._study_id):
            history._take(event)
        return history

    def _take(self, event: Any) -> None:
        made = self.table.n
        result = self.table.apply(event)
        if isinstance(event, Ask) and result is not None:
            self.starts[result] += 1
        elif isinstance(event, Claim) and result:
            self.starts[event.number] += 1
        elif isinstance(event, Finish) and result:
            self.ends[event.number] += 1
        elif isinstance(event, Reap) and result:
            self.ends[event.number] += 1
            self.reaped_at[event.number] = event.time
            if event.retry is not None:
                self.retries[event.number] = made
        elif not isinstance(event, Add):
            assert self.table.n == made, f"{event} made a trial"


def check_acknowledged(study: steep.Study, herd: Herd) -> int:
    """Check that each result whose ``tell`` returned is there; give how many there are."""
    trials = study.trials
    acknowledged = herd.said("T")
    for number, value in acknowledged:
        trial = trials[int(number)]
        assert trial.state == TrialState.COMPLETE
        assert repr(trial.value) == value
        assert trial.value == value_of(trial.params["x"])
    assert len({number for number, _ in acknowledged}) == len(acknowledged), "told twice"
    return len(acknowledged)


def check_history(study: steep.Study, herd: Herd, enqueued: list[float]) -> History:
    """Check that numbers have no gaps, and that each trial has one owner and one end.

    Args:
        study: The study, whose first trials were lined up.
        herd: Those who worked for it.
        enqueued: The parameter of each lined-up trial.
    """
    history, trials = History.of(study), study.trials
    assert [trial.number for trial in trials] == list(range(len(trials)))
    assert set(history.starts.values()) <= {1}, "a trial was started twice"
    assert set(history.ends.values()) <= {1}, "a trial ended twice"
    asked = Counter(int(number) for (number,) in herd.said("A"))
    assert set(asked.values()) <= {1}, "two workers were given the same trial"
    assert asked.keys() <= history.starts.keys()
    for number, x in enumerate(enqueued):
        trial = trials[number]
        assert trial.system_attrs["fixed_params"] == {"x": x}
        assert trial.params.get("x", x) == x
    for trial in trials:
        fixed = trial.system_attrs.get("fixed_params", {})
        assert not fixed or trial.params.get("x", fixed.get("x")) == fixed.get("x")
        assert trial.state.is_finished() == (history.ends[trial.number] == 1)
    _check_retries(trials, history)
    return history


def _check_retries(trials: list[Any], history: History) -> None:
    found = {
        trial.system_attrs["retry_history"][-1]: trial.number
        for trial in trials
        if "retry_history" in trial.system_attrs
    }
    n_retries = sum("retry_history" in trial.system_attrs for trial in trials)
    assert len(found) == n_retries, "a lost trial was retried twice"
    assert found == history.retries
    for number in history.reaped_at:
        assert trials[number].state == TrialState.FAIL
