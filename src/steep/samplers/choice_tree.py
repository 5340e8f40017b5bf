"""The tree of all that a define-by-run objective can ask for.

A node stands for the choices made so far; it knows which parameter is asked for next, once a trial
has come there, and has a child for each value. Every unexplored node counts as one open end, since
nobody knows yet what lies behind it; a node where a trial ended has none. Each node keeps the
number of open ends below it, so that the next choice, and whether anything is left, are read off
without a walk over the trials.

>>> from steep.distributions import CategoricalDistribution, IntDistribution
>>> tree = ChoiceTree()
>>> kind, size = ("kind", CategoricalDistribution("ab")), ("size", IntDistribution(1, 3))
>>> node = tree.seek({}, kind)
>>> node = tree.seek({"kind": (0.0, kind[1])}, size)
>>> node.n_open, tree.root.n_open
(3, 4)
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from steep.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from steep.states import TrialState

__all__ = ["ChoiceTree", "Node", "nth_value"]

Question = tuple[str, BaseDistribution]
Answers = Mapping[str, tuple[float, BaseDistribution]]


class Node:
    """Stand for the choices that lead here.

    Attributes:
        parent: The node one choice earlier, None at the root.
        question: The parameter that is asked for here and its distribution; None while unknown.
        children: The nodes behind the values that were chosen, by the index of the value.
        n_open: The number of unexplored nodes from here on.
        end: How the trials ended that ended here; None where none did.
    """

    __slots__ = ("children", "end", "n_open", "parent", "question", "size")

    def __init__(self, parent: Node | None) -> None:
        self.parent = parent
        self.question: Question | None = None
        self.size = 0
        self.children: dict[int, Node] = {}
        self.n_open = 1
        self.end: TrialState | None = None

    def add_open(self, change: int) -> None:
        """Change the number of open ends of this node and of all above it."""
        node: Node | None = self
        while node is not None:
            node.n_open += change
            node = node.parent

    def child(self, index: int) -> Node:
        """Give the node behind a value, made if need be; that changes no count."""
        found = self.children.get(index)
        if found is None:
            found = self.children[index] = Node(self)
        return found

    def pick(self, u: float) -> int | None:
        """Give the index of a value with open ends, each end as likely as another.

        Args:
            u: In [0, 1).

        Returns:
            The index, or None where no end is open.
        """
        target = min(int(u * self.n_open), self.n_open - 1)
        if target < 0:
            return None
        start = 0  # values before this one are passed
        for index in sorted(self.children):
            unseen = index - start
            if target < unseen:
                return start + target
            target -= unseen
            if target < self.children[index].n_open:
                return index
            target -= self.children[index].n_open
            start = index + 1
        return start + target


class ChoiceTree:
    """Grow the tree of an objective from the trials that ran it.

    Attributes:
        root: The node where no choice has been made.
    """

    def __init__(self) -> None:
        self.root = Node(None)

    def seek(self, answers: Answers, question: Question | None = None) -> Node | None:
        """Follow a trial into the tree, exploring what is new.

        Args:
            answers: The choices of the trial: internal value and distribution by name, in the
                order in which they were made.
            question: What it asks for next; None if that is not known.

        Returns:
            The node, or None if the trial has left the grid, as an enqueued value may.

        Raises:
            ValueError: If another trial that made the same choices was asked something else.
        """
        node, left = self.root, dict(answers)
        while left:
            name = next(iter(left))
            if node.question is not None and node.question[0] in left:
                name = node.question[0]
            internal, distribution = left.pop(name)
            self._ask(node, (name, distribution))
            index = _index(distribution, internal)
            if index is None:
                return None
            node = node.child(index)
        if question is not None:
            self._ask(node, question)
        return node

    def end(self, answers: Answers, state: TrialState) -> None:
        """Record that a trial ended with these choices; one that went off the grid is ignored.

        Args:
            answers: Its choices; see :meth:`seek`.
            state: How it ended.

        Raises:
            ValueError: If another trial that made the same choices was asked something else.
        """
        node = self.seek(answers)
        if node is None:
            return
        if node.question is not None and state == TrialState.COMPLETE:
            raise _inconsistent(f"asks for {node.question[0]!r}", "ended")
        if node.question is None:
            node.add_open(-node.n_open)
            node.end = state

    def _ask(self, node: Node, question: Question) -> None:
        known = node.question
        if known is None:
            # A trial that failed or was pruned here was not asked yet; a complete one had all.
            if node.end == TrialState.COMPLETE:
                raise _inconsistent("ended", f"asks for {question[0]!r}")
            node.size = _size(*question)
            node.question = question
            node.add_open(node.size - node.n_open)
        elif known[0] != question[0] or known[1] != question[1]:
            raise _inconsistent(f"asked for {known}", f"asks for {question}")


def nth_value(distribution: BaseDistribution, index: int) -> Any:
    """Give a value of a grid.

    Args:
        distribution: A distribution with a grid.
        index: Counts the values from 0.
    """
    if isinstance(distribution, CategoricalDistribution):
        return distribution.choices[index]
    assert isinstance(distribution, FloatDistribution | IntDistribution)
    if index == 0 or isinstance(distribution, IntDistribution):
        return distribution.to_external_repr(
            min(distribution.low + index * (distribution.step or 0), distribution.high)
        )
    # In decimals, as the user wrote low and step: 3 steps of 0.3 are 0.9.
    value = Decimal(str(distribution.low)) + index * Decimal(str(distribution.step))
    return min(float(value), distribution.high)


def _index(distribution: BaseDistribution, internal: float) -> int | None:
    if not distribution.contains(internal):
        return None
    if isinstance(distribution, CategoricalDistribution):
        return int(internal)
    assert isinstance(distribution, FloatDistribution | IntDistribution)
    return round((internal - distribution.low) / (distribution.step or 1))


def _size(name: str, distribution: BaseDistribution) -> int:
    size = distribution.grid_size()
    if size is None:
        raise ValueError(
            f"BruteForceSampler cannot try all values of {name!r}, {distribution!r}: suggest it "
            "with a `step`."
        )
    return size


def _inconsistent(before: str, now: str) -> ValueError:
    return ValueError(
        "BruteForceSampler needs an objective that suggests the same after the same choices: an "
        f"earlier trial {before}, and now one {now}."
    )
