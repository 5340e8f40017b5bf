"""Logging as Optuna users know it: one library logger, quiet or loud by a call.

Example:
    >>> import steep
    >>> steep.logging.set_verbosity(steep.logging.WARNING)
    >>> steep.logging.get_verbosity() == steep.logging.WARNING
    True
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from logging import CRITICAL, DEBUG, ERROR, FATAL, INFO, WARN, WARNING

__all__ = [
    "CRITICAL",
    "DEBUG",
    "ERROR",
    "FATAL",
    "INFO",
    "WARN",
    "WARNING",
    "create_default_formatter",
    "disable_default_handler",
    "disable_propagation",
    "enable_default_handler",
    "enable_propagation",
    "get_logger",
    "get_verbosity",
    "set_verbosity",
]

_ROOT = "steep"
_COLOURS = {DEBUG: 36, INFO: 32, WARNING: 33, ERROR: 31, CRITICAL: 41}
_lock = threading.Lock()
_default_handler: logging.Handler | None = None


class _StderrHandler(logging.StreamHandler):  # type: ignore[type-arg]  # generic in stubs only
    """Write to whatever ``sys.stderr`` is now, so that a redirection is obeyed."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> object:
        return sys.stderr


class _ColourFormatter(logging.Formatter):
    """Paint the prefix in the colour of the level."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - name of the base
        line = super().formatMessage(record)
        colour = _COLOURS.get(record.levelno)
        prefix, bracket, message = line.partition("]")
        if colour is None or not bracket:
            return line
        return f"\x1b[{colour}m{prefix}]\x1b[0m{message}"


def create_default_formatter() -> logging.Formatter:
    """Make the formatter of the default handler.

    Returns:
        A formatter that writes ``[I 2026-01-31 12:00:00,000] message``, in colour when standard
        error is a terminal and ``NO_COLOR`` is not set.
    """
    header = "[%(levelname)1.1s %(asctime)s] %(message)s"
    in_colour = sys.stderr is not None and sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    return (_ColourFormatter if in_colour else logging.Formatter)(header)


def _root() -> logging.Logger:
    """Give the library's logger, set up at the first call."""
    global _default_handler
    root = logging.getLogger(_ROOT)
    if _default_handler is None:
        with _lock:
            if _default_handler is None:
                handler = _StderrHandler()
                handler.setFormatter(create_default_formatter())
                root.addHandler(handler)
                root.setLevel(INFO)
                root.propagate = False
                _default_handler = handler
    return root


def get_logger(name: str) -> logging.Logger:
    """Give a logger by name.

    Args:
        name: The name of the logger. ``"optuna"`` and its children stand for steep's own, so that
            programs written for Optuna find the logger that does the work.

    Returns:
        The logger.
    """
    _root()
    head, dot, tail = name.partition(".")
    return logging.getLogger(_ROOT + dot + tail if head == "optuna" else name)


def get_verbosity() -> int:
    """Give the level of the library's logger.

    Returns:
        A level such as ``steep.logging.INFO``.
    """
    return _root().getEffectiveLevel()


def set_verbosity(verbosity: int) -> None:
    """Set the level of the library's logger.

    Args:
        verbosity: A level such as ``steep.logging.WARNING``.
    """
    _root().setLevel(verbosity)


def disable_default_handler() -> None:
    """Stop writing log records to standard error."""
    root = _root()
    assert _default_handler is not None
    root.removeHandler(_default_handler)


def enable_default_handler() -> None:
    """Write log records to standard error again."""
    root = _root()
    assert _default_handler is not None
    root.addHandler(_default_handler)


def disable_propagation() -> None:
    """Keep log records from the handlers of the root logger. This is the default."""
    _root().propagate = False


def enable_propagation() -> None:
    """Hand log records to the handlers of the root logger too."""
    _root().propagate = True
