"""The command that draws a study."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from steep.cli.commands import command, study_option
from steep.cli.settings import Settings
from steep.study import Study

__all__ = ["register"]

_PREFIX = "plot_"
_PAGES = (".html", ".htm")
_PICTURES = (".png", ".svg", ".pdf", ".jpg")


def register(main: click.Group) -> None:
    """Add the command.

    Args:
        main: The group that it belongs to.
    """
    command(main, "plot")(plot)


def _function(ctx: click.Context, param: click.Parameter, value: str) -> str:
    """Give the name of a function, without ``plot_`` and with dashes if you like."""
    text = value.replace("-", "_").removeprefix(_PREFIX)
    if text not in plot_names() and not ctx.resilient_parsing:
        known = ", ".join(_dashed(plot_names()))
        raise click.UsageError(f"There is no plot {value!r}; give one of {known}.", ctx)
    return _PREFIX + text


def _complete(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(n) for n in _dashed(plot_names()) if n.startswith(incomplete)]


def plot_names() -> list[str]:
    """Give the names of all plots."""
    from steep import visualization

    return [n.removeprefix(_PREFIX) for n in visualization.__all__ if n.startswith(_PREFIX)]


def _dashed(names: list[str]) -> list[str]:
    return [name.replace("_", "-") for name in names]


@click.argument("name", callback=_function, shell_complete=_complete)
@study_option(required=True)
@click.option(
    *("-o", "--output"),
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file: a page (.html) drawn by plotly, or a picture (.png, .svg, .pdf, .jpg) drawn by "
    "matplotlib.",
)
@click.option("--params", multiple=True, help="Only these parameters, where a plot shows several.")
def plot(
    settings: Settings, name: str, study_name: str, output: Path, params: tuple[str, ...]
) -> None:
    """Draw a plot of a study into a file.

    NAME is that of a function of steep.visualization, such as optimization-history or slice.
    """
    suffix = output.suffix.lower()
    if suffix not in _PAGES + _PICTURES:
        raise click.UsageError(f"-o {output}: give a file that ends in .html, .png, .svg or .pdf.")
    study = settings.study(study_name)
    save = _save_page if suffix in _PAGES else _save_picture
    save(name, study, output, list(params))
    click.echo(output)


def _save_page(name: str, study: Study, output: Path, params: list[str]) -> None:
    from steep import visualization

    figure = _drawn(getattr(visualization, name), study, params)
    figure.write_html(output)


def _save_picture(name: str, study: Study, output: Path, params: list[str]) -> None:
    try:
        renderer = importlib.import_module("steep.visualization.matplotlib")
    except ImportError as error:
        raise ImportError(
            f"A picture such as {output} is drawn by matplotlib, which is not there "
            f"({error}): pip install 'steep[matplotlib]', or give a file that ends in .html."
        ) from error
    axes = _drawn(getattr(renderer, name), study, params)
    first = axes if hasattr(axes, "figure") else axes.flat[0]  # several axes come as an array
    first.figure.savefig(output, dpi=150, bbox_inches="tight")


def _drawn(draw: Callable[..., Any], study: Study, params: list[str]) -> Any:
    if not params:
        return draw(study)
    if "params" not in inspect.signature(draw).parameters:
        raise click.UsageError(f"{draw.__name__} takes no --params; leave them out.")
    return draw(study, params=params)
