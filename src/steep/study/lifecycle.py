"""Create, load, copy, delete and list studies."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from steep import logging
from steep.exceptions import DuplicatedStudyError
from steep.states import StudyDirection
from steep.storages import InMemoryStorage, Storage, get_storage
from steep.study.study import Study
from steep.study.summary import StudySummary
from steep.study.warm_start import known_events, warm_start_events
from steep.trial import FrozenTrial

if TYPE_CHECKING:
    from steep.pruners import BasePruner
    from steep.samplers import BaseSampler

__all__ = [
    "copy_study",
    "create_study",
    "delete_study",
    "get_all_study_names",
    "get_all_study_summaries",
    "load_study",
]

Direction = Literal["minimize", "maximize"] | StudyDirection
_DIRECTIONS: dict[Any, StudyDirection] = {
    "minimize": StudyDirection.MINIMIZE,
    "maximize": StudyDirection.MAXIMIZE,
    StudyDirection.MINIMIZE: StudyDirection.MINIMIZE,
    StudyDirection.MAXIMIZE: StudyDirection.MAXIMIZE,
}
_logger = logging.get_logger(__name__)


def create_study(
    *,
    storage: str | Storage | None = None,
    sampler: BaseSampler | None = None,
    pruner: BasePruner | None = None,
    study_name: str | None = None,
    direction: Direction | None = None,
    load_if_exists: bool = False,
    directions: Sequence[Direction] | None = None,
    warm_start: Study | Sequence[Study] = (),
) -> Study:
    """Create a study.

    Args:
        storage: Where its results are kept; in memory if None.
        sampler: What proposes parameters; an :class:`~steep.samplers.AutoSampler` if None.
        pruner: What stops hopeless trials; an :class:`~steep.pruners.ASHAPruner` if None.
        study_name: Its name, unique in the storage; made up if None.
        direction: "minimize" (the default) or "maximize".
        load_if_exists: Whether to load the study where the storage has one of this name.
        directions: The directions of several objectives.
        warm_start: Studies of the same direction whose trials the search begins with, whatever
            ranges and parameters they have. At most 500 trials of each are copied into the new
            study, as knowledge only: they are not among its trials. :class:`AutoSampler` and
            :class:`GPSampler` use them, as much as the new trials bear them out. Without effect
            where a study is loaded.

    Returns:
        The study.

    Raises:
        DuplicatedStudyError: If the storage has a study of this name.
        ValueError: If the directions are not understood, or those of ``warm_start`` are others.

    Example:
        >>> import steep
        >>> study = steep.create_study(direction="maximize")
        >>> study.optimize(lambda trial: trial.suggest_int("x", 0, 10), n_trials=5)
        >>> len(study.trials)
        5
    """
    parsed = _parse_directions(direction, directions)
    known = warm_start_events(warm_start, parsed)
    kept_in = get_storage(storage)
    try:
        study_id = kept_in.create_new_study(parsed, study_name)
    except DuplicatedStudyError:
        if not load_if_exists:
            raise
        assert study_name is not None, "a made-up name is not in use"
        _logger.info(f"Using the study named {study_name!r} that the storage has already.")
        study_id = kept_in.get_study_id_from_name(study_name)
    else:
        where = "memory" if isinstance(kept_in, InMemoryStorage) else "the storage"
        name = kept_in.get_study_name_from_id(study_id)
        _logger.info(f"A new study created in {where} with name: {name}")
        if known:
            kept_in.append_all(study_id, known)
    name = kept_in.get_study_name_from_id(study_id)
    return Study(study_name=name, storage=kept_in, sampler=sampler, pruner=pruner)


def load_study(
    *,
    study_name: str | None,
    storage: str | Storage,
    sampler: BaseSampler | None = None,
    pruner: BasePruner | None = None,
) -> Study:
    """Load a study.

    Args:
        study_name: Its name; None where the storage has exactly one study.
        storage: Where its results are kept.
        sampler: What proposes parameters; if None, what the study was searched with last.
        pruner: What stops hopeless trials; if None, the one that the study had last.

    Returns:
        The study.

    Raises:
        KeyError: If the storage has no study of this name.
        ValueError: If no name is given and the storage does not have exactly one study.
    """
    kept_in = get_storage(storage)
    if study_name is None:
        names = get_all_study_names(kept_in)
        if len(names) != 1:
            raise ValueError(
                f"load_study(study_name=None) needs a storage with exactly one study; this one "
                f"has {names}. Give one of the names."
            )
        study_name = names[0]
    return Study(study_name=study_name, storage=kept_in, sampler=sampler, pruner=pruner)


def delete_study(*, study_name: str, storage: str | Storage) -> None:
    """Delete a study with all its trials.

    Args:
        study_name: Its name.
        storage: Where its results are kept.

    Raises:
        KeyError: If the storage has no study of this name.
    """
    kept_in = get_storage(storage)
    kept_in.delete_study(kept_in.get_study_id_from_name(study_name))


def copy_study(
    *,
    from_study_name: str,
    from_storage: str | Storage,
    to_storage: str | Storage,
    to_study_name: str | None = None,
) -> None:
    """Copy a study with its attributes, all its trials, and what it began with.

    Args:
        from_study_name: The name of the study.
        from_storage: Where it is kept.
        to_storage: Where the copy is to be kept.
        to_study_name: The name of the copy; the same if None.

    Raises:
        DuplicatedStudyError: If ``to_storage`` has a study of this name.
        KeyError: If ``from_storage`` has no study of this name.
    """
    source = load_study(study_name=from_study_name, storage=from_storage)
    target = create_study(
        study_name=to_study_name or from_study_name,
        storage=to_storage,
        directions=source.directions,
    )
    if known := known_events(source._synced_table()):
        target._storage.append_all(target._study_id, known)
    for key, value in source._storage.get_study_system_attrs(source._study_id).items():
        target._storage.set_study_system_attr(target._study_id, key, value)
    for key, value in source.user_attrs.items():
        target.set_user_attr(key, value)
    target.add_trials(source.trials)


def get_all_study_names(storage: str | Storage) -> list[str]:
    """Give the names of all studies of a storage, in the order of creation.

    Args:
        storage: The storage.

    Example:
        >>> import steep
        >>> get_all_study_names(steep.storages.InMemoryStorage())
        []
    """
    return [study.study_name for study in get_storage(storage).get_all_studies()]


def get_all_study_summaries(
    storage: str | Storage, include_best_trial: bool = True
) -> list[StudySummary]:
    """Give a summary of each study of a storage, in the order of creation.

    Args:
        storage: The storage.
        include_best_trial: Whether the summaries tell the best trial.
    """
    kept_in = get_storage(storage)
    return [
        _summarize(load_study(study_name=study.study_name, storage=kept_in), include_best_trial)
        for study in kept_in.get_all_studies()
    ]


def _summarize(study: Study, include_best_trial: bool) -> StudySummary:
    table = study._synced_table()
    started = table.start[~np.isnan(table.start)]
    directions = study.directions
    return StudySummary(
        study_name=study.study_name,
        direction=directions[0] if len(directions) == 1 else None,
        best_trial=_best_or_none(study) if include_best_trial else None,
        user_attrs=study.user_attrs,
        n_trials=table.n_trials,
        datetime_start=(
            datetime.datetime.fromtimestamp(float(started.min())) if len(started) else None
        ),
        study_id=study._study_id,
        directions=directions if len(directions) > 1 else None,
    )


def _best_or_none(study: Study) -> FrozenTrial | None:
    try:
        return study._storage.get_best_trial(study._study_id)
    except (RuntimeError, ValueError):  # several objectives; no complete trial
        return None


def _parse_directions(direction: Any, directions: Any) -> list[StudyDirection]:
    if direction is not None and directions is not None:
        raise ValueError("create_study() got both `direction` and `directions`; give one of them.")
    if directions is None:
        if isinstance(direction, Iterable) and not isinstance(direction, str):
            raise ValueError(
                f"create_study(direction={direction!r}): for several objectives, give "
                f"directions={direction!r}."
            )
        directions = ["minimize" if direction is None else direction]
    if isinstance(directions, str) or any(d not in _DIRECTIONS for d in directions):
        raise ValueError(
            f"create_study() got the directions {directions!r}; each must be 'minimize' or "
            "'maximize', in a list where there are several."
        )
    if not directions:
        raise ValueError("create_study(directions=[]): a study has at least one objective.")
    return [_DIRECTIONS[d] for d in directions]
