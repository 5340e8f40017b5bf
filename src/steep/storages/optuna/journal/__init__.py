"""Optuna's journal files: one JSON object a line, each with its ``op_code``."""

from __future__ import annotations

from steep.storages.optuna.journal.reader import reading
from steep.storages.optuna.journal.writer import writing

__all__ = ["reading", "writing"]
