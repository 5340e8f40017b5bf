"""Commands about studies: create, delete, tag and list them."""

from __future__ import annotations

from typing import Any

import click

from steep import logging
from steep.cli import records
from steep.cli.commands import (
    command,
    direction_options,
    directions_of,
    format_options,
    study_option,
)
from steep.cli.errors import Complaint
from steep.cli.output import show
from steep.cli.settings import Settings
from steep.exceptions import DuplicatedStudyError
from steep.storages import RDBStorage
from steep.study import create_study, delete_study, get_all_study_names, get_all_study_summaries

__all__ = ["register"]

_logger = logging.get_logger(__name__)


def register(main: click.Group) -> None:
    """Add the commands.

    Args:
        main: The group that they belong to.
    """
    study = click.Group("study", help="Change a study.")
    storage = click.Group("storage", help="Change a storage.")
    main.add_command(study)
    main.add_command(storage)
    command(main, "create-study")(create)
    command(main, "delete-study")(delete)
    command(main, "studies")(list_studies)
    command(main, "study-names")(list_names)
    command(study, "set-user-attr")(set_user_attr)
    command(storage, "upgrade")(upgrade)


@study_option()
@direction_options
@click.option("--skip-if-exists", is_flag=True, help="Do nothing where there is one of this name.")
def create(settings: Settings, study_name: str | None, skip_if_exists: bool, **ways: Any) -> None:
    """Create a study and print its name."""
    try:
        study = create_study(
            storage=settings.storage(),
            study_name=study_name,
            load_if_exists=skip_if_exists,
            **directions_of(**ways),
        )
    except DuplicatedStudyError:
        raise Complaint(
            f"There is a study named {study_name!r} already; give another --study-name, or "
            "--skip-if-exists to go on with it."
        ) from None
    click.echo(study.study_name)


@study_option()
def delete(settings: Settings, study_name: str | None) -> None:
    """Delete a study with all its trials."""
    if study_name is None:
        raise Complaint("delete-study needs the study to delete; give --study-name NAME.")
    name = settings.study(study_name).study_name
    delete_study(study_name=name, storage=settings.storage())


@study_option(required=True)
@click.option("-k", "--key", required=True, help="The name of the attribute.")
@click.option("--value", required=True, help="Its value, a text.")
def set_user_attr(settings: Settings, study_name: str, key: str, value: str) -> None:
    """Set a user attribute of a study."""
    settings.study(study_name).set_user_attr(key, value)
    _logger.info("The attribute is set.")


@format_options("table")
def list_studies(settings: Settings, format_: str, flatten: bool) -> None:
    """List the studies of a storage."""
    summaries = get_all_study_summaries(settings.storage(), include_best_trial=False)
    show(records.of_studies(summaries), format_, flatten=flatten)


@click.option(
    *("-f", "--format", "format_"),
    type=click.Choice(["value", "json", "table", "yaml"]),
    default="value",
    show_default=True,
    help="How to print them.",
)
def list_names(settings: Settings, format_: str) -> None:
    """List the names of the studies of a storage."""
    show(records.of_names(get_all_study_names(settings.storage())), format_)


def upgrade(settings: Settings) -> None:
    """Bring the tables of a database up to date, which opening it does as well."""
    storage = settings.storage()
    if not isinstance(storage, RDBStorage):
        raise Complaint(f"The storage {settings.url()!r} is no database; only those have tables.")
    version = storage.get_current_version()
    _logger.info(f"The tables of this storage are up to date: version {version}.")
