"""What every command takes: where the studies are, and how much to say."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from steep import logging as steep_logging
from steep.exceptions import CLIUsageError
from steep.storages import JournalStorage, RDBStorage, Storage, get_storage
from steep.study import Study, get_all_study_names, load_study

__all__ = ["ENVIRONMENT", "STORAGE_CLASSES", "Settings", "common_options"]

F = TypeVar("F", bound=Callable[..., Any])

ENVIRONMENT = ("STEEP_STORAGE", "OPTUNA_STORAGE")
"""The variables that stand in for ``--storage``, the first one first."""

STORAGE_CLASSES = ("RDBStorage", "JournalFileBackend", "JournalRedisBackend")
_OLDER_CLASSES = ("JournalFileStorage", "JournalRedisStorage")
_LEVELS = (steep_logging.WARNING, steep_logging.INFO, steep_logging.DEBUG)


@dataclass
class Settings:
    """Hold the common options of a command line, wherever in it they stand.

    Attributes:
        storage_url: What ``--storage`` says.
        storage_class: What ``--storage-class`` says.
        verbosity: 0 for warnings, 1 for what happens, 2 for everything.
        debug: Whether tracebacks are shown.
        given: The common options that were given, without their dashes.
    """

    storage_url: str | None = None
    storage_class: str | None = None
    verbosity: int = 1
    debug: bool = False
    given: set[str] = field(default_factory=set)
    _storage: Storage | None = None

    def url(self) -> str | None:
        """Give where the studies are, by option or environment; None if nothing says so."""
        named = (self.storage_url, *(os.environ.get(name) for name in ENVIRONMENT))
        return next(filter(None, named), None)

    def storage(self) -> Storage:
        """Open the storage, once.

        Raises:
            CLIUsageError: If no option or variable says where it is.
            ValueError: If what they say is not understood.
        """
        if self._storage is None:
            url = self.url()
            if url is None:
                raise CLIUsageError(
                    "No storage is given; give --storage URL, such as sqlite:///study.db, or set "
                    f"{ENVIRONMENT[0]}."
                )
            self._storage = _opened(url, self.storage_class)
        return self._storage

    def study(self, name: str | None, **more: Any) -> Study:
        """Load a study.

        Args:
            name: Its name; None where the storage has exactly one.
            more: Sampler and pruner.

        Raises:
            KeyError: If the storage has no study of this name; the message lists those it has.
        """
        storage = self.storage()
        try:
            return load_study(study_name=name, storage=storage, **more)
        except KeyError:
            raise KeyError(_unknown(name, get_all_study_names(storage))) from None

    def close(self) -> None:
        """Bring everything to the disk."""
        if self._storage is not None:
            self._storage.close()


def _opened(url: str, storage_class: str | None) -> Storage:
    if storage_class == "RDBStorage":
        return RDBStorage(url)
    if storage_class in ("JournalFileBackend", "JournalFileStorage"):
        return get_storage(f"file:{url.removeprefix('file:')}")
    if storage_class is not None:
        from steep.storages import RedisBackend

        return JournalStorage(RedisBackend(url))
    try:
        return get_storage(url)
    except ValueError:
        if not Path(url).is_file():
            raise
        return get_storage(f"file:{url}")  # a log, whatever its name ends in


def _unknown(name: str | None, known: list[str]) -> str:
    import difflib

    close = difflib.get_close_matches(name or "", known, n=1)
    if close:
        return f"There is no study named {name!r} in the storage; did you mean {close[0]!r}?"
    shown = ", ".join(map(repr, known[:10])) + (", ..." if len(known) > 10 else "")
    return f"There is no study named {name!r} in the storage; it has {shown or 'none at all'}."


def common_options(command: F) -> F:
    """Give a command the options that all have.

    Args:
        command: The function of the command.
    """
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def _option(*names: str, **attrs: Any) -> Callable[[F], F]:
    return click.option(*names, expose_value=False, callback=_remember, **attrs)


def _remember(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    settings = ctx.ensure_object(Settings)
    if not value:
        return
    settings.given.add(param.name)
    if param.name in ("storage_url", "debug"):
        setattr(settings, param.name, value)
    elif not ctx.resilient_parsing:
        _RULES[param.name](ctx, settings, value)


def _set_class(ctx: click.Context, settings: Settings, name: str) -> None:
    if name not in (*STORAGE_CLASSES, *_OLDER_CLASSES):
        known = ", ".join(STORAGE_CLASSES)
        raise click.UsageError(f"--storage-class {name}: give one of {known}.", ctx)
    settings.storage_class = name


def _be_verbose(ctx: click.Context, settings: Settings, count: int) -> None:
    _set_verbosity(ctx, settings, min(1 + count, 2))


def _be_quiet(ctx: click.Context, settings: Settings, _: bool) -> None:
    _set_verbosity(ctx, settings, 0)


def _set_verbosity(ctx: click.Context, settings: Settings, level: int) -> None:
    if {"verbose", "quiet"} <= settings.given:
        raise click.UsageError("--verbose and --quiet exclude each other; give one of them.", ctx)
    settings.verbosity = level
    _set_level(ctx, level)


def _set_level(ctx: click.Context, level: int) -> None:
    before = steep_logging.get_verbosity()
    steep_logging.set_verbosity(_LEVELS[level])
    ctx.call_on_close(lambda: steep_logging.set_verbosity(before))


def _log_to_file(ctx: click.Context, settings: Settings, path: str) -> None:
    handler = logging.FileHandler(path)
    handler.setFormatter(logging.Formatter("[%(levelname)1.1s %(asctime)s] %(message)s"))
    logger = steep_logging.get_logger("steep")
    logger.addHandler(handler)
    ctx.call_on_close(handler.close)
    ctx.call_on_close(lambda: logger.removeHandler(handler))


_RULES: dict[str, Callable[[click.Context, Settings, Any], None]] = {
    "verbose": _be_verbose,
    "quiet": _be_quiet,
    "log_file": _log_to_file,
    "storage_class": _set_class,
}


def _classes(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in STORAGE_CLASSES if name.startswith(incomplete)]


_OPTIONS = (
    _option(
        "--storage",
        "storage_url",
        metavar="URL",
        help="Where the studies are, such as sqlite:///study.db. The environment variables "
        f"{' and '.join(ENVIRONMENT)} stand in for it.",
    ),
    _option(
        "--storage-class",
        metavar="CLASS",
        shell_complete=_classes,
        help="What the URL stands for, where it does not tell: " + ", ".join(STORAGE_CLASSES) + ".",
    ),
    _option("-v", "--verbose", count=True, help="Say more; may be repeated."),
    _option("-q", "--quiet", is_flag=True, help="Say nothing but warnings and errors."),
    _option(
        "--log-file", type=click.Path(dir_okay=False), help="Write the messages to a file too."
    ),
    _option("--debug", is_flag=True, help="Show the traceback of an error."),
)
