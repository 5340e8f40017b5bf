"""What a study knows of its artifacts: an attribute each, as Optuna and its dashboard have it.

The attribute ``artifacts:ID`` of a trial or study holds a JSON text with the id, the name of the
file, its MIME type and its encoding. So artifacts stay with studies that are imported from Optuna
or exported to it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from steep.storages import Storage, get_storage
from steep.study import Study
from steep.trial import FrozenTrial, Trial

__all__ = ["ArtifactMeta", "Owner", "get_all_artifact_meta", "owner_of"]

_PREFIX = "artifacts:"


@dataclass
class ArtifactMeta:
    """Describe an artifact.

    Args:
        artifact_id: Its id in the store.
        filename: The name of the file that was uploaded, without folders.
        mimetype: Its MIME type, such as ``"image/png"``.
        encoding: Its encoding, such as ``"gzip"``, or None.
    """

    artifact_id: str
    filename: str
    mimetype: str
    encoding: str | None


class Owner(NamedTuple):
    """Name the trial or study that an artifact belongs to.

    Attributes:
        storage: Where it is kept.
        id: The id of the trial or study.
        is_trial: Which of the two it is.
    """

    storage: Storage
    id: int
    is_trial: bool

    def note(self, meta: ArtifactMeta) -> None:
        """Keep what describes an artifact.

        Args:
            meta: The description.

        Raises:
            UpdateFinishedTrialError: If the trial has finished.
        """
        key, text = _PREFIX + meta.artifact_id, json.dumps(asdict(meta))
        if self.is_trial:
            self.storage.set_trial_system_attr(self.id, key, text)
        else:
            self.storage.set_study_system_attr(self.id, key, text)

    def noted(self) -> list[ArtifactMeta]:
        """Give the descriptions of all artifacts, in the order of uploading."""
        if self.is_trial:
            attrs = self.storage.get_trial_system_attrs(self.id)
        else:
            attrs = self.storage.get_study_system_attrs(self.id)
        return [_parsed(text) for key, text in attrs.items() if key.startswith(_PREFIX)]


def owner_of(call: str, study_or_trial: Any, storage: str | Storage | None) -> Owner:
    """Find where the artifacts of a trial or study are noted.

    Args:
        call: What the user called.
        study_or_trial: A trial or study.
        storage: Its storage, or the URL; only a FrozenTrial does not know it.

    Raises:
        TypeError: If it is something else.
        ValueError: If it is a FrozenTrial and there is no storage.
    """
    given = None if storage is None else get_storage(storage)
    if isinstance(study_or_trial, Study):
        study = study_or_trial
        return Owner(given or study._storage, study._study_id, is_trial=False)
    if isinstance(study_or_trial, Trial):
        given = given or study_or_trial.study._storage
    elif not isinstance(study_or_trial, FrozenTrial):
        raise TypeError(
            f"{call}(study_or_trial={study_or_trial!r}): give a Trial, a FrozenTrial or a Study."
        )
    if given is None:
        raise ValueError(
            f"{call}() got a FrozenTrial, which does not know where it is kept; give storage=..., "
            "such as the one that the study was loaded from."
        )
    return Owner(given, study_or_trial._trial_id, is_trial=True)


def get_all_artifact_meta(
    study_or_trial: Trial | FrozenTrial | Study, *, storage: str | Storage | None = None
) -> list[ArtifactMeta]:
    """List the artifacts of a trial or of a study.

    Args:
        study_or_trial: The trial or study. A study has those that were uploaded for itself; its
            trials have theirs.
        storage: Where the study is kept, a storage or its URL; needed for a FrozenTrial.

    Returns:
        One description an artifact, in the order of uploading.

    Raises:
        TypeError: If it is neither a trial nor a study.
        ValueError: If it is a FrozenTrial and there is no storage.

    Example:
        >>> import steep
        >>> get_all_artifact_meta(steep.create_study())
        []
    """
    return owner_of("get_all_artifact_meta", study_or_trial, storage).noted()


def _parsed(text: str) -> ArtifactMeta:
    fields = json.loads(text)
    return ArtifactMeta(
        fields["artifact_id"], fields["filename"], fields["mimetype"], fields["encoding"]
    )
