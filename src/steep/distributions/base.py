"""What every distribution can do, and the write-once attributes that make it a value."""

from __future__ import annotations

import abc
import warnings
from typing import Any


class BaseDistribution(abc.ABC):
    """Describe the values that one parameter can take."""

    __slots__ = ("__dict__", "__weakref__", "_hash")
    _hash: int

    def to_external_repr(self, param_value_in_internal_repr: float) -> Any:
        """Return the value that users see for an internal one."""
        return param_value_in_internal_repr

    @abc.abstractmethod
    def to_internal_repr(self, param_value_in_external_repr: Any) -> float:
        """Return the float64 that stands for a user's value; ValueError where there is none."""

    @abc.abstractmethod
    def single(self) -> bool:
        """Tell whether there is only one value to choose."""

    @abc.abstractmethod
    def contains(self, internal: float) -> bool:
        """Tell whether an internal value lies in the range and on the grid."""

    @abc.abstractmethod
    def from_unit(self, u: float) -> Any:
        """Return the user's value at ``u`` in [0, 1): uniform u gives uniform values."""

    @abc.abstractmethod
    def grid_size(self) -> int | None:
        """Return the number of distinct values, or None for a continuous range."""

    def asdict(self) -> dict[str, Any]:
        """Return the constructor's arguments by name."""
        return dict(self.__dict__)

    def _prepare(self) -> None:  # noqa: B027 - most have nothing to prepare
        """Compute the constants of the hot paths; they follow from the attributes."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self.__dict__:
            raise AttributeError(
                f"Cannot change `{name}` of {self!r}: trials share distributions. Make a new one."
            )
        object.__setattr__(self, name, value)

    def __getstate__(self) -> dict[str, Any]:
        return dict(self.__dict__)

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._prepare()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, BaseDistribution):
            return NotImplemented
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        try:
            return self._hash
        except AttributeError:
            self._hash = self._content_hash()
            return self._hash

    def _content_hash(self) -> int:
        return hash((type(self), *sorted(self.__dict__.items())))

    def __repr__(self) -> str:
        arguments = ", ".join(f"{name}={value!r}" for name, value in sorted(self.asdict().items()))
        return f"{type(self).__name__}({arguments})"


def warn_caller(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn at the line that calls the constructor from whose helper this is called."""
    warnings.warn(message, category, stacklevel=4)
