"""suggest_*: ranges, steps, choices, reused names."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from .harness import attempt, differential
from .programs import new_study

INF, NAN = float("inf"), float("nan")
KINDS = ["live", "frozen", "fixed"]


def ask(lib: Any) -> Any:
    """Return a live trial whose values are the middle of each range."""
    study = new_study(lib)
    for _ in range(3):
        trial = study.ask()
    return trial


@differential
@pytest.mark.parametrize(
    ("low", "high", "options"),
    [
        (0, 1, {}),
        (0.0, 1.0, {}),
        (1, 1, {}),
        (-1.5, 2, {}),
        (1, 0, {}),
        (NAN, 1, {}),
        (0, NAN, {}),
        (0, INF, {}),
        (-INF, INF, {}),
        ("0", "1", {}),
        ("a", 1, {}),
        (None, 1, {}),
        (np.float32(0.5), np.int64(4), {}),
        (1e-3, 1, {"log": True}),
        (0, 1, {"log": True}),
        (-1, 1, {"log": True}),
        (1, 1, {"log": True}),
        (0, 1, {"step": 0.25}),
        (0, 1, {"step": 0.3}),
        (0, 1, {"step": 2}),
        (0, 1, {"step": 0}),
        (0, 1, {"step": -0.1}),
        (0, 1, {"step": 1}),
        (1, 2, {"step": 0.5, "log": True}),
        (0.1, 0.3, {"step": 0.1}),
        (0, 0, {"step": 0.5}),
        (1, 0, {"step": 0.5}),
        (0, 1, {"log": False, "step": None}),
        (1e-300, 1e300, {"log": True}),
        (0, 1e308, {}),
    ],
    ids=str,
)
def test_suggest_float(lib: Any, low: Any, high: Any, options: dict[str, Any]) -> Any:
    trial = ask(lib)
    return attempt(trial.suggest_float, "x", low, high, **options), trial.distributions


@differential
@pytest.mark.parametrize(
    ("low", "high", "options"),
    [
        (0, 4, {}),
        (3, 3, {}),
        (-5, -1, {}),
        (4, 0, {}),
        (0.5, 3, {}),
        (0.0, 4.0, {}),
        ("1", "3", {}),
        ("a", 3, {}),
        (None, 3, {}),
        (np.int64(1), np.int32(9), {}),
        (True, 3, {}),
        (NAN, 3, {}),
        (0, INF, {}),
        (0, 10, {"step": 2}),
        (0, 10, {"step": 3}),
        (0, 10, {"step": 20}),
        (0, 10, {"step": 0}),
        (0, 10, {"step": -1}),
        (0, 10, {"step": 1.5}),
        (0, 10, {"step": 2.0}),
        (1, 100, {"log": True}),
        (0, 100, {"log": True}),
        (-1, 100, {"log": True}),
        (1, 100, {"log": True, "step": 2}),
        (1, 100, {"log": True, "step": 1}),
        (1, 1, {"log": True}),
        (0, 2**53, {}),
        (5, 4, {"step": 2}),
        (0, 3, {"step": None}),
    ],
    ids=str,
)
def test_suggest_int(lib: Any, low: Any, high: Any, options: dict[str, Any]) -> Any:
    trial = ask(lib)
    return attempt(trial.suggest_int, "n", low, high, **options), trial.distributions


@differential
@pytest.mark.parametrize(
    "choices",
    [
        ["a", "b", "c"],
        ("only",),
        [None],
        [True, False],
        [1, 1.0, True],
        ["a", "a"],
        [],
        "abc",
        range(3),
        [NAN, INF],
        [0, 0.5, "c", None, False],
        [[1, 2], [3]],
        [(1, 2), (3, 4)],
        [{"k": 1}],
        [object],
        [np.int64(1), np.float32(2.5)],
        [b"1"],
    ],
    ids=str,
)
def test_suggest_categorical(lib: Any, choices: Any) -> Any:
    trial = ask(lib)
    return attempt(trial.suggest_categorical, "c", choices), trial.distributions


@differential
def test_choices_that_are_no_sequence(lib: Any) -> Any:
    trial = ask(lib)
    return attempt(trial.suggest_categorical, "c", None)


@differential
def test_deprecated_suggestions(lib: Any) -> Any:
    trial = ask(lib)
    values = [
        attempt(trial.suggest_uniform, "u", 0, 1),
        attempt(trial.suggest_loguniform, "l", 0.01, 1),
        attempt(trial.suggest_discrete_uniform, "d", 0, 1, 0.25),
    ]
    return values, trial.distributions


@differential
def test_step_and_log_are_keywords(lib: Any) -> Any:
    trial = ask(lib)
    return attempt(trial.suggest_float, "x", 0, 1, 0.5), attempt(trial.suggest_int, "n", 0, 4, 2)


def first_of(lib: Any, kind: str) -> Any:
    """Return a trial of a kind, in which x is a float 0.5 of [0, 1] and n an int 2 of [0, 4]."""
    distributions = {
        "x": lib.distributions.FloatDistribution(0, 1),
        "n": lib.distributions.IntDistribution(0, 4),
        "c": lib.distributions.CategoricalDistribution(["a", "b"]),
    }
    params = {"x": 0.5, "n": 2, "c": "a"}
    if kind == "frozen":
        return lib.create_trial(value=1.0, params=params, distributions=distributions)
    if kind == "fixed":
        return lib.trial.FixedTrial(params)
    trial = ask(lib)
    trial.suggest_float("x", 0, 1)
    trial.suggest_int("n", 0, 4)
    trial.suggest_categorical("c", ["a", "b"])
    return trial


@differential
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("method", "arguments", "options"),
    [
        ("suggest_float", ("x", 0, 1), {}),
        ("suggest_float", ("x", 0, 2), {}),
        ("suggest_float", ("x", 0.6, 1), {}),
        ("suggest_float", ("x", 0.1, 1), {"log": True}),
        ("suggest_float", ("x", 0, 1), {"step": 0.5}),
        ("suggest_float", ("x", 0, 1), {"step": 0.4}),
        ("suggest_float", ("x", 1, 0), {}),
        ("suggest_int", ("x", 0, 1), {}),
        ("suggest_categorical", ("x", [0.5, 1.0]), {}),
        ("suggest_int", ("n", 0, 4), {}),
        ("suggest_int", ("n", 0, 8), {}),
        ("suggest_int", ("n", 3, 8), {}),
        ("suggest_int", ("n", 1, 9), {"step": 2}),
        ("suggest_int", ("n", 1, 9), {"log": True}),
        ("suggest_float", ("n", 0, 4), {}),
        ("suggest_categorical", ("c", ["a", "b"]), {}),
        ("suggest_categorical", ("c", ("a", "b")), {}),
        ("suggest_categorical", ("c", ["b", "a"]), {}),
        ("suggest_categorical", ("c", ["a", "b", "c"]), {}),
        ("suggest_categorical", ("c", ["b"]), {}),
        ("suggest_float", ("c", 0, 1), {}),
    ],
    ids=str,
)
def test_suggest_a_name_again(
    lib: Any, kind: str, method: str, arguments: Any, options: Any
) -> Any:
    trial = first_of(lib, kind)
    outcomes = [attempt(getattr(trial, method), *arguments, **options) for _ in range(2)]
    return outcomes, trial.params, trial.distributions


@differential
@pytest.mark.parametrize("kind", KINDS[1:])
def test_an_unknown_name_of_a_finished_trial(lib: Any, kind: str) -> Any:
    trial = first_of(lib, kind)
    return attempt(trial.suggest_float, "y", 0, 1), trial.params


@differential
def test_other_range_in_the_next_trial(lib: Any) -> Any:
    study = new_study(lib)
    outcomes = []
    for call in (
        lambda trial: trial.suggest_float("x", 0, 1),
        lambda trial: trial.suggest_float("x", 0, 7),
        lambda trial: trial.suggest_float("x", 1, 7, log=True),
        lambda trial: trial.suggest_float("x", 0, 8, step=2),
        lambda trial: trial.suggest_int("x", 0, 8),
        lambda trial: trial.suggest_categorical("x", [0.0, 1.0]),
    ):
        trial = study.ask()
        outcomes.append(attempt(call, trial))
        study.tell(trial, 1.0)
    return outcomes, study.trials


@differential
def test_other_choices_in_the_next_trial(lib: Any) -> Any:
    study = new_study(lib)
    outcomes = []
    for choices in (["a", "b"], ["a", "b"], ["b", "a"], ["a", "b", "c"], ["a"], (NAN,)):
        trial = study.ask()
        outcomes.append(attempt(trial.suggest_categorical, "c", choices))
        study.tell(trial, 1.0)
    return outcomes, study.trials


@differential
def test_choices_with_nan_match_themselves(lib: Any) -> Any:
    study = new_study(lib)
    outcomes = []
    for _ in range(2):
        trial = study.ask()
        outcomes.append(attempt(trial.suggest_categorical, "c", [NAN, None, 1]))
        outcomes.append(attempt(trial.suggest_categorical, "c", [float("nan"), None, 1]))
        study.tell(trial, 1.0)
    return outcomes


@differential
@pytest.mark.parametrize("name", ["", "a b", "ü", "x.y", "0"], ids=repr)
def test_any_text_is_a_name(lib: Any, name: str) -> Any:
    trial = ask(lib)
    return trial.suggest_float(name, 0, 1), trial.params


@differential
def test_live_params_are_copies(lib: Any) -> Any:
    trial = first_of(lib, "live")
    trial.params["x"] = 9
    trial.distributions.clear()
    trial.user_attrs["a"] = 1
    return trial.params, list(trial.distributions), trial.user_attrs


@differential
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("value", [1, "text", None, [1, {"a": None}], INF, True], ids=str)
def test_user_attributes_of_a_trial(lib: Any, kind: str, value: Any) -> Any:
    trial = first_of(lib, kind)
    trial.set_user_attr("key", value)
    trial.set_user_attr("again", 1)
    trial.set_user_attr("again", 2)
    return trial.user_attrs


@differential
def test_user_attributes_reach_the_frozen_trial(lib: Any) -> Any:
    study = new_study(lib)
    trial = study.ask()
    trial.set_user_attr("deep", {"a": [1, NAN]})
    return study.trials[0].user_attrs, study.tell(trial, 1.0).user_attrs


@differential
def test_both_ends_of_a_grid_of_two_are_suggested(lib: Any) -> Any:
    study = lib.create_study(sampler=lib.samplers.RandomSampler(seed=1))
    trials = [study.ask() for _ in range(40)]
    return sorted({trial.suggest_float("x", 0.2, 0.3, step=0.1) for trial in trials})
