"""The reference of the command line lists each command once, with its own flags."""

from __future__ import annotations

import click

from steep.cli import main
from tools.sphinx_commands import describe, walk


def test_groups_are_followed_down() -> None:
    assert isinstance(main, click.Command)
    paths = [path for path, _ in walk("steep", main)]
    assert {"steep", "steep ask", "steep study set-user-attr", "steep worker"} <= set(paths)
    assert len(paths) == len(set(paths))


def test_flags_of_all_commands_are_listed_with_the_root_only() -> None:
    assert isinstance(main, click.Command)
    texts = {path: "\n".join(describe(path, command)) for path, command in walk("steep", main)}
    assert [path for path, text in texts.items() if "--storage URL" in text] == ["steep"]
    assert ".. option:: --study-name NAME, --study NAME" in texts["steep worker"]
    assert "steep worker [OPTIONS] OBJECTIVE" in texts["steep worker"]


def test_marks_of_restructuredtext_are_escaped() -> None:
    @click.command()
    def noise() -> None:
        """Take *all* of `x`."""

    assert "Take \\*all\\* of \\`x\\`." in describe("noise", noise)
