"""Commands that carry studies from and to Optuna, and trials into files."""

from __future__ import annotations

from pathlib import Path

import click

from steep.cli.commands import command
from steep.cli.settings import Settings
from steep.storages import export_optuna, import_optuna

__all__ = ["register"]

_FILES = (".csv", ".jsonl", ".parquet")


def register(main: click.Group) -> None:
    """Add the commands.

    Args:
        main: The group that they belong to.
    """
    command(main, "import")(import_)
    command(main, "export")(export)


_which = click.option(
    "--study-name", "names", multiple=True, metavar="NAME", help="Only these studies."
)


@click.argument("source")
@_which
def import_(settings: Settings, source: str, names: tuple[str, ...]) -> None:
    """Copy studies of Optuna into the storage.

    SOURCE is the URL of a database of Optuna, or the path of one of its journal files. The
    names of the studies are printed.
    """
    copied = import_optuna(source, settings.storage(), study_names=names or None)
    click.echo("\n".join(copied))


@click.argument("target")
@_which
def export(settings: Settings, target: str, names: tuple[str, ...]) -> None:
    """Write studies to a file, or to Optuna.

    TARGET is a file that ends in .csv, .jsonl or .parquet; or the URL of a database, or the path
    of a journal file, for Optuna. The names of the studies are printed.
    """
    if Path(target).suffix.lower() in _FILES and "://" not in target:
        if len(names) > 1:
            raise click.UsageError(f"{target} holds the trials of one study; give one name.")
        study = settings.study(names[0] if names else None)
        study.export(target)
        click.echo(study.study_name)
        return
    click.echo("\n".join(export_optuna(settings.storage(), target, study_names=names or None)))
