"""Models that follow a table trial by trial equal models that read it at once."""

from __future__ import annotations

import math
import time
import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import steep
from steep.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from steep.events import Add, Changes, CreateStudy
from steep.kernels.parzen import USUAL, ramp_weights
from steep.samplers import TPESampler
from steep.samplers.tpe import model
from steep.samplers.tpe.split import Ranking
from steep.space import Space
from steep.states import TrialState
from steep.table import Table

SPACE = Space(
    {
        "x": FloatDistribution(0, 1),
        "n": IntDistribution(1, 100, log=True),
        "c": CategoricalDistribution("abc"),
    }
)
SETTINGS = model.Settings(USUAL, ramp_weights, True, 24)
PROBES = np.random.default_rng(0).random((10, 3))


def new_table() -> Table:
    table = Table()
    table.apply(CreateStudy("tea", [1]))
    return table


def add(table: Table, seed: int) -> None:
    rng = np.random.default_rng(seed)
    state = rng.choice([TrialState.COMPLETE] * 6 + [TrialState.FAIL, TrialState.PRUNED])
    names = [name for name in SPACE.names if rng.random() < 0.95]
    params = {
        name: (d.to_internal_repr(d.from_unit(rng.random())), d)
        for name, d in zip(SPACE.names, SPACE.distributions, strict=True)
        if name in names
    }
    values = [float(rng.normal())] if state == TrialState.COMPLETE else None
    table.apply(Add(state=int(state), values=values, changes=Changes(params=params)))


@given(
    st.lists(st.integers(0, 10**6), max_size=60),
    st.lists(st.integers(1, 20), max_size=6),
    st.booleans(),
)
def test_following_a_table_gives_the_densities_of_reading_it_at_once(
    seeds: list[int], pauses: list[int], is_joint: bool
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(model, "_CAPACITY", 20)
        table = new_table()
        follower = model.Model(SPACE, SETTINGS, is_joint)
        split = Ranking(lambda n: math.ceil(n / 5))
        for i, seed in enumerate(seeds):
            add(table, seed)
            if i in np.cumsum(pauses):
                split.update(table)
                follower.update(table, split)
        split.update(table)
        follower.update(table, split)
        reader = model.Model(SPACE, SETTINGS, is_joint)
        reader.update(table, split)
    # A member of a full mixture that turns good leaves a gap until the next one comes.
    if len(reader._bad.numbers) < 20:
        assert follower._bad.numbers == reader._bad.numbers
        scores = [m._score(PROBES, None) for m in (follower, reader)]
        assert scores[0] == pytest.approx(scores[1], abs=5e-3)


def test_proposals_are_where_good_trials_are_dense_and_others_are_not() -> None:
    table, space = new_table(), Space({"x": FloatDistribution(0, 1)})
    for i in range(100):
        params = {"x": (i / 100, space.distributions[0])}
        changes = Changes(params=params)
        table.apply(Add(state=1, values=[abs(i / 100 - 0.3)], changes=changes))
    split = Ranking(lambda n: 10)
    split.update(table)
    fitted = model.Model(space, SETTINGS, is_joint=True)
    fitted.update(table, split)
    rng = np.random.default_rng(0)
    points = [fitted.propose(rng, None, is_whole=True)[0] for _ in range(50)]
    assert abs(np.median(points) - 0.3) < 0.03
    at, near = np.array([[0.3]]), np.array([[0.5]])
    assert fitted._score(at, None) > fitted._score(near, None)
    assert fitted._score(at, at) < fitted._score(at, None)


def test_the_bad_set_is_bounded_and_the_good_set_small() -> None:
    table, split = new_table(), Ranking(lambda n: min(math.ceil(n / 10), 25))
    fitted = model.Model(SPACE, SETTINGS, is_joint=True)
    for seed in range(2500):
        add(table, seed)
        if seed % 100 == 0:
            split.update(table)
            fitted.update(table, split)
    assert len(fitted._bad.numbers) == 1000
    assert len(split.good) == 25
    assert not split.good & set(fitted._bad.numbers)


def mixed(trial: Any) -> float:
    x = trial.suggest_float("x", -5.0, 5.0)
    lr = trial.suggest_float("lr", 1e-5, 1e-1, log=True)
    n = trial.suggest_int("n", 1, 8)
    units = trial.suggest_int("units", 4, 512, log=True)
    kind = trial.suggest_categorical("kind", ("a", "b", "c"))
    return float(x * x + abs(math.log(lr / 1e-3)) + n / 8 + units / 512 + (kind == "b"))


def cost(n_before: int) -> float:
    """Give the least seconds of a trial, over parts of ten, after some random trials."""
    study = steep.create_study(sampler=steep.samplers.RandomSampler(seed=0))
    study.optimize(mixed, n_trials=n_before)
    study.sampler = TPESampler(seed=0)
    study.optimize(mixed, n_trials=20)
    times = []
    for _ in range(8):
        start = time.process_time()
        study.optimize(mixed, n_trials=10)
        times.append(time.process_time() - start)
    return min(times)


def test_the_cost_of_a_trial_does_not_grow() -> None:
    # 1.0 times on an idle machine; ten times as much if any part of it grew with the trials.
    assert cost(12_000) < 3 * cost(1200)


def test_the_memory_of_the_sampler_does_not_grow() -> None:
    study = steep.create_study(sampler=steep.samplers.RandomSampler(seed=0))
    study.optimize(mixed, n_trials=4200)  # the columns have room for 8192 rows now
    tpe, random = TPESampler(seed=0), steep.samplers.RandomSampler(seed=1)
    grown = []
    for sampler in (tpe, random, tpe):
        study.sampler = sampler
        study.optimize(mixed, n_trials=30)
        tracemalloc.start()
        study.optimize(mixed, n_trials=600)
        grown.append(tracemalloc.get_traced_memory()[0])
        tracemalloc.stop()
    assert grown[2] < grown[1] + 60_000
