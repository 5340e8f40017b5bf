"""What the formats share: times and distributions as text, and how a trial is put together."""

from __future__ import annotations

import datetime
import functools
from typing import Any

from steep.distributions import (
    BaseDistribution,
    distribution_to_json,
    json_to_distribution,
    without_deprecated,
)
from steep.states import TrialState
from steep.trial import FrozenTrial

__all__ = ["distribution_of", "local_time", "make_trial", "moment", "not_json", "spec_of"]


def moment(local: datetime.datetime) -> datetime.datetime:
    """Give a local time with its zone, so that it means the same everywhere.

    Args:
        local: A time without a zone.
    """
    return local.astimezone()


def local_time(at: datetime.datetime) -> datetime.datetime:
    """Give a time as trials have it: local and without a zone.

    Args:
        at: A time with a zone; one without is taken as local.
    """
    # Through the seconds, for an hour that comes twice when clocks are set back.
    return datetime.datetime.fromtimestamp(at.timestamp())


def spec_of(distribution: BaseDistribution) -> str:
    """Write a distribution as JSON; a deprecated class becomes the one that took its place.

    Args:
        distribution: The distribution.

    Raises:
        TypeError: If it has a choice that JSON cannot hold.
    """
    return distribution_to_json(without_deprecated(distribution, suppress_warning=True))


@functools.lru_cache(maxsize=4096)
def distribution_of(spec: str) -> BaseDistribution:
    """Read a distribution; trials share it.

    Args:
        spec: What :func:`spec_of` gave.
    """
    return json_to_distribution(spec)


def make_trial(number: int, state: str, values: list[float] | None, **fields: Any) -> FrozenTrial:
    """Make a trial that belongs to no storage.

    Args:
        number: Its number.
        state: The name of its state.
        values: The objective values, or None.
        fields: The other fields of a :class:`~steep.trial.FrozenTrial`.
    """
    return FrozenTrial(
        number=number, state=TrialState[state], value=None, values=values, trial_id=-1, **fields
    )


def not_json(what: str, error: Exception) -> TypeError:
    """Make the error of something that JSON cannot hold.

    Args:
        what: What it is.
        error: What was said of it.
    """
    return TypeError(
        f"Study.export() cannot write {what}: {error}. Attributes and choices must be values of "
        "JSON: None, bools, numbers, strings, lists and dictionaries."
    )
