"""One trial a line, as a JSON object whose fields are those of a trial."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from steep.strict_json import dumps, loads
from steep.study.export.fields import (
    distribution_of,
    local_time,
    make_trial,
    moment,
    not_json,
    spec_of,
)
from steep.trial import FrozenTrial

if TYPE_CHECKING:
    from steep.study.reading import StudyView

__all__ = ["read", "write"]

_TIMES = ("datetime_start", "datetime_complete")


def write(study: StudyView, file: IO[bytes]) -> None:
    """Write all trials.

    Args:
        study: The study.
        file: The file.
    """
    for trial in study.trials:
        try:
            line = dumps(_to_plain(trial))
        except (TypeError, ValueError) as error:
            raise not_json(f"trial {trial.number}", error) from error
        file.write(line.encode() + b"\n")


def read(path: Path) -> list[FrozenTrial]:
    """Read all trials.

    Args:
        path: The file.
    """
    trials = []
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            try:
                trials.append(_from_plain(loads(line)))
            except (KeyError, TypeError, ValueError) as error:
                raise ValueError(
                    f"read_trials({str(path)!r}): line {number} is not a trial that "
                    f"Study.export() wrote: {error!r}."
                ) from error
    return trials


def _to_plain(trial: FrozenTrial) -> dict[str, Any]:
    times = ((name, getattr(trial, name)) for name in _TIMES)
    return {
        "number": trial.number,
        "state": trial.state.name,
        "values": trial.values,
        **{name: None if at is None else moment(at).isoformat() for name, at in times},
        "params": trial.params,
        "distributions": {n: json.loads(spec_of(d)) for n, d in trial.distributions.items()},
        "user_attrs": trial.user_attrs,
        "system_attrs": trial.system_attrs,
        "intermediate_values": trial.intermediate_values,
    }


def _from_plain(plain: dict[str, Any]) -> FrozenTrial:
    for name in _TIMES:
        if plain[name] is not None:
            plain[name] = local_time(datetime.datetime.fromisoformat(plain[name]))
    specs = plain["distributions"]
    plain["distributions"] = {n: distribution_of(json.dumps(spec)) for n, spec in specs.items()}
    reports = plain["intermediate_values"]
    plain["intermediate_values"] = {int(step): value for step, value in reports.items()}
    return make_trial(**plain)
