"""Fields of an object that are read at the first access."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Protocol, Self, TypeVar, cast, overload

__all__ = ["LazyField"]

T = TypeVar("T")


class _Readable(Protocol):
    def read_field(self, name: str) -> Any: ...


class LazyField(Generic[T]):
    """Be a field that ``read_field`` puts into the ``__dict__`` of its object at the first access.

    It has no ``__set__``, so a field that is set hides it and costs no more than an attribute.
    """

    def __set_name__(self, owner: type[Any], name: str) -> None:
        self._name = name

    @overload
    def __get__(self, trial: None, owner: type[Any]) -> Self: ...
    @overload
    def __get__(self, trial: _Readable, owner: type[Any]) -> T: ...
    def __get__(self, trial: _Readable | None, owner: type[Any]) -> Self | T:
        if trial is None:
            return self
        try:
            return cast("T", trial.read_field(self._name))
        except KeyError:
            raise AttributeError(f"There is no {self._name!r}.") from None

    if TYPE_CHECKING:

        def __set__(self, trial: _Readable, value: T) -> None: ...
