"""Trials of every kind for property tests, and all that is known of a trial as text."""

from __future__ import annotations

import datetime
import json
from typing import Any

from hypothesis import strategies as st

from steep.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from steep.events import Add, Changes
from steep.states import TrialState

FINITE = st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
names = texts | st.sampled_from(["x", "y", "layer_0_units", "values_0", "$", "μ", "a,b\n"])
scalars = st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats() | texts
json_values = st.recursive(
    scalars | st.sampled_from(["1", "true", "null", "[1]", '"', "NaN", '{"$float": "nan"}']),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=4,
)
attributes = st.dictionaries(names, json_values, max_size=3)


@st.composite
def distributions(draw: st.DrawFn) -> BaseDistribution:
    """Any distribution whose ends its step divides."""
    kind = draw(st.sampled_from(["float", "log", "step", "int", "int log", "int step", "choice"]))
    low, width = draw(st.integers(-50, 50)), draw(st.integers(0, 60))
    if kind == "choice":
        return CategoricalDistribution(draw(st.lists(scalars, min_size=1, max_size=4)))
    if kind.startswith("int"):
        step = draw(st.integers(1, 4)) if kind == "int step" else 1
        low = abs(low) + 1 if kind == "int log" else low
        return IntDistribution(low, low + width * step, log=kind == "int log", step=step)
    if kind == "step":
        step = draw(st.integers(1, 30))
        return FloatDistribution(low / 10, (low + width * step) / 10, step=step / 10)
    if kind == "log":
        first = draw(st.floats(1e-300, 1e300))
        return FloatDistribution(first, draw(st.floats(first, 1e301)), log=True)
    first = draw(st.floats(-1e308, 1e308))
    return FloatDistribution(first, draw(st.floats(first, 1e308)))


@st.composite
def params(draw: st.DrawFn) -> tuple[float, BaseDistribution]:
    """A value in internal representation, and its distribution."""
    distribution = draw(distributions())
    u = draw(st.floats(0, 1, exclude_max=True))
    if isinstance(distribution, CategoricalDistribution):
        return float(int(u * len(distribution.choices))), distribution
    return float(distribution.from_unit(u)), distribution


# Whole microseconds, which is what times have in files.
seconds = st.datetimes(datetime.datetime(1990, 1, 1), datetime.datetime(2090, 1, 1)).map(
    lambda moment: moment.replace(tzinfo=datetime.UTC).timestamp()
)


@st.composite
def adds(draw: st.DrawFn, n_objectives: int) -> Add:
    """The event that adds a trial, in any state and with everything that a trial can have."""
    state = draw(st.sampled_from(TrialState))
    has_values = state == TrialState.COMPLETE or (
        state == TrialState.PRUNED and draw(st.booleans())
    )
    value = st.floats(allow_nan=False)
    constraints = {"constraints": draw(st.lists(FINITE, max_size=2)), "constraints:c": 0.5}
    return Add(
        state=int(state),
        values=[draw(value) for _ in range(n_objectives)] if has_values else None,
        start=None if state == TrialState.WAITING else draw(seconds),
        complete=draw(seconds) if state.is_finished() else None,
        changes=Changes(
            params=draw(st.dictionaries(names, params(), max_size=3)),
            reports=draw(st.dictionaries(st.integers(0, 2**31 - 1), st.floats(), max_size=3)),
            user_attrs=draw(attributes),
            system_attrs=draw(attributes | st.just(constraints)),
        ),
    )


@st.composite
def histories(draw: st.DrawFn) -> tuple[int, list[Add]]:
    """A number of objectives and some trials."""
    n_objectives = draw(st.integers(1, 3))
    return n_objectives, draw(st.lists(adds(n_objectives), max_size=4))


def facts(trial: Any) -> dict[str, str]:
    """Return all that a frozen trial of either library says, but for its id, as text."""
    return {
        "number": str(trial.number),
        "state": trial.state.name,
        "values": repr(trial.values),
        "times": repr((_instant(trial.datetime_start), _instant(trial.datetime_complete))),
        "params": repr(dict(sorted(trial.params.items()))),
        "distributions": json.dumps({n: _spec(d) for n, d in sorted(trial.distributions.items())}),
        "user_attrs": repr(sorted(trial.user_attrs.items())),
        "system_attrs": repr(sorted(trial.system_attrs.items())),
        "reports": repr(sorted((int(s), v) for s, v in trial.intermediate_values.items())),
        "constraints": repr(sorted(trial.constraints.items())),
    }


def _instant(moment: datetime.datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()


def _spec(distribution: Any) -> Any:
    return [type(distribution).__name__, dict(sorted(vars(distribution).items()))]
