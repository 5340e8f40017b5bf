"""The five distributions of early releases; each is a FloatDistribution or an IntDistribution."""

from __future__ import annotations

import warnings
from typing import Any

from steep.distributions.base import BaseDistribution
from steep.distributions.numeric import FloatDistribution, IntDistribution


class UniformDistribution(FloatDistribution):
    """Range over the floats; deprecated for ``FloatDistribution(low, high)``."""

    def __init__(self, low: float, high: float) -> None:
        _warn_deprecated(self, "FloatDistribution(low, high)")
        super().__init__(low=low, high=high)

    def asdict(self) -> dict[str, Any]:
        """Return the constructor's arguments by name."""
        return {"low": self.low, "high": self.high}


class LogUniformDistribution(FloatDistribution):
    """Logarithmic range of floats; deprecated for ``FloatDistribution(low, high, log=True)``."""

    def __init__(self, low: float, high: float) -> None:
        _warn_deprecated(self, "FloatDistribution(low, high, log=True)")
        super().__init__(low=low, high=high, log=True)

    def asdict(self) -> dict[str, Any]:
        """Return the constructor's arguments by name."""
        return {"low": self.low, "high": self.high}


class DiscreteUniformDistribution(FloatDistribution):
    """Grid of floats ``q`` apart; deprecated for ``FloatDistribution(low, high, step=q)``."""

    def __init__(self, low: float, high: float, q: float) -> None:
        _warn_deprecated(self, "FloatDistribution(low, high, step=q)")
        super().__init__(low=low, high=high, step=q)

    @property
    def q(self) -> float:
        """Return the distance of neighbouring values."""
        assert self.step is not None
        return self.step

    def asdict(self) -> dict[str, Any]:
        """Return the constructor's arguments by name."""
        return {"low": self.low, "high": self.high, "q": self.q}


class IntUniformDistribution(IntDistribution):
    """Range over the ints; deprecated for ``IntDistribution(low, high, step=step)``."""

    def __init__(self, low: int, high: int, step: int = 1) -> None:
        _warn_deprecated(self, "IntDistribution(low, high, step=step)")
        super().__init__(low=low, high=high, step=step)

    def asdict(self) -> dict[str, Any]:
        """Return the constructor's arguments by name."""
        return {"step": self.step, "low": self.low, "high": self.high}


class IntLogUniformDistribution(IntDistribution):
    """Logarithmic range of ints; deprecated for ``IntDistribution(low, high, log=True)``."""

    def __init__(self, low: int, high: int, step: int = 1) -> None:
        _warn_deprecated(self, "IntDistribution(low, high, log=True)")
        super().__init__(low=low, high=high, log=True, step=step)

    def asdict(self) -> dict[str, Any]:
        """Return the constructor's arguments by name."""
        return {"step": self.step, "low": self.low, "high": self.high}


def without_deprecated(
    distribution: BaseDistribution, suppress_warning: bool = False
) -> BaseDistribution:
    """Return the distribution with a deprecated class replaced by the one that took its place.

    Args:
        distribution: any distribution; one that is not deprecated is returned as it is.
        suppress_warning: whether to convert without a FutureWarning.
    """
    new: BaseDistribution
    match distribution:
        case UniformDistribution() | LogUniformDistribution() | DiscreteUniformDistribution():
            d = distribution
            new = FloatDistribution(d.low, d.high, log=d.log, step=d.step)
        case IntUniformDistribution() | IntLogUniformDistribution():
            e = distribution
            new = IntDistribution(e.low, e.high, log=e.log, step=e.step)
        case _:
            return distribution
    if not suppress_warning:
        message = f"{distribution} is deprecated and was replaced by {new}; write the latter."
        warnings.warn(message, FutureWarning, stacklevel=3)
    return new


def _warn_deprecated(distribution: BaseDistribution, instead: str) -> None:
    message = f"{type(distribution).__name__} is deprecated; use {instead}."
    warnings.warn(message, FutureWarning, stacklevel=3)
