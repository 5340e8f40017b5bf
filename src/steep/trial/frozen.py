"""A trial as plain data: what users see in ``study.trials``, callbacks and ``tell``.

Studies hold columns, not trials. A row becomes a :class:`FrozenTrial` when somebody asks for it,
and even then its fields are read only at the first access, by :mod:`steep.trial.rows`: listing the
trials of a large study to look at their values does not build their parameters.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Self

from steep.distributions import BaseDistribution
from steep.states import TrialState
from steep.trial.base import check_known, warn_out_of_range
from steep.trial.lazy import LazyField
from steep.trial.record import RecordedTrial
from steep.trial.rows import Fields

if TYPE_CHECKING:
    from steep.study.explain import Explanation

__all__ = ["FrozenTrial"]

_FIELDS = (
    "state",
    "_values",
    "datetime_start",
    "datetime_complete",
    "params",
    "user_attrs",
    "system_attrs",
    "intermediate_values",
    "distributions",
    "_trial_id",
)


class FrozenTrial(RecordedTrial):
    """Hold a trial as it stood when it was read.

    Args:
        number: The number of the trial in its study.
        state: Where it stands.
        value: The objective value; None where there is none, or with ``values``.
        datetime_start: When it started, in local time.
        datetime_complete: When it finished, in local time.
        params: Values by name.
        distributions: Distributions by name.
        user_attrs: Attributes of the user.
        system_attrs: Attributes of the machinery.
        intermediate_values: Reported values by step.
        trial_id: The number of the trial in its storage.
        values: The objective values of several objectives.

    Raises:
        ValueError: If both ``value`` and ``values`` are given.

    Example:
        >>> import steep
        >>> trial = steep.create_trial(value=4.0, user_attrs={"note": "tea"})
        >>> trial.state.name, trial.value, trial.user_attrs
        ('COMPLETE', 4.0, {'note': 'tea'})
    """

    is_read = True
    """Whether the fields have been read; a lazy trial hides it by False until then."""
    number: int = -1  # a plain attribute in place of the property
    _read: Callable[[int], Fields]  # only until it is called
    _read_one: Callable[[int, str], Any] | None  # as long
    state: LazyField[TrialState] = LazyField()
    datetime_start: LazyField[datetime.datetime | None] = LazyField()
    datetime_complete: LazyField[datetime.datetime | None] = LazyField()
    params: LazyField[dict[str, Any]] = LazyField()
    distributions: LazyField[dict[str, BaseDistribution]] = LazyField()
    user_attrs: LazyField[dict[str, Any]] = LazyField()
    system_attrs: LazyField[dict[str, Any]] = LazyField()
    intermediate_values: LazyField[dict[int, float]] = LazyField()
    _trial_id: LazyField[int] = LazyField()
    _values: LazyField[list[float] | None] = LazyField()

    def __init__(
        self,
        number: int,
        state: TrialState,
        value: float | None,
        datetime_start: datetime.datetime | None,
        datetime_complete: datetime.datetime | None,
        params: dict[str, Any],
        distributions: dict[str, BaseDistribution],
        user_attrs: dict[str, Any],
        system_attrs: dict[str, Any],
        intermediate_values: dict[int, float],
        trial_id: int,
        *,
        values: Sequence[float] | None = None,
    ) -> None:
        self.number = number
        self.state = state
        self.datetime_start = datetime_start
        self.datetime_complete = datetime_complete
        self.params = params
        self.distributions = distributions
        self.user_attrs = user_attrs
        self.system_attrs = system_attrs
        self.intermediate_values = intermediate_values
        self._trial_id = trial_id
        if value is not None and values is not None:
            raise ValueError("FrozenTrial() got both `value` and `values`; give one of them.")
        self._values = [value] if value is not None else None if values is None else list(values)

    @classmethod
    def lazy(
        cls,
        number: int,
        read: Callable[[int], Fields],
        read_one: Callable[[int, str], Any] | None = None,
    ) -> Self:
        """Make a trial whose fields are read at the first access.

        Args:
            number: The number of the trial.
            read: Gives the fields for a number, as :func:`steep.trial.rows.fields_of_row` does.
            read_one: Gives one field for a number and a name. It is for rows that stand still, as
                those of :class:`steep.trial.rows.Listing`: fields that are read at different times
                then agree. Without it the first access reads all of them.

        Returns:
            The trial.
        """
        trial = cls.__new__(cls)
        trial.number, trial.is_read = number, False
        trial._read, trial._read_one = read, read_one
        return trial

    def read(self) -> Self:
        """Read the fields now, so that later events do not show.

        Returns:
            The trial itself.
        """
        # The fields are all there before the trial stops being lazy: threads may share it. Those
        # that were read alone or set stay as they are.
        known = self.__dict__
        read = known.get("_read")
        if read is not None:
            for name, field in read(self.number).items():
                known.setdefault(name, field)
            for name in ("_read", "_read_one", "is_read"):
                known.pop(name, None)
        return self

    def read_field(self, name: str) -> Any:
        """Read one field, alone where that is possible.

        Args:
            name: The attribute that keeps it.

        Raises:
            KeyError: If there is none of this name.
        """
        known = self.__dict__
        read_one = known.get("_read_one")
        if read_one is None:
            return self.read().__dict__[name]
        return known.setdefault(name, read_one(self.number, name))

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.read().__dict__.items() if name != "_table"}

    def explain(self) -> Explanation:
        """Say where the values came from, and why the trial was or was not pruned.

        Returns:
            What the log of its study tells; see :meth:`steep.study.Study.explain`.

        Raises:
            RuntimeError: If the trial is none of a study that is still there: it was made by
                ``create_trial``, copied, sent from another process, or its study is gone.

        Example:
            >>> import steep
            >>> study = steep.create_study(sampler=steep.samplers.RandomSampler(seed=1))
            >>> study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=1)
            >>> study.best_trial.explain().origins[0].why
            'drawn at random'
        """
        from steep.study.explain import explain

        table = self.read().__dict__.get("_table", lambda: None)()
        if table is None:
            raise RuntimeError(
                f"FrozenTrial.explain() needs the study of the trial, which this one does not know "
                f"(any more); call study.explain({self.number})."
            )
        return explain(table, self.number)

    # ---- values ----------------------------------------------------------------------------------

    @property
    def value(self) -> float | None:
        """Give the value of the only objective, or None.

        Raises:
            RuntimeError: If the trial has several objectives.
        """
        values = self._values
        if values is None:
            return None
        if len(values) > 1:
            raise RuntimeError(
                f"FrozenTrial.value was read, but the trial has {len(values)} objectives; "
                "read FrozenTrial.values."
            )
        return values[0]

    @value.setter
    def value(self, value: float | None) -> None:
        if self._values is not None and len(self._values) > 1:
            raise RuntimeError(
                f"FrozenTrial.value was set, but the trial has {len(self._values)} objectives; "
                "set FrozenTrial.values."
            )
        self._values = None if value is None else [value]

    @property
    def values(self) -> list[float] | None:
        """Give the values of all objectives, or None."""
        return self._values

    @values.setter
    def values(self, values: Sequence[float] | None) -> None:
        self._values = None if values is None else list(values)

    @property
    def duration(self) -> datetime.timedelta | None:
        """Give how long the trial took, or None while it has not finished."""
        if self.datetime_start is None or self.datetime_complete is None:
            return None
        return self.datetime_complete - self.datetime_start

    @property
    def last_step(self) -> int | None:
        """Give the largest reported step, or None."""
        return max(self.intermediate_values, default=None)

    # ---- the interface of objectives -------------------------------------------------------------

    def _suggest(self, name: str, distribution: BaseDistribution) -> Any:
        if name not in self.params:
            raise ValueError(
                f"FrozenTrial {self.number} has no value for the parameter {name!r}; it has "
                f"{sorted(self.params)}. Give it when the FrozenTrial is made."
            )
        value = self.params[name]
        if not distribution.contains(distribution.to_internal_repr(value)):
            warn_out_of_range(name, value, distribution)
        check_known(name, self.distributions.get(name), distribution)
        self.distributions[name] = distribution
        return value

    # ---- comparing and showing -------------------------------------------------------------------

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, FrozenTrial):
            return NotImplemented
        return self.__getstate__() == other.__getstate__()

    def __lt__(self, other: object) -> bool:
        return self.number < other.number if isinstance(other, FrozenTrial) else NotImplemented

    def __le__(self, other: object) -> bool:
        return self.number <= other.number if isinstance(other, FrozenTrial) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(getattr(self, name) for name in ("number", *_FIELDS)))

    def __repr__(self) -> str:
        shown = {name.removeprefix("_"): getattr(self, name) for name in ("number", *_FIELDS)}
        shown["value"] = None
        return f"FrozenTrial({', '.join(f'{name}={value!r}' for name, value in shown.items())})"

    def _repr_html_(self) -> str:
        from steep.html import trial_html

        return trial_html(self)

    def validate(self) -> None:
        """Check that the fields fit together.

        Raises:
            ValueError: If they do not; the message names the fields.
        """
        self._validate_times()
        self._validate_values()
        if set(self.params) != set(self.distributions):
            raise ValueError(
                f"A trial needs one distribution for each parameter, but its params are "
                f"{sorted(self.params)} and its distributions {sorted(self.distributions)}."
            )
        for name, value in self.params.items():
            distribution = self.distributions[name]
            if not distribution.contains(distribution.to_internal_repr(value)):
                raise ValueError(
                    f"The value {value!r} of the parameter {name!r} is not in {distribution!r}."
                )

    def _validate_times(self) -> None:
        if self.state != TrialState.WAITING and self.datetime_start is None:
            raise ValueError(f"A trial that is {self.state.name} needs a `datetime_start`.")
        if self.state.is_finished() != (self.datetime_complete is not None):
            wants = "needs a" if self.state.is_finished() else "must not have a"
            raise ValueError(f"A trial that is {self.state.name} {wants} `datetime_complete`.")

    def _validate_values(self) -> None:
        values = self._values
        if self.state == TrialState.FAIL and values is not None:
            raise ValueError(f"A trial that is FAIL has no values, but got {values}.")
        if self.state == TrialState.COMPLETE:
            if values is None:
                raise ValueError("A trial that is COMPLETE needs a value (or values).")
            if any(math.isnan(value) for value in values):
                raise ValueError(f"A trial that is COMPLETE has no NaN in its values: {values}.")
