"""PED-ANOVA on whole studies: known importances, bad input, several objectives, speed."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

import steep
from steep.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from steep.importance import PedAnovaImportanceEvaluator, get_param_importances
from steep.trial import create_trial

UNIT = FloatDistribution(0.0, 1.0)


def study_of(
    rows: Sequence[tuple[Any, dict[str, Any]]],
    distributions: dict[str, BaseDistribution],
    directions: Sequence[str] = ("minimize",),
) -> steep.Study:
    """Make a study of complete trials from values and parameters."""
    study = steep.create_study(directions=list(directions))
    for values, params in rows:
        study.add_trial(
            create_trial(
                values=list(values) if isinstance(values, tuple) else [values],
                params=params,
                distributions={name: distributions[name] for name in params},
            )
        )
    return study


def random_study(
    value: Callable[..., Any], n: int, names: str = "xyz", seed: int = 0, **kwargs: Any
) -> steep.Study:
    """Make a study of random points in the unit cube."""
    points = np.random.default_rng(seed).random((n, len(names)))
    rows = [(value(*point), dict(zip(names, point, strict=True))) for point in points.tolist()]
    return study_of(rows, dict.fromkeys(names, UNIT), **kwargs)


def test_the_ranking_follows_the_weights_of_a_sum() -> None:
    study = random_study(lambda x, y, z: x + 5.0 * z + 0.1 * y, 300)
    importances = get_param_importances(study)
    assert list(importances) == ["z", "x", "y"]
    assert sum(importances.values()) == pytest.approx(1.0)
    assert all(type(score) is float for score in importances.values())


def test_maximised_values_are_read_in_their_direction() -> None:
    """y matters for the best trials only where x is large."""
    study = random_study(lambda x, y, z: x + y * (x > 0.8), 400, directions=["maximize"])
    small = random_study(lambda x, y, z: -x - y * (x > 0.8), 400)
    assert get_param_importances(study) == get_param_importances(small)


def test_single_valued_parameters_score_zero() -> None:
    rng = np.random.default_rng(0)
    rows = [(x, {"x": x, "fixed": 3, "only": "a"}) for x in rng.random(50).tolist()]
    study = study_of(
        rows,
        {"x": UNIT, "fixed": IntDistribution(3, 3), "only": CategoricalDistribution(["a"])},
    )
    assert get_param_importances(study) == {"x": 1.0, "fixed": 0.0, "only": 0.0}


def test_a_logarithmic_range_is_measured_by_orders_of_magnitude() -> None:
    """The value depends on the exponent, so that log and linear ranges tell the same story."""
    exponents = np.random.default_rng(0).uniform(-5.0, 0.0, 300)
    linear = study_of(
        [(abs(e + 3), {"x": e}) for e in exponents.tolist()], {"x": FloatDistribution(-5, 0)}
    )
    log = study_of(
        [(abs(e + 3), {"x": 10.0**e}) for e in exponents.tolist()],
        {"x": FloatDistribution(1e-5, 1.0, log=True)},
    )
    evaluate = PedAnovaImportanceEvaluator().evaluate
    assert evaluate(linear)["x"] == pytest.approx(evaluate(log)["x"], rel=1e-6)


def test_a_conditional_parameter_is_rated_by_its_own_trials() -> None:
    rng = np.random.default_rng(1)
    rows = []
    for u, pick in zip(rng.random(400).tolist(), rng.integers(2, size=400).tolist(), strict=True):
        rows.append((u, {"m": "a", "u": u}) if pick else (0.9 + u, {"m": "b", "v": u}))
    study = study_of(rows, {"m": CategoricalDistribution(["a", "b"]), "u": UNIT, "v": UNIT})
    importances = get_param_importances(study)
    assert list(importances) == ["u", "m", "v"]
    assert importances["v"] == 0.0  # no trial with v is among the best tenth


def test_infinite_values_are_ignored() -> None:
    rng = np.random.default_rng(2)
    points = rng.random((100, 2)).tolist()
    rows = [(x + 0.1 * y, {"x": x, "y": y}) for x, y in points]
    bad = [(float("inf"), {"x": 0.0, "y": y}) for y in np.linspace(0, 1, 50).tolist()]
    bad += [(-float("inf"), {"x": 1.0, "y": y}) for y in np.linspace(0, 1, 50).tolist()]
    distributions: dict[str, BaseDistribution] = {"x": UNIT, "y": UNIT}
    clean, dirty = study_of(rows, distributions), study_of(rows + bad, distributions)
    assert get_param_importances(dirty) == get_param_importances(clean)


def test_a_changed_range_is_its_own_regime() -> None:
    rng = np.random.default_rng(3)
    study = steep.create_study()
    for high in (1.0, 2.0):
        for x, y in rng.random((200, 2)).tolist():
            study.add_trial(
                create_trial(
                    value=x * high + 0.1 * y,
                    params={"x": x * high, "y": y},
                    distributions={"x": FloatDistribution(0.0, high), "y": UNIT},
                )
            )
    assert list(get_param_importances(study)) == ["x", "y"]


@pytest.mark.parametrize("n", [0, 1])
def test_too_few_trials_warn_and_are_equal(n: int) -> None:
    study = random_study(lambda x, y: x, n, names="xy")
    with pytest.warns(UserWarning, match="Fewer than two complete trials"):
        importances = get_param_importances(study)
    assert importances == (dict.fromkeys("xy", 0.5) if n else {})


def test_equal_values_warn_and_are_equal() -> None:
    study = random_study(lambda x, y: 1.0, 30, names="xy")
    with pytest.warns(UserWarning, match="their values are equal"):
        assert get_param_importances(study) == {"x": 0.5, "y": 0.5}


def test_a_regime_of_one_trial_warns() -> None:
    rows: list[tuple[Any, dict[str, Any]]] = [(float(i), {"x": i / 10}) for i in range(10)]
    study = study_of([*rows, (0.0, {"x": 0.5, "rare": 0.5})], {"x": UNIT, "rare": UNIT})
    with pytest.warns(UserWarning, match="'rare' has ranges with fewer than 2 trials") as caught:
        assert get_param_importances(study)["rare"] == 0.0
    assert caught[0].filename == __file__, "the warning names the line of the user"


def test_unknown_names_are_refused_with_the_known_ones() -> None:
    study = random_study(lambda x, y: x, 10, names="xy")
    with pytest.raises(ValueError, match=r"has \['zz'\]; there are \['x', 'y'\]"):
        get_param_importances(study, params=["zz"])


@pytest.mark.parametrize("params", ["x", {"x": 1}, [1]])
def test_params_must_be_a_list_of_names(params: Any) -> None:
    study = random_study(lambda x, y: x, 10, names="xy")
    with pytest.raises(TypeError, match="get_param_importances"):
        get_param_importances(study, params=params)


@pytest.mark.parametrize(
    "kwargs",
    [
        {"target_quantile": 0.0},
        {"target_quantile": 1.0},
        {"region_quantile": 1.5},
        {"target_quantile": 0.5, "region_quantile": 0.3},
    ],
)
def test_quantiles_must_be_in_order(kwargs: dict[str, float]) -> None:
    with pytest.raises(AssertionError, match="choose 0 < target_quantile < region_quantile"):
        PedAnovaImportanceEvaluator(**kwargs)


def test_several_objectives_are_rated_by_pareto_rank() -> None:
    study = random_study(lambda x, y, z: (x + z, x - z), 300, directions=["minimize", "minimize"])
    # Any z can be on the front; only x decides how near a trial is to it.
    assert next(iter(get_param_importances(study))) == "x"


def test_a_target_chooses_one_of_several_objectives() -> None:
    study = random_study(lambda x, y: (x, -y), 300, names="xy", directions=["minimize", "maximize"])
    with pytest.warns(UserWarning, match="small values of `target`"):
        assert next(iter(get_param_importances(study, target=lambda t: t.values[1]))) == "y"


def test_a_target_that_is_no_number_names_the_trial() -> None:
    study = random_study(lambda x: x, 5, names="x")
    with pytest.raises(TypeError, match="trial 0 is None"):
        get_param_importances(study, target=lambda trial: None)  # type: ignore[arg-type,return-value]


def test_unfinished_and_failed_trials_do_not_count() -> None:
    study = random_study(lambda x, y: x, 50, names="xy")
    before = get_param_importances(study)
    failed = create_trial(
        state=steep.trial.TrialState.FAIL, params={"x": 0.9}, distributions={"x": UNIT}
    )
    for _ in range(50):
        study.add_trial(failed)
    study.enqueue_trial({"x": 0.1})
    assert get_param_importances(study) == before


def test_region_quantile_looks_at_the_better_trials_only() -> None:
    """y separates the worse half from the better one and means nothing within the latter."""
    study = random_study(lambda x, y: 10.0 * (y > 0.5) + x, 800, names="xy")
    whole = get_param_importances(study)
    better = get_param_importances(
        study, evaluator=PedAnovaImportanceEvaluator(region_quantile=0.5)
    )
    assert better["y"] < 0.1 * whole["y"]


def test_ten_thousand_trials_take_a_tenth_of_a_second() -> None:
    study = random_study(lambda *x: sum(x), 10_000, names="abcdefghijklmnopqrst")
    get_param_importances(study)
    seconds = []
    for _ in range(5):  # the best of a few: others may use the machine
        start = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            get_param_importances(study)
        seconds.append(time.perf_counter() - start)
    assert min(seconds) < 0.1
