"""Remember with which arguments an object was made, so that it can be described and made again.

Example:
    >>> class Cup(RemembersArguments):
    ...     def __init__(self, size=1, *, sugar=False):
    ...         self.volume = 0.2 * size
    >>> arguments_of(Cup(2)), arguments_of(Cup(sugar=True))
    ({'size': 2}, {'sugar': True})
"""

from __future__ import annotations

from typing import Any, Self

__all__ = ["RemembersArguments", "arguments_of"]


class _NotesArguments:
    _arguments: tuple[tuple[Any, ...], dict[str, Any]] = ((), {})

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Note the arguments before ``__init__`` sees them."""
        made = super().__new__(cls)
        if args or kwargs:
            made._arguments = (args, kwargs)
        return made


class RemembersArguments(_NotesArguments):
    """Keep the arguments of the constructor as they were given."""

    # Without this, a subclass that has no constructor of its own would take any arguments.
    def __init__(self) -> None:
        """Take no arguments."""


def arguments_of(made: RemembersArguments) -> dict[str, Any]:
    """Give the arguments with which an object was made, by name.

    Args:
        made: The object.
    """
    import inspect

    args, kwargs = made._arguments
    bound = inspect.signature(type(made)).bind_partial(*args, **kwargs)
    return dict(bound.arguments)
