"""Carry studies from Optuna to steep and back."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from steep.storages.backend import duplicated
from steep.storages.optuna import journal, kept, rdb
from steep.storages.optuna.place import Place, locate
from steep.storages.optuna.record import Source, Target

__all__ = ["export_optuna", "import_optuna"]


def import_optuna(
    source: str | Path, target: Any, *, study_names: Iterable[str] | None = None
) -> list[str]:
    """Copy studies that Optuna made into a storage of steep.

    Everything comes along: trials in all states under their numbers, parameters, distributions,
    reports, attributes, constraints and times. Optuna need not be installed, and ``source`` is only
    read. Either all of the studies arrive or none.

    Args:
        source: The URL of a database of Optuna 3.0 to 5.0 (SQLite, PostgreSQL, MySQL), or the path
            of a journal file.
        target: The storage, or what ``create_study(storage=...)`` takes.
        study_names: The studies to copy; all if None.

    Returns:
        The names of the studies that were copied.

    Raises:
        DuplicatedStudyError: If ``target`` has a study of one of the names.
        FileNotFoundError: If there is no such file.
        KeyError: If ``source`` has no study of one of the names.
        ValueError: If ``source`` is nothing that Optuna made, or of a version not known here.

    Example:
        >>> import steep
        >>> study = steep.create_study(study_name="tea")
        >>> study.add_trial(steep.create_trial(value=1.0))
        >>> path = getfixture("tmp_path") / "optuna.log"
        >>> export_optuna(study._storage, path)
        ['tea']
        >>> storage = steep.storages.InMemoryStorage()
        >>> import_optuna(path, storage)
        ['tea']
        >>> steep.load_study(study_name="tea", storage=storage).best_value
        1.0
    """
    with _reading(locate(source)) as given, kept.writing(target) as taking:
        return _transfer("import_optuna", given, taking, study_names)


def export_optuna(
    source: Any, target: str | Path, *, study_names: Iterable[str] | None = None
) -> list[str]:
    """Copy studies of a storage of steep to where Optuna reads and continues them.

    The database or journal is made if it is not there, as Optuna 5.0 makes it. One that is there
    gains the studies, and nothing else in it changes. Either all of the studies arrive or none.
    A trial that was deleted leaves a failed one without parameters, so that numbers stay.

    Args:
        source: The storage, or what ``create_study(storage=...)`` takes.
        target: The URL of a database (SQLite, PostgreSQL, MySQL), or the path of a journal file, to
            be opened with ``JournalStorage(JournalFileBackend(path))``. A path that ends in
            ``.db``, ``.sqlite`` or ``.sqlite3`` is an SQLite database.
        study_names: The studies to copy; all if None.

    Returns:
        The names of the studies that were copied.

    Raises:
        DuplicatedStudyError: If ``target`` has a study of one of the names.
        KeyError: If ``source`` has no study of one of the names.
        TypeError: If an attribute or a choice cannot be written as JSON.
        ValueError: If there is something else at ``target``, or of a version not known here.
    """
    with kept.reading(source) as given, _writing(locate(target)) as taking:
        return _transfer("export_optuna", given, taking, study_names)


def _reading(place: Place) -> AbstractContextManager[Source]:
    return rdb.reading(place.where) if place.is_database else journal.reading(Path(place.where))


def _writing(place: Place) -> AbstractContextManager[Target]:
    return rdb.writing(place.where) if place.is_database else journal.writing(Path(place.where))


def _transfer(call: str, source: Source, target: Target, wanted: Iterable[str] | None) -> list[str]:
    names = _chosen(call, source.names(), wanted)
    used = set(target.names())
    for name in names:
        if name in used:
            raise duplicated(name)
    for name in names:
        target.write(source.study(name))
    return names


def _chosen(call: str, names: list[str], wanted: Iterable[str] | None) -> list[str]:
    if wanted is None:
        return names
    if isinstance(wanted, str):
        raise TypeError(f"{call}(study_names={wanted!r}) got a str; give a list: [{wanted!r}].")
    chosen = list(dict.fromkeys(wanted))
    unknown = [name for name in chosen if name not in names]
    if unknown:
        raise KeyError(f"{call}(study_names={chosen}): there is no study {unknown}; found {names}.")
    return chosen
