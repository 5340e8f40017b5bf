"""Names that a package imports at their first use, so that importing the package is quick."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["lazy_names"]


def lazy_names(
    package: str, where: Mapping[str, str | None]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Make the ``__getattr__`` and ``__dir__`` of a package with lazy names.

    Args:
        package: The name of the package.
        where: The module of the package that defines each name; None for a module of that name.

    Returns:
        The two functions. A name is looked up once and stays in the package.

    Example:
        >>> find, _ = lazy_names("steep", {"Table": "table"})
        >>> find("Table").__name__
        'Table'
    """
    names = sys.modules[package].__dict__

    def find(name: str) -> Any:
        if name not in where:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module = importlib.import_module(f"{package}.{where[name] or name}")
        names[name] = found = module if where[name] is None else getattr(module, name)
        return found

    return find, lambda: sorted({*names, *where})
