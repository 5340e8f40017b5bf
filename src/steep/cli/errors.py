"""Errors in one line that say what to do."""

from __future__ import annotations

import os
import sys
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from steep.exceptions import CLIUsageError, OptunaError

__all__ = ["Complaint", "colour", "one_line", "report", "speaking_plainly"]

_HERE = str(Path(__file__).parent)
# What the library raises for what a user can mend. Others are faults of the program, and show
# where they come from.
_OF_USERS = (
    *(OptunaError, KeyError, ValueError, TypeError, RuntimeError, OSError, ImportError),
    NotImplementedError,
)


class Complaint(click.ClickException):
    """End the command with a line and the exit code 1."""


def colour() -> bool | None:
    """Tell whether to use colours; None where it depends on where the text goes."""
    return False if os.environ.get("NO_COLOR") else None


def one_line(error: BaseException) -> str:
    """Give the message of an exception on one line.

    Args:
        error: The exception.

    Example:
        >>> one_line(KeyError("There is no study 'tea'.")), one_line(ValueError())
        ("There is no study 'tea'.", 'ValueError()')
    """
    text = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    return " ".join(text.split()) or repr(error)


def report(error: click.ClickException) -> None:
    """Write an error to standard error, in one line.

    Args:
        error: The error.
    """
    text = " ".join(error.format_message().split())
    where = getattr(error, "ctx", None)
    if isinstance(error, click.UsageError) and where is not None:
        text = f"{text.rstrip('.')}. See '{where.command_path} --help'."
    prefix = click.style("Error:", fg="red", bold=True)
    click.echo(f"{prefix} {text}", err=True, color=colour())


@contextmanager
def speaking_plainly(ctx: click.Context, *, debug: bool) -> Iterator[None]:
    """Turn the exceptions and warnings of the library into lines.

    Args:
        ctx: The context of the command.
        debug: Whether the traceback of an exception is shown as well.

    Raises:
        Complaint: For an exception that the user can mend.
    """
    with warnings.catch_warnings():
        warnings.showwarning = _warner(warnings.showwarning)
        try:
            yield
        except CLIUsageError as error:
            click.echo(ctx.get_help())
            raise Complaint(one_line(error)) from error
        except Exception as error:
            if isinstance(error, click.ClickException | click.exceptions.Exit | BrokenPipeError):
                raise
            if debug:
                traceback.print_exc(file=sys.stderr)
            if debug or isinstance(error, _OF_USERS) or _is_of_database(error):
                raise Complaint(one_line(error)) from error
            raise


def _is_of_database(error: Exception) -> bool:
    known: Any = sys.modules.get("sqlalchemy.exc")
    return known is not None and isinstance(error, known.SQLAlchemyError)


def _warner(original: Any) -> Any:
    """Make a function that shows the warnings of a command as lines, and others as they were."""

    def show(message: Any, category: Any, filename: str, *rest: Any, **named: Any) -> None:
        if not filename.startswith(_HERE):
            original(message, category, filename, *rest, **named)
            return
        prefix = click.style("Warning:", fg="yellow", bold=True)
        click.echo(f"{prefix} {' '.join(str(message).split())}", err=True, color=colour())

    return show
