"""Why a trial was or was not pruned.

The log holds the reports and the order in which trials finished, so most rules can be followed
again. What ran at the same time is not ordered against the reports; where it may have mattered,
the explanation says so.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from steep.pruners.progress import is_check_due
from steep.pruners.signed_rank import signed_rank_p
from steep.states import TrialState
from steep.study.explain.case import Case, argument
from steep.study.explain.explanation import Check, Outcome, Pruning, number_text
from steep.study.explain.past import Past, configs_of
from steep.study.explain.rungs import asha_checks, halving_checks, hyperband_checks
from steep.table import Table

__all__ = ["pruning_of"]

_Config = dict[str, Any]
_Verdict = tuple[list[Check], str]


def pruning_of(table: Table, number: int, past: Past) -> Pruning:
    """Tell why a trial was or was not pruned.

    Args:
        table: The table of the study.
        number: The trial.
        past: What had finished when it ran.
    """
    is_pruned = table.state_of(number) == TrialState.PRUNED
    unjudged: Outcome = "pruned" if is_pruned else "not judged"
    if table.added[number]:
        return Pruning(None, unjudged, "the trial was added as it is")
    if len(table.directions) > 1:
        return Pruning(None, "not judged", "there are several objectives, which no pruner judges")
    configs = configs_of(table, number, "pruner")
    if len(configs) != 1:
        return Pruning(None, unjudged, "the log does not tell which pruner was in force")
    kind, reports = configs[0]["class"], table.reports.of(number)
    if not reports:
        why = "the objective raised TrialPruned, and reported nothing" if is_pruned else "no report"
        return Pruning(kind, unjudged, why)
    verdict = _followed(configs[0], Case(table, number, reports, past.at_end))
    if verdict is None:
        why = f"it reported {len(reports)} times; the rule of this pruner cannot be followed here"
        return Pruning(kind, "pruned" if is_pruned else "kept", why)
    return _judged(kind, is_pruned, *verdict)


def _judged(kind: str, is_pruned: bool, checks: list[Check], idle: str) -> Pruning:
    """Bring together what the rule says and what became of the trial."""
    failed = [check for check in checks if not check.passed]
    if is_pruned and failed:
        return Pruning(kind, "pruned", failed[0].text, tuple(checks))
    if is_pruned:
        what = checks[-1].text if checks else idle
        why = f"by what the log tells, this pruner had no reason: {what}"
        return Pruning(kind, "pruned", f"{why}. The objective may have raised it by itself")
    if failed:
        why = f"{failed[0].text}; the objective went on"
        return Pruning(kind, "kept", why, tuple(checks))
    if not checks:
        return Pruning(kind, "not judged", idle)
    times = "the only check" if len(checks) == 1 else f"all {len(checks)} checks, the last"
    return Pruning(kind, "kept", f"it passed {times}: {checks[-1].text}", tuple(checks))


def _followed(config: _Config, case: Case) -> _Verdict | None:
    """Follow the rule of a pruner; None where it is not one of steep's own."""
    rule = _RULES.get(config["class"])
    return None if rule is None or config.get("missing") else rule(config, case)


def _never(config: _Config, case: Case) -> _Verdict:
    return [], "this pruner never prunes"


def _percentile(config: _Config, case: Case) -> _Verdict:
    percentile = 50.0 if config["class"] == "MedianPruner" else argument(config, "percentile")
    what = "median" if percentile == 50.0 else f"best {number_text(percentile)} %"
    quantile = (percentile if case.sign > 0 else 100.0 - percentile) / 100.0
    complete, needed = case.complete, max(argument(config, "n_startup_trials"), 1)
    if len(complete) < needed:
        return [], f"start-up: {len(complete)} of {needed} trials were complete"
    numbers, steps, values = case.table.reports.flat()
    of_complete = np.isin(numbers, complete)
    steps, values = steps[of_complete], values[of_complete]
    least, checks = argument(config, "n_min_trials"), []
    for step, best in _due(config, case):
        others = values[steps == step]
        numbers_there = others[~np.isnan(others)]
        if best != best:
            checks.append(Check(step, best, best, False, "it reported nothing but NaN"))
        elif len(numbers_there) and len(others) >= least:
            cut = float(np.quantile(numbers_there, quantile))
            passed = case.sign * best <= case.sign * cut
            text = (
                f"at step {step} its best report, {number_text(best)}, was "
                f"{'within' if passed else 'outside'} the {what} of {len(others)} complete trials, "
                f"{number_text(cut)}"
            )
            checks.append(Check(step, best, cut, passed, text))
    return checks, "no check was due at a step that enough complete trials had reported"


