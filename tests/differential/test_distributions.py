"""Distributions: what they accept, how they convert, compare and travel as JSON."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import numpy as np
import pytest

from .harness import attempt, attempt_each, differential

INF, NAN = float("inf"), float("nan")
MADE: list[tuple[str, dict[str, Any]]] = [
    ("FloatDistribution", {"low": 0, "high": 1}),
    ("FloatDistribution", {"low": -1.5, "high": 1.5, "step": 0.5}),
    ("FloatDistribution", {"low": 0.001, "high": 10, "log": True}),
    ("FloatDistribution", {"low": 2, "high": 2}),
    # Their ends are one step apart in decimals, and a little less in binary or a little more.
    ("FloatDistribution", {"low": 0.2, "high": 0.3, "step": 0.1}),
    ("FloatDistribution", {"low": 0.7, "high": 0.8, "step": 0.1}),
    ("FloatDistribution", {"low": -5.7, "high": -5.4, "step": 0.3}),
    ("IntDistribution", {"low": 1, "high": 9}),
    ("IntDistribution", {"low": 1, "high": 9, "step": 4}),
    ("IntDistribution", {"low": 1, "high": 100, "log": True}),
    ("IntDistribution", {"low": 3, "high": 3}),
    ("CategoricalDistribution", {"choices": ["a", None, True, 1.5]}),
    ("CategoricalDistribution", {"choices": (7,)}),
    ("CategoricalDistribution", {"choices": [NAN, 0]}),
]
DEPRECATED: list[tuple[str, tuple[Any, ...]]] = [
    ("UniformDistribution", (0, 1)),
    ("LogUniformDistribution", (0.1, 1)),
    ("DiscreteUniformDistribution", (0, 1, 0.25)),
    ("IntUniformDistribution", (1, 9, 2)),
    ("IntLogUniformDistribution", (1, 9)),
]
made = pytest.mark.parametrize(("name", "options"), MADE, ids=str)


def make(lib: Any, name: str, options: dict[str, Any]) -> Any:
    """Make a distribution of the library by the name of its class."""
    return getattr(lib.distributions, name)(**options)


@differential
@made
def test_fields_and_texts(lib: Any, name: str, options: dict[str, Any]) -> Any:
    made = make(lib, name, options)
    return made, repr(made), made.single(), lib.distributions.distribution_to_json(made)


@differential
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("FloatDistribution", {"low": 1, "high": 0}),
        ("FloatDistribution", {"low": 0, "high": 1, "log": True}),
        ("FloatDistribution", {"low": -1, "high": 1, "log": True}),
        ("FloatDistribution", {"low": 1, "high": 2, "log": True, "step": 0.5}),
        ("FloatDistribution", {"low": 0, "high": 1, "step": 0}),
        ("FloatDistribution", {"low": 0, "high": 1, "step": -0.5}),
        ("FloatDistribution", {"low": 0, "high": 1, "step": 0.3}),
        ("FloatDistribution", {"low": 0, "high": 1, "step": 3}),
        ("FloatDistribution", {"low": 0.1, "high": 0.7, "step": 0.2}),
        ("FloatDistribution", {"low": "a", "high": 1}),
        ("FloatDistribution", {"low": None, "high": 1}),
        ("IntDistribution", {"low": 2, "high": 1}),
        ("IntDistribution", {"low": 0, "high": 9, "log": True}),
        ("IntDistribution", {"low": 1, "high": 9, "log": True, "step": 2}),
        ("IntDistribution", {"low": 0, "high": 9, "step": 0}),
        ("IntDistribution", {"low": 0, "high": 9, "step": -1}),
        ("IntDistribution", {"low": 0, "high": 9, "step": 4}),
        ("CategoricalDistribution", {"choices": []}),
        ("CategoricalDistribution", {"choices": [[1], {"a": 1}]}),
        ("CategoricalDistribution", {"choices": [1, 1]}),
    ],
    ids=str,
)
def test_constructors_check_and_warn(lib: Any, name: str, options: dict[str, Any]) -> Any:
    return [attempt(make, lib, name, options)]


VALUES: list[Any] = [
    0,
    1,
    2,
    0.5,
    2.0,
    3.7,
    -1,
    "1",
    "a",
    None,
    True,
    NAN,
    INF,
    [1],
    np.float64(2),
    np.int64(5),
]


@differential
@made
@pytest.mark.parametrize("value", [*VALUES, 1.5, "1.5", np.array(2.0)], ids=repr)
def test_internal_representation(lib: Any, name: str, options: dict[str, Any], value: Any) -> Any:
    made = make(lib, name, options)
    outcome = attempt(made.to_internal_repr, value)
    return [float(outcome) if isinstance(outcome, (int, float)) else outcome]


@differential
@made
def test_external_representation(lib: Any, name: str, options: dict[str, Any]) -> Any:
    made = make(lib, name, options)
    internals = [0.0] if "choices" in options else [1.0, 2.0, 5.0]
    return [made.to_external_repr(internal) for internal in internals]


@differential
def test_equality_and_hash(lib: Any) -> Any:
    all_made = [make(lib, name, options) for name, options in MADE]
    again = [make(lib, name, copy.deepcopy(options)) for name, options in MADE]
    finite = [
        k for k in range(len(MADE)) if "NAN" not in repr(MADE[k]) and "nan" not in repr(MADE[k])
    ]
    table = [[all_made[a] == again[b] for b in finite] for a in finite]
    hashes = [hash(all_made[k]) == hash(again[k]) for k in finite]
    return table, hashes, all_made[0] == 3, all_made[0] != "a"


@differential
def test_content_decides_equality_of_types_too(lib: Any) -> Any:
    kinds = lib.distributions
    return [
        kinds.FloatDistribution(0, 1) == kinds.FloatDistribution(0.0, 1.0),
        kinds.FloatDistribution(1, 4) == kinds.IntDistribution(1, 4),
        kinds.IntDistribution(1, 4) == kinds.IntDistribution(1, 4, step=1, log=False),
        kinds.CategoricalDistribution([1]) == kinds.CategoricalDistribution([1.0]),
        kinds.CategoricalDistribution([1]) == kinds.CategoricalDistribution([True]),
        kinds.CategoricalDistribution([1, 2]) == kinds.CategoricalDistribution([2, 1]),
        kinds.CategoricalDistribution([1, 2]) == kinds.CategoricalDistribution((1, 2)),
        kinds.CategoricalDistribution([NAN]) == kinds.CategoricalDistribution([float("nan")]),
    ]


@differential
@made
def test_json_and_pickle_keep_all(lib: Any, name: str, options: dict[str, Any]) -> Any:
    kinds = lib.distributions
    made = make(lib, name, options)
    text = kinds.distribution_to_json(made)
    copies = [
        kinds.json_to_distribution(text),
        pickle.loads(pickle.dumps(made)),
        copy.deepcopy(made),
    ]
    return copies, json.loads(text), [type(c).__name__ for c in copies]


@differential
@pytest.mark.parametrize(
    "text",
    [
        '{"name": "UniformDistribution", "attributes": {"low": 0.0, "high": 1.0}}',
        '{"name": "IntUniformDistribution", "attributes": {"low": 1, "high": 9, "step": 2}}',
        '{"name": "IntDistribution", "attributes": {"low": 1, "high": 9, "step": 2, "log": false}}',
        '{"name": "Unknown", "attributes": {}}',
        '{"type": "float", "low": 0.0, "high": 1.0}',
        '{"type": "int", "low": 1, "high": 9, "step": 2}',
        '{"type": "int", "low": 1, "high": 9, "log": true}',
        '{"type": "categorical", "choices": ["a", null, 1]}',
        '{"type": "odd"}',
        "nonsense",
    ],
)
def test_json_of_other_versions(lib: Any, text: str) -> Any:
    return [attempt(lib.distributions.json_to_distribution, text)]


@differential
@pytest.mark.parametrize(("name", "arguments"), DEPRECATED, ids=str)
def test_deprecated_distributions_warn_and_convert(lib: Any, name: str, arguments: Any) -> Any:
    kinds = lib.distributions
    made = getattr(kinds, name)(*arguments)
    base = [
        c.__name__
        for c in type(made).__mro__
        if c.__name__ in ("FloatDistribution", "IntDistribution")
    ]
    text = kinds.distribution_to_json(made)
    return made, base, made.single(), repr(made), text, kinds.json_to_distribution(text)


@differential
def test_compatibility(lib: Any) -> Any:
    kinds = lib.distributions
    pool = {
        "float": kinds.FloatDistribution(0, 1),
        "wide": kinds.FloatDistribution(-5, 5),
        "log": kinds.FloatDistribution(1, 5, log=True),
        "int": kinds.IntDistribution(0, 1),
        "int log": kinds.IntDistribution(1, 5, log=True),
        "choices": kinds.CategoricalDistribution(["a", "b"]),
        "swapped": kinds.CategoricalDistribution(["b", "a"]),
        "more": kinds.CategoricalDistribution(["a", "b", "c"]),
    }
    check = kinds.check_distribution_compatibility
    return {f"{a}, {b}": attempt(check, pool[a], pool[b]) for a in pool for b in pool}


@differential
def test_choices_are_found_by_equality(lib: Any) -> Any:
    made = lib.distributions.CategoricalDistribution([1, "1", None, NAN, False])

    def position(value: Any) -> float:
        return float(made.to_internal_repr(value))

    return attempt_each(position, [1, True, 1.0, "1", None, NAN, 0, False, 0.0, "no"])
