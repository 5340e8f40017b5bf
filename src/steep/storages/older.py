"""Older names of classes: they warn, as Optuna's do, and are otherwise the classes themselves."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any, TypeVar

__all__ = ["older_name_of"]

T = TypeVar("T", bound=type)


def older_name_of(name: str) -> Callable[[T], T]:
    """Make a class warn whenever an object of it is made.

    Args:
        name: What to use instead.

    Returns:
        A decorator of classes.

    Example:
        >>> @older_name_of("steep.Kettle")
        ... class Pot: ...
        >>> with warnings.catch_warnings(record=True) as caught:
        ...     warnings.simplefilter("always")
        ...     pot = Pot()
        >>> str(caught[0].message)
        'Pot is an older name, which Optuna is going to drop: use steep.Kettle.'
    """

    def marked(cls: T) -> T:
        make: Callable[..., None] = cls.__init__  # type: ignore[misc]

        @functools.wraps(make)
        def warn_and_make(self: Any, *args: Any, **kwargs: Any) -> None:
            warnings.warn(
                f"{cls.__name__} is an older name, which Optuna is going to drop: use {name}.",
                FutureWarning,
                stacklevel=2,
            )
            make(self, *args, **kwargs)

        cls.__init__ = warn_and_make  # type: ignore[misc]
        return cls

    return marked
