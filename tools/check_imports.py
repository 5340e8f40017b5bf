"""Hold the direction of imports inside steep.

The rooms of `src/steep` form an order, and a room imports only from rooms below it:

    kernels < trial < storages < ... < visualization

So the mathematics knows no study, storages know no sampler, and a reader can start at the bottom.
Three laws are checked on the syntax tree, without importing anything:

1. *Direction*: a module imports from lower rooms and from its own room only.
2. *Privacy*: a name or module that starts with an underscore stays within its room.
3. *Lightness*: heavy packages are imported inside the function that uses them, so that
   `import steep` stays quick, or by a module of `integrations`, which is itself loaded on demand;
   Optuna, the reference of the tests, is not imported at all.

Imports under `if TYPE_CHECKING:` are free of all three but the last: they load nothing.

    $ python tools/check_imports.py
    src/steep: 61 modules, imports point downwards.
"""

from __future__ import annotations

import argparse
import ast
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PACKAGE = "steep"

# From the bottom to the top. Rooms on one line do not know each other.
ORDER: tuple[tuple[str, ...], ...] = (
    ("arguments", "exceptions", "files", "lazy", "logging", "states", "strict_json", "version"),
    ("distributions",),
    ("constraints", "space", "streams"),
    ("columns",),
    ("events", "reports"),
    ("table", "wire"),
    ("kernels",),
    ("trial",),
    ("storages",),
    ("search_space",),
    ("executors", "pruners", "samplers"),
    ("terminator",),
    ("study",),
    ("artifacts", "importance"),
    ("visualization",),
    ("html", "report"),
    ("integrations",),
    ("integration",),
    ("cli",),
    ("__main__",),
)
RANK = {room: rank for rank, rooms in enumerate(ORDER) for room in rooms}

# Rooms that import nothing of steep, whatever lies below them.
ISLANDS = frozenset({"kernels"})

HEAVY = frozenset(
    "boto3 catboost cmaes google ignite keras lightgbm lightning matplotlib mlflow narwhals pandas "
    "plotly polars psycopg pyarrow pymysql redis scipy sklearn skorch sqlalchemy tensorboard torch "
    "tqdm transformers wandb xgboost".split()
)
# Each module of this room is loaded where somebody asks for it, and only then its framework.
ON_DEMAND = "integrations"
FORBIDDEN = frozenset({"optuna"})

# (module, room it imports inside a function): why this one may point upwards.
LAZY_EXCEPTIONS: dict[tuple[str, str], str] = {
    ("steep.trial.frozen", "html"): "`_repr_html_` is asked for by notebooks only",
    ("steep.trial.frozen", "study"): "`explain` follows the rules of samplers and pruners",
    ("steep.study.reading", "report"): "`report` is a page that is written when asked for",
    ("steep.study.reading", "html"): "`_repr_html_` is asked for by notebooks only",
}


@dataclass(frozen=True)
class Import:
    """One imported name: where it stands, and under which conditions it is executed."""

    line: int
    module: str  # absolute, such as "steep.table"
    name: str | None  # the name taken out of the module, None for a plain import
    lazy: bool  # inside a function
    typing_only: bool  # under `if TYPE_CHECKING:`


def check(root: Path) -> list[str]:
    """Return one line for each broken law in the package at `root` (the folder `steep`)."""
    problems = []
    for path in sorted(root.rglob("*.py")):
        module = _module_name(root, path)
        for found in imports_of(path.read_text(encoding="utf-8"), module, path.name):
            problems += [f"{path}:{found.line}: {text}" for text in _verdict(root, module, found)]
    return list(dict.fromkeys(problems))  # a line that takes several names is one problem


def imports_of(source: str, module: str, file_name: str = "module.py") -> Iterator[Import]:
    """Yield every import in the text of `module`, relative ones made absolute."""
    package = module.split(".") if file_name == "__init__.py" else module.split(".")[:-1]
    yield from _walk(ast.parse(source), package, lazy=False, typing_only=False)


