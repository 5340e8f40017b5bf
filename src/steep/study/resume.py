"""Go on with a study as it was searched before: its sampler and pruner are part of its log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from steep import logging
from steep.events import Configure

if TYPE_CHECKING:
    from steep.pruners import BasePruner
    from steep.samplers import BaseSampler
    from steep.study.study import Study

__all__ = ["pruner_of", "sampler_of"]

_logger = logging.get_logger(__name__)


def sampler_of(study: Study, given: BaseSampler | None) -> BaseSampler:
    """Give the sampler of a study, and record it where that is news.

    Args:
        study: The study.
        given: The sampler that the user gave, or None.

    Returns:
        The given one; else the recorded one; else a TPESampler.
    """
    if given is None and "sampler" not in study.table.configs:
        from steep.samplers import TPESampler

        given = TPESampler()
    made: BaseSampler = _resolved(study, "sampler", given)
    return made


def pruner_of(study: Study, given: BasePruner | None) -> BasePruner:
    """Give the pruner of a study, and record it where that is news.

    Args:
        study: The study.
        given: The pruner that the user gave, or None.

    Returns:
        The given one; else the recorded one; else a MedianPruner.
    """
    if given is None and "pruner" not in study.table.configs:
        from steep.pruners import MedianPruner

        given = MedianPruner()
    made: BasePruner = _resolved(study, "pruner", given)
    return made


def _resolved(study: Study, role: str, given: Any) -> Any:
    from steep.study.config import build, describe

    recorded = study.table.configs.get(role)
    if given is not None:
        config = describe(given)
        if config != recorded:
            study._storage.append(study._study_id, Configure(role, config))
        return given
    assert recorded is not None, "the caller gave a default otherwise"
    made = build(role, recorded)
    return _default_for(study, role, recorded) if made is None else made


def _default_for(study: Study, role: str, recorded: dict[str, Any]) -> Any:
    from steep.pruners import MedianPruner
    from steep.samplers import TPESampler

    default: Any = TPESampler() if role == "sampler" else MedianPruner()
    lacks = ", ".join(recorded.get("missing", ())) or "its class"
    _logger.info(
        f"The {role} of the study {study.study_name!r}, {recorded['class']}, cannot be made again "
        f"from the storage (what is missing: {lacks}), so a {type(default).__name__} is used. Give "
        f"load_study(..., {role}=...) to go on with it."
    )
    return default
