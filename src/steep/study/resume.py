"""Go on with a study as it was searched before: its sampler and pruner are part of its log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from steep import logging
from steep.events import Configure

if TYPE_CHECKING:
    from steep.pruners import BasePruner
    from steep.samplers import BaseSampler
    from steep.study.study import Study

__all__ = ["record", "resolve"]

_logger = logging.get_logger(__name__)


def resolve(study: Study, role: str, given: Any) -> Any:
    """Give the sampler or pruner of a study, and record it where that is news.

    Args:
        study: The study.
        role: "sampler" or "pruner".
        given: What the user gave, or None.

    Returns:
        The given one; else the recorded one; else an AutoSampler or an ASHAPruner.
    """
    recorded = study.table.configs.get(role)
    if given is None and recorded is not None:
        return _made_again(study, role, recorded)
    from steep.study.config import describe

    made = _default(role) if given is None else given
    config = describe(made)
    if config != recorded:
        study._storage.append(study._study_id, Configure(role, config))
    return made


def record(study: Study) -> tuple[BaseSampler, BasePruner]:
    """Record the sampler and the pruner of a study where they have been replaced.

    Args:
        study: The study.

    Returns:
        The two.
    """
    sampler, pruner = study.sampler, study.pruner
    resolve(study, "sampler", sampler)
    resolve(study, "pruner", pruner)
    return sampler, pruner


def _made_again(study: Study, role: str, recorded: dict[str, Any]) -> Any:
    from steep.study.config import build

    made = build(role, recorded)
    if made is not None:
        return made
    made = _default(role)
    lacks = ", ".join(recorded.get("missing", ())) or "its class"
    _logger.info(
        f"The {role} of the study {study.study_name!r}, {recorded['class']}, cannot be made again "
        f"from the storage (what is missing: {lacks}), so a {type(made).__name__} is used. Give "
        f"load_study(..., {role}=...) to go on with it."
    )
    return made


def _default(role: str) -> Any:
    if role == "sampler":
        from steep.samplers import AutoSampler

        return AutoSampler()
    from steep.pruners import ASHAPruner

    return ASHAPruner()
