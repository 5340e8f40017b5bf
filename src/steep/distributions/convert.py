"""Distributions as JSON, and whether one may follow another under the same name."""

from __future__ import annotations

from typing import Any

from steep.distributions.base import BaseDistribution
from steep.distributions.categorical import CategoricalDistribution
from steep.distributions.changing import ChangingDistribution
from steep.distributions.deprecated import (
    DiscreteUniformDistribution,
    IntLogUniformDistribution,
    IntUniformDistribution,
    LogUniformDistribution,
    UniformDistribution,
)
from steep.distributions.numeric import FloatDistribution, IntDistribution
from steep.distributions.ordinal import OrdinalDistribution

DISTRIBUTION_CLASSES: tuple[type[BaseDistribution], ...] = (
    FloatDistribution,
    IntDistribution,
    CategoricalDistribution,
    UniformDistribution,
    LogUniformDistribution,
    DiscreteUniformDistribution,
    IntUniformDistribution,
    IntLogUniformDistribution,
    OrdinalDistribution,
    ChangingDistribution,
)
_BY_NAME = {cls.__name__: cls for cls in DISTRIBUTION_CLASSES}


def distribution_to_json(dist: BaseDistribution) -> str:
    """Return the distribution as a JSON object with its class and arguments.

    >>> distribution_to_json(IntDistribution(1, 3))
    '{"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 1, "high": 3}}'
    """
    import json

    return json.dumps({"name": type(dist).__name__, "attributes": dist.asdict()})


def json_to_distribution(json_str: str) -> BaseDistribution:
    """Return the distribution that a JSON object describes.

    Args:
        json_str: what `distribution_to_json` made, or the short form that the command line takes,
            such as ``{"type": "float", "low": 1e-5, "high": 1, "log": true}`` (types float, int,
            categorical, and ordinal with ``values``).

    Raises:
        ValueError: for an unknown class or type, or text that is not JSON.
        KeyError: if a part is missing.

    >>> json_to_distribution('{"type": "categorical", "choices": ["a", "b"]}')
    CategoricalDistribution(choices=('a', 'b'))
    """
    import json

    described = json.loads(json_str)
    if "name" in described:
        return _from_name(described["name"], described["attributes"])
    return _from_type(described["type"], described)


def _from_name(name: str, attributes: dict[str, Any]) -> BaseDistribution:
    if name not in _BY_NAME:
        raise ValueError(f"There is no distribution class {name!r}; known are {list(_BY_NAME)}.")
    return _BY_NAME[name](**attributes)


def _from_type(kind: str, described: dict[str, Any]) -> BaseDistribution:
    log = described.get("log", False)
    if kind == "categorical":
        return CategoricalDistribution(described["choices"])
    if kind == "float":
        step = described.get("step")
        return FloatDistribution(described["low"], described["high"], log=log, step=step)
    if kind == "int":
        step = described.get("step", 1)
        return IntDistribution(described["low"], described["high"], log=log, step=step)
    if kind == "ordinal":
        return OrdinalDistribution(described["values"])
    raise ValueError(
        f'There is no distribution "type" {kind!r}; use float, int, categorical or ordinal.'
    )


def check_distribution_compatibility(
    dist_old: BaseDistribution, dist_new: BaseDistribution
) -> None:
    """Raise ValueError if a parameter may not change from one distribution to the other.

    Ranges and steps of numbers may change from trial to trial; the class, ``log``, and the
    choices of a categorical or values of an ordinal, in content and order, may not. A categorical
    may go over to choices that change.
    """
    if isinstance(dist_new, ChangingDistribution) and isinstance(dist_old, CategoricalDistribution):
        return
    if isinstance(dist_old, ChangingDistribution):
        raise _incompatible(dist_old, dist_new, "choices that do not change; pass `changing=True`")
    if type(dist_old) is not type(dist_new):
        raise _incompatible(dist_old, dist_new, "another kind of distribution")
    if isinstance(dist_old, OrdinalDistribution):
        if dist_old != dist_new:
            raise _incompatible(dist_old, dist_new, "other values, or in another order")
    elif isinstance(dist_old, FloatDistribution | IntDistribution):
        if dist_old.log != dist_new.log:  # type: ignore[attr-defined]
            raise _incompatible(dist_old, dist_new, "another value of `log`")
    elif isinstance(dist_old, CategoricalDistribution) and dist_old != dist_new:
        raise _incompatible(dist_old, dist_new, "other choices, or in another order")


def _incompatible(old: BaseDistribution, new: BaseDistribution, what: str) -> ValueError:
    return ValueError(
        f"A parameter cannot get {what} within a study: it was {old} and is now {new}. "
        "Suggest the new one under another name."
    )
