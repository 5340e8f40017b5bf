"""Let Sphinx find what docstrings name: by the shortest name that is clear, or by where it lives.

A docstring says ``FileBackend`` or ``steep.storages.backend.Backend.append``; the reference lists
``steep.storages.FileBackend`` and ``steep.storages.Backend.append``. Whatever has one entry of this
ending is meant. A name of the inside that can be imported is shown without a link; anything else
stays an error of the build.

Example:
    >>> listed = ["steep.storages.Backend.append", "steep.storages.FileBackend"]
    >>> meant("steep.storages.backend.Backend.append", listed)
    'steep.storages.Backend.append'
    >>> meant("Backend.remove", listed) is None
    True
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any

__all__ = ["can_be_imported", "meant", "setup"]


def meant(target: str, listed: Iterable[str]) -> str | None:
    """Find the entry that a name stands for.

    Args:
        target: The name, with as much of its path as the writer gave.
        listed: The names of all entries.

    Returns:
        The entry that ends like the name, by as many of its last parts as leave a choice; None
        where there is none, or several.
    """
    names, parts = list(listed), target.split(".")
    for start in range(len(parts)):
        ending = "." + ".".join(parts[start:])
        found = [name for name in names if f".{name}".endswith(ending)]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def can_be_imported(path: str) -> bool:
    """Tell whether a dotted path names a module, or something in one."""
    parts = path.split(".")
    for end in range(len(parts), 0, -1):
        try:
            found: Any = import_module(".".join(parts[:end]))
        except ImportError:
            continue
        return all((found := getattr(found, part, None)) is not None for part in parts[end:])
    return False


def _resolve(app: Any, env: Any, node: Any, shown: Any) -> Any:
    """Give the link, the bare words, or None for Sphinx to complain."""
    from sphinx.util.nodes import make_refnode

    if node.get("refdomain") != "py":
        return None
    target = node["reftarget"]
    entries = env.domains["py"].objects
    name = meant(target, [name for name, entry in entries.items() if not entry.aliased])
    if name is not None:
        entry = entries[name]
        return make_refnode(app.builder, node["refdoc"], entry.docname, entry.node_id, shown, name)
    return shown if any(map(can_be_imported, _paths(node, target))) else None


def _paths(node: Any, target: str) -> Iterator[str]:
    """Give what a name can mean where it stands: itself, a member of the class, a neighbour."""
    yield target
    if node.get("py:class"):
        path = f"{node['py:module']}.{node['py:class']}"
        yield f"{path}.{target}"
        owner = getattr(import_module(node["py:module"]), node["py:class"])
        yield f"{owner.__module__}.{target}"


def setup(app: Any) -> dict[str, bool]:
    """Join Sphinx."""
    app.connect("missing-reference", _resolve)
    return {"parallel_read_safe": True}
