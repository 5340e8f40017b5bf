"""How a trial stood on the rungs of successive halving."""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from steep.pruners.hyperband import Brackets
from steep.pruners.rungs import Ladder
from steep.states import TrialState
from steep.study.explain.case import Case, argument
from steep.study.explain.explanation import Check, number_text

__all__ = ["asha_checks", "halving_checks", "hyperband_checks"]

Verdict = tuple[list[Check], str]
_SHARE = 100  # of the first complete trial, at which SuccessiveHalvingPruner("auto") begins


@dataclass(frozen=True)
class _Rules:
    """How trials are judged on rungs; the arguments are those of ``steep.pruners.rungs.Rungs``."""

    ladder: Ladder
    bootstrap: int = 0
    start: int = 0
    is_member: Callable[[int], bool] = lambda number: True
    by_best: bool = False
    last_step: float = math.inf  # nothing is judged from here on


def asha_checks(config: dict[str, Any], case: Case) -> Verdict:
    """Follow ASHAPruner.

    Args:
        config: The description of the pruner.
        case: The trial.

    Returns:
        The checks, and why there was none.
    """
    table, complete = case.table, case.complete.tolist()
    paces = (sorted(table.reports.of(number))[:2] for number in case.before.tolist())
    pace = next((pace for pace in paces if len(pace) == 2), sorted(case.reports)[:2])
    if len(pace) < 2:
        return [], "no trial had reported twice, so there were no rungs yet"
    lasts = [last[0] for number in complete if (last := table.reports.last(number))]
    unit = pace[1] - pace[0]
    ladder = Ladder(
        unit * argument(config, "min_reports"),
        argument(config, "reduction_factor"),
        origin=pace[0] - unit,
    )
    rules = _Rules(ladder, by_best=True, last_step=max(lasts, default=math.inf))
    if all(value != value for value in case.reports.values()):
        step = max(case.reports)
        return [Check(step, math.nan, math.nan, False, "it reported nothing but NaN")], ""
    return _checks(case, rules), f"it did not come to the first rung, at step {ladder.step(0)}"


def halving_checks(config: dict[str, Any], case: Case) -> Verdict:
    """Follow SuccessiveHalvingPruner.

    Args:
        config: The description of the pruner.
        case: The trial.

    Returns:
        The checks, and why there was none.
    """
    resource, start = argument(config, "min_resource"), 0
    factor = argument(config, "reduction_factor")
    if resource == "auto":
        first = _first_complete(case)
        if first is None:
            return [], "no trial was complete, so the rungs were not known yet"
        resource, start = max(first[0] // _SHARE, 1), first[1]
    lowest = resource * factor ** argument(config, "min_early_stopping_rate")
    ladder = Ladder(lowest, factor)
    rules = _Rules(ladder, argument(config, "bootstrap_count"), start)
    return _checks(case, rules), f"it did not come to the first rung, at step {lowest}"


def hyperband_checks(config: dict[str, Any], case: Case) -> Verdict:
    """Follow HyperbandPruner.

    Args:
        config: The description of the pruner.
        case: The trial.

    Returns:
        The checks, and why there was none.
    """
    longest, start = argument(config, "max_resource"), 0
    if longest == "auto":
        first = _first_complete(case)
        if first is None:
            return [], "no trial was complete, so the brackets were not known yet"
        longest, start = first[0] + 1, first[1]
    least, factor = argument(config, "min_resource"), argument(config, "reduction_factor")
    brackets = Brackets(case.table.study_name, least, longest, factor)
    bracket = brackets.of(case.number)
    if bracket is None:
        return [], "max_resource is below min_resource, so there is no bracket"
    lowest = least * factor**bracket
    bootstrap = argument(config, "bootstrap_count")
    rules = _Rules(Ladder(lowest, factor), bootstrap, start, brackets.members[bracket])
    idle = f"it did not come to the first rung of bracket {bracket}, at step {lowest}"
    return _checks(case, rules), idle


def _first_complete(case: Case) -> tuple[int, int] | None:
    """Find the first complete trial that reported: its last step, and how many had finished."""
    table = case.table
    for place, number in enumerate(case.before.tolist()):
        last = table.reports.last(number)
        if last is not None and table.state_of(number) == TrialState.COMPLETE:
            return last[0], place + 1
    return None


def _checks(case: Case, rules: _Rules) -> list[Check]:
    losses = _standing(case, rules)
    checks = []
    for rung, (step, loss) in enumerate(_marks(case.reports, case.sign, rules)):
        if step >= rules.last_step:
            break  # stopping there would save nothing
        others = losses[rung] if rung < len(losses) else []
        checks.append(_check(case.sign, rung, (step, loss), others, rules))
        if not checks[-1].passed:
            break
    return checks


def _check(
    sign: float, rung: int, mark: tuple[int, float], others: list[float], rules: _Rules
) -> Check:
    step, loss = mark
    n, passing = len(others) + 1, _passing(len(others) + 1, rules)
    rank = bisect_left(others, loss) + 1
    bar = sign * others[passing - 1] if 0 < passing <= len(others) else math.nan
    passed = rank <= passing
    value = "its best report" if rules.by_best else "its report"
    text = (
        f"on rung {rung + 1}, at step {step}, {value}, {number_text(sign * loss)}, was "
        f"{_ordinal(rank)} of {n}; the best {passing} may go on"
    )
    if bar == bar:
        text += f", which takes {number_text(bar)}"
    return Check(step, sign * loss, bar, passed, text)


def _passing(n: int, rules: _Rules) -> int:
    """Give how many of those on a rung may climb on."""
    return max(n // rules.ladder.factor, 1) if n > rules.bootstrap else 0


def _marks(reports: Mapping[int, float], sign: float, rules: _Rules) -> list[tuple[int, float]]:
    """Find step and loss with which a trial came to each rung; NaN is no arrival."""
    marks: list[tuple[int, float]] = []
    best = math.nan
    for step, value in reports.items():
        loss = sign * value
        if rules.by_best:
            loss = best = best if best <= loss or loss != loss else loss
        while step >= rules.ladder.step(len(marks)) and loss == loss:
            marks.append((step, loss))
    return marks


def _standing(case: Case, rules: _Rules) -> list[list[float]]:
    """Give the losses on each rung, ascending, of those that had finished."""
    losses: list[list[float]] = []
    for number in case.before[rules.start :].tolist():
        if not rules.is_member(number):
            continue
        marks = _marks(case.table.reports.of(number), case.sign, rules)
        is_pruned = case.table.state_of(number) == TrialState.PRUNED
        for rung, (step, loss) in enumerate(marks):
            if rung == len(losses):
                losses.append([])
            rank = bisect_left(losses[rung], loss) + 1
            fails = rank > _passing(len(losses[rung]) + 1, rules)
            insort(losses[rung], loss)
            if is_pruned and step == marks[-1][0] and fails:
                break  # it came to no rung above, though its last report lies there
    return losses


def _ordinal(rank: int) -> str:
    ending = "th" if 10 <= rank % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(rank % 10, "th")
    return f"{rank}{ending}"
