"""Where the values of a trial came from.

Nothing is noted when a value is drawn, so that trials stay light. Which rule a sampler followed
follows from its description, which is part of the log, and from the trials that had finished by
then: how many there were, and which parameters all of them had.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any

import numpy as np

from steep import samplers
from steep.distributions import BaseDistribution, CategoricalDistribution
from steep.samplers.local.region import KEY as RADIUS
from steep.samplers.local.region import finite_losses, is_range
from steep.states import TrialState
from steep.study.explain.explanation import How, Origin
from steep.study.explain.past import Past, configs_of
from steep.table import Table
from steep.trial.redraws import REDRAWS

__all__ = ["origins_of"]

_Config = dict[str, Any]
_CHOSEN: dict[str, _Config] = {
    "latin": {"class": "LatinHypercubeSampler", "arguments": {}},
    "gp": {
        "class": "GPSampler",
        "arguments": {
            "n_startup_trials": 1,
            "independent_sampler": {"$made": {"class": "TPESampler", "arguments": {}}},
        },
    },
    "cma": {
        "class": "CmaEsSampler",
        "arguments": {"independent_sampler": {"$made": {"class": "TPESampler", "arguments": {}}}},
    },
    "tpe": {"class": "TPESampler", "arguments": {}},
    "local": {"class": "TPESampler", "arguments": {}},  # where there was no region after all
    "nsgaii": {"class": "NSGAIISampler", "arguments": {}},
}
_ALONE = {
    "RandomSampler": "drawn at random",
    "GridSampler": "taken from the grid",
    "LatinHypercubeSampler": "drawn from a part of the range or its middle, each used once",
    "BruteForceSampler": "taken from the values not yet tried",
}


@dataclass(frozen=True)
class _Case:
    """One parameter of one trial, and what was known then."""

    table: Table
    number: int
    name: str
    distribution: BaseDistribution
    past: Past


@dataclass(frozen=True)
class _Joint:
    """How a sampler that proposes jointly goes about it.

    Args:
        startup: The argument that says how many trials come first.
        pruned: Whether PRUNED trials count beside COMPLETE ones.
        text: What it does once it is under way.
    """

    startup: str
    pruned: bool
    text: str


_BRED = "bred jointly from the parents, or drawn by itself where it mutated: nobody notes which"
_JOINT = {
    "TPESampler": _Joint("n_startup_trials", True, "modelled jointly"),
    "GPSampler": _Joint("n_startup_trials", False, "modelled jointly"),
    "CmaEsSampler": _Joint("n_startup_trials", False, "drawn jointly"),
    "NSGAIISampler": _Joint("population_size", False, _BRED),
    "NSGAIIISampler": _Joint("population_size", False, _BRED),
}
_Found = tuple[How, str, str]


def origins_of(table: Table, number: int, past: Past) -> tuple[Origin, ...]:
    """Tell where each value of a trial came from.

    Args:
        table: The table of the study.
        number: The trial.
        past: What had finished when it ran.
    """
    configs = configs_of(table, number, "sampler")
    attrs = table.system_attrs.get(number) or {}
    enqueued = {} if table.added[number] else attrs.get("fixed_params", {})
    fixed = dict.fromkeys(enqueued, _enqueued(attrs))
    origins = []
    for name, (value, distribution) in table.params_of(number).items():
        case = _Case(table, number, name, distribution, past)
        how, source, why = fixed.get(name) or _found(case, configs)
        if REDRAWS in attrs and name not in fixed and how not in ("single", "added"):
            why += f"; drawn again {attrs[REDRAWS]} times, as Trial.require was not met"
        origins.append(Origin(name, distribution.to_external_repr(value), how, source, why))
    return tuple(_with_partners(origins))


def _enqueued(attrs: dict[str, Any]) -> _Found:
    if attrs.get("retry_history"):
        why = f"taken over from trial {attrs['retry_history'][-1]}, whose worker was lost"
        return "fixed", "Retry", why
    return "fixed", "Study.enqueue_trial", "the value was enqueued"


def _found(case: _Case, configs: list[_Config]) -> _Found:
    if case.table.added[case.number]:
        return "added", "Study.add_trial", "the trial came with it"
    if case.distribution.single():
        return "single", "the objective", "the range has one value"
    if len(configs) != 1:
        names = " or ".join(dict.fromkeys(config["class"] for config in configs))
        return "unknown", names or "no sampler on record", "the log does not tell which proposed it"
    return _by(configs[0], case)


def _by(config: _Config, case: _Case) -> _Found:
    """Follow the rule of a sampler."""
    kind = config["class"]
    if kind == "AutoSampler":
        return _by_auto(case)
    if kind == "PartialFixedSampler":
        return _by_partial_fixed(config, case)
    if kind in _ALONE:
        return "independent", kind, _ALONE[kind]
    if kind == "QMCSampler":
        return _by_sequence(config, case)
    if kind in _JOINT:
        return _by_model(config, case, _JOINT[kind])
    return "unknown", kind, "it is not known how this sampler works"


def _by_auto(case: _Case) -> _Found:
    attrs = case.table.system_attrs.get(case.number) or {}
    if RADIUS in attrs:
        how, source, why = _by_region(case)
        return how, f"AutoSampler, {source}", why
    chosen = _CHOSEN.get(attrs.get("auto:sampler", ""))
    if chosen is None:
        return "unknown", "AutoSampler", "it did not note which sampler it chose"
    how, source, why = _by(chosen, case)
    return how, f"AutoSampler, {source}", why


def _by_region(case: _Case) -> _Found:
    """A quadratic model moves the numerical parameters of the best trial."""
    at_start, at_end = case.past.of(case.table, TrialState.COMPLETE)
    losses = finite_losses(case.table, at_start)
    least = losses.min(initial=np.inf)
    if (finite_losses(case.table, at_end) < least).any():
        return "unknown", "LocalSampler", "a better trial finished while this one ran"
    best = int(at_start[losses.argmin()])
    if case.table.params[case.name].distribution_of(best) is None:
        return "independent", "TPESampler", f"trial {best}, the best one, does not have it"
    if is_range(case.distribution):
        return "joint", "LocalSampler", f"where a quadratic model near trial {best} is lowest"
    return "joint", "LocalSampler", f"as in trial {best}, the best one"


def _by_partial_fixed(config: _Config, case: _Case) -> _Found:
    arguments = config["arguments"]
    if case.name in arguments.get("fixed_params", {}):
        return "fixed", "PartialFixedSampler", "the sampler holds it at this value"
    inner = arguments.get("base_sampler", {}).get("$made")
    if inner is None:
        return "unknown", "PartialFixedSampler", "its base sampler is not on record"
    return _by(inner, case)


def _by_sequence(config: _Config, case: _Case) -> _Found:
    """Quasi-Monte Carlo: the first trial of the study decides which parameters have a point."""
    table, alone = case.table, _fallback(config)
    known, _ = case.past.of(table, TrialState.COMPLETE, TrialState.PRUNED)
    first = int(known.min()) if len(known) else None
    if first is None and case.past.n_beside == 0:
        return "independent", alone, "first trial: the space was not known yet"
    # One that ran at the same time may have been taken for the first.
    others = np.flatnonzero(table.complete > table.start[case.number])
    if first is None or (others < min(first, case.number)).any():
        return "unknown", "QMCSampler", "the first trial of the study ran at the same time"
    if table.params[case.name].distribution_of(first) is None:
        return "independent", alone, f"trial {first}, the first one, does not have it"
    sequence = str(_argument(config, "qmc_type")).capitalize()
    return "joint", "QMCSampler", f"a coordinate of a {sequence} point"


def _by_model(config: _Config, case: _Case, rule: _Joint) -> _Found:
    kind, table = config["class"], case.table
    pruned = rule.pruned or bool(config["arguments"].get("consider_pruned_trials"))
    states = (TrialState.COMPLETE, *([TrialState.PRUNED] if pruned else []))
    at_start, at_end = case.past.of(table, *states)
    needed = max(int(_argument(config, rule.startup)), 1)
    alone = _fallback(config)
    if kind == "GPSampler" and table.priors:
        needed, told = 1, _told_by(case)
        if told is not None:
            return "independent", kind, f"as in the best trial of the study {told!r}"
    if len(at_end) < needed:
        return "independent", alone, f"start-up: {len(at_end)} of {needed} trials had finished"
    if len(at_start) < needed:
        why = f"start-up may just have ended: {needed} trials had to finish"
        return "unknown", kind, why
    if kind == "TPESampler" and not _is_joint_tpe(config, table):
        return "independent", kind, "each parameter is modelled by itself"
    if kind == "CmaEsSampler" and isinstance(case.distribution, CategoricalDistribution):
        return "independent", alone, "CMA-ES knows no choices"
    if kind == "GPSampler" or config["arguments"].get("group"):
        return _by_parts(case, kind, alone)
    return _by_intersection(case, kind, alone, rule.text, (at_start, at_end))


def _told_by(case: _Case) -> str | None:
    """Name the study that the value was taken from, if it was; see `create_study(warm_start=)`."""
    from steep.samplers.gp.knowledge import told_value

    told = told_value(case.table, case.number, case.name, case.distribution)
    return None if told is None else case.table.priors[case.number].study_name


def _by_parts(case: _Case, kind: str, alone: str) -> _Found:
    """A model of conditional spaces takes the parameters that some earlier trial has."""
    at_start, _ = case.past.of(case.table, TrialState.COMPLETE, TrialState.PRUNED)
    if _n_without(case, at_start) < len(at_start):
        return "joint", kind, "modelled jointly"
    if len(case.table.params[case.name].distributions) > 1:
        return "unknown", kind, "its range has changed, and what was proposed may not lie in it"
    return "independent", alone, "no earlier trial has it"


def _by_intersection(
    case: _Case, kind: str, alone: str, text: str, counted: tuple[Any, Any]
) -> _Found:
    """A joint model takes the parameters that all earlier trials have with one distribution."""
    at_start, at_end = counted
    lacking = _n_without(case, at_start)
    if lacking:
        why = f"{lacking} of {len(at_start)} earlier trials do not have it, or had another range"
        return "independent", alone, f"drawn by itself, since {why}"
    if _n_without(case, at_end):
        return "unknown", kind, "a trial without it finished while this one ran"
    return "unknown" if text is _BRED else "joint", kind, text


def _n_without(case: _Case, numbers: Any) -> int:
    column = case.table.params[case.name]
    codes = column.codes[numbers]
    same = [c for c, d in enumerate(column.distributions) if d == case.distribution]
    return int(sum(code not in same for code in codes.tolist()))


def _is_joint_tpe(config: _Config, table: Table) -> bool:
    arguments = config["arguments"]
    multivariate = arguments.get("multivariate")
    if multivariate is None:
        return bool(arguments.get("group")) or len(table.directions) == 1
    return bool(multivariate)


def _fallback(config: _Config) -> str:
    """Name who proposes what is not proposed jointly."""
    kind = config["class"]
    if "independent_sampler" in config["arguments"]:
        made = config["arguments"]["independent_sampler"] or {}
        return str(made.get("$made", {}).get("class", kind))
    return "RandomSampler" if kind in ("GPSampler", "CmaEsSampler", "QMCSampler") else str(kind)


def _argument(config: _Config, name: str) -> Any:
    """Give an argument of a sampler, or its default."""
    if name in config["arguments"]:
        return config["arguments"][name]
    return inspect.signature(getattr(samplers, config["class"])).parameters[name].default


def _with_partners(origins: list[Origin]) -> list[Origin]:
    """Say with how many others a value was proposed."""
    joint = [origin for origin in origins if origin.how == "joint"]
    if len(joint) < 2:
        return origins
    others = f", with {len(joint) - 1} other{'s' if len(joint) > 2 else ''}"
    return [
        Origin(o.name, o.value, o.how, o.source, o.why + others) if o.how == "joint" else o
        for o in origins
    ]
