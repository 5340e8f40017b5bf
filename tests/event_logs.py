"""Random logs for property tests, and the plainest fold there is to compare the table with."""

from __future__ import annotations

import math
from typing import Any

from hypothesis import strategies as st

from steep.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    ChangingDistribution,
    FloatDistribution,
    IntDistribution,
    OrdinalDistribution,
)
from steep.events import (
    Add,
    Amend,
    Ask,
    Changes,
    Claim,
    Configure,
    CreateStudy,
    Delete,
    Event,
    Finish,
    Reap,
    Release,
    SetStudyAttr,
    Update,
    WarmStart,
)
from steep.states import TrialState
from steep.table import DELETED, Table

DISTRIBUTIONS = (
    FloatDistribution(-1, 1),
    FloatDistribution(1e-3, 1, log=True),
    IntDistribution(0, 10),
    CategoricalDistribution(("a", "b", None)),
    OrdinalDistribution(("small", "medium", "large")),
    ChangingDistribution(("b", "c", "d")),
    ChangingDistribution(("e", "a", "c", "b"), (0, 1, 2)),
)
OPEN = (TrialState.RUNNING, TrialState.WAITING)
FINAL = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)

numbers = st.floats(allow_nan=False)
json_values = st.none() | st.booleans() | st.integers(-9, 9) | numbers | st.text(max_size=3)
attrs = st.dictionaries(st.sampled_from("abc"), json_values, max_size=2)
internals = st.integers(0, 2).map(float)
params = st.dictionaries(
    st.sampled_from(["x", "y", "z"]),
    st.tuples(internals | st.just(math.nan), st.sampled_from(DISTRIBUTIONS)),
    max_size=3,
)
told = st.dictionaries(  # what other studies have found: values of ranges that stand
    st.sampled_from(["x", "y", "z"]),
    st.tuples(internals, st.sampled_from(DISTRIBUTIONS[:5])),
    max_size=3,
)
system_attrs = st.dictionaries(
    st.sampled_from(["note", "constraints:c", "constraints:d"]),
    st.floats(-2, 2),
    max_size=2,
)
changes = st.builds(
    Changes,
    params=params,
    reports=st.dictionaries(st.integers(0, 4), st.floats(), max_size=3),
    user_attrs=attrs,
    system_attrs=system_attrs,
)
times = st.floats(0, 2e9)
owners = st.none() | st.sampled_from(["worker-a", "worker-b"])
leases = st.sampled_from([1, 1, 1, 2])


def events(n_objectives: int) -> st.SearchStrategy[Event]:
    """Any event but CreateStudy, about one of at most six trials, whether it exists or not."""
    number = st.integers(0, 5)
    values = st.none() | st.lists(numbers, min_size=n_objectives, max_size=n_objectives)
    known = st.builds(
        Add,
        state=st.sampled_from(FINAL).map(int),
        values=values,
        complete=times,
        changes=st.builds(Changes, params=told),
    )
    waiting = st.builds(Add, state=st.just(int(TrialState.WAITING)), changes=changes)
    return st.one_of(
        st.builds(Ask, time=times, owner=owners, limit=st.none() | st.integers(0, 3)),
        st.builds(Claim, number=number, time=times, owner=owners),
        st.builds(Release, number=number, lease=leases),
        st.builds(Update, number=number, changes=changes, lease=leases),
        st.builds(Reap, number=number, lease=leases, time=times, retry=st.none() | waiting),
        st.builds(
            Amend,
            number=number,
            state=st.none() | st.sampled_from(FINAL).map(int),
            values=values,
            user_attrs=attrs,
            system_attrs=system_attrs,
        ),
        st.builds(Delete, number=number),
        st.builds(Configure, role=st.sampled_from(["sampler", "pruner"]), config=attrs),
        st.builds(
            Finish,
            number=number,
            state=st.sampled_from(FINAL).map(int),
            values=values,
            time=times,
            changes=changes,
            lease=leases,
        ),
        st.builds(
            Add,
            state=st.sampled_from(TrialState).map(int),
            values=values,
            start=st.none() | times,
            complete=st.none() | times,
            changes=changes,
        ),
        st.builds(WarmStart, study=st.just("coffee"), trials=st.lists(known, max_size=2)),
        st.builds(SetStudyAttr, key=st.sampled_from("ab"), value=json_values, system=st.booleans()),
    )


