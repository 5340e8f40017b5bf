"""Run command lines in this process, those of Optuna too."""

from __future__ import annotations

import contextlib
import io
import logging
import sys
import warnings
from typing import Any
from unittest import mock

import optuna
import optuna.cli
from click.testing import CliRunner, Result

from steep.cli import main


def steep(*args: str, **env: str | None) -> Result:
    """Run a command line of steep; exceptions other than its own come through."""
    variables = {"STEEP_STORAGE": None, "OPTUNA_STORAGE": None, **env}
    with warnings.catch_warnings():
        warnings.simplefilter("default")  # they are shown, as in a process of its own
        result = CliRunner().invoke(main, args, env=variables, prog_name="steep")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def lines(result: Result) -> list[str]:
    """The lines that went to standard error."""
    return result.stderr.splitlines()


def optuna_cli(*args: str) -> tuple[int, str]:
    """Run a command line of Optuna, and return its exit code and what it printed."""
    header = list(optuna.cli._Studies._study_list_header)
    root, library = logging.getLogger(), logging.getLogger("optuna")
    before = root.level, list(root.handlers), library.level, list(library.handlers)
    printed = io.StringIO()
    try:
        with (
            mock.patch.object(sys, "argv", ["optuna", *args]),
            mock.patch.object(optuna.cli._Studies, "_study_list_header", header),
            contextlib.redirect_stdout(printed),
            contextlib.redirect_stderr(io.StringIO()),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore")
            return _code(optuna.cli.main), printed.getvalue()
    finally:
        root.level, root.handlers, library.level, library.handlers = before


def _code(call: Any) -> int:
    """What the process would end with."""
    try:
        return call() or 0
    except SystemExit as end:
        return int(end.code or 0)
    except Exception:
        return 1
