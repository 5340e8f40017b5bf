"""Storages in SQL databases: SQLite, PostgreSQL, MySQL and MariaDB."""

from __future__ import annotations

from steep.storages.sql.backend import SqlBackend

__all__ = ["SqlBackend"]
