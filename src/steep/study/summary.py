"""What a storage tells of a study without its trials."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from steep.states import StudyDirection
from steep.trial import FrozenTrial

__all__ = ["StudySummary"]


class StudySummary:
    """Hold the main facts of a study.

    Args:
        study_name: Its name.
        direction: The direction of its only objective, or None with ``directions``.
        best_trial: The best trial of a single objective, or None.
        user_attrs: The attributes of the user.
        n_trials: The number of its trials.
        datetime_start: When its first trial started, in local time, or None.
        study_id: Its id in the storage.
        directions: The directions of several objectives.

    Raises:
        ValueError: Unless exactly one of ``direction`` and ``directions`` is given.
    """

    def __init__(
        self,
        study_name: str,
        direction: StudyDirection | None,
        best_trial: FrozenTrial | None,
        user_attrs: dict[str, Any],
        n_trials: int,
        datetime_start: datetime.datetime | None,
        study_id: int,
        *,
        directions: Sequence[StudyDirection] | None = None,
    ) -> None:
        if (direction is None) == (directions is None):
            raise ValueError("StudySummary() needs one of `direction` and `directions`.")
        self.study_name = study_name
        self.best_trial = best_trial
        self.user_attrs = user_attrs
        self.n_trials = n_trials
        self.datetime_start = datetime_start
        self._study_id = study_id
        self._directions = [direction] if directions is None else list(directions)

    @property
    def direction(self) -> StudyDirection:
        """Give the direction of the only objective; RuntimeError if there are several."""
        if len(self._directions) > 1:
            raise RuntimeError("StudySummary.direction: the study has several; read directions.")
        only = self._directions[0]
        assert only is not None
        return only

    @property
    def directions(self) -> Sequence[StudyDirection | None]:
        """Give one direction for each objective."""
        return self._directions

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, StudySummary):
            return NotImplemented
        return self.__dict__ == other.__dict__

    __hash__ = None  # type: ignore[assignment]  # it holds dictionaries

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, StudySummary):
            return NotImplemented
        return self._study_id < other._study_id

    def __le__(self, other: object) -> bool:
        if not isinstance(other, StudySummary):
            return NotImplemented
        return self._study_id <= other._study_id