def _due(config: _Config, case: Case) -> list[tuple[int, float]]:
    """Give the steps at which a check was due, and the best report by then, NaN if all were."""
    due, last, previous, best = [], -1, -1, math.nan
    warmup, interval = argument(config, "n_warmup_steps"), argument(config, "interval_steps")
    for step, value in case.reports.items():
        if not case.sign * best <= case.sign * value and value == value:
            best = value
        if step > last:
            last, previous = step, last
        if is_check_due(last, previous, warmup, interval):
            due.append((last, best))
    return due


def _threshold(config: _Config, case: Case) -> _Verdict:
    lower, upper = (config["arguments"].get(name) for name in ("lower", "upper"))
    low = -math.inf if lower is None else float(lower)
    high = math.inf if upper is None else float(upper)
    checks = []
    for step, _ in _due(config, case):
        value = case.reports[step]
        passed = not (value != value or value < low or value > high)
        bar = low if value < low or high == math.inf else high
        side = "within" if passed else "outside"
        text = (
            f"its report at step {step}, {number_text(value)}, was {side} the bounds, "
            f"{number_text(low)} to {number_text(high)}"
        )
        checks.append(Check(step, value, bar, passed, text))
    return checks, "no check was due"


def _patient(config: _Config, case: Case) -> _Verdict | None:
    patience, delta = argument(config, "patience") + 1, argument(config, "min_delta")
    sign, checks, seen = case.sign, [], dict[int, float]()
    inner = (config["arguments"].get("wrapped_pruner") or {}).get("$made")
    for step, value in case.reports.items():
        seen[step] = value
        losses = [sign * seen[at] for at in sorted(seen)]
        before, late = (_least(part) for part in (losses[:-patience], losses[-patience:]))
        if len(seen) <= patience:
            continue
        passed = not before + delta < late
        text = (
            f"at step {step} the best of its last {patience} reports, {number_text(sign * late)}, "
            f"was {'no' if passed else ''} worse than the best before, {number_text(sign * before)}"
        ).replace("was  worse", "was worse")
        if not passed and inner is not None:
            verdict = _followed(inner, Case(case.table, case.number, dict(seen), case.before))
            if verdict is None:
                return None
            own = [check for check in verdict[0] if check.step == max(seen)]
            passed = not own or own[-1].passed
            text += f", and {inner['class']} {'kept it' if passed else f'said: {own[-1].text}'}"
        checks.append(Check(step, sign * late, sign * before, passed, text))
    return checks, f"it made {len(case.reports)} reports, and {patience} are forgiven"


def _least(losses: list[float]) -> float:
    return min((loss for loss in losses if loss == loss), default=math.nan)


def _wilcoxon(config: _Config, case: Case) -> _Verdict:
    table, sign = case.table, case.sign
    rivals = case.complete[table.violation[case.complete] <= 0]
    if not len(rivals):
        return [], "no trial was complete, so there was none to compare with"
    best = int(rivals[np.argmin(table.losses[rivals, 0])])
    theirs = table.reports.of(best)
    finite = all(map(math.isfinite, [*theirs.values(), *case.reports.values()]))
    if not theirs or not finite:
        return [], f"the reports of it and of trial {best}, the best, cannot be compared"
    bar, needed = argument(config, "p_threshold"), max(argument(config, "n_startup_steps"), 2)
    checks, seen = [], dict[int, float]()
    for step, value in case.reports.items():
        seen[step] = value
        pairs = [sign * (seen[at] - theirs[at]) for at in seen if at in theirs]
        if len(pairs) >= needed:
            mean = sum(seen.values()) / len(seen)
            is_better = sign * mean <= sign * sum(theirs.values()) / len(theirs)
            p = 1.0 if is_better else signed_rank_p(pairs)
            text = (
                f"after {len(seen)} reports the test against trial {best}, the best, gave "
                f"p = {number_text(p)}; below {number_text(bar)} it is pruned"
            )
            if is_better:
                text = f"after {len(seen)} reports its mean was no worse than trial {best}'s"
            checks.append(Check(step, p, bar, not p < bar, text))
    return checks, f"it had fewer than {needed} reports in common with trial {best}, the best"


_RULES: dict[str, Callable[[_Config, Case], _Verdict | None]] = {
    "NopPruner": _never,
    "MedianPruner": _percentile,
    "PercentilePruner": _percentile,
    "ThresholdPruner": _threshold,
    "PatientPruner": _patient,
    "WilcoxonPruner": _wilcoxon,
    "ASHAPruner": asha_checks,
    "SuccessiveHalvingPruner": halving_checks,
    "HyperbandPruner": hyperband_checks,
}
