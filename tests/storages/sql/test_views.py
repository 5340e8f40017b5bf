"""The views say what the table says, whatever the log."""

from __future__ import annotations

import datetime
import json
import math
from typing import Any

import pytest
from event_logs import same_number
from hypothesis import Phase, given, settings
from storages.sql.logs import Log, rows, storable_logs

from steep.distributions import (
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
    OrdinalDistribution,
)
from steep.events import Add, Amend, Ask, Changes, Delete, Event, Finish, Reap, Release, Update
from steep.states import TrialState
from steep.storages.sql import SqlBackend
from steep.table import DELETED, Table

COMPLETE, WAITING = 1, 4
QUICK = [Phase.explicit, Phase.generate]


def holds(backend: SqlBackend, value: float) -> bool:
    """Whether a column of this database can hold a number."""
    kind = backend._link.engine.dialect.name
    return math.isfinite(value) or kind == "postgresql" or (kind == "sqlite" and value == value)


def same(backend: SqlBackend, shown: float | None, value: float) -> bool:
    return same_number(shown, value if holds(backend, value) else math.nan)


def instant(shown: Any) -> float:
    """Seconds since 1970 of a time as the databases write it."""
    if shown is None:
        return math.nan
    if isinstance(shown, str):
        shown = datetime.datetime.fromisoformat(shown)
    return (shown if shown.tzinfo else shown.replace(tzinfo=datetime.UTC)).timestamp()


def number_in(value: Any) -> float:
    return float(value["$float"]) if isinstance(value, dict) else float(value)


def parsed(value: Any) -> Any:
    """JSON of a column; psycopg parses it already."""
    return json.loads(value) if isinstance(value, str) else value


def check_trials(log: Log) -> None:
    backend, table = log.backend, log.table
    shown = rows(backend, "SELECT * FROM steep_trial WHERE study_name = ?", log.name)
    assert sorted(row[1] for row in shown) == there(table)
    for _, number, state, value, values, start, complete in shown:
        assert state == TrialState(table.state_of(number)).name
        kept = table.values[number].tolist()
        if values is not None:
            assert list(map(repr, map(number_in, parsed(values)))) == list(map(repr, kept))
        else:
            assert all(map(math.isnan, kept))
        assert same(backend, value, kept[0] if len(kept) == 1 else math.nan)
        for instant_shown, kept_time in ((start, table.start), (complete, table.complete)):
            assert instant(instant_shown) == pytest.approx(
                float(kept_time[number]), abs=1e-3, nan_ok=True
            )


def check_params(log: Log) -> None:
    backend, table = log.backend, log.table
    shown = rows(backend, "SELECT * FROM steep_param WHERE study_name = ?", log.name)
    kept = {(n, name): pair for n in there(table) for name, pair in table.params_of(n).items()}
    assert sorted((row[1], row[2]) for row in shown) == sorted(kept)
    for _, number, name, internal, value, distribution in shown:
        kept_internal, kept_distribution = kept[number, name]
        if not isinstance(kept_distribution, CategoricalDistribution):
            assert internal == kept_internal  # an index may have become another one since
        external = kept_distribution.to_external_repr(kept_internal)
        is_text = isinstance(value, str) and not isinstance(external, str)
        assert (float(value) if is_text else value) == external
        kinds = {
            FloatDistribution: ("float",),
            IntDistribution: ("int",),
            OrdinalDistribution: ("ordinal",),
        }
        found = kinds.get(type(kept_distribution), ("categorical", "changing"))
        assert parsed(distribution)[0] in found


def check_reports(log: Log) -> None:
    backend, table = log.backend, log.table
    shown = rows(backend, "SELECT * FROM steep_report WHERE study_name = ?", log.name)
    kept = {(n, step): v for n in there(table) for step, v in table.reports.of(n).items()}
    assert sorted((row[1], row[2]) for row in shown) == sorted(kept)
    for _, number, step, value in shown:
        assert same(backend, value, kept[number, step])


def there(table: Table) -> list[int]:
    return [n for n in range(table.n) if table.state_of(n) != DELETED]


def check(backend: SqlBackend, events: list[Event], directions: Any = (1,)) -> None:
    log = Log(backend, directions=directions)
    for event in events:
        log.append(event)
    for check_view in (check_trials, check_params, check_reports):
        check_view(log)
    backend.delete(log.study_id)


_memory = SqlBackend("sqlite://")


@settings(max_examples=100)
@given(log=storable_logs)
def test_any_log_in_sqlite(log: list[Event]) -> None:
    check(_memory, log[1:], log[0].directions)


