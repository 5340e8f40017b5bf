"""The command line: ``steep``, or ``python -m steep``.

It takes the commands and flags of Optuna's, prints what Optuna's prints, and adds ``import``,
``export``, ``optimize``, ``worker`` and ``plot``; see docs/command_line.md. Each command is a few
lines over the library: what it prints comes from ``records`` (trials and studies as rows) through
``output`` (rows as a table, JSON, YAML or plain values).

Nothing of the library imports this package, so ``import steep`` does not load click.
"""

from __future__ import annotations

from steep.cli.main import main

__all__ = ["main"]
