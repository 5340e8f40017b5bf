"""Optuna's databases: its tables, read and written with SQLAlchemy Core."""

from __future__ import annotations

from steep.storages.optuna.rdb.reader import reading
from steep.storages.optuna.rdb.writer import writing

__all__ = ["reading", "writing"]