@settings(max_examples=6, phases=QUICK)
@given(log=storable_logs)
def test_any_log_in_each_database(shared_backend: SqlBackend, log: list[Event]) -> None:
    check(shared_backend, log[1:], log[0].directions)


# ---- what random logs seldom have ----------------------------------------------------------------

ODD_NAMES = ["x", "X", "x ", "$x", "$$", "a.b", "[0]", 'q"uote', "back\\slash", "é🍵", "", "1"]
CHOICES = CategoricalDistribution(
    ("a", "b ", 'q"uote', "é🍵", "1", 1, 2.5, True, None, math.inf, "null", "$x")
)


def test_odd_names_and_choices(backend: SqlBackend) -> None:
    params = {name: (float(i), CHOICES) for i, name in enumerate(ODD_NAMES)}
    log = Log(backend)
    log.append(Ask(1.0))
    log.append(Update(0, Changes(params=params)))
    shown = rows(
        backend, "SELECT name, internal, value FROM steep_param WHERE study_name = ?", log.name
    )
    values = {name: (internal, value) for name, internal, value in shown}
    assert values.keys() == params.keys()
    for name, (internal, choice) in values.items():
        assert internal == params[name][0]
        expected = CHOICES.choices[int(internal)]
        if choice is None or isinstance(expected, str):
            assert choice == expected
        else:
            assert str(choice).lower() in (str(expected).lower(), str(int(expected == 1)))


@pytest.mark.parametrize("text", ["nul \0", "half \ud800", "other half \udc00", "\\ud800 \\u0000"])
def test_an_odd_attribute_does_not_make_the_views_unusable(backend: SqlBackend, text: str) -> None:
    x = (0.5, FloatDistribution(0, 1))
    odd = Changes(params={"x": x}, user_attrs={"odd": text, "tea 🍵": 1}, reports={3: 1.5})
    check(backend, [Ask(1.0), Finish(0, COMPLETE, [1e-300], 2.0, odd)])


def test_every_turn_of_a_life(backend: SqlBackend) -> None:
    check(
        backend,
        [
            Add(WAITING, values=[7.0]),
            Ask(1.0, limit=0),  # too many already: without effect
            Ask(2.0),
            Release(0),
            Amend(0, COMPLETE, [1.0]),  # it has not finished
            Ask(3.0),
            Finish(0, COMPLETE, [2.0], 4.0),  # a lease that was given up
            Reap(0, 2, 5.0, Add(WAITING, values=[3.0], changes=Changes(reports={1: 2.0}))),
            Amend(0, COMPLETE, [math.inf]),
            Ask(6.0),
            Finish(1, COMPLETE, None, 7.0),  # keeps the value it has
            Amend(1, COMPLETE, None),  # takes it away
            Amend(1, user_attrs={"a": 1}),
            Add(COMPLETE, values=[-math.inf], start=1.5, complete=2.5),
            Add(WAITING),
            Delete(2),
            Delete(3),
            Add(COMPLETE, values=[math.nan]),
        ],
    )


def test_several_objectives_have_no_single_value(backend: SqlBackend) -> None:
    check(backend, [Add(COMPLETE, values=[1.0, math.inf])], directions=(1, 2))


def test_integers_are_shown_as_integers(backend: SqlBackend) -> None:
    log = Log(backend)
    big = {"n": (float(2**53), IntDistribution(0, 2**53)), "m": (3.0, IntDistribution(1, 5))}
    log.append(Ask(1.0))
    log.append(Update(0, Changes(params=big)))
    shown = rows(backend, "SELECT name, value FROM steep_param WHERE study_name = ?", log.name)
    assert {name: str(value) for name, value in shown} == {"n": str(2**53), "m": "3"}


def test_a_negative_zero_is_a_zero_in_every_column(backend: SqlBackend) -> None:
    log = Log(backend)
    changes = Changes(params={"x": (-0.0, FloatDistribution(-1, 1))}, reports={3: -0.0})
    log.append(Add(COMPLETE, values=[-0.0], changes=changes))
    selects = (
        "SELECT value FROM steep_trial WHERE study_name = ?",
        "SELECT internal FROM steep_param WHERE study_name = ?",
        "SELECT value FROM steep_param WHERE study_name = ?",
        "SELECT value FROM steep_report WHERE study_name = ?",
    )
    for select in selects:
        ((shown,),) = rows(backend, select, log.name)
        assert float(shown) == 0.0
    (whole,) = rows(
        backend, "SELECT objective_values FROM steep_trial WHERE study_name = ?", log.name
    )
    assert repr(parsed(whole[0])) == "[-0.0]"
