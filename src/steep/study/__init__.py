"""Studies: the search itself, from ``create_study`` to ``best_trial``."""

from __future__ import annotations

from steep.states import StudyDirection
from steep.study.callbacks import MaxTrialsCallback
from steep.study.lifecycle import (
    copy_study,
    create_study,
    delete_study,
    get_all_study_names,
    get_all_study_summaries,
    load_study,
)
from steep.study.study import ObjectiveFunc, Study
from steep.study.summary import StudySummary

__all__ = [
    "MaxTrialsCallback",
    "ObjectiveFunc",
    "Study",
    "StudyDirection",
    "StudySummary",
    "copy_study",
    "create_study",
    "delete_study",
    "get_all_study_names",
    "get_all_study_summaries",
    "load_study",
]
