"""Commands about trials: look at them, ask for one, tell its result."""

from __future__ import annotations

import json
from typing import Any

import click

from steep import logging
from steep.cli import records
from steep.cli.commands import command, format_options, json_object, made, study_option
from steep.cli.errors import Complaint
from steep.cli.output import show
from steep.cli.records import Records
from steep.cli.settings import Settings
from steep.distributions import json_to_distribution
from steep.states import TrialState
from steep.study import Study

__all__ = ["register", "show_best"]

_logger = logging.get_logger(__name__)


def register(main: click.Group) -> None:
    """Add the commands.

    Args:
        main: The group that they belong to.
    """
    command(main, "trials")(list_trials)
    command(main, "best-trial")(best_trial)
    command(main, "best-trials")(best_trials)
    command(main, "ask")(ask)
    command(main, "tell")(tell)


@study_option(required=True)
@format_options("table")
def list_trials(settings: Settings, study_name: str, format_: str, flatten: bool) -> None:
    """List the trials of a study."""
    show(records.of_trials(settings.study(study_name)), format_, flatten=flatten)


@study_option(required=True)
@format_options("table")
def best_trial(settings: Settings, study_name: str, format_: str, flatten: bool) -> None:
    """Show the best trial of a study with one objective."""
    study = settings.study(study_name)
    if len(study.directions) > 1:
        raise Complaint(
            f"The study {study_name!r} has {len(study.directions)} objectives; use best-trials."
        )
    show_best(study, format_, flatten)


@study_option(required=True)
@format_options("table")
def best_trials(settings: Settings, study_name: str, format_: str, flatten: bool) -> None:
    """List the trials that no other dominates."""
    study = settings.study(study_name)
    numbers = {trial.number for trial in study.best_trials}
    show(_numbered(study, numbers), format_, flatten=flatten)


def show_best(study: Study, format_: str, flatten: bool) -> None:
    """Print the best trial of a study with one objective.

    Args:
        study: The study.
        format_: How to print it.
        flatten: Whether a column that holds several values becomes several columns.

    Raises:
        ValueError: If no feasible trial is COMPLETE.
    """
    show(_numbered(study, {study.best_trial.number}), format_, flatten=flatten, is_one=True)


def _numbered(study: Study, numbers: set[int]) -> Records:
    return records.of_trials(study).only(lambda row: row["number", ""] in numbers)


@study_option()
@click.option("--sampler", metavar="CLASS", help="The sampler, such as TPESampler.")
@click.option("--sampler-kwargs", metavar="JSON", help="Its arguments as a JSON object.")
@click.option(
    "--search-space",
    metavar="JSON",
    help="Parameters to suggest: a JSON object of what distribution_to_json() gives, by name.",
)
@format_options("json")
def ask(
    settings: Settings,
    study_name: str | None,
    sampler: str | None,
    sampler_kwargs: str | None,
    search_space: str | None,
    format_: str,
    flatten: bool,
) -> None:
    """Begin a trial and print what it is.

    It prints the number and the parameters; hand the result to tell.
    """
    space = {
        name: json_to_distribution(json.dumps(of_name))
        for name, of_name in json_object("--search-space", search_space).items()
    }
    chosen = made("sampler", sampler, sampler_kwargs)
    try:
        study = settings.study(study_name, **chosen)
    except KeyError as error:
        raise Complaint(f"{error.args[0]} Create one first: create-study.") from None
    trial = study.ask(space)
    _logger.info(f"Trial {trial.number} has begun with the parameters {trial.params}.")
    show(_asked(trial.number, trial.params, flatten), format_, flatten=flatten, is_one=True)


def _asked(number: int, params: dict[str, Any], flatten: bool) -> Records:
    row: dict[records.Key, Any] = {("number", ""): number}
    row |= {("params", name): value for name, value in params.items()}
    if not params and not flatten:
        row["params", ""] = {}
    return Records([row], list(row))


@study_option()
@click.option("--trial-number", type=int, help="The number that ask gave.")
@click.option("--values", type=float, multiple=True, help="The value of each objective.")
@click.option(
    "--state",
    type=click.Choice(["complete", "pruned", "fail"]),
    help="How the trial ended; the values tell if it is not given.",
)
@click.option("--skip-if-finished", is_flag=True, help="Leave a trial that has finished.")
def tell(
    settings: Settings,
    study_name: str | None,
    trial_number: int | None,
    values: tuple[float, ...],
    state: str | None,
    skip_if_finished: bool,
) -> None:
    """Record the result of a trial that ask began."""
    if trial_number is None:
        raise Complaint("tell needs the trial that has ended; give --trial-number NUMBER.")
    told = settings.study(study_name).tell(
        trial_number,
        values=list(values) or None,
        state=None if state is None else TrialState[state.upper()],
        skip_if_finished=skip_if_finished,
    )
    _logger.info(f"Trial {trial_number} is {told.state.name} with the values {told.values}.")
