r"""Let Sphinx list the commands of ``steep``: the directive ``commands``.

The words are those of ``steep COMMAND --help``, so that there is one source for both.

Example:
    >>> import click
    >>> @click.command()
    ... @click.argument("file")
    ... @click.option("-n", "--name", metavar="TEXT", help="How it is called.")
    ... def store(file, name):
    ...     '''Store a file.'''
    >>> print("\n".join(describe("steep store", store)))  # doctest: +NORMALIZE_WHITESPACE
    steep store
    -----------
    <BLANKLINE>
    Store a file.
    <BLANKLINE>
    .. code-block:: text
    <BLANKLINE>
       steep store [OPTIONS] FILE
    <BLANKLINE>
    .. program:: steep store
    <BLANKLINE>
    .. option:: -n TEXT, --name TEXT
    <BLANKLINE>
       How it is called.
    <BLANKLINE>
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from inspect import cleandoc
from typing import Any

import click

__all__ = ["describe", "setup", "walk"]

_EVERYWHERE = ("--help", "--storage", "--storage-class", "--verbose", "--quiet", "--log-file")
"""Flags that each command takes; they are listed once, with ``steep`` itself."""


def walk(path: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    """Go through a command and those below it, by their whole names."""
    yield path, command
    if isinstance(command, click.Group):
        for name, below in sorted(command.commands.items()):
            yield from walk(f"{path} {name}", below)


def describe(path: str, command: click.Command) -> list[str]:
    """Write the section of one command, as lines of reStructuredText."""
    context = click.Context(command, info_name=path)
    usage = " ".join([path, *command.collect_usage_pieces(context)])
    lines = [path, "-" * len(path), "", *_text(command.help or ""), ""]
    lines += [".. code-block:: text", "", f"   {usage}", "", f".. program:: {path}", ""]
    options = [one for one in command.get_params(context) if isinstance(one, click.Option)]
    is_root = " " not in path
    for option in options:
        common = set(option.opts) & {*_EVERYWHERE, "--debug"}
        record = option.get_help_record(context)
        if record is not None and (is_root or not common):
            lines += [f".. option:: {_flags(option, context)}", "", f"   {_plain(record[1])}", ""]
    return lines


def _text(words: str) -> list[str]:
    return [_plain(line) for line in cleandoc(words.replace("\b", "")).splitlines()]


def _plain(words: str) -> str:
    """Escape what reStructuredText would take for marks."""
    return words.replace("\\", "\\\\").replace("*", "\\*").replace("`", "\\`").replace("|", "\\|")


def _flags(option: click.Option, context: click.Context) -> str:
    value = "" if option.is_flag or option.count else f" {option.make_metavar(context)}"
    return ", ".join(f"{flag}{value}" for flag in (*option.opts, *option.secondary_opts))


def setup(app: Any) -> dict[str, bool]:
    """Join Sphinx."""
    from sphinx.util.docutils import SphinxDirective

    class Commands(SphinxDirective):
        """List a command and all below it: ``.. commands:: module:name program``."""

        required_arguments = 2

        def run(self) -> list[Any]:
            module, _, name = self.arguments[0].partition(":")
            root = getattr(import_module(module), name)
            lines = [line for found in walk(self.arguments[1], root) for line in describe(*found)]
            text = "\n".join(lines)
            nodes: list[Any] = self.parse_text_to_nodes(text, allow_section_headings=True)
            return nodes

    app.add_directive("commands", Commands)
    return {"parallel_read_safe": True}
