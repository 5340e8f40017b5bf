"""Values that a sampler proposes jointly, group by group, each when one of them is needed.

In a conditional space an objective asks for few of the parameters that a sampler knows. The groups
that it does not ask for need not be proposed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from steep.table import Table

__all__ = ["Proposals"]


class Proposals(Mapping[str, Any]):
    """Give values by name, as a dictionary does that was filled at once.

    Args:
        groups: The parameters, by group.
        propose: Gives the values of a group.
        table: What the sampler reads.

    Example:
        >>> from steep.table import Table
        >>> proposals = Proposals([{"x": 1}, {"y": 2}], lambda group: dict(group), Table())
        >>> "y" in proposals, len(proposals), proposals["x"]
        (True, 2, 1)
    """

    def __init__(
        self,
        groups: Sequence[Mapping[str, Any]],
        propose: Callable[[Any], dict[str, Any]],
        table: Table,
    ) -> None:
        self._group_of = {name: group for group in groups for name in group}
        self._propose = propose
        self._table = table
        self._values: dict[str, Any] = {}
        self._seen: dict[str, int] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._values:
            group = self._group_of[name]
            self._values |= self._propose(group)
            self._seen |= dict.fromkeys(group, self._table.position)
        return self._values[name]

    def __contains__(self, name: object) -> bool:
        return name in self._group_of

    def __iter__(self) -> Iterator[str]:
        return iter(self._group_of)

    def __len__(self) -> int:
        return len(self._group_of)

    def position_of(self, name: str) -> int:
        """Give the position of the log that the sampler saw when it proposed a value.

        Args:
            name: The name of a parameter whose value was read.
        """
        return self._seen[name]