@st.composite
def logs(draw: st.DrawFn) -> list[Event]:
    """A log that a storage could hold: it begins with CreateStudy and names known trials."""
    directions = draw(st.lists(st.sampled_from([1, 2]), min_size=1, max_size=3))
    log: list[Event] = [CreateStudy("tea", directions)]
    count = 0
    for event in draw(st.lists(events(len(directions)), max_size=20)):
        if getattr(event, "number", -1) < count:
            log.append(event)
        # An upper bound: an Ask may take a waiting trial instead.
        count = Model.fold(log).count
    return log


class Model:
    """Fold a log with dictionaries and loops, as slowly and plainly as possible."""

    def __init__(self) -> None:
        self.trials: list[dict[str, Any]] = []
        self.finished: list[int] = []
        self.study_attrs: dict[tuple[bool, str], Any] = {}
        self.configs: dict[str, Any] = {}
        self.priors: list[tuple[str, list[Add]]] = []

    @classmethod
    def fold(cls, log: list[Event]) -> Model:
        model = cls()
        for event in log:
            model.apply(event)
        return model

    @property
    def count(self) -> int:
        return len(self.trials)

    @property
    def n_started(self) -> int:
        return sum(
            t["state"] not in (TrialState.WAITING, DELETED) and not t["reaped"] for t in self.trials
        )

    def apply(self, event: Event) -> None:  # noqa: C901, PLR0912, PLR0915 - one case an event
        match event:
            case SetStudyAttr(key, value, system):
                self.study_attrs[system, key] = value
            case Configure(role, config):
                self.configs[role] = config
            case WarmStart(name, trials):
                self.priors.append((name, trials))
            case Ask(time, owner, limit):
                if limit is None or self.n_started < limit:
                    waiting = [t for t in self.trials if t["state"] == TrialState.WAITING]
                    trial = waiting[0] if waiting else self._new()
                    trial.update(state=TrialState.RUNNING, start=time, owner=owner)
            case Claim(number, time, owner):
                if self.trials[number]["state"] == TrialState.WAITING:
                    self.trials[number].update(state=TrialState.RUNNING, start=time, owner=owner)
            case Release(number, lease):
                if self._runs(number, lease):
                    self.trials[number].update(state=TrialState.WAITING, owner=None)
                    self.trials[number]["lease"] += 1
            case Add():
                self._add(event)
            case Update(number, gained, lease):
                if self._is_open(number, lease):
                    self._gain(self.trials[number], gained)
            case Finish(number, state, values, time, gained, lease):
                if self._is_open(number, lease):
                    self._gain(self.trials[number], gained)
                    self._end(number, state, values, time)
            case Reap(number, lease, time, retry):
                if self._runs(number, lease):
                    self.trials[number]["reaped"] = True
                    self._end(number, TrialState.FAIL, None, time)
                    if retry is not None:
                        self._add(retry)
            case Amend(number, state, values, user_attrs, system_attrs):
                trial = self.trials[number]
                if trial["state"] != DELETED:
                    trial["user_attrs"].update(user_attrs)
                    trial["system_attrs"].update(system_attrs)
                if trial["state"] in FINAL and state is not None:
                    trial.update(state=state)
                    trial["values"] = values
            case Delete(number):
                trial = self.trials[number]
                if number in self.finished:
                    self.finished.remove(number)
                trial.update(self._empty(), state=DELETED)

    def _add(self, event: Add) -> None:
        trial = self._new()
        self._gain(trial, event.changes)
        is_final = event.state in FINAL
        complete = event.complete if is_final else None
        trial.update(state=event.state, start=event.start, complete=complete)
        trial["values"] = event.values
        if is_final:
            self.finished.append(self.count - 1)

    def _is_open(self, number: int, lease: int) -> bool:
        trial = self.trials[number]
        return trial["state"] in OPEN and trial["lease"] == lease

    def _runs(self, number: int, lease: int) -> bool:
        return self._is_open(number, lease) and self.trials[number]["state"] == TrialState.RUNNING

    def _end(self, number: int, state: int, values: list[float] | None, time: float) -> None:
        trial = self.trials[number]
        trial.update(state=state, complete=time, owner=None)
        trial["values"] = trial["values"] if values is None else values
        self.finished.append(number)

    def _empty(self) -> dict[str, Any]:
        trial: dict[str, Any] = {"values": None, "start": None, "complete": None}
        trial.update(lease=1, owner=None, reaped=False)
        for part in ("params", "reports", "user_attrs", "system_attrs"):
            trial[part] = {}
        return trial

    def _new(self) -> dict[str, Any]:
        trial = self._empty()
        self.trials.append(trial)
        return trial

    def _gain(self, trial: dict[str, Any], gained: Changes) -> None:
        for part in ("params", "reports", "user_attrs", "system_attrs"):
            trial[part].update(getattr(gained, part))
        for name in gone(gained):
            del trial["params"][name]

    def best(self, direction: int) -> int | None:
        """The number of the best feasible COMPLETE trial of a single objective."""
        candidates = [
            (-trial["values"][0] if direction == 2 else trial["values"][0], number)
            for number, trial in ((n, self.trials[n]) for n in self.finished)
            if trial["state"] == TrialState.COMPLETE
            and trial["values"] is not None
            and violation(trial) == 0
        ]
        return min(candidates, key=lambda c: c[0])[1] if candidates else None


