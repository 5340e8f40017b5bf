"""The reference of the API has an entry for every public name, and for nothing else."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import steep

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
ENTRY = re.compile(r"^\.\. auto(class|data|exception|function|module):: (\S+)$", re.MULTILINE)
NOT_OF_THE_LIBRARY = {"steep.version"}

IS_OF_KIND: dict[str, Callable[[Any], bool]] = {
    "class": inspect.isclass,
    "exception": lambda value: inspect.isclass(value) and issubclass(value, Exception),
    "function": inspect.isfunction,
    "data": lambda value: not inspect.isfunction(value),
}


def entries() -> list[tuple[str, str]]:
    """Give kind and path of every entry."""
    pages = sorted(REFERENCE.glob("*.rst"))
    return [entry for page in pages for entry in ENTRY.findall(page.read_text(encoding="utf-8"))]


def public_modules(module: ModuleType = steep) -> Iterator[ModuleType]:
    """Go through the modules that are public: each is in `__all__` of the one above."""
    yield module
    if module is steep:
        yield import_module("steep.executors")
    for name in module.__all__:
        below = getattr(module, name)
        if isinstance(below, ModuleType) and below.__name__ not in NOT_OF_THE_LIBRARY:
            yield from public_modules(below)


def found(path: str) -> Any:
    """Import what a path names."""
    module, _, name = path.rpartition(".")
    return getattr(import_module(module), name)


def documented() -> set[int]:
    return {id(found(path)) for kind, path in entries() if kind != "module"}


@pytest.mark.parametrize("module", list(public_modules()), ids=lambda module: module.__name__)
def test_every_public_name_has_an_entry(module: ModuleType) -> None:
    paths, objects = {path for _, path in entries()}, documented()
    missing = [
        f"{module.__name__}.{name}"
        for name in module.__all__
        if not name.startswith("_")
        and not isinstance(value := getattr(module, name), ModuleType)
        and f"{module.__name__}.{name}" not in paths
        and (isinstance(value, int | str | tuple) or id(value) not in objects)
    ]
    assert not missing, "give each an entry in docs/reference"


def test_every_public_module_has_its_own_words() -> None:
    described = {path for kind, path in entries() if kind == "module"} | {"steep"}
    assert described == {module.__name__ for module in public_modules()}


def test_no_entry_is_there_twice() -> None:
    paths = [path for _, path in entries()]
    assert len(paths) == len(set(paths))


def test_every_entry_is_public_and_of_its_kind() -> None:
    for kind, path in entries():
        module, _, name = path.rpartition(".")
        if kind != "module":
            assert name in import_module(module).__all__, path
            assert IS_OF_KIND[kind](found(path)), path
