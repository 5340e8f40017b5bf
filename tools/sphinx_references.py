"""Let Sphinx find what docstrings and guides name: by the shortest name that is clear.

A docstring says ``FileBackend`` or ``steep.storages.backend.Backend.append``; the reference lists
``steep.storages.FileBackend`` and ``steep.storages.Backend.append``. Whatever has one entry of this
ending is meant. A name of the inside that can be imported is shown without a link; anything else
stays an error of the build.

Code in the text of a guide, such as ``study.tell(trial, 0.5)``, leads to the reference without
being marked, so that the guides read well elsewhere too.

Example:
    >>> listed = ["steep.storages.Backend.append", "steep.storages.FileBackend"]
    >>> meant("steep.storages.backend.Backend.append", listed)
    'steep.storages.Backend.append'
    >>> meant("Backend.remove", listed) is None
    True
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any

__all__ = ["can_be_imported", "meant", "named_in_code", "setup"]

_CALL = re.compile(r"^([A-Za-z][\w.]*\w)(\(.*\))?$", re.DOTALL)
_FUNCTION = re.compile(
    r"^(plot|create|load|copy|delete|read|import|export|get|upload|download|fail)_"
)


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
    is_guess = node.get("is_guess", False) and not target.startswith("steep.")
    entries = env.domains["py"].objects
    listed = [name for name, entry in entries.items() if not entry.aliased]
    if "is_guess" in node:  # what is said of a plot holds for both renderers
        listed = [name for name in listed if ".matplotlib." not in name]
    name = meant(target, listed)
    if name is not None:
        entry = entries[name]
        return make_refnode(app.builder, node["refdoc"], entry.docname, entry.node_id, shown, name)
    return shown if is_guess or any(map(can_be_imported, _paths(node, target))) else None


def named_in_code(text: str) -> str | None:
    """Tell which entry a piece of code in a guide may name.

    Args:
        text: The code, e.g. ``study.tell(trial, 0.5)`` or ``TPESampler(seed=1)``.

    Returns:
        The name before the arguments; None for what is no name, or too short to be clear. What is
        called ``study`` and ``trial`` in guides are a ``Study`` and a ``Trial``.

    Example:
        >>> named_in_code("study.tell(trial, 0.5)"), named_in_code("TPESampler"), named_in_code("x")
        ('Study.tell', 'TPESampler', None)
    """
    match = _CALL.match(text)
    if match is None:
        return None
    name = re.sub(r"^(study|trial)\.", lambda found: found[0].capitalize(), match[1])
    is_clear = "." in name or name[0].isupper() or _FUNCTION.match(name)
    return name if is_clear else None


def _link_code(app: Any, tree: Any) -> None:
    """Let the code in the text of guides lead to the reference, where it names an entry."""
    from docutils import nodes
    from sphinx.addnodes import pending_xref

    for literal in list(tree.findall(nodes.literal)):
        name = named_in_code(literal.astext())
        inside = literal.parent
        if name is None or isinstance(inside, (nodes.reference, pending_xref, nodes.title)):
            continue
        link = pending_xref(
            "", refdomain="py", reftype="obj", reftarget=name, refexplicit=True, is_guess=True
        )
        link["refdoc"] = app.env.docname
        literal.replace_self(link)
        link += literal


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
    app.connect("doctree-read", _link_code)
    return {"parallel_read_safe": True}
