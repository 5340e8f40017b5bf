from __future__ import annotations

import math
from typing import Any

import pytest
import yaml as pyyaml
from hypothesis import given
from hypothesis import strategies as st

from steep.cli import yaml

DOUBTFUL = (
    "null ~ true No ON off .inf -.Inf .NAN 1 1.0 1e5 0x1F 0o7 1_000 1:30 2024-01-31 <<  = --- ... "
    "-a ?b :c #d a:b a# a*b a: a:: a:b: &e *f !g %h @i `j {k} [l] ,m |n >o 'p \"q \\r a\\b (s) y "
    "/t/u sqlite:///v a,b {a},b a' - ?"
).split()
SPACED = ["2024-01-31 12:00:00", "a: b", "a #b", " a", "a ", "a  b", "", "a\n", "\x7f", "μ", "😀"]
TEXTS = st.text() | st.text("ab:#'\", -?1[]{}") | st.sampled_from(DOUBTFUL + SPACED)
NUMBERS = st.integers() | st.floats()
SCALARS = st.none() | st.booleans() | NUMBERS | TEXTS
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=12
)


@given(VALUES)
def test_every_reader_reads_what_was_written(value: Any) -> None:
    assert repr(pyyaml.safe_load(yaml.dumps(value))) == repr(sorted_keys(value))


def sorted_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: sorted_keys(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [sorted_keys(inner) for inner in value]
    return value


@pytest.mark.parametrize(
    "value",
    [
        [],
        {},
        [[]],
        [{}],
        [[1, [2, {"a": [3]}]], {"b": {"c": []}}],
        {"x": 1e-05, "y": -1.5, "inf": math.inf, "nan": math.nan, "none": None, "yes": True},
        {"when": "2024-01-31 12:00:00", "how long": "0:00:01.5", "tuple": (1, "a")},
        ["a'b", "it's 'so'", "1", "-", "é", "tab\tand \0", "SGD", "no", "x y", "C:\\x"],
    ],
)
def test_the_lines_are_those_of_pyyaml(value: Any) -> None:
    theirs = pyyaml.safe_dump(value).strip()
    assert yaml.dumps(value) == theirs.removesuffix("\n...")


def test_what_yaml_has_no_form_for_is_refused() -> None:
    with pytest.raises(TypeError, match="YAML got"):
        yaml.dumps([object()])
