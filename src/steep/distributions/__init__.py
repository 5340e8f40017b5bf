"""What a parameter can be: a range of floats or ints, a choice, or a value of an order.

A distribution turns the values that users see into the float64 that a table stores (the
*internal* representation: a number is itself, a choice is its index) and back, says which
internal values belong to it, and maps the unit interval onto its values:

>>> learning_rate = FloatDistribution(0.0001, 1.0, log=True)
>>> round(learning_rate.from_unit(0.5), 6)
0.01
>>> optimizer = CategoricalDistribution(["adam", "sgd"])
>>> optimizer.to_internal_repr("sgd")
1.0

Distributions are values: equal by content, hashable, and their attributes are written once, since
a study shares one object between all trials that suggest the same range.
"""

from __future__ import annotations

from steep.distributions.base import BaseDistribution
from steep.distributions.categorical import CategoricalChoiceType, CategoricalDistribution
from steep.distributions.changing import ChangingDistribution
from steep.distributions.convert import (
    DISTRIBUTION_CLASSES,
    check_distribution_compatibility,
    distribution_to_json,
    json_to_distribution,
)
from steep.distributions.deprecated import (
    DiscreteUniformDistribution,
    IntLogUniformDistribution,
    IntUniformDistribution,
    LogUniformDistribution,
    UniformDistribution,
    without_deprecated,
)
from steep.distributions.numeric import FloatDistribution, IntDistribution
from steep.distributions.ordinal import OrdinalDistribution, OrdinalValueType
from steep.distributions.shared import (
    categorical_distribution,
    changing_distribution,
    float_distribution,
    int_distribution,
    ordinal_distribution,
)

__all__ = [
    "DISTRIBUTION_CLASSES",
    "BaseDistribution",
    "CategoricalChoiceType",
    "CategoricalDistribution",
    "ChangingDistribution",
    "DiscreteUniformDistribution",
    "FloatDistribution",
    "IntDistribution",
    "IntLogUniformDistribution",
    "IntUniformDistribution",
    "LogUniformDistribution",
    "OrdinalDistribution",
    "OrdinalValueType",
    "UniformDistribution",
    "categorical_distribution",
    "changing_distribution",
    "check_distribution_compatibility",
    "distribution_to_json",
    "float_distribution",
    "int_distribution",
    "json_to_distribution",
    "ordinal_distribution",
    "without_deprecated",
]
