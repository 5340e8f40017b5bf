"""Ranges of numbers: floats and ints, linear or logarithmic, with or without a grid."""

from __future__ import annotations

import math
from typing import Any

from steep.distributions.base import BaseDistribution, warn_caller

# Above 2**53 a float64 cannot tell neighbouring integers apart: such a grid counts as continuous.
RESOLUTION = 2**53


class FloatDistribution(BaseDistribution):
    """Range over the floats from ``low`` to ``high``, both included.

    Args:
        low: the smallest value; above 0 with ``log``.
        high: the largest value. It is lowered, with a warning, to the last multiple of ``step``.
        log: whether to be uniform in the logarithm.
        step: the distance of neighbouring values, counted from ``low``; None for all floats.

    Raises:
        ValueError: for an empty range, a step that is not positive and finite, a logarithm of
            values that are not positive, or ``log`` together with ``step``.

    >>> FloatDistribution(0, 1, step=0.25)
    FloatDistribution(high=1.0, log=False, low=0.0, step=0.25)
    """

    __slots__ = ("_count", "_origin", "_span")
    _origin: float
    _span: float
    _count: int

    def __init__(
        self, low: float, high: float, log: bool = False, step: float | None = None
    ) -> None:
        call = f"FloatDistribution(low={low!r}, high={high!r}, log={log!r}, step={step!r})"
        if log and step is not None:
            raise ValueError(f"{call}: a logarithmic range has no `step`; leave one of them out.")
        _require_range(call, low, high)
        if log and low <= 0.0:
            raise ValueError(f"{call}: `low` must be above 0 when `log` is true.")
        if step is not None:
            high = _last_step(call, low, high, step)
        self.step = None if step is None else float(step)
        self.low = float(low)
        self.high = float(high)
        self.log = bool(log)
        self._prepare()

    def _prepare(self) -> None:
        count = self.grid_size()
        self._count = count if count is not None and count <= RESOLUTION else 0
        origin, end = self.low, self.high
        if self.log and math.isfinite(end):
            origin, end = math.log(origin), math.log(end)
        self._origin = origin
        self._span = end - origin if math.isfinite(end - origin) else math.nan

    def to_external_repr(self, param_value_in_internal_repr: float) -> float:
        """Return the value as a Python float."""
        return float(param_value_in_internal_repr)

    def to_internal_repr(self, param_value_in_external_repr: Any) -> float:
        """Return the value as a float; ValueError for NaN, non-numbers, and <= 0 with ``log``."""
        value: float = param_value_in_external_repr
        if type(value) is not float:
            value = _to_float(self, value)
        if value > 0.0 or (value <= 0.0 and not self.log):
            return value
        raise _invalid(self, param_value_in_external_repr)

    def single(self) -> bool:
        """Tell whether there is only one value to choose."""
        return self._count == 1

    def contains(self, internal: float) -> bool:
        """Tell whether the value lies in the range and within 1e-8 steps of the grid."""
        if not self.low <= internal <= self.high:
            return False
        if self.step is None:
            return True
        steps = (internal - self.low) / self.step
        return abs(steps - round(steps)) < 1.0e-8

    def grid_size(self) -> int | None:
        """Return the number of values that ``step`` allows, or None without a step."""
        if self.low == self.high:
            return 1
        return None if self.step is None else _steps_between(self.low, self.high, self.step) + 1

    def from_unit(self, u: float) -> float:
        """Return the value at ``u`` in [0, 1): in the logarithm with ``log``, on the grid else.

        Raises:
            OverflowError: if an end of the range is infinite or NaN.
        """
        if self._count:
            value = self.low + int(u * self._count) * (self.step or 0.0)
        else:
            value = self._origin + u * self._span
            if self.log:
                value = math.exp(value)
                if value < self.low:  # not NaN, which the comparison below sorts out
                    return self.low
        return value if value <= self.high else self._at_the_edge(u)

    def _at_the_edge(self, u: float) -> float:
        # Rounding led above `high`, or `high - low` overflows, or an end is not finite.
        if not (math.isfinite(self.low) and math.isfinite(self.high)):
            raise OverflowError(f"Cannot sample from {self!r}: give it finite `low` and `high`.")
        if self._count or self._span == self._span:
            return self.high
        return min(max(self.low * (1.0 - u) + self.high * u, self.low), self.high)


