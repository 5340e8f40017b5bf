"""Begin a study with what other studies have found.

The trials of the others become a part of the log (:class:`~steep.events.WarmStart`), so that every
process has them, and they stay what they are when the other studies go on or are deleted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from steep.events import Add, Changes, WarmStart
from steep.states import StudyDirection, TrialState

if TYPE_CHECKING:
    from steep.study.study import Study
    from steep.table import Table

__all__ = ["known_events", "warm_start_events"]

_MOST_TRIALS = 500
"""Of each study. A model of more would be no better, and every process that opens the study reads
them."""


def warm_start_events(
    sources: Study | Sequence[Study], directions: Sequence[StudyDirection]
) -> list[WarmStart]:
    """Make the events that tell a new study what others have found.

    Args:
        sources: The other studies.
        directions: The directions of the new study.

    Returns:
        An event for each study that has COMPLETE trials, with at most 500 of them: the better half
        are its best ones, the others are spread evenly over the rest of its ranks. Trials that
        violate constraints, or whose values are not finite, are left out.

    Raises:
        TypeError: If a source is no study.
        ValueError: If the new study has several objectives, or the direction of a source is
            another one.
    """
    from steep.study.study import Study

    studies = [sources] if isinstance(sources, Study) else list(sources)
    for study in studies:
        if not isinstance(study, Study):
            raise TypeError(
                f"create_study(warm_start=...) takes studies; it got a {type(study).__name__}. "
                "Give what create_study() or load_study() returned."
            )
    if studies and len(directions) > 1:
        raise ValueError(
            f"create_study(warm_start=..., directions=...): a study of {len(directions)} "
            "objectives cannot begin with what others have found; only one of one objective can."
        )
    return [event for study in studies if (event := _event(study, directions)).trials]


def known_events(table: Table) -> list[WarmStart]:
    """Make the events again by which a study was told what others have found.

    Args:
        table: The table of the study.
    """
    return [
        WarmStart(prior.study_name, [_trial(prior, number) for number in range(prior.n)])
        for prior in table.priors
    ]


def _event(study: Study, directions: Sequence[StudyDirection]) -> WarmStart:
    table = study._synced_table()
    if table.directions != list(directions):
        theirs = [direction.name.lower() for direction in table.directions]
        raise ValueError(
            f"create_study(warm_start=...): the study {study.study_name!r} has the directions "
            f"{theirs}, the new one has {[d.name.lower() for d in directions]}. They must be the "
            "same."
        )
    return WarmStart(study.study_name, [_trial(table, number) for number in _chosen(table)])


def _chosen(table: Table) -> list[int]:
    """Choose trials, from the best one on."""
    numbers = table.numbers(TrialState.COMPLETE)
    losses = table.losses[numbers, 0]
    usable = np.isfinite(losses) & (table.violation[numbers] == 0)
    numbers = numbers[usable][np.argsort(losses[usable], kind="stable")]
    return numbers[_places(len(numbers), _MOST_TRIALS)].tolist()  # type: ignore[no-any-return]


def _places(n: int, most: int) -> NDArray[np.intp]:
    """Choose ranks: all of them, or the first ones and others evenly from the rest."""
    if n <= most:
        return np.arange(n)
    n_best = most // 2
    rest = np.linspace(n_best, n - 1, most - n_best).astype(np.intp)
    return np.concatenate([np.arange(n_best), rest])


def _trial(table: Table, number: int) -> Add:
    return Add(
        state=int(TrialState.COMPLETE),
        values=table.values_of(number),
        changes=Changes(params=table.params_of(number)),
    )
