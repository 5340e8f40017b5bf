"""Objectives, values and exceptions as bytes.

pickle is quick; cloudpickle ships what it cannot: functions of notebooks and of ``__main__``,
closures, lambdas.
Both ends belong to the user, who runs the same code on both.
"""

from __future__ import annotations

import contextlib
import hashlib
import pickle
import traceback
from typing import Any

__all__ = ["RemoteTraceback", "digest", "pack", "pack_error", "pack_objective", "unpack"]


class RemoteTraceback(Exception):
    """Carry the text of a traceback of another process, as the cause of its exception."""

    def __str__(self) -> str:
        return "\n" + str(self.args[0])


def pack(value: Any) -> bytes:
    """Turn anything into bytes.

    Args:
        value: An objective, a value, an exception.

    Raises:
        ImportError: If it needs cloudpickle, which is not installed.
    """
    with contextlib.suppress(Exception):
        packed = pickle.dumps(value)
        # What pickle finds by its name in __main__, the other side does not find.
        if b"__main__" not in packed:
            return packed
    return _cloudpickled(value)


def _cloudpickled(value: Any) -> bytes:
    try:
        import cloudpickle
    except ImportError:
        raise ImportError(
            "This objective cannot be sent to another process without cloudpickle: "
            "pip install cloudpickle"
        ) from None
    packed: bytes = cloudpickle.dumps(value)
    return packed


def pack_objective(func: Any) -> bytes:
    """Turn an objective into bytes.

    Args:
        func: The objective.

    Raises:
        ImportError: If it needs cloudpickle, which is not installed.
        TypeError: If it holds what cannot be sent; the cause says what.
    """
    try:
        return pack(func)
    except ImportError:
        raise
    except Exception as error:
        raise TypeError(
            f"The objective {func!r} cannot be sent to another process: {error}. Make what cannot "
            "be sent (open files, locks, connections, the study) inside the objective, or run it "
            "in threads, without executor=."
        ) from error


def unpack(packed: bytes) -> Any:
    """Make again what :func:`pack` packed."""
    return pickle.loads(packed)  # noqa: S301 - from the user's own process, over a private channel


def digest(packed: bytes) -> str:
    """Give a name for packed bytes that no other bytes have."""
    return hashlib.blake2b(packed, digest_size=16).hexdigest()


def pack_error(error: BaseException) -> bytes:
    """Pack an exception with the text of its traceback.

    An exception that cannot be packed, or not be made again, becomes a RuntimeError that shows it.

    Args:
        error: The exception.

    Example:
        >>> error = unpack(pack_error(ValueError("no")))
        >>> error, type(error.__cause__).__name__
        (ValueError('no'), 'RemoteTraceback')
    """
    text = "".join(traceback.format_exception(error))
    try:
        packed = pack(_Error(error, text))
        unpack(packed)
    except Exception:
        packed = pack(_Error(RuntimeError(f"{type(error).__qualname__}: {error}"), text))
    return packed


class _Error:
    """Pack as an exception and unpack as one whose cause shows the traceback."""

    def __init__(self, error: BaseException, text: str) -> None:
        self._error = error
        self._text = text

    def __reduce__(self) -> Any:
        return _make_error, (self._error, self._text)


def _make_error(error: BaseException, text: str) -> BaseException:
    error.__cause__ = RemoteTraceback(text)
    return error
