"""All that is asked of a study, in the order in which it is told."""

from __future__ import annotations

from collections.abc import Callable

from steep.report.convergence import convergence
from steep.report.edges import edges
from steep.report.finding import Finding
from steep.report.idle import idle
from steep.report.regions import failing_region, infeasible_region
from steep.report.savings import savings
from steep.table import Table

__all__ = ["DIAGNOSES", "diagnose"]

DIAGNOSES: tuple[Callable[[Table], Finding | None], ...] = (
    convergence,
    edges,
    failing_region,
    infeasible_region,
    idle,
    savings,
)


def diagnose(table: Table) -> tuple[Finding, ...]:
    """Ask everything, and give what there is to say.

    Args:
        table: The table of a study.

    Returns:
        The findings, in the order of :data:`DIAGNOSES`.

    Example:
        >>> import steep
        >>> study = steep.create_study(sampler=steep.samplers.RandomSampler(seed=0))
        >>> study.optimize(lambda trial: trial.suggest_float("x", 1, 2) ** 2, n_trials=60)
        >>> [finding.title for finding in diagnose(study.table)]
        ['It has stalled', 'x hits its edge']
    """
    found = (ask(table) for ask in DIAGNOSES)
    return tuple(finding for finding in found if finding is not None)
