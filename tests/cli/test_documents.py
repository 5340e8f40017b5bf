"""docs/command_line.md names the commands that there are, and its flags exist."""

from __future__ import annotations

import re
from pathlib import Path

import click

from steep.cli import main

GUIDE = Path(__file__).parent.parent.parent / "docs" / "command_line.md"


def commands() -> dict[str, click.Command]:
    """All commands by what is typed, such as "storage upgrade"."""
    found = {}
    for name, command in main.commands.items():
        inner = command.commands if isinstance(command, click.Group) else {"": command}
        found.update({f"{name} {sub}".strip(): one for sub, one in inner.items()})
    return found


def test_the_guide_names_all_commands() -> None:
    table = GUIDE.read_text(encoding="utf-8").partition("## Common flags")[0]
    rows = re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`([^`]+)`", row)}
    assert named == set(commands()) - {"help"}


def test_the_flags_in_the_guide_exist() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    flags = {flag for one in commands().values() for param in one.params for flag in param.opts}
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*[a-z]", text))
    others = {"--array", "--requeue", "--help"}  # of Slurm, and of click
    assert named - others <= flags


def test_every_command_and_flag_has_help() -> None:
    for name, command in commands().items():
        assert command.help, name
        for param in command.params:
            assert not isinstance(param, click.Option) or param.help, (name, param.name)