def gone(gained: Changes) -> list[str]:
    """The parameters that an event takes back."""
    return [name for name, (internal, _) in gained.params.items() if math.isnan(internal)]


def plain(param: tuple[float, BaseDistribution]) -> Any:
    """A parameter as users see it, where the index of a choice may have become another one."""
    internal, distribution = param
    is_choice = isinstance(distribution, CategoricalDistribution)
    return distribution.to_external_repr(internal) if is_choice else param


def violation(trial: dict[str, Any]) -> float:
    """The sum of the positive constraint values of a trial of the model."""
    constraints = [v for k, v in trial["system_attrs"].items() if k.startswith("constraints:")]
    return sum(value for value in constraints if value > 0)


def same_number(one: float | None, other: float) -> bool:
    """Whether a number of the model equals one of the table, where None is NaN."""
    return math.isnan(other) if one is None or math.isnan(one) else one == other


def fold(log: list[Event]) -> Table:
    table = Table()
    for event in log:
        table.apply(event)
    return table


def assert_like_model(table: Table, model: Model) -> None:
    assert table.n == model.count
    assert table.finished.tolist() == model.finished
    assert table.n_finished == len(model.finished)
    assert table.study_user_attrs == {k: v for (s, k), v in model.study_attrs.items() if not s}
    assert table.study_system_attrs == {k: v for (s, k), v in model.study_attrs.items() if s}
    for state in TrialState:
        numbers = [i for i, trial in enumerate(model.trials) if trial["state"] == state]
        assert table.numbers(state).tolist() == numbers
        assert table.n_in(state) == len(numbers)
    for number, trial in enumerate(model.trials):
        shown = {name: plain(param) for name, param in table.params_of(number).items()}
        wanted = {name: plain(param) for name, param in trial["params"].items()}
        assert list(shown.items()) == list(wanted.items())
        assert set(table.reports.of(number)) == set(trial["reports"])
        assert all(
            same_number(trial["reports"][step], value)
            for step, value in table.reports.of(number).items()
        )
        assert table.user_attrs.get(number, {}) == trial["user_attrs"]
        assert table.system_attrs.get(number, {}) == trial["system_attrs"]
        assert table.values_of(number) == trial["values"]
        assert same_number(trial["start"], table.start[number])
        assert same_number(trial["complete"], table.complete[number])
        assert table.violation[number] == violation(trial)
        assert table.lease_of(number) == trial["lease"]
        assert table.owners.get(number) == trial["owner"]
        assert (number in table.reaped) == trial["reaped"]
    assert table.n_started == model.n_started
    assert table.n_trials == sum(trial["state"] != DELETED for trial in model.trials)
    assert table.configs == model.configs
    assert [prior.study_name for prior in table.priors] == [name for name, _ in model.priors]
    for prior, (_, trials) in zip(table.priors, model.priors, strict=True):
        assert [prior.values_of(number) for number in range(prior.n)] == [t.values for t in trials]
        assert [prior.params_of(n) for n in range(prior.n)] == [t.changes.params for t in trials]
    flat = [table.reports.of(number) for number in model.finished]
    assert table.reports.flat()[0].size == sum(map(len, flat))
