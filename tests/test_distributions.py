"""Distributions: what Optuna's accept, reject, warn about and write, and what steep adds."""

from __future__ import annotations

import copy
import json
import math
import pickle
import warnings
from typing import Any

import numpy as np
import optuna.distributions as reference
import pytest
from hypothesis import given
from hypothesis import strategies as st

import steep.distributions as ours
from steep.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

NAN = math.nan
INF = math.inf
UNIT = st.floats(0, 1, exclude_max=True)


def outcome(module: Any, expression: str) -> tuple[str, list[str]]:
    """Evaluate under one of the two libraries: what came out, and the classes of its warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = repr(eval(expression, {"np": np, "nan": NAN, "inf": INF, **vars(module)}))
        except Exception as error:
            result = f"raised {type(error).__name__}"
    return result, [warning.category.__name__ for warning in caught]


CONSTRUCTIONS = """
FloatDistribution(0, 1)
FloatDistribution(1, 0)
FloatDistribution(1, 1)
FloatDistribution(0, 1, log=True)
FloatDistribution(-1, 1, True)
FloatDistribution(1e-5, 1, log=True)
FloatDistribution(0.001, 1, True, 0.1)
FloatDistribution(0, 1, step=0)
FloatDistribution(0, 1, step=-1)
FloatDistribution(0, 1, step=0.3)
FloatDistribution(0, 1, step=0.1)
FloatDistribution(0, 0.9, step=0.3)
FloatDistribution(0, 0.95, step=0.1)
FloatDistribution(0, 1, step=2)
FloatDistribution(0.1, 1e16, step=0.1)
FloatDistribution(nan, 1)
FloatDistribution(0, nan)
FloatDistribution(-inf, inf)
FloatDistribution('0', '1')
FloatDistribution('a', 1)
FloatDistribution(None, 1)
FloatDistribution([0], 1)
FloatDistribution(0, 1, step='.5')
FloatDistribution(np.float32(0.1), 1)
FloatDistribution(np.float32(0.1), np.float32(1), step=np.float32(0.1))
IntDistribution(0, 5)
IntDistribution(1, 0)
IntDistribution(0, 5, log=True)
IntDistribution(1, 5, True)
IntDistribution(1, 5, log=True, step=2)
IntDistribution(0, 5, step=0)
IntDistribution(0, 5, step=-2)
IntDistribution(0, 5, step=2)
IntDistribution(0, 5, step=10)
IntDistribution(0, 5, step=None)
IntDistribution(0.5, 5.7)
IntDistribution('1', '5')
IntDistribution(nan, 5)
IntDistribution(0, inf)
IntDistribution(None, 5)
IntDistribution(np.int64(0), np.int64(3))
IntDistribution(0, 2**70)
CategoricalDistribution([])
CategoricalDistribution([1, 'a', None, True, 2.5, nan])
CategoricalDistribution([1, [2], {'a': 1}])
CategoricalDistribution([np.int64(1), np.float64(2)])
CategoricalDistribution('abc')
CategoricalDistribution(1)
CategoricalDistribution(range(3))
UniformDistribution(0, 1)
LogUniformDistribution(1, 2)
LogUniformDistribution(0, 2)
DiscreteUniformDistribution(0, 1, 0.3)
DiscreteUniformDistribution(0, 1, q=0.5).q
IntUniformDistribution(0, 5, 2)
IntLogUniformDistribution(1, 5)
IntLogUniformDistribution(1, 5, 2)
BaseDistribution()
""".strip().splitlines()

PAIRS = """
FloatDistribution(0, 1), FloatDistribution(0, 1, step=None)
FloatDistribution(0, 1), FloatDistribution(2, 3)
FloatDistribution(0, 1), FloatDistribution(0, 1, step=0.5)
FloatDistribution(1, 2), FloatDistribution(1, 2, log=True)
FloatDistribution(0, 1), IntDistribution(0, 1)
FloatDistribution(0, 1), UniformDistribution(0, 1)
IntDistribution(1, 2), IntDistribution(1, 2, log=True)
IntDistribution(1, 5), IntDistribution(1, 5, step=2)
CategoricalDistribution([1]), CategoricalDistribution([1, 2])
CategoricalDistribution([1, 2]), CategoricalDistribution([2, 1])
CategoricalDistribution([1, 2]), CategoricalDistribution((1, 2))
CategoricalDistribution([1]), CategoricalDistribution([1.0])
CategoricalDistribution([1]), CategoricalDistribution([True])
CategoricalDistribution([nan]), CategoricalDistribution([np.float64('nan')])
UniformDistribution(1, 2), LogUniformDistribution(1, 2)
""".strip().splitlines()

JSONS = """
{"name": "FloatDistribution", "attributes": {"low": 0, "high": 1}}
{"name": "UniformDistribution", "attributes": {"low": 0, "high": 1}}
{"name": "DiscreteUniformDistribution", "attributes": {"low": 0, "high": 1, "q": 0.5}}
{"name": "IntLogUniformDistribution", "attributes": {"low": 1, "high": 7, "step": 2}}
{"name": "Unknown", "attributes": {"low": 0, "high": 1}}
{"name": "FloatDistribution"}
{"name": "FloatDistribution", "attributes": {"low": 0, "high": 1, "extra": 2}}
{"name": "FloatDistribution", "attributes": {"low": 0}}
{"attributes": {"low": 0, "high": 1}}
{"type": "float", "low": 0, "high": 1}
{"type": "float", "low": 0, "high": 1, "step": 0.3}
{"type": "float", "low": 1, "high": 2, "log": true}
{"type": "float", "low": 1}
{"type": "int", "low": 0, "high": 10, "step": 2}
{"type": "int", "low": 1, "high": 10, "log": true}
{"type": "categorical", "choices": ["a", null]}
{"type": "unknown"}
{}
[]
5
x
""".strip().splitlines()

KINDS = {
    "float": "FloatDistribution(0, 1)",
    "stepped": "FloatDistribution(0, 1, step=0.25)",
    "log": "FloatDistribution(0.001, 1, log=True)",
    "int": "IntDistribution(0, 10)",
    "int step": "IntDistribution(1, 10, step=3)",
    "int log": "IntDistribution(1, 10, log=True)",
    "choices": "CategoricalDistribution([1, 'a', None, True, 2.5, nan])",
    "equal choices": "CategoricalDistribution([True, 1, 1.0])",
    "unhashable choices": "CategoricalDistribution([[1], {'a': 1}, 1])",
}
VALUES = (
    "0.5 1 0 -1 2 nan inf -inf '1' 'a' None True [1] {} 1j 1.5 '1.5' 2**70 (1,) np.array([1]) "
    "np.array([1,2]) np.array(1.0) np.float32(0.5) np.int64(3) np.nan {'a':1}"
).split()
INTERNAL = "0.0 1.0 4.0 0.25 0.25000000001 0.2500001 2.7 10.0 11.0 -1.0 5.0 6.0".split()


@pytest.mark.parametrize("expression", CONSTRUCTIONS)
def test_construction_is_that_of_optuna(expression: str) -> None:
    assert outcome(ours, expression) == outcome(reference, expression)


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize(
    "form", ["({})[0] == ({})[1]", "check_distribution_compatibility(*({}))"], ids=["eq", "check"]
)
def test_equality_and_compatibility_are_those_of_optuna(form: str, pair: str) -> None:
    expression = form.replace("{}", pair)
    assert outcome(ours, expression) == outcome(reference, expression)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_json_is_byte_for_byte_that_of_optuna(kind: str) -> None:
    expression = f"distribution_to_json({kind})"
    assert outcome(ours, expression) == outcome(reference, expression)


@pytest.mark.parametrize("text", JSONS)
def test_json_is_read_as_by_optuna(text: str) -> None:
    expression = f"json_to_distribution({text!r})"
    assert outcome(ours, expression) == outcome(reference, expression)


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_values_are_converted_and_refused_as_by_optuna(kind: str, value: str) -> None:
    # Optuna gives the index of a choice as an int; the table of steep is all float64.
    expression = f"float({kind}.to_internal_repr({value}))"
    assert outcome(ours, expression) == outcome(reference, expression)


@pytest.mark.parametrize("internal", INTERNAL)
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_internal_values_are_read_as_by_optuna(kind: str, internal: str) -> None:
    for mine, theirs in (("to_external_repr",) * 2, ("contains", "_contains")):
        expected = outcome(reference, f"{kind}.{theirs}({internal})")
        assert outcome(ours, f"{kind}.{mine}({internal})") == expected


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_attributes_single_and_repr_are_those_of_optuna(kind: str) -> None:
    for expression in (f"vars({kind})", f"{kind}.single()", kind):
        assert outcome(ours, expression) == outcome(reference, expression)


# What steep adds or does better


@pytest.mark.parametrize(
    ("low", "high", "step"),
    [(0, 1, NAN), (0, 1, INF), (-INF, INF, 1), (0, INF, 1), (NAN, 1, 1)],
)
def test_a_step_without_a_finite_grid_is_refused(low: float, high: float, step: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        FloatDistribution(low, high, step=step)


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: FloatDistribution(1, 0), r"FloatDistribution\(low=1, high=0.*not be above"),
        (lambda: FloatDistribution(0, 1, log=True), r"low=0.*`low` must be above 0"),
        (lambda: IntDistribution(1, 9, log=True, step=2), r"step=2.*`step=1` only"),
        (lambda: IntDistribution(0, 9, step=0), r"step=0.*above 0"),
        (lambda: CategoricalDistribution([]), r"choices=\[\].*at least one"),
    ],
)
def test_errors_name_the_call_and_the_fix(build: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        build()


def test_a_huge_grid_is_counted_exactly() -> None:
    assert FloatDistribution(0, 1e300, step=1e-10).grid_size() == 10**310 + 1
    assert IntDistribution(0, 2**70).grid_size() == 2**70 + 1


@pytest.mark.parametrize(
    ("distribution", "size"),
    [
        (FloatDistribution(0, 1), None),
        (FloatDistribution(1, 1), 1),
        (FloatDistribution(0, 0.9, step=0.3), 4),
        (FloatDistribution(-1, 1, step=0.1), 21),
        (FloatDistribution(1e-3, 1, log=True), None),
        (IntDistribution(1, 10, step=3), 4),
        (IntDistribution(5, 5), 1),
        (CategoricalDistribution("abc"), 3),
    ],
)
def test_grid_size_counts_the_values(distribution: BaseDistribution, size: int | None) -> None:
    assert distribution.grid_size() == size


def test_attributes_are_written_once() -> None:
    distribution = FloatDistribution(0, 1)
    with pytest.raises(AttributeError, match="Make a new one"):
        distribution.low = 0.5
    assert distribution.low == 0.0


ALL = [
    FloatDistribution(-2, 5),
    FloatDistribution(0, 1, step=0.1),
    FloatDistribution(1e-300, 1e300, log=True),
    FloatDistribution(-1e308, 1e308),
    FloatDistribution(3, 3),
    IntDistribution(-3, 9),
    IntDistribution(1, 10, step=3),
    IntDistribution(1, 1000, log=True),
    IntDistribution(4, 4),
    CategoricalDistribution([1, "a", None, NAN]),
]


@pytest.mark.parametrize("distribution", ALL, ids=repr)
def test_copies_and_pickles_are_equal_and_work(distribution: BaseDistribution) -> None:
    for twin in (
        copy.copy(distribution),
        copy.deepcopy(distribution),
        pickle.loads(pickle.dumps(distribution)),
        ours.json_to_distribution(ours.distribution_to_json(distribution)),
    ):
        assert twin == distribution
        assert hash(twin) == hash(distribution)
        assert repr(twin.from_unit(0.3)) == repr(distribution.from_unit(0.3))
        assert twin.to_internal_repr(distribution.from_unit(0.9)) == distribution.to_internal_repr(
            distribution.from_unit(0.9)
        )


@given(low=st.floats(-1e9, 1e9), width=st.floats(0, 1e9), step=st.floats(1e-3, 1e9))
def test_a_range_with_a_step_is_the_same_when_it_is_read_again(
    low: float, width: float, step: float
) -> None:
    # The last step of a range such as (0.1, 1, step=1/3) has more digits than a float.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        lowered = FloatDistribution(low, low + width, step=step)
    again = ours.json_to_distribution(ours.distribution_to_json(lowered))
    assert again == lowered


def test_equal_distributions_have_equal_hashes() -> None:
    with pytest.warns(UserWarning, match="is a list"):
        lists = [CategoricalDistribution([[1], 2]), CategoricalDistribution([[1.0], 2.0])]
    nans = [CategoricalDistribution([math.nan]), CategoricalDistribution([np.float64("nan")])]
    for one, other in (lists, nans):
        assert one == other
        assert hash(one) == hash(other)


def test_choices_may_be_arrays() -> None:
    arrays = [np.array([1, 2]), np.array([1, 3])]
    with pytest.warns(UserWarning, match="is a ndarray"):
        distribution = CategoricalDistribution(arrays)  # type: ignore[arg-type]
    assert distribution.to_internal_repr(arrays[1]) == 1.0
    assert distribution.to_internal_repr(np.array([1, 3])) == 1.0
    with pytest.raises(ValueError, match="not one of the choices"):
        distribution.to_internal_repr(np.array([4, 4]))


def test_deprecated_classes_are_subclasses_and_convert_with_a_warning() -> None:
    with pytest.warns(FutureWarning, match="use FloatDistribution"):
        old = ours.DiscreteUniformDistribution(0, 1, 0.5)
    assert isinstance(old, FloatDistribution)
    with pytest.warns(FutureWarning, match="deprecated and was replaced"):
        new = ours.without_deprecated(old)
    assert new == FloatDistribution(0, 1, step=0.5)
    with pytest.warns(FutureWarning, match="use IntDistribution"):
        old_int = ours.IntLogUniformDistribution(1, 8)
    new = ours.without_deprecated(old_int, suppress_warning=True)
    assert new == IntDistribution(1, 8, log=True)
    assert ours.without_deprecated(new) is new


def test_a_warning_points_at_the_line_of_the_user() -> None:
    for build in (
        lambda: FloatDistribution(0, 1, step=0.3),
        lambda: IntDistribution(0, 5, step=2),
        lambda: CategoricalDistribution([(1,)]),  # type: ignore[list-item]
        lambda: ours.UniformDistribution(0, 1),
        lambda: ours.IntUniformDistribution(0, 2),
    ):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            build()
        assert [warning.filename for warning in caught] == [__file__]


# from_unit


@pytest.mark.parametrize("distribution", ALL, ids=repr)
@given(u=UNIT)
def test_values_at_a_unit_are_plain_python_inside_the_range(
    distribution: BaseDistribution, u: float
) -> None:
    value = distribution.from_unit(u)
    assert type(value) in (float, int, str, type(None))
    internal = distribution.to_internal_repr(value)
    assert distribution.contains(internal)
    assert repr(distribution.to_external_repr(internal)) == repr(value)


@given(
    low=st.floats(allow_nan=False, allow_infinity=False),
    high=st.floats(allow_nan=False, allow_infinity=False),
    u=UNIT,
    log=st.booleans(),
)
def test_any_finite_range_is_sampled_inside(low: float, high: float, u: float, log: bool) -> None:
    if log:
        low, high = max(abs(low), 5e-324), max(abs(high), 5e-324)
    low, high = sorted((low, high))
    assert low <= FloatDistribution(low, high, log=log).from_unit(u) <= high


@given(low=st.integers(), width=st.integers(0), step=st.integers(1), u=UNIT)
def test_any_int_range_is_sampled_on_its_grid(low: int, width: int, step: int, u: float) -> None:
    distribution = IntDistribution(low, low + width // step * step, step=step)
    value = distribution.from_unit(u)
    assert distribution.low <= value <= distribution.high
    assert (value - low) % step == 0


@pytest.mark.parametrize(
    "distribution",
    [
        IntDistribution(-3, 9),
        IntDistribution(1, 10, step=3),
        FloatDistribution(0, 1, step=0.1),
        CategoricalDistribution("abcde"),
    ],
    ids=repr,
)
def test_a_grid_is_sampled_exactly_uniformly(distribution: BaseDistribution) -> None:
    size = distribution.grid_size()
    assert size is not None
    values = [distribution.from_unit((i + 0.5) / (size * 7)) for i in range(size * 7)]
    assert [values.count(value) for value in dict.fromkeys(values)] == [7] * size


def test_log_ints_get_the_share_of_their_logarithmic_cell() -> None:
    n, low, high = 20_000, 2, 9
    values = np.array([IntDistribution(low, high, log=True).from_unit(i / n) for i in range(n)])
    edges = np.log(np.arange(low, high + 2) - 0.5)
    expected = np.diff(edges) / (edges[-1] - edges[0])
    shares = np.array([(values == k).mean() for k in range(low, high + 1)])
    np.testing.assert_allclose(shares, expected, atol=2 / n)


@pytest.mark.parametrize(("low", "high"), [(0, INF), (-INF, INF), (NAN, 1), (0, NAN)])
def test_an_infinite_range_cannot_be_sampled(low: float, high: float) -> None:
    with pytest.raises(OverflowError, match="finite `low` and `high`"):
        FloatDistribution(low, high).from_unit(0.5)
    assert FloatDistribution(INF, INF).from_unit(0.5) == INF


def test_json_keeps_special_floats() -> None:
    text = ours.distribution_to_json(FloatDistribution(-INF, INF))
    assert json.loads(text)["attributes"]["high"] == INF
    assert ours.json_to_distribution(text) == FloatDistribution(-INF, INF)
