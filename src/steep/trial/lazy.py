"""Fields of an object that are read together at the first access to one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Protocol, Self, TypeVar, cast, overload

__all__ = ["LazyField"]

T = TypeVar("T")


class _Readable(Protocol):
    def read(self) -> Any: ...


class LazyField(Generic[T]):
    """Be a field that ``read`` puts into the ``__dict__`` of its object when it is first needed.

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
            return cast("T", trial.read().__dict__[self._name])
        except KeyError:
            raise AttributeError(f"There is no {self._name!r}.") from None

    if TYPE_CHECKING:

        def __set__(self, trial: _Readable, value: T) -> None: ...
