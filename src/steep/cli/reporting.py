"""The command that writes the report of a study."""

from __future__ import annotations

from pathlib import Path

import click

from steep.cli.commands import command, complete_study
from steep.cli.settings import Settings

__all__ = ["register"]

_PAGES = (".html", ".htm")


def register(main: click.Group) -> None:
    """Add the command.

    Args:
        main: The group that it belongs to.
    """
    command(main, "report")(report)


@click.argument("study_name", metavar="[STUDY]", required=False, shell_complete=complete_study)
@click.option(
    *("-o", "--output"),
    default="report.html",
    show_default=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file, one page that opens without a network.",
)
def report(settings: Settings, study_name: str | None, output: Path) -> None:
    """Write a report of a study: summary, diagnosis, the best trial against the rest, all plots.

    STUDY is its name; it may be left out where the storage has one study. The file is printed.
    """
    if output.suffix.lower() not in _PAGES:
        raise click.UsageError(f"-o {output}: a report is a page; give a file that ends in .html.")
    settings.study(study_name).report(output)
    click.echo(output)
