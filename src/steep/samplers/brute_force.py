"""Try everything that a define-by-run objective can ask for, without being told the space."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from steep import logging
from steep.distributions import BaseDistribution
from steep.samplers.base import IndependentSampler
from steep.samplers.choice_tree import Answers, ChoiceTree, Node, Question, nth_value
from steep.states import TrialState
from steep.streams import Streams

if TYPE_CHECKING:
    from steep.study import Study
    from steep.table import Table
    from steep.trial import FrozenTrial

__all__ = ["BruteForceSampler"]

_logger = logging.get_logger(__name__)


class BruteForceSampler(IndependentSampler):
    """Try every combination of values that the objective can ask for, then stop the study.

    The space may be conditional, but it must be finite: floats need a ``step``. Complete, pruned
    and failed trials count as tried. The objective must suggest the same after the same choices.

    Args:
        seed: Shuffles the order; None for another order each time.
        avoid_premature_stop: Whether the study goes on while other trials run, since they may
            still open new branches. Without it the last combinations of a running trial that dies
            may stay untried; with it some may be tried twice.

    Example:
        >>> import steep
        >>> def objective(trial):
        ...     if trial.suggest_categorical("kind", ["grid", "pair"]) == "grid":
        ...         return trial.suggest_float("x", 0, 1, step=0.5)
        ...     a = trial.suggest_int("a", 1, 2)
        ...     return a + trial.suggest_int("b", a, 2)
        >>> study = steep.create_study(sampler=BruteForceSampler(seed=1))
        >>> study.optimize(objective)
        >>> sorted(trial.value for trial in study.trials)
        [0.0, 0.5, 1.0, 2.0, 3.0, 4.0]
    """

    reads_columns = True

    def __init__(self, seed: int | None = None, avoid_premature_stop: bool = False) -> None:
        self._streams = Streams(seed)
        self._avoid_premature_stop = avoid_premature_stop

    def may_move(self, name: str) -> bool:
        """Say no: a combination that may not be evaluated is left out."""
        return False

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        """Choose a value behind which something is untried, as likely as there is much of it.

        Args:
            study: The study.
            trial: The running trial.
            param_name: The name of the parameter.
            param_distribution: A distribution with a grid.

        Returns:
            The value.

        Raises:
            ValueError: If the distribution has no grid, or if an earlier trial that made the same
                choices was asked for another parameter or range.
        """
        u = self._streams.uniform(study, trial.number, param_name)
        question = (param_name, param_distribution)
        answers = _answers(study, trial.number)
        index = _search(study).choose(study.table, trial.number, answers, question, u)
        return nth_value(param_distribution, index)

    def after_trial(
        self,
        study: Study,
        trial: FrozenTrial,
        state: TrialState,
        values: Sequence[float] | None,
    ) -> None:
        """Stop the study if nothing is left to try.

        Args:
            study: The study.
            trial: The trial, still running.
            state: How it ends.
            values: Its objective values, or None.

        Raises:
            RuntimeError: If nothing is left, and the study is not inside ``optimize``; after a
                last ``tell`` the trial is recorded all the same.
        """
        search = _search(study)
        search.end(study.table, trial.number, _answers(study, trial.number), state)
        if search.is_over(study.table, trial.number, wait=self._avoid_premature_stop):
            _logger.info("Every combination of values has been tried: the study stops.")
            study.stop()


def _search(study: Study) -> _Search:
    return study.table.memo((_Search,), _Search)


def _answers(study: Study, number: int) -> Answers:
    """Give what a trial of this process has chosen, in the order in which it was asked."""
    storage = study._storage
    return dict(storage.draft_of(storage.trial_id_of(study._study_id, number)).params)


class _Search:
    """Keep the tree of one study, and where in it the trials are that run."""

    def __init__(self) -> None:
        self._tree = ChoiceTree()
        self._cursor = 0
        self._places: dict[int, Node] = {}  # trials of this process
        self._routes: list[tuple[Answers, Question | None]] = []
        self._lock = threading.Lock()

    def choose(
        self, table: Table, number: int, answers: Answers, question: Question, u: float
    ) -> int:
        """Give the index of the value that a trial takes, and move the trial there."""
        with self._lock:
            self._catch_up(table)
            node = self._seek(table, answers, question)
            if node is None:  # an enqueued value left the grid: this trial explores nothing
                self._places.pop(number, None)
                return int(u * (question[1].grid_size() or 1))
            index = self._pick(table, number, node, u)
            self._places[number] = node.child(index)
            return index

    def end(self, table: Table, number: int, answers: Answers, state: TrialState) -> None:
        """Record how a trial of this process ends."""
        with self._lock:
            self._catch_up(table)
            self._places.pop(number, None)
            self._seek(table, answers, None)
            self._tree.end(answers, state)

    def is_over(self, table: Table, number: int, wait: bool) -> bool:
        """Tell whether nothing is left to try; with ``wait`` also by the other running trials."""
        with self._lock:
            busy = 0 if wait else len(self._busy(table, number))
            return self._tree.root.n_open == busy

    def _seek(self, table: Table, answers: Answers, question: Question | None) -> Node | None:
        try:
            return self._tree.seek(answers, question)
        except ValueError:
            # Finished trials come without the order of their questions, and the tree may have
            # guessed it wrong. Now that a part of it is known, grow the tree anew.
            if question is not None and _is_contradicted(table, answers, question):
                raise
            self._routes.insert(0, (answers, question))
            self._grow_anew(table)
            return self._tree.seek(answers, question)

    def _grow_anew(self, table: Table) -> None:
        self._tree, self._cursor, self._places = ChoiceTree(), 0, {}
        for answers, question in self._routes:
            with contextlib.suppress(ValueError):
                self._tree.seek(answers, question)
        self._catch_up(table)

    def _catch_up(self, table: Table) -> None:
        for number in table.finished[self._cursor :].tolist():
            self._cursor += 1
            self._places.pop(number, None)
            with contextlib.suppress(ValueError):  # a guess of the order that was wrong
                self._tree.end(table.params_of(number), TrialState(table.state_of(number)))

    def _pick(self, table: Table, number: int, node: Node, u: float) -> int:
        busy = self._busy(table, number)
        for other in busy:
            other.add_open(-1)
        index = node.pick(u)
        for other in busy:
            other.add_open(1)
        if index is None:
            index = node.pick(u)  # all that is left is being tried
        return int(u * node.size) if index is None else index

    def _busy(self, table: Table, number: int) -> list[Node]:
        """Give the unexplored nodes at which other running trials are."""
        nodes: dict[Node | None, None] = {
            node: None for other, node in self._places.items() if other != number
        }
        if table.n_in(TrialState.RUNNING) > len(self._places) + (number not in self._places):
            for other in table.numbers(TrialState.RUNNING).tolist():
                if other != number and other not in self._places:
                    with contextlib.suppress(ValueError):
                        nodes[self._tree.seek(table.params_of(other))] = None
        return [node for node in nodes if node and node.question is None and node.n_open]


def _is_contradicted(table: Table, answers: Answers, question: Question) -> bool:
    """Tell whether a finished trial made the same choices and was asked something else."""
    name, distribution = question
    for number in table.finished.tolist():
        params = table.params_of(number)
        if all(known in params and params[known][0] == answers[known][0] for known in answers):
            if name in params and params[name][1] != distribution:
                return True
            if name not in params and table.state_of(number) == TrialState.COMPLETE:
                return True
    return False
