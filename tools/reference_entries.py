"""Compare the reference of the API with the public names, and write the entries that are missing.

    $ python tools/reference_entries.py

Public are the names in ``__all__`` of steep and of the modules that these name, and so on.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).parent.parent
if __name__ == "__main__":  # as a script it does not find steep where that is not installed
    sys.path.insert(0, str(ROOT / "src"))

__all__ = ["entries", "found", "kind_of", "main", "missing", "public_modules"]

REFERENCE = ROOT / "docs" / "reference"
BESIDE = ("steep.executors",)
"""Public modules that ``steep.__all__`` does not name."""

UNLISTED = {"steep.version", "steep.integration"}
"""Modules that need no entries: a number, and another name of ``steep.integrations``."""

BY_NAME_ONLY = {"steep.integrations"}
"""Modules whose names load frameworks, which nobody has all of."""

_ENTRY = re.compile(r"^\.\. auto(class|data|exception|function|module):: (\S+)$", re.MULTILINE)


def entries() -> list[tuple[str, str]]:
    """Give kind and path of every entry in the reference."""
    pages = sorted(REFERENCE.glob("*.rst"))
    return [entry for page in pages for entry in _ENTRY.findall(page.read_text(encoding="utf-8"))]


def public_modules() -> list[ModuleType]:
    """Give the modules that are public, each once."""
    modules = {module.__name__: module for module in _below(import_module("steep"))}
    return [*modules.values(), *(import_module(name) for name in BESIDE if name not in modules)]


def _below(module: ModuleType) -> Iterator[ModuleType]:
    yield module
    for name in () if module.__name__ in BY_NAME_ONLY else module.__all__:
        below = getattr(module, name)
        if isinstance(below, ModuleType) and below.__name__ not in UNLISTED:
            yield from _below(below)


def missing(module: ModuleType) -> list[str]:
    """Give the public names of a module that have no entry, under any of their names."""
    listed = entries()
    paths = {path for _, path in listed}
    known = {id(found(path)) for kind, path in listed if kind != "module" and _is_loaded(path)}
    names = [name for name in module.__all__ if not name.startswith("_")]
    without = [name for name in names if f"{module.__name__}.{name}" not in paths]
    if module.__name__ in BY_NAME_ONLY:
        return [name for name in without if find_spec(f"{module.__name__}.{name}") is None]
    return [name for name in without if not _is_listed(getattr(module, name), known)]


def _is_loaded(path: str) -> bool:
    return not any(path.startswith(f"{module}.") for module in BY_NAME_ONLY)


def _is_listed(value: Any, known: set[int]) -> bool:
    """Tell whether something has an entry: itself, for plain values may be one object by chance."""
    is_plain = isinstance(value, int | str | tuple)
    return isinstance(value, ModuleType) or (not is_plain and id(value) in known)


def found(path: str) -> Any:
    """Import what a path names."""
    module, _, name = path.rpartition(".")
    return getattr(import_module(module), name)


def kind_of(value: Any) -> str:
    """Tell what kind of entry something gets."""
    if inspect.isclass(value):
        return "exception" if issubclass(value, BaseException) else "class"
    return "function" if inspect.isfunction(value) else "data"


def _kind_by_name(name: str) -> str:
    return "class" if name[0].isupper() else "function"


def main() -> int:
    """Print the entries that are missing; end with 1 if there are any."""
    described = {path for kind, path in entries() if kind == "module"} | {"steep"}
    code = 0
    for module in public_modules():
        if module.__name__ not in described:
            print(f".. automodule:: {module.__name__}\n")
            code = 1
        for name in missing(module):
            kind = _kind_by_name(name)
            if module.__name__ not in BY_NAME_ONLY:
                kind = kind_of(getattr(module, name))
            members = "   :members:\n" if kind == "class" else ""
            print(f".. auto{kind}:: {module.__name__}.{name}\n{members}")
            code = 1
    return code


if __name__ == "__main__":
    sys.exit(main())
