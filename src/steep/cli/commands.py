"""The kinds of commands, and the options that several of them share."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from steep.cli.errors import speaking_plainly
from steep.cli.output import FORMATS
from steep.cli.settings import Settings, common_options

__all__ = [
    "Command",
    "command",
    "direction_options",
    "directions_of",
    "complete_study",
    "format_options",
    "json_object",
    "made",
    "study_option",
]

F = TypeVar("F", bound=Callable[..., Any])


class Command(click.Command):
    """Report errors in one line, and let options that repeat take several values at once.

    ``--directions minimize maximize`` is read as ``--directions minimize --directions maximize``.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments."""
        several = [
            name
            for param in self.params
            if isinstance(param, click.Option) and param.multiple
            for name in param.opts
        ]
        return super().parse_args(ctx, spread(args, several))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        settings = ctx.ensure_object(Settings)
        with speaking_plainly(ctx, debug=settings.debug):
            try:
                return super().invoke(ctx)
            finally:
                settings.close()


def spread(args: Sequence[str], several: Sequence[str]) -> list[str]:
    """Repeat the name of an option before each of its values.

    Args:
        args: The arguments of a command.
        several: The names of options that take several values.

    Example:
        >>> spread(["--values", "1", "-.5", "-v"], ["--values"])
        ['--values', '1', '--values', '-.5', '-v']
    """
    result: list[str] = []
    name, is_first = None, False
    for arg in args:
        if arg in several:
            name, is_first = arg, True
            result.append(arg)
        elif name is not None and (not arg.startswith("-") or _is_number(arg)):
            result += [arg] if is_first else [name, arg]
            is_first = False
        else:
            name = None
            result.append(arg)
    return result


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def command(group: click.Group, name: str) -> Callable[[Callable[..., Any]], click.Command]:
    """Make a function a command of a group, with the options that all commands have.

    Args:
        group: The group.
        name: The name of the command.
    """

    def decorated(function: Callable[..., Any]) -> click.Command:
        return group.command(name, cls=Command)(common_options(click.pass_obj(function)))

    return decorated


def study_option(*more: str, required: bool = False) -> Callable[[F], F]:
    """Make the option that names a study.

    Args:
        more: Other names of the option.
        required: Whether it has to be given.
    """
    return click.option(
        *("--study-name", *more, "study_name"),
        required=required,
        metavar="NAME",
        help="The name of the study.",
        shell_complete=complete_study,
    )


def complete_study(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the name of a study from the storage that the line, or the environment, names.

    Args:
        ctx: The context of the command.
        _: The argument or option.
        incomplete: What is typed so far.
    """
    from steep.study import get_all_study_names

    try:
        names = get_all_study_names(ctx.ensure_object(Settings).storage())
    except Exception:  # there is no storage yet, and nobody to hear about it
        return []
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def format_options(default: str) -> Callable[[F], F]:
    """Make the options that say how rows are printed.

    Args:
        default: The format without an option.
    """

    def decorated(function: F) -> F:
        with_flatten = click.option(
            "--flatten", is_flag=True, help="Make several columns of one that holds several values."
        )(function)
        return click.option(
            *("-f", "--format", "format_"),
            type=click.Choice(FORMATS),
            default=default,
            show_default=True,
            help="How to print it.",
        )(with_flatten)

    return decorated


def direction_options(function: F) -> F:
    """Give a command the options for the directions of a new study.

    Args:
        function: The function of the command.
    """
    one = click.Choice(["minimize", "maximize"])
    several = click.option(
        "--directions", type=one, multiple=True, help="Which way is better, for several objectives."
    )(function)
    return click.option(
        "--direction", type=one, help="Which way is better: minimize, or maximize."
    )(several)


def directions_of(direction: str | None, directions: Sequence[str]) -> dict[str, Any]:
    """Give the arguments of ``create_study`` for the options of :func:`direction_options`.

    Args:
        direction: The only one, or None.
        directions: Several, or none.
    """
    return {"direction": direction, "directions": list(directions) or None}


def json_object(option: str, text: str | None) -> dict[str, Any]:
    """Read an option that is a JSON object.

    Args:
        option: The name of the option.
        text: Its value, or None.

    Raises:
        ValueError: If it is no JSON, or no object.
    """
    try:
        value = json.loads(text or "{}")
    except ValueError as error:
        raise ValueError(f"{option} is no JSON ({error}): {text}") from None
    if not isinstance(value, dict):
        raise ValueError(f'{option} is no JSON object, such as {{"seed": 1}}: {text}')
    return value


def made(kind: str, name: str | None, arguments: str | None) -> dict[str, Any]:
    """Make the sampler or pruner that options name.

    Args:
        kind: "sampler" or "pruner".
        name: The name of the class, or None.
        arguments: The arguments of the constructor as JSON, or None.

    Returns:
        It under its kind; nothing if there is no name.

    Raises:
        ValueError: If there is no such class, or arguments without a class.
    """
    import importlib

    if name is None:
        if arguments is not None:
            raise ValueError(f"--{kind}-kwargs is given without --{kind}; give the class as well.")
        return {}
    module = importlib.import_module(f"steep.{kind}s")
    known = [
        n for n in module.__all__ if n.endswith(kind.capitalize()) and not n.startswith("Base")
    ]
    if name not in known:
        raise ValueError(
            f"--{kind} {name}: there is no such class; give one of {', '.join(known)}."
        )
    return {kind: getattr(module, name)(**json_object(f"--{kind}-kwargs", arguments))}