def _walk(node: ast.AST, package: list[str], lazy: bool, typing_only: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            for alias in child.names:
                yield Import(child.lineno, alias.name, None, lazy, typing_only)
        elif isinstance(child, ast.ImportFrom):
            source = _absolute(child, package)
            for alias in child.names:
                yield Import(child.lineno, source, alias.name, lazy, typing_only)
        elif isinstance(child, ast.If) and _is_type_checking(child.test):
            for statement in child.body:
                yield from _walk(_wrap(statement), package, lazy, True)
            for statement in child.orelse:
                yield from _walk(_wrap(statement), package, lazy, typing_only)
        else:
            inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            yield from _walk(child, package, lazy or inside, typing_only)


def _wrap(statement: ast.stmt) -> ast.Module:
    return ast.Module(body=[statement], type_ignores=[])


def _absolute(node: ast.ImportFrom, package: list[str]) -> str:
    if node.level == 0:
        return node.module or ""
    base = package[: len(package) - node.level + 1]
    return ".".join([*base, node.module] if node.module else base)


def _is_type_checking(test: ast.expr) -> bool:
    name = test.attr if isinstance(test, ast.Attribute) else getattr(test, "id", None)
    return name == "TYPE_CHECKING"


def _module_name(root: Path, path: Path) -> str:
    parts = list(path.relative_to(root).with_suffix("").parts)
    if parts[-1] == "__init__":
        parts.pop()
    return ".".join([PACKAGE, *parts])


def _room(module: str) -> str:
    """Return the first part below `steep`, "" for the package itself."""
    return module.partition(".")[2].partition(".")[0]


def _verdict(root: Path, module: str, found: Import) -> Iterator[str]:
    top = found.module.partition(".")[0]
    if top in FORBIDDEN:
        yield f"imports {top}, which is the reference of the tests and no part of {PACKAGE}"
    elif top == PACKAGE:
        yield from _verdict_inside(root, module, found)
    elif top in HEAVY and not (found.lazy or found.typing_only or _is_on_demand(module)):
        yield f"loads {top} on import: move it into the function that uses it"


def _is_on_demand(module: str) -> bool:
    return module.startswith(f"{PACKAGE}.{ON_DEMAND}.")


def _verdict_inside(root: Path, module: str, found: Import) -> Iterator[str]:
    target = _target(root, found)
    source, goal = _room(module), _room(target)
    if source == "" or source == goal or found.typing_only:
        return  # the package itself shows every room; one's own room is free
    private = [part for part in _parts(target, found) if _is_private(part)]
    if private:
        yield f"takes the private {private[0]} from the room {goal!r}: make it public or move it"
    yield from _direction(module, source, goal, found.lazy)


def _direction(module: str, source: str, goal: str, lazy: bool) -> Iterator[str]:
    if goal == "":
        yield f"imports {PACKAGE} itself, the top: import from the room that has the name"
        return
    unknown = [room for room in (source, goal) if room not in RANK]
    if unknown:
        yield f"the room {unknown[0]!r} has no place in ORDER of tools/check_imports.py"
    elif source in ISLANDS:
        yield f"the room {source!r} imports nothing of {PACKAGE}, but takes from {goal!r}"
    elif RANK[goal] >= RANK[source] and not (lazy and (module, goal) in LAZY_EXCEPTIONS):
        yield f"the room {source!r} may not import from {goal!r}: imports point downwards"


def _target(root: Path, found: Import) -> str:
    """Return the module that is meant: `from steep import table` means `steep.table`."""
    if found.module == PACKAGE and found.name is not None:
        is_module = (root / found.name).is_dir() or (root / f"{found.name}.py").is_file()
        return f"{PACKAGE}.{found.name}" if is_module else PACKAGE
    return found.module


def _parts(target: str, found: Import) -> list[str]:
    return [*target.split("."), *([found.name] if found.name else [])]


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the problems of a source tree, and return 1 if there are any."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    default = Path(__file__).parent.parent / "src" / PACKAGE
    parser.add_argument("root", type=Path, nargs="?", default=default)
    root: Path = parser.parse_args(arguments).root
    modules = len(list(root.rglob("*.py")))
    if modules == 0:
        print(f"{root}: no Python module there; name the folder of the package.", file=sys.stderr)
        return 1
    problems = check(root)
    shown = root.relative_to(Path.cwd()) if root.is_relative_to(Path.cwd()) else root
    print("\n".join(problems) or f"{shown}: {modules} modules, imports point downwards.")
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())
