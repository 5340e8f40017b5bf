"""The incremental search spaces against their definitions."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from steep.distributions import FloatDistribution, IntDistribution
from steep.events import Add, Changes, CreateStudy
from steep.search_space.columns import ColumnSpaces
from steep.states import TrialState
from steep.table import Table

UNIT, WIDE, WHOLE = FloatDistribution(0, 1), FloatDistribution(0, 2), IntDistribution(0, 1)
SPACES = st.dictionaries(st.sampled_from("edcba"), st.sampled_from([UNIT, WIDE, WHOLE]))
STATES = st.sampled_from([TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL])


def table_of(trials: list[tuple[dict, TrialState]]) -> Table:
    table = Table()
    table.apply(CreateStudy("tea", [1]))
    add(table, trials)
    return table


def add(table: Table, trials: list[tuple[dict, TrialState]]) -> None:
    for space, state in trials:
        params = {name: (0.0, distribution) for name, distribution in space.items()}
        values = [0.0] if state == TrialState.COMPLETE else None
        table.apply(Add(state=int(state), values=values, changes=Changes(params=params)))


@given(st.lists(st.tuples(SPACES, STATES)), st.lists(st.tuples(SPACES, STATES)))
def test_spaces_follow_the_complete_and_pruned_trials(first: list, second: list) -> None:
    table, spaces = table_of(first), ColumnSpaces()
    spaces.update(table)
    add(table, second)
    spaces.update(table)
    counted = [space for space, state in first + second if state != TrialState.FAIL]
    common = {
        name: distribution
        for name, distribution in sorted(counted[0].items() if counted else ())
        if all(space.get(name) == distribution for space in counted)
    }
    assert list(spaces.intersection.items()) == list(common.items())
    # Two names belong to one group if and only if the same trials have them.
    owners: dict[frozenset[int], list[str]] = {}
    for name in "abcde":
        having = frozenset(i for i, space in enumerate(counted) if name in space)
        if having:
            owners.setdefault(having, []).append(name)
    assert spaces.groups == sorted(tuple(names) for names in owners.values())


def test_a_space_that_never_settles_costs_bounded_memory() -> None:
    spaces = ColumnSpaces()
    trials = [({f"x{i}": UNIT}, TrialState.COMPLETE) for i in range(1100)]
    spaces.update(table_of(trials))
    assert len(spaces.groups) == 1100
    assert len(spaces._signatures) <= 1000
