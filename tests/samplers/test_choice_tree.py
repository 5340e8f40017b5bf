"""The tree of choices: its count of open ends, and how it picks."""

from __future__ import annotations

from collections import Counter

import pytest

from steep.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from steep.samplers.choice_tree import ChoiceTree, Node, nth_value
from steep.states import TrialState

KIND = CategoricalDistribution(["a", None])
SIZE = IntDistribution(2, 8, step=3)
COMPLETE, FAIL = TrialState.COMPLETE, TrialState.FAIL


def count_open(node: Node) -> int:
    """Count the unexplored nodes the slow way."""
    if node.question is None:
        return 0 if node.end is not None else 1
    unseen = node.size - len(node.children)
    return unseen + sum(count_open(child) for child in node.children.values())


def test_the_count_of_open_ends_follows_the_tree() -> None:
    tree = ChoiceTree()
    assert tree.root.n_open == 1
    tree.seek({}, ("kind", KIND))
    assert tree.root.n_open == 2
    tree.seek({"kind": (0.0, KIND)}, ("size", SIZE))
    assert tree.root.n_open == 4
    tree.end({"kind": (0.0, KIND), "size": (5.0, SIZE)}, COMPLETE)
    tree.end({"kind": (1.0, KIND)}, FAIL)
    assert tree.root.n_open == count_open(tree.root) == 2
    tree.seek({"kind": (1.0, KIND)}, ("size", SIZE))  # the failed trial had not come so far
    assert tree.root.n_open == count_open(tree.root) == 5


def test_ending_twice_counts_once() -> None:
    tree = ChoiceTree()
    for _ in range(2):
        tree.end({"size": (2.0, SIZE)}, COMPLETE)
    assert tree.root.n_open == 2


def test_each_open_end_is_picked_equally_often() -> None:
    tree = ChoiceTree()
    node = tree.seek({}, ("size", SIZE))
    assert node is not None
    tree.seek({"size": (5.0, SIZE)}, ("kind", KIND))
    picks = Counter(node.pick(i / 400) for i in range(400))
    assert picks == {0: 100, 1: 200, 2: 100}
    tree.end({"size": (2.0, SIZE)}, COMPLETE)
    assert Counter(node.pick(i / 300) for i in range(300)) == {1: 200, 2: 100}


def test_nothing_is_picked_where_nothing_is_open() -> None:
    tree = ChoiceTree()
    node = tree.seek({}, ("kind", KIND))
    assert node is not None
    for index in (0.0, 1.0):
        tree.end({"kind": (index, KIND)}, COMPLETE)
    assert node.pick(0.5) is None


def test_a_value_off_the_grid_leads_nowhere() -> None:
    tree = ChoiceTree()
    assert tree.seek({"size": (3.0, SIZE)}, ("kind", KIND)) is None
    tree.end({"size": (99.0, SIZE)}, COMPLETE)
    assert tree.root.n_open == 3


def test_the_order_of_the_answers_does_not_matter_where_the_questions_are_known() -> None:
    tree = ChoiceTree()
    answers = {"kind": (0.0, KIND), "size": (5.0, SIZE)}
    node = tree.seek(answers)
    assert tree.seek(dict(reversed(answers.items()))) is node


@pytest.mark.parametrize(
    "question", [("size", IntDistribution(2, 8)), ("other", SIZE), ("size", KIND)]
)
def test_a_node_asks_one_question(question: tuple[str, IntDistribution]) -> None:
    tree = ChoiceTree()
    tree.seek({}, ("size", SIZE))
    with pytest.raises(ValueError, match="suggests the same after the same choices"):
        tree.seek({}, question)


def test_a_complete_trial_has_been_asked_everything() -> None:
    tree = ChoiceTree()
    tree.end({"kind": (0.0, KIND)}, COMPLETE)
    with pytest.raises(ValueError, match="ended, and now one asks for 'size'"):
        tree.seek({"kind": (0.0, KIND)}, ("size", SIZE))
    tree.seek({"kind": (1.0, KIND)}, ("size", SIZE))
    with pytest.raises(ValueError, match="asks for 'size', and now one ended"):
        tree.end({"kind": (1.0, KIND)}, COMPLETE)


def test_values_are_counted_from_the_low_end() -> None:
    assert [nth_value(SIZE, i) for i in range(3)] == [2, 5, 8]
    assert [nth_value(KIND, i) for i in range(2)] == ["a", None]
    tenths = FloatDistribution(0, 1, step=0.1)
    assert [tenths.contains(nth_value(tenths, i)) for i in range(11)] == [True] * 11
    assert [nth_value(tenths, i) for i in (3, 6, 7)] == [0.3, 0.6, 0.7]
    assert nth_value(IntDistribution(0, 2**70), 2**69) == 2**69
