"""The table of a study: the log of events folded into NumPy columns."""

from __future__ import annotations

from steep.table.fold import Effect, Table
from steep.table.rows import DELETED

__all__ = ["DELETED", "Effect", "Table"]
