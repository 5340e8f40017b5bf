"""Commands that run an objective: a whole study here, or one worker of many."""

from __future__ import annotations

import builtins
import importlib
import signal
import time
from collections.abc import Callable
from typing import Any

import click

from steep.cli.commands import (
    command,
    direction_options,
    directions_of,
    format_options,
    made,
    study_option,
)
from steep.cli.errors import Complaint, one_line
from steep.cli.leaving import Leaver
from steep.cli.objective import load_objective
from steep.cli.output import show
from steep.cli.records import of_trials
from steep.cli.settings import Settings
from steep.cli.trials import show_best
from steep.states import TrialState
from steep.storages import RetryHeartbeatStaleTrialCallback, fail_stale_trials
from steep.study import Study, create_study

__all__ = ["register"]

_GRACE = 10.0  # seconds
_POLL = 0.5  # seconds between two looks at what others do


def register(main: click.Group) -> None:
    """Add the commands.

    Args:
        main: The group that they belong to.
    """
    command(main, "optimize")(optimize)
    command(main, "worker")(worker)


def limits(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say when it ends."""
    for option in (
        click.option(
            "--catch",
            multiple=True,
            metavar="EXCEPTION",
            help="Go on after these exceptions of the objective, such as ValueError or "
            "package.module.Error; their trials FAIL.",
        ),
        click.option("--timeout", type=float, help="Begin no trial after so many seconds."),
        click.option(
            "--total-trials",
            type=click.IntRange(min=0),
            help="Run until the study has started so many trials, whoever runs them; exact.",
        ),
        click.option("--n-trials", type=click.IntRange(min=0), help="Run so many trials here."),
    ):
        function = option(function)
    return function


@click.argument("target", metavar="OBJECTIVE")
@study_option()
@direction_options
@limits
@click.option("--n-jobs", type=int, default=1, show_default=True, help="Threads; -1: one a core.")
@click.option("--sampler", metavar="CLASS", help="The sampler, such as GPSampler.")
@click.option("--sampler-kwargs", metavar="JSON", help="Its arguments as a JSON object.")
@click.option("--pruner", metavar="CLASS", help="The pruner, such as HyperbandPruner.")
@click.option("--pruner-kwargs", metavar="JSON", help="Its arguments as a JSON object.")
@format_options("table")
def optimize(
    settings: Settings,
    target: str,
    study_name: str | None,
    direction: str | None,
    directions: tuple[str, ...],
    n_jobs: int,
    format_: str,
    flatten: bool,
    catch: tuple[str, ...],
    sampler: str | None,
    sampler_kwargs: str | None,
    pruner: str | None,
    pruner_kwargs: str | None,
    **when: Any,
) -> None:
    """Run an objective and print what is best.

    OBJECTIVE is FILE.py:function or package.module:function. Without a storage the study is in
    memory. With one it is created, or continued where there is one of its name. SIGTERM gives the
    running trials back to the queue, and the command ends with 143.
    """
    objective = load_objective(target)
    ways = directions_of(direction, directions)
    study = create_study(
        storage=None if settings.url() is None else settings.storage(),
        study_name=study_name,
        load_if_exists=True,
        **made("sampler", sampler, sampler_kwargs),
        **made("pruner", pruner, pruner_kwargs),
        **ways,
    )
    _check_directions(study, [direction] if direction else list(directions))
    leaver = Leaver(study, objective, _GRACE, (signal.SIGTERM,))
    with leaver.listening():
        _run(study, leaver, catch, n_jobs=n_jobs, callbacks=[leaver.stop_if_told], **when)
    _exit_if_told(leaver)
    if len(study.directions) > 1:
        numbers = {trial.number for trial in study.best_trials}
        best = of_trials(study).only(lambda row: row["number", ""] in numbers)
        show(best, format_, flatten=flatten)
    elif study.table.n_in(TrialState.COMPLETE):
        show_best(study, format_, flatten)


@click.argument("target", metavar="OBJECTIVE")
@study_option("--study", required=True)
@limits
@click.option(
    "--heartbeat",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="Say so often that this worker lives. Workers that do so fail the trials of those that "
    "have fallen silent for twice as long, and run them again; with --total-trials they stay "
    "until the last of the others has ended.",
)
@click.option(
    "--grace",
    type=click.FloatRange(min=0),
    default=_GRACE,
    show_default=True,
    metavar="SECONDS",
    help="How long the objective may clean up after SIGTERM.",
)
def worker(
    settings: Settings,
    target: str,
    study_name: str,
    heartbeat: float | None,
    grace: float,
    catch: tuple[str, ...],
    **when: Any,
) -> None:
    """Join a study and run its trials.

    OBJECTIVE is FILE.py:function or package.module:function. Start as many workers as you like,
    wherever the storage can be reached. SIGTERM, or Ctrl-C, gives the running trial back to the
    queue, and the worker ends with 143, or 130.
    """
    objective = load_objective(target)
    if heartbeat is not None:
        storage = settings.storage()
        storage.heartbeat_interval = heartbeat
        storage.failed_trial_callback = RetryHeartbeatStaleTrialCallback()
    study = settings.study(study_name)
    leaver = Leaver(study, objective, grace)
    with leaver.listening():
        _run(study, leaver, catch, callbacks=[leaver.stop_if_told], **when)
        while heartbeat is not None and _is_left_more(study, leaver, **when):
            _run(study, leaver, catch, callbacks=[leaver.stop_if_told], **when)
    _exit_if_told(leaver)


def _exit_if_told(leaver: Leaver) -> None:
    if leaver.signum is not None:
        raise click.exceptions.Exit(128 + leaver.signum)


def _is_left_more(
    study: Study,
    leaver: Leaver,
    total_trials: int | None,
    n_trials: int | None,
    timeout: float | None,
) -> bool:
    """Wait for the last trials of others; tell whether one of them was lost and has to be run."""
    if total_trials is None or n_trials is not None or timeout is not None:
        return False
    storage = study._storage
    while leaver.signum is None:
        fail_stale_trials(study)
        table = storage.synced(study._study_id)
        if table.n_started < total_trials or not table.owners:
            return table.n_started < total_trials
        time.sleep(min(_POLL, (storage.heartbeat_interval or _POLL) / 2))
    return False


def _run(study: Study, runner: Leaver, catch: tuple[str, ...], **how: Any) -> None:
    try:
        study.optimize(runner, catch=tuple(map(_exception, catch)), **how)
    except Exception as error:
        if error is not runner.error:
            raise
        name = type(error).__name__
        raise Complaint(
            f"The objective raised {name}: {one_line(error)}. Its traceback is above; --catch "
            f"{name} goes on with the next trial."
        ) from error


def _exception(name: str) -> type[Exception]:
    where, _, last = name.rpartition(".")
    try:
        found = getattr(importlib.import_module(where) if where else builtins, last)
    except (ImportError, AttributeError):
        found = None
    if not (isinstance(found, type) and issubclass(found, Exception)):
        raise click.UsageError(f"--catch {name}: there is no such exception; give its full name.")
    return found


def _check_directions(study: Study, wanted: list[str]) -> None:
    has = [direction.name.lower() for direction in study.directions]
    if wanted and wanted != has:
        raise Complaint(
            f"The study {study.study_name!r} is there already, with the directions {has}; leave "
            "out --direction, or give another --study-name."
        )
