"""How a row of a table becomes the fields of a :class:`~steep.trial.frozen.FrozenTrial`."""

from __future__ import annotations

import copy
import datetime
import weakref
from collections.abc import Callable
from typing import Any

from steep.states import TrialState
from steep.table import Table

__all__ = ["Fields", "Listing", "fields_of_row"]

Fields = dict[str, Any]

_STATES = list(TrialState)  # by value; calling the class takes longer


class Listing:
    """Read the rows of a table as they stood when it was made, whatever is edited later.

    The row of a finished trial changes only by an edit, and before an edit the table lets its
    listings keep the row. So any field may be read at any time, alone or with the others.

    Args:
        table: The table of the study.
        first_id: The ``trial_id`` of trial 0.

    Example:
        >>> import steep
        >>> study = steep.create_study()
        >>> _ = study.add_trial(steep.create_trial(value=4.0))
        >>> listing = Listing(study.table, 0)
        >>> _ = study.amend_trial(0, value=3.0)
        >>> listing.read_one(0, "_values"), study.trials[0].value
        ([4.0], 3.0)
    """

    def __init__(self, table: Table, first_id: int) -> None:
        self._table = table
        self._first_id = first_id
        self._kept: dict[int, Fields] = {}
        table.listings.add(self)

    def keep(self, number: int) -> None:
        """Keep a row that is about to be edited.

        Args:
            number: The number of the trial.
        """
        if number not in self._kept:
            self._kept[number] = fields_of_row(self._table, number, self._first_id | number)

    def read(self, number: int) -> Fields:
        """Read the fields of a trial.

        Args:
            number: The number of the trial.

        Returns:
            What a :class:`~steep.trial.frozen.FrozenTrial` keeps, by attribute.
        """
        if number not in self._kept:
            try:
                fields = fields_of_row(self._table, number, self._first_id | number)
            except LookupError:  # another thread was just editing the row, and has kept it
                return self._kept[number]
            return self._kept.get(number, fields)  # or has edited it meanwhile
        return self._kept[number]

    def read_one(self, number: int, name: str) -> Any:
        """Read one field of a trial.

        Args:
            number: The number of the trial.
            name: The attribute of :class:`~steep.trial.frozen.FrozenTrial` that keeps it.

        Raises:
            KeyError: If there is none of this name.
        """
        if number in self._kept or name not in _FIELDS:
            return self.read(number)[name]
        try:
            field = _FIELDS[name](self._table, number)
        except LookupError:  # see above
            return self._kept[number][name]
        return self._kept[number][name] if number in self._kept else field


def fields_of_row(table: Table, number: int, trial_id: int) -> Fields:
    """Read the fields of a trial from its row.

    Args:
        table: The table of the study.
        number: The number of the trial.
        trial_id: The number of the trial in its storage.

    Returns:
        What a :class:`~steep.trial.frozen.FrozenTrial` keeps, by attribute.
    """
    params = table.params_of(number)  # once for both fields
    return {
        "number": number,
        "state": _state(table, number),
        "_values": table.values_of(number),
        "datetime_start": _start(table, number),
        "datetime_complete": _complete(table, number),
        "params": {n: d.to_external_repr(value) for n, (value, d) in params.items()},
        "distributions": {n: d for n, (_, d) in params.items()},
        "user_attrs": _user_attrs(table, number),
        "system_attrs": _system_attrs(table, number),
        "intermediate_values": _reports(table, number),
        "_trial_id": trial_id,
        "_table": weakref.ref(table),  # for `explain`; a trial does not keep its study alive
    }


def _state(table: Table, number: int) -> TrialState:
    return _STATES[table.state_of(number)]


def _start(table: Table, number: int) -> datetime.datetime | None:
    return _local_time(table.start[number])


def _complete(table: Table, number: int) -> datetime.datetime | None:
    return _local_time(table.complete[number])


def _local_time(seconds: float) -> datetime.datetime | None:
    return None if seconds != seconds else datetime.datetime.fromtimestamp(float(seconds))


def _params(table: Table, number: int) -> dict[str, Any]:
    return {n: d.to_external_repr(value) for n, (value, d) in table.params_of(number).items()}


def _distributions(table: Table, number: int) -> dict[str, Any]:
    return {n: d for n, (_, d) in table.params_of(number).items()}


def _user_attrs(table: Table, number: int) -> dict[str, Any]:
    return _copied(table.user_attrs.get(number))


def _system_attrs(table: Table, number: int) -> dict[str, Any]:
    return _copied(table.system_attrs.get(number))


def _copied(attrs: dict[str, Any] | None) -> dict[str, Any]:
    # Deep copies: a list that a user changes here must not change in the study.
    return copy.deepcopy(attrs) if attrs else {}


def _reports(table: Table, number: int) -> dict[int, float]:
    return table.reports.of(number)


_FIELDS: dict[str, Callable[[Table, int], Any]] = {
    "state": _state,
    "_values": Table.values_of,
    "datetime_start": _start,
    "datetime_complete": _complete,
    "params": _params,
    "distributions": _distributions,
    "user_attrs": _user_attrs,
    "system_attrs": _system_attrs,
    "intermediate_values": _reports,
}
