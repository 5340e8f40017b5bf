"""The command ``steep`` itself: finds the command that is meant, and ends with its exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import click

from steep.cli import errors, moving, picturing, reporting, running, studies, trials
from steep.cli.settings import Settings, common_options
from steep.version import __version__

__all__ = ["main"]

_HELP = {"max_content_width": 100, "help_option_names": ["-h", "--help"]}


class Root(click.Group):
    """Report every error in one line."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run a command line; see ``click.Command.main``."""
        code = 1
        try:
            result = super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
            if not standalone_mode:
                return result
            code = result if isinstance(result, int) else 0
        except click.ClickException as error:
            if not standalone_mode:
                raise
            errors.report(error)
            code = error.exit_code
        except click.Abort:
            if not standalone_mode:
                raise
            click.echo("Aborted.", err=True)
        sys.exit(code)


@click.group(cls=Root, invoke_without_command=True, context_settings=_HELP)
@common_options
@click.version_option(__version__, message="steep %(version)s")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Tune hyperparameters: create studies, run workers, look at results."""
    ctx.color = errors.colour()
    if ctx.invoked_subcommand is not None:
        return
    click.echo(ctx.get_help())
    if ctx.ensure_object(Settings).given:
        raise errors.Complaint("No command is given; give one of those above.")


@main.command("help")
@click.pass_context
def help_(ctx: click.Context) -> None:
    """Show this message and exit."""
    assert ctx.parent is not None, "it is a command of the root"
    click.echo(ctx.parent.get_help())


for part in (studies, trials, moving, running, picturing, reporting):
    part.register(main)
