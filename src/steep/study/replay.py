"""Check that every suggestion of a study follows from the history that its sampler saw.

The log says of each sampled parameter up to which position the sampler knew it, and how the study
was searched; random numbers follow from (seed, number of the trial). So each suggestion can be
made again: fold the log up to that position, and ask the recorded sampler.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from steep.distributions import BaseDistribution
from steep.events import Configure, CreateStudy, Event, Finish, Update
from steep.samplers import BaseSampler
from steep.storages import InMemoryStorage
from steep.study.config import build
from steep.trial import FrozenTrial
from steep.trial.redraws import REDRAWS

if TYPE_CHECKING:
    from steep.study.study import Study

__all__ = ["Replay", "Suggestion", "replay"]


class Suggestion(NamedTuple):
    """Say what a sampler suggested.

    Attributes:
        number: The trial.
        name: The parameter.
        value: The value in internal representation.
        distribution: What it was drawn from.
        seen: The position up to which the sampler knew the log.
        redraws: How often the trial had been drawn again.
    """

    number: int
    name: str
    value: float
    distribution: BaseDistribution
    seen: int
    redraws: int = 0


@dataclass
class Replay:
    """Say how far a study could be made again.

    Attributes:
        confirmed: How many suggestions came out the same.
        differing: The suggestions that no recorded sampler makes at their place.
        skipped: How many sampled parameters could not be checked: they were suggested by a
            sampler that cannot be made again from the log.
    """

    confirmed: int = 0
    differing: list[Suggestion] = field(default_factory=list)
    skipped: int = 0

    def __bool__(self) -> bool:
        return not self.differing


def replay(study: Study) -> Replay:
    """Make every suggestion of a study again; see ``Study.replay``."""
    log = study._storage.read_log(study._study_id)
    result = Replay()
    shadow = _Shadow(log[0], result)
    suggestions = sorted(_suggestions(log), key=lambda s: s.seen)  # stable: as they were made
    following = iter(suggestions)
    due = next(following, None)
    for position, event in enumerate(log, start=1):
        shadow.fold(event)
        while due is not None and due.seen <= position:
            shadow.check(due)
            due = next(following, None)
    return result


def _suggestions(log: Iterable[Event]) -> Iterator[Suggestion]:
    redraws: dict[int, int] = {}
    for event in log:
        if isinstance(event, Update | Finish):
            number = event.number
            redraws[number] = event.changes.system_attrs.get(REDRAWS, redraws.get(number, 0))
            for name, position in event.changes.seen.items():
                value, distribution = event.changes.params[name]
                yield Suggestion(number, name, value, distribution, position, redraws[number])


class _ShadowStorage(InMemoryStorage):
    """Let drafts tell a sampler what their trial has chosen, and keep them out of the table.

    What was flushed when the suggestion was made stands in the log already.
    """

    def flush(self, study_id: int) -> None:
        pass


class _Shadow:
    """A study in memory that lives through the same events."""

    def __init__(self, created: Event, result: Replay) -> None:
        from steep.study.study import Study

        assert isinstance(created, CreateStudy), "every log begins so"
        self._result = result
        self._storage = _ShadowStorage()
        self._storage.create(created)
        self._study = Study(created.name, self._storage)
        self._table = self._study.table
        self._samplers: list[BaseSampler | None] = []
        self._relative: dict[tuple[int, int, int], Mapping[str, Any]] = {}

    def fold(self, event: Event) -> None:
        if isinstance(event, CreateStudy):
            return
        if isinstance(event, Configure) and event.role == "sampler":
            self._samplers.insert(0, build("sampler", event.config))
        self._table.apply(event)

    def check(self, made: Suggestion) -> None:
        trial_id = self._storage.trial_id_of(self._study._study_id, made.number)
        draft = self._storage.draft_of(trial_id)
        if made.redraws > self._study.redraws.get(made.number, 0):
            draft.draw_anew()
            self._study.redraws[made.number] = made.redraws
        outcomes = [
            self._follows(index, sampler, made)
            for index, sampler in enumerate(self._samplers)
            if sampler is not None
        ]
        if any(outcomes):
            self._result.confirmed += 1
        elif len(outcomes) < len(self._samplers):
            self._result.skipped += 1
        else:
            self._result.differing.append(made)
        draft.params[made.name] = (made.value, made.distribution)

    def _follows(self, index: int, sampler: BaseSampler, made: Suggestion) -> bool:
        """Tell whether a sampler makes this suggestion here.

        What the sampler keeps beside the table may differ from what it was in the process that
        made the suggestion, which ran other trials; so it may also start from the table alone.
        """
        if self._value(index, sampler, made) == made.value:
            return True
        with self._table.without_memo():
            self._relative.pop((index, made.number, made.redraws), None)
            return self._value(index, sampler, made) == made.value

    def _value(self, index: int, sampler: BaseSampler, made: Suggestion) -> float:
        study, distribution = self._study, made.distribution
        trial = FrozenTrial.lazy(made.number, study.read_fields)
        relative = self._relative.get((index, made.number, made.redraws))
        if relative is None:
            sampler.before_trial(study, trial)
            space = sampler.infer_relative_search_space(study, trial)
            relative = sampler.sample_relative(study, trial, space)
            self._relative[index, made.number, made.redraws] = relative
        if made.name in relative:
            value = distribution.to_internal_repr(relative[made.name])
            if distribution.contains(value):
                return value
        value = sampler.sample_independent(study, trial, made.name, distribution)
        return distribution.to_internal_repr(value)
