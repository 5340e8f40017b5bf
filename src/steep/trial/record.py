"""What trials have in common that are only records: nothing runs and no study is told."""

from __future__ import annotations

from typing import Any

from steep.constraints import constraint_to_set, constraints_in
from steep.trial.base import BaseTrial

__all__ = ["RecordedTrial"]


class RecordedTrial(BaseTrial):
    """Keep attributes and constraints in dictionaries, and take reports without effect."""

    system_attrs: Any

    def report(self, value: float, step: int) -> None:
        """Do nothing: there is no study to report to."""

    def should_prune(self) -> bool:
        """Give False: a record is never pruned."""
        return False

    def set_user_attr(self, key: str, value: Any) -> None:
        """Set an attribute of this record; no study is changed.

        Args:
            key: The name of the attribute.
            value: Its value.
        """
        self.user_attrs[key] = value

    def set_constraint(self, key: str, value: float) -> None:
        """Set a constraint value of this record; no study is changed.

        Args:
            key: The name of the constraint.
            value: Its value; a positive one is a violation.

        Raises:
            TypeError: If the value is no number.
            ValueError: If it is NaN.
        """
        found = constraint_to_set(self.system_attrs, key, value)
        if found is not None:
            self.system_attrs[found[0]] = found[1]

    @property
    def constraints(self) -> dict[str, float]:
        """Give the constraint values by name."""
        return constraints_in(self.system_attrs)
