"""Random sampling: uniform in each parameter, whatever else is asked for."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import steep
from steep.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from steep.samplers import RandomSampler
from steep.space import Space

CASES: list[BaseDistribution] = [
    FloatDistribution(-3, 5),
    FloatDistribution(1e-5, 1e3, log=True),
    FloatDistribution(0, 1, step=0.125),
    IntDistribution(-4, 5),
    IntDistribution(20, 1000, log=True),
    CategoricalDistribution("abcde"),
]


@pytest.mark.parametrize("distribution", CASES, ids=repr)
def test_values_are_uniform(distribution: BaseDistribution) -> None:
    study = steep.create_study(sampler=RandomSampler(seed=0))
    sampler = study.sampler
    n = 4000
    values = [
        sampler.sample_independent(study, steep.trial.FrozenTrial.lazy(i, dict), "x", distribution)  # type: ignore[arg-type]
        for i in range(n)
    ]
    internal = np.array([[distribution.to_internal_repr(value)] for value in values])
    unit = Space({"x": distribution}).encode(internal)[:, 0]
    size = distribution.grid_size()
    if size is not None and size < 100 and not getattr(distribution, "log", False):
        counts = np.bincount((unit * size).astype(int), minlength=size)
        assert stats.chisquare(counts).pvalue > 0.01
    else:
        assert stats.kstest(unit, "uniform").statistic < 0.06


def test_a_value_depends_on_seed_number_and_name_only() -> None:
    def short(trial: steep.Trial) -> float:
        return trial.suggest_float("x", 0, 1)

    def long(trial: steep.Trial) -> float:
        trial.suggest_int("before", 0, 9)
        return trial.suggest_float("x", 0, 1)

    studies = [steep.create_study(sampler=RandomSampler(7)) for _ in range(2)]
    studies[0].optimize(short, n_trials=5)
    studies[1].optimize(long, n_trials=5)
    first, second = ([t.params["x"] for t in study.trials] for study in studies)
    assert first == second


def test_names_and_trials_are_independent() -> None:
    study = steep.create_study(sampler=RandomSampler(0))
    study.optimize(lambda t: t.suggest_float("x", 0, 1) + t.suggest_float("y", 0, 1), n_trials=600)
    x, y = (study.table.params[name].values for name in "xy")
    assert abs(np.corrcoef(x, y)[0, 1]) < 0.1
    assert abs(np.corrcoef(x[1:], x[:-1])[0, 1]) < 0.1


@pytest.mark.parametrize(("low", "high"), [(0, np.inf), (-np.inf, np.inf), (np.nan, 1)])
def test_an_infinite_range_is_refused(low: float, high: float) -> None:
    trial = steep.create_study(sampler=RandomSampler(0)).ask()
    with pytest.raises(OverflowError, match="finite"):
        trial.suggest_float("x", low, high)