class IntDistribution(BaseDistribution):
    """Range over the ints from ``low`` to ``high``, both included.

    Args:
        low: the smallest value; at least 1 with ``log``.
        high: the largest value. It is lowered, with a warning, to the last multiple of ``step``.
        log: whether to be uniform in the logarithm.
        step: the distance of neighbouring values, counted from ``low``; 1 with ``log``.

    Raises:
        ValueError: for an empty range, a step below 1, or a logarithm of values below 1.

    >>> IntDistribution(1, 64, log=True)
    IntDistribution(high=64, log=True, low=1, step=1)
    """

    __slots__ = ("_count", "_origin", "_span")
    _origin: float
    _span: float
    _count: int

    def __init__(self, low: int, high: int, log: bool = False, step: int = 1) -> None:
        call = f"IntDistribution(low={low!r}, high={high!r}, log={log!r}, step={step!r})"
        if log and step != 1:
            raise ValueError(f"{call}: a logarithmic range takes `step=1` only.")
        _require_range(call, low, high)
        if log and low < 1:
            raise ValueError(f"{call}: `low` must be at least 1 when `log` is true.")
        if step <= 0:
            raise ValueError(f"{call}: `step` must be above 0.")
        self.log = bool(log)
        self.step = int(step)
        self.low = int(low)
        self.high = _last_int_step(call, self.low, int(high), self.step)
        self._prepare()

    def _prepare(self) -> None:
        self._count = (self.high - self.low) // self.step + 1
        self._origin, self._span = float("nan"), float("nan")
        if self.log:
            self._origin = math.log(self.low - 0.5 if self.low < RESOLUTION else self.low)
            end = math.log(self.high + 0.5 if self.high < RESOLUTION else self.high)
            self._span = end - self._origin

    def to_external_repr(self, param_value_in_internal_repr: float) -> int:
        """Return the value as a Python int."""
        return int(param_value_in_internal_repr)

    def to_internal_repr(self, param_value_in_external_repr: Any) -> float:
        """Return the value as a float; ValueError for NaN, non-numbers, and <= 0 with ``log``."""
        value = param_value_in_external_repr
        value = float(value) if type(value) is int else _to_float(self, value)
        if value > 0.0 or (value <= 0.0 and not self.log):
            return value
        raise _invalid(self, param_value_in_external_repr)

    def single(self) -> bool:
        """Tell whether there is only one value to choose."""
        return self._count == 1

    def contains(self, internal: float) -> bool:
        """Tell whether the value is a multiple of ``step`` from ``low`` and at most ``high``."""
        return self.low <= internal <= self.high and (internal - self.low) % self.step == 0

    def grid_size(self) -> int:
        """Return the number of values."""
        return self._count

    def from_unit(self, u: float) -> int:
        """Return the value at ``u`` in [0, 1).

        With ``log`` u runs over [log(low - 0.5), log(high + 0.5)], so the ends get their share.
        """
        if self.log:
            value = int(math.exp(self._origin + u * self._span) + 0.5)
        else:
            value = self.low + int(u * self._count) * self.step
        if value > self.high:
            return self.high
        return value if value >= self.low else self.low


def _require_range(call: str, low: Any, high: Any) -> None:
    try:
        empty = low > high
    except TypeError:
        raise TypeError(f"{call}: `low` and `high` must be numbers.") from None
    if empty:
        raise ValueError(f"{call}: the range is empty; `low` must not be above `high`.")


def _last_step(call: str, low: float, high: float, step: float) -> float:
    # In decimals, as the user wrote them: 0.9 is three steps of 0.3, though not in binary.
    if not (step > 0 and math.isfinite(step)):
        raise ValueError(f"{call}: `step` must be above 0 and finite.")
    if not (math.isfinite(low) and math.isfinite(high)):
        raise ValueError(f"{call}: a range with a `step` needs finite ends.")
    from decimal import Decimal, localcontext  # few ranges have a step

    with localcontext() as context:
        context.prec = 700  # enough digits for 1.8e308 / 5e-324
        start, size = Decimal(str(low)), Decimal(str(step))
        end = Decimal(str(high))
        if float(start + round((end - start) / size) * size) == high:
            return high  # a last step that was rounded to a float, such as a lowered `high`
        last = float(start + (end - start) // size * size)
    warn_caller(f"{call}: `step` does not divide the range; `high` is lowered to {last!r}.")
    return last


def _last_int_step(call: str, low: int, high: int, step: int) -> int:
    last = low + (high - low) // step * step
    if last != high:
        warn_caller(f"{call}: `step` does not divide the range; `high` is lowered to {last!r}.")
    return last


def _steps_between(low: float, high: float, step: float) -> int:
    from decimal import Decimal, localcontext

    with localcontext() as context:
        context.prec = 700
        # The ends were adjusted in decimals, but float32 arguments carry an error of 6e-8.
        return round((Decimal(repr(high)) - Decimal(repr(low))) / Decimal(repr(step)))


def _to_float(distribution: BaseDistribution, value: Any) -> float:
    try:
        if getattr(value, "ndim", 0) == 0:
            return float(value)
    except (ValueError, TypeError):
        pass
    raise ValueError(f"{value!r} ({type(value).__name__}) is not a number, as {distribution} asks.")


def _invalid(distribution: BaseDistribution, value: Any) -> ValueError:
    return ValueError(f"{value!r} is not a value of {distribution}: NaN, or no logarithm.")
