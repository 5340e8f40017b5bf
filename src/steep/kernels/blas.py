"""One BLAS thread for matrices too small to be shared out.

OpenBLAS, which the wheels of NumPy and SciPy bring, shares out a product of matrices as soon as it
has some 100,000 multiplications. With a few hundred rows that takes longer than it saves: threads
wake up, and spin while they wait for each other. NumPy and SciPy bring one OpenBLAS each, so that
their threads spin against each other. And a sum that is cut elsewhere is rounded otherwise, so that
the same seed would give other results on a machine with another number of cores.

What this does to others: OpenBLAS has one number of threads for the whole process. So the products
that other threads of the program begin meanwhile run on one thread too; these are milliseconds.
Products that have begun are not touched. When the last block is left, the number is what it was
before the first one, unless somebody has set another one meanwhile; that one stays.

Nothing is done where OpenBLAS is built on OpenMP (conda-forge, some distributions), where setting
the number frees buffers that another thread may be using; nor where BLAS is another library (MKL,
Accelerate, BLIS). Results are right there too, but may depend on the number of threads.

The functions are looked up in the modules that were linked to OpenBLAS. Listing all libraries of
the process, as threadpoolctl does, takes longer and could deadlock with threads (its issues 229 and
239).

Example:
    >>> import numpy as np
    >>> a = np.ones((300, 300))
    >>> with one_thread:
    ...     float((a @ a)[0, 0])
    300.0
"""

from __future__ import annotations

import ctypes
import importlib
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

__all__ = ["Library", "OneThread", "libraries", "one_thread"]

_LINKED = ("numpy.linalg._umath_linalg", "scipy.linalg._flapack")
_NAMES = ("scipy_openblas_{}64_", "scipy_openblas_{}", "openblas_{}64_", "openblas_{}")
_OWN_THREADS = 1
"""What get_parallel gives where OpenBLAS starts its threads itself; 2 is OpenMP."""


class Library(NamedTuple):
    """Get and set the number of threads of a BLAS."""

    get: Callable[[], int]
    set: Callable[[int], object]


@cache
def libraries() -> list[Library]:
    """Give the libraries whose number of threads can be set without harm; SciPy is imported."""
    modules = [importlib.import_module(name) for name in _LINKED]
    # NumPy and SciPy may share one.
    return list(dict(found for module in modules for found in _openblas_of(module)).values())


class OneThread:
    """Let BLAS use one thread inside a ``with`` block; blocks may nest and overlap in any threads.

    Args:
        find: Gives the libraries, at the first block.
    """

    def __init__(self, find: Callable[[], list[Library]]) -> None:
        self._find = find
        self._lock = threading.Lock()
        self._inside: list[int] = []  # the threads, one a block
        self._before: list[int] = []

    def __enter__(self) -> None:
        found = self._find()  # before the lock, since it imports
        with self._lock:
            if not self._inside:
                self._before = [library.get() for library in found]
                for library in found:
                    library.set(1)
            self._inside.append(threading.get_ident())

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside.remove(threading.get_ident())
            self._restore()

    def _restore(self) -> None:
        if self._inside:
            return
        for library, before in zip(self._find(), self._before, strict=True):
            if before != 1 and library.get() == 1:
                library.set(before)

    def before_fork(self) -> None:
        """Wait until no other thread is entering or leaving a block."""
        self._lock.acquire()

    def forked(self, is_child: bool) -> None:
        """Go on after a fork; a child has none of the other threads, nor the blocks they are in.

        Args:
            is_child: Whether this is the child.
        """
        if is_child and self._inside:
            self._inside = [one for one in self._inside if one == threading.get_ident()]
            self._restore()
        self._lock.release()


def _openblas_of(module: ModuleType) -> Iterator[tuple[int, Library]]:
    """Give the OpenBLAS that a module is linked to, and the address by which it is known."""
    for path in _places(module):
        with suppress(OSError):
            file = ctypes.CDLL(str(path))
            yield from filter(None, (_named(file, name) for name in _NAMES))


def _places(module: ModuleType) -> Iterator[Path]:
    """Give the files in which to look: the module finds what it is linked to, save on Windows."""
    yield Path(str(module.__file__))
    package = Path(str(importlib.import_module(module.__name__.partition(".")[0]).__file__)).parent
    yield from sorted(package.with_name(f"{package.name}.libs").glob("*openblas*"))


def _named(file: ctypes.CDLL, name: str) -> tuple[int, Library] | None:
    parallel = getattr(file, name.format("get_parallel"), None)
    if parallel is None or parallel() != _OWN_THREADS:
        return None
    get = getattr(file, name.format("get_num_threads"))
    set_ = getattr(file, name.format("set_num_threads"))
    set_.argtypes, set_.restype = [ctypes.c_int], None
    return ctypes.cast(set_, ctypes.c_void_p).value or 0, Library(get, set_)


one_thread = OneThread(libraries)
"""What all blocks share."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=one_thread.before_fork,
        after_in_parent=lambda: one_thread.forked(False),
        after_in_child=lambda: one_thread.forked(True),
    )
