"""Files on their way into a store and out of it."""

from __future__ import annotations

import functools
import mimetypes
import os
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec

from steep.artifacts.meta import ArtifactMeta, owner_of
from steep.artifacts.store import ArtifactStore, new_id
from steep.files import replacing
from steep.storages import Storage
from steep.study import Study
from steep.trial import FrozenTrial, Trial

__all__ = ["download_artifact", "upload_artifact"]

P = ParamSpec("P")
_UNKNOWN_TYPE = "application/octet-stream"


def _once_positional(*names: str) -> Callable[[Callable[P, str]], Callable[P, str]]:
    """Let arguments be given by position, as they were in Optuna 3, with a FutureWarning."""

    def decorated(function: Callable[P, str]) -> Callable[P, str]:
        by_name: Callable[..., str] = function

        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> str:
            if len(args) > len(names):
                raise TypeError(f"{function.__name__}() takes no more than {names} by position.")
            if args:
                shown = ", ".join(f"{name}=..." for name in names[: len(args)])
                warnings.warn(
                    f"{function.__name__}() got arguments by position; give {shown}.",
                    FutureWarning,
                    stacklevel=2,
                )
            return by_name(**dict(zip(names, args, strict=False)), **kwargs)

        return wrapper

    return decorated


@_once_positional("study_or_trial", "file_path", "artifact_store")
def upload_artifact(
    *,
    artifact_store: ArtifactStore,
    file_path: str | os.PathLike[str],
    study_or_trial: Trial | FrozenTrial | Study,
    storage: str | Storage | None = None,
    mimetype: str | None = None,
    encoding: str | None = None,
) -> str:
    """Put a file into a store, and note it at a trial or study.

    The store has the file before the study knows of it, so nobody finds one that is not there.

    Args:
        artifact_store: The store.
        file_path: The file.
        study_or_trial: The trial, which must not have finished, or the study it belongs to.
        storage: Where the study is kept, a storage or its URL; needed for a FrozenTrial.
        mimetype: Its MIME type; guessed from its name if None.
        encoding: Its encoding, such as ``"gzip"``; guessed from its name if None.

    Returns:
        The id of the artifact.

    Raises:
        FileNotFoundError: If there is no such file.
        TypeError: If ``study_or_trial`` is neither a trial nor a study.
        UpdateFinishedTrialError: If the trial has finished.
        ValueError: If it is a FrozenTrial and there is no storage.

    Example:
        >>> import steep
        >>> folder = getfixture("tmp_path")
        >>> store = steep.artifacts.FileSystemArtifactStore(folder)
        >>> _ = (folder / "tea.png").write_bytes(b"a picture")
        >>> study = steep.create_study()
        >>> artifact_id = steep.artifacts.upload_artifact(
        ...     artifact_store=store, file_path=folder / "tea.png", study_or_trial=study
        ... )
        >>> [meta.mimetype for meta in steep.artifacts.get_all_artifact_meta(study)]
        ['image/png']
    """
    owner = owner_of("upload_artifact", study_or_trial, storage)
    name = Path(file_path).name
    guessed_type, guessed_encoding = mimetypes.guess_type(name)
    meta = ArtifactMeta(
        artifact_id=new_id(),
        filename=name,
        mimetype=mimetype or guessed_type or _UNKNOWN_TYPE,
        encoding=encoding or guessed_encoding,
    )
    with Path(file_path).open("rb") as file:
        artifact_store.write(meta.artifact_id, file)
    try:
        owner.note(meta)
    except BaseException:  # nobody would ever find it
        artifact_store.remove(meta.artifact_id)
        raise
    return meta.artifact_id


def download_artifact(
    *, artifact_store: ArtifactStore, file_path: str | os.PathLike[str], artifact_id: str
) -> None:
    """Fetch an artifact from a store into a new file, which is there whole or not at all.

    Args:
        artifact_store: The store.
        file_path: The file, which must not exist.
        artifact_id: The id of the artifact.

    Raises:
        ArtifactNotFound: If the store has none of this id.
        FileExistsError: If there is something at ``file_path``.
        ValueError: If the id is no plain name.

    Example:
        >>> import steep, io
        >>> folder = getfixture("tmp_path")
        >>> store = steep.artifacts.FileSystemArtifactStore(folder)
        >>> store.write("tea", io.BytesIO(b"green"))
        >>> download_artifact(artifact_store=store, file_path=folder / "cup", artifact_id="tea")
        >>> (folder / "cup").read_bytes()
        b'green'
    """
    target = Path(file_path)
    if target.exists():
        raise FileExistsError(
            f"download_artifact(file_path={str(target)!r}): there is a file already; remove it or "
            "give another path."
        )
    with (
        artifact_store.open_reader(artifact_id) as reader,
        replacing(target, follow_link=False) as file,
    ):
        shutil.copyfileobj(reader, file)
