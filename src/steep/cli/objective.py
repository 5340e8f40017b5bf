"""Find the objective that a command line names."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from steep.cli.errors import Complaint, one_line

__all__ = ["load_objective"]


def load_objective(target: str) -> Callable[[Any], Any]:
    """Import an objective.

    The folder of a file, or the working folder for a module, comes first on the path, so that the
    program finds its neighbours as it does under ``python FILE`` and ``python -m module``.

    Args:
        target: ``FILE.py:function`` or ``package.module:function``; dots after the colon are
            attributes.

    Returns:
        The objective: anything that can be called with a trial.

    Raises:
        Complaint: If there is no such thing; the message names what is missing. An exception of
            the program itself is shown with its traceback first.
    """
    where, _, name = target.rpartition(":")
    if not where or not name:
        raise Complaint(
            f"{target!r} names no objective; give FILE.py:function or package.module:function."
        )
    is_file = where.endswith(".py") or Path(where).is_file()
    module = _module_of_file(Path(where)) if is_file else _module(where)
    found: Any = module
    for part in name.split("."):
        found = getattr(found, part, None)
    if found is None:
        raise Complaint(f"{where} has no {name!r}; {_shown(module)}.")
    if inspect.isclass(found) or not callable(found):
        kind = "a class" if inspect.isclass(found) else f"a {type(found).__name__}"
        raise Complaint(f"{target} is {kind}; an objective is a function of a trial.")
    return found  # type: ignore[no-any-return]  # callable() says it is one


def _module(name: str) -> ModuleType:
    sys.path.insert(0, str(Path.cwd()))
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        missing = error.name or ""
        if name == missing or name.startswith(f"{missing}."):
            raise Complaint(
                f"There is no module {missing!r}; run the command where it can be imported, or "
                "give the path of a file: FILE.py:function."
            ) from None
        raise _broken(name, error) from error
    except Exception as error:
        raise _broken(name, error) from error


def _module_of_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise Complaint(f"There is no file {str(path)!r}.")
    path = path.resolve()
    name = path.stem
    known = sys.modules.get(name)
    if known is not None:
        if getattr(known, "__file__", None) == str(path):
            return known
        raise Complaint(f"{path.name} has the name of a module that is in use; rename the file.")
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise Complaint(f"{str(path)!r} is no Python file; its name has to end in .py.")
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(path.parent))
    sys.modules[name] = module  # pickling and dataclasses look a class up there
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise _broken(str(path), error) from error
    return module


def _broken(where: str, error: Exception) -> Complaint:
    """Show where a program failed, without the frames that led to it."""
    frame = error.__traceback__
    while frame is not None and _is_of_import(frame.tb_frame.f_code.co_filename):
        frame = frame.tb_next
    traceback.print_exception(type(error), error, frame)
    return Complaint(f"{where} could not be imported: {type(error).__name__}: {one_line(error)}")


def _is_of_import(filename: str) -> bool:
    return filename == __file__ or "importlib" in filename


def _shown(module: ModuleType) -> str:
    functions = [n for n, f in vars(module).items() if inspect.isfunction(f) and n[0] != "_"]
    listed = ", ".join(functions[:8])
    return f"its functions are {listed}" if functions else "it has no functions"
