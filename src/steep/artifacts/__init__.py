"""Files that belong to trials and studies: models, pictures, tables of predictions.

The files are kept in a store; the study notes their ids.

| store | for |
|---|---|
| :class:`FileSystemArtifactStore` | a folder, also one that machines share |
| :class:`Boto3ArtifactStore` | S3 and what speaks its protocol (``steep[s3]``) |
| :class:`GCSArtifactStore` | Google Cloud Storage (``steep[gcs]``) |
| :class:`Backoff` | any of them, tried again where it fails |

Any other object with ``open_reader``, ``write`` and ``remove`` is a store as well.

Example:
    >>> import steep
    >>> folder = getfixture("tmp_path")
    >>> store = steep.artifacts.FileSystemArtifactStore(folder)
    >>> def objective(trial):
    ...     x = trial.suggest_float("x", 0, 1)
    ...     _ = (folder / "model.txt").write_text(str(x))
    ...     _ = steep.artifacts.upload_artifact(
    ...         artifact_store=store, file_path=folder / "model.txt", study_or_trial=trial
    ...     )
    ...     return x
    >>> study = steep.create_study()
    >>> study.optimize(objective, n_trials=3)
    >>> best = steep.artifacts.get_all_artifact_meta(study.best_trial, storage=study._storage)
    >>> with store.open_reader(best[0].artifact_id) as reader:
    ...     float(reader.read()) == study.best_value
    True
"""

from __future__ import annotations

from steep.artifacts import exceptions
from steep.artifacts.backoff import Backoff
from steep.artifacts.filesystem import FileSystemArtifactStore
from steep.artifacts.gcs import GCSArtifactStore
from steep.artifacts.meta import ArtifactMeta, get_all_artifact_meta
from steep.artifacts.s3 import Boto3ArtifactStore
from steep.artifacts.store import ArtifactStore
from steep.artifacts.transfer import download_artifact, upload_artifact

__all__ = [
    "ArtifactMeta",
    "ArtifactStore",
    "Backoff",
    "Boto3ArtifactStore",
    "FileSystemArtifactStore",
    "GCSArtifactStore",
    "download_artifact",
    "exceptions",
    "get_all_artifact_meta",
    "upload_artifact",
]
