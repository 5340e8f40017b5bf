from __future__ import annotations

import io
from pathlib import Path

import optuna
import pytest
from artifacts.stores import Flaky, names_in, read

import steep
from steep.artifacts import (
    ArtifactMeta,
    FileSystemArtifactStore,
    download_artifact,
    get_all_artifact_meta,
    upload_artifact,
)
from steep.artifacts.exceptions import ArtifactNotFound


@pytest.fixture
def store(tmp_path: Path) -> FileSystemArtifactStore:
    (tmp_path / "store").mkdir()
    return FileSystemArtifactStore(tmp_path / "store")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "model.csv.gz"
    made.write_bytes(b"weights")
    return made


def test_another_process_finds_the_artifacts_of_trial_and_study(
    store: FileSystemArtifactStore, path: Path, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/study.db"
    study = steep.create_study(study_name="tea", storage=url)
    trial = study.ask()
    of_trial = upload_artifact(artifact_store=store, file_path=path, study_or_trial=trial)
    of_study = upload_artifact(
        artifact_store=store,
        file_path=str(path),
        study_or_trial=study,
        mimetype="model/x",
        encoding="br",
    )
    other = steep.load_study(study_name="tea", storage=url)
    frozen = other.trials[0]
    found = get_all_artifact_meta(frozen, storage=other._storage)
    assert found == [ArtifactMeta(of_trial, "model.csv.gz", "text/csv", "gzip")]
    assert get_all_artifact_meta(other) == [ArtifactMeta(of_study, "model.csv.gz", "model/x", "br")]
    assert get_all_artifact_meta(trial) == found


def test_artifacts_stay_with_studies_that_move(
    store: FileSystemArtifactStore, path: Path, tmp_path: Path
) -> None:
    theirs, ours, back = (str(tmp_path / name) for name in ("a.log", "sqlite.db", "b.log"))
    backend = optuna.storages.journal.JournalFileBackend(theirs)
    study = optuna.create_study(study_name="tea", storage=optuna.storages.JournalStorage(backend))
    for owner in (study, study.ask()):
        optuna.artifacts.upload_artifact(
            artifact_store=optuna.artifacts.FileSystemArtifactStore(tmp_path / "store"),
            file_path=str(path),
            study_or_trial=owner,
        )
    steep.storages.import_optuna(theirs, ours)
    moved = steep.load_study(study_name="tea", storage=ours)
    of_trial = get_all_artifact_meta(moved.trials[0], storage=moved._storage)
    of_study = get_all_artifact_meta(moved)
    assert [read(store, m.artifact_id) for m in of_trial + of_study] == [b"weights"] * 2

    added = upload_artifact(artifact_store=store, file_path=path, study_or_trial=moved)
    steep.storages.export_optuna(ours, back)
    backend = optuna.storages.journal.JournalFileBackend(back)
    storage = optuna.storages.JournalStorage(backend)
    returned = optuna.load_study(study_name="tea", storage=storage)
    metas = optuna.artifacts.get_all_artifact_meta(returned)
    assert [meta.artifact_id for meta in metas] == [of_study[0].artifact_id, added]
    metas = optuna.artifacts.get_all_artifact_meta(returned.trials[0], storage=storage)
    assert [vars(meta) for meta in metas] == [vars(meta) for meta in of_trial]


def test_a_trial_that_has_finished_takes_no_artifact(
    store: FileSystemArtifactStore, path: Path, tmp_path: Path
) -> None:
    study = steep.create_study()
    study.optimize(lambda trial: 1.0, n_trials=1)
    with pytest.raises(steep.exceptions.UpdateFinishedTrialError):
        upload_artifact(
            artifact_store=store,
            file_path=path,
            study_or_trial=study.trials[0],
            storage=study._storage,
        )
    assert names_in(tmp_path / "store") == []


def test_a_study_does_not_know_what_no_store_has(path: Path) -> None:
    study = steep.create_study()
    with pytest.raises(OSError, match="the network is down"):
        upload_artifact(artifact_store=Flaky(1), file_path=path, study_or_trial=study)
    assert get_all_artifact_meta(study) == []


def test_only_trials_and_studies_have_artifacts(store: FileSystemArtifactStore, path: Path) -> None:
    with pytest.raises(TypeError, match="give a Trial, a FrozenTrial or a Study"):
        upload_artifact(artifact_store=store, file_path=path, study_or_trial=0)  # type: ignore[arg-type]


class Torn(Flaky):
    """A store whose downloads break off."""

    def open_reader(self, artifact_id: str) -> io.BytesIO:
        class Tearing(io.BytesIO):
            def read(self, size: int | None = -1, /) -> bytes:
                if self.tell():
                    raise OSError("the network is down")
                return super().read(1)

        return Tearing(b"weights")


def test_a_download_is_there_whole_or_not_at_all(
    store: FileSystemArtifactStore, tmp_path: Path
) -> None:
    target = tmp_path / "here"
    with pytest.raises(OSError, match="the network is down"):
        download_artifact(artifact_store=Torn(0), file_path=target, artifact_id="x")
    with pytest.raises(ArtifactNotFound):
        download_artifact(artifact_store=store, file_path=str(target), artifact_id="x")
    assert names_in(tmp_path) == ["store"]
