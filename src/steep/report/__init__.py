"""A study on one page: what happened, what it means, and the numbers behind it."""

from __future__ import annotations

from steep.report.diagnosis import diagnose
from steep.report.finding import Finding

__all__ = ["Finding", "diagnose"]
